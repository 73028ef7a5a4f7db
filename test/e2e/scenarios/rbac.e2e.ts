import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFailed } from 'vitest'
import { describeRight, rights, type Right, type Side } from '../../support/deploy-manifests.ts'
import { NAMESPACE } from '../support/granted/accounts.ts'
import { startGrantedController, type GrantedController } from '../support/granted/controller.ts'
import { change, conditionOf } from '../support/granted/set-up.ts'
import { without } from '../support/granted/take-away.ts'
import { COUNTED, OWNED, READS, WRITES, type Use } from '../support/granted/uses.ts'
import { ADDRESSES, GrantedWorld, NAMES, PATHS, untilTrue } from '../support/granted/world.ts'
import { freePort } from '../support/ports.ts'

/** An event is counted at most once a minute. */
const MISSED_WITHIN_MS = 75_000
const DNSENDPOINTS = 'dnsendpoints of externaldns.k8s.io'

let world: GrantedWorld
const folder = mkdtempSync(join(tmpdir(), 'waypost-rbac-'))
const ends: (() => Promise<unknown>)[] = []
let hasFailed = true

beforeAll(async () => {
  world = await GrantedWorld.start(folder, (end) => void ends.push(end))
  hasFailed = false
})
beforeEach(() => {
  onTestFailed(() => {
    hasFailed = true
  })
})
afterAll(async () => {
  for (const end of ends.toReversed()) await end()
  if (hasFailed) process.stderr.write(`kept: ${folder}\n`)
  else rmSync(folder, { recursive: true })
})

/** A right and how the program calls it: without the name of an object. */
interface Row {
  readonly what: string
  readonly right: Right
}

function rows(side: Side, isOne: (right: Right) => boolean): readonly Row[] {
  return rights(side)
    .filter(isOne)
    .map((right) => ({ what: describeRight({ ...right, objectName: undefined }), right }))
}

const isRead = ({ verb }: Right): boolean => verb === 'list' || verb === 'watch'
const isGet = ({ verb }: Right): boolean => verb === 'get'
const isOf =
  (uses: Readonly<Record<string, Use>>) =>
  (right: Right): boolean =>
    describeRight(right) in uses

const isDone = (use: Use): Promise<void> => untilTrue(use.behaviour, () => use.isDone(world))

/**
 * It is not done without the right, the log says which one is missing, and it is done once the right is back.
 * @param asked - what the program asks for, as the log calls it
 * @returns the server's words
 */
async function provenBy(use: Use, right: Right, asked: string): Promise<string> {
  const missed = world.controller.willMiss('host', asked)
  const err = await without(world.host.api, right, async () => {
    await use.cause(world)
    const line = await missed(MISSED_WITHIN_MS)
    expect({ [use.behaviour]: await use.isDone(world) }).toEqual({ [use.behaviour]: false })
    return line.err
  })
  await isDone(use)
  return err
}

/** Another controller, from its start without a right of the host. It is to be ended. */
async function startedWithout(
  { what, right }: Row,
  look: (url: string) => Promise<void>,
): Promise<GrantedController> {
  return without(world.host.api, right, async () => {
    const http = `127.0.0.1:${await freePort()}`
    const name = `without-${what.replaceAll(/[ /]/g, '-')}`
    const started = startGrantedController({ name, folder, http, kubeconfig: world.kubeconfig })
    ends.push(() => started.end('SIGKILL'))
    expect((await started.willMiss('host', what)()).err).toContain('forbidden')
    await look(`http://${http}`)
    return started
  })
}

async function readyz(url: string): Promise<number> {
  return (await fetch(`${url}/readyz`)).status
}

describe('with all that deploy/manifests grants', () => {
  it('names are answered, statuses, events and DNSEndpoints are written', async () => {
    await untilTrue('both names say the first address', async () => {
      const said = [await world.says(NAMES.nginx), await world.says(NAMES.shop)]
      return said.every((address) => address === ADDRESSES[0])
    })
    await world.makeRecord('twice', 'nowhere')
    for (const use of [...Object.values(WRITES), ...Object.values(OWNED)]) {
      await use.cause(world)
      await isDone(use)
    }
    expect((await world.eventsAbout('DomainNotFound', 'twice')).length).toBe(1)
    expect(await conditionOf(world.host.api, PATHS.cluster, 'Watching')).toContain('True Synced')
    expect(await conditionOf(world.host.api, PATHS.cluster, 'RightsMissing')).toBe('')
  })

  it('nothing is refused, by the servers and by our own count', async () => {
    const { http } = await world.controller.ready()

    const metrics = await (await fetch(`${http}/metrics`)).text()

    expect(world.audited().filter(({ code }) => code === 401 || code === 403)).toEqual([])
    expect(metrics).toMatch(/waypost_kube_answers_total\{cluster="host",verb="watch",code="200"\} \d/)
    expect(metrics.split('\n').filter((line) => /code="40[13]"/.test(line))).toEqual([])
  })

  it('its Pod passes the Pod Security Standard "restricted"', async () => {
    const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
    const { api } = world.host
    await change(api, `/api/v1/namespaces/${NAMESPACE}`, { metadata: { labels } })
    const { body } = await api.get(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments/waypost-controller`)
    const { template } = body['spec'] as { readonly template: object }
    const pod = { apiVersion: 'v1', kind: 'Pod', ...template }
    const path = `/api/v1/namespaces/${NAMESPACE}/pods?dryRun=All`

    const taken = await api.post(path, { ...pod, metadata: { name: 'probe' } })
    const spec = { containers: [{ name: 'c', image: 'i' }] }
    const refused = await api.post(path, { ...pod, metadata: { name: 'probe' }, spec })

    expect([taken.code, taken.warnings]).toEqual([201, []])
    expect([refused.code, refused.text]).toEqual([403, expect.stringContaining('restricted')])
  })
})

describe('without a right to write into the host', () => {
  it.each(rows('host', isOf(WRITES)))('$what', async ({ what, right }) => {
    expect(await provenBy(WRITES[what]!, right, what)).toContain('forbidden')
  })

  it.each(rows('host', isOf(OWNED)))('$what', async ({ what, right }) => {
    expect(await provenBy(OWNED[what]!, right, `create ${DNSENDPOINTS}`)).toContain('finalizers')
  })
})

describe('without a right to read of the host, a controller that starts', () => {
  it.each(rows('host', (right) => isRead(right) && right.resource !== 'dnsendpoints'))(
    '$what: answers nothing until it is granted',
    async (row) => {
      let at = ''
      const started = await startedWithout(row, async (url) => {
        at = url
        expect(await readyz(url)).toBe(503)
      })
      await started.ready()
      expect(await readyz(at)).toBe(200)
      await started.end('SIGKILL')
    },
  )

  it.each(rows('host', (right) => isRead(right) && right.resource === 'dnsendpoints'))(
    '$what: repairs no DNSEndpoint until it is granted',
    async (row) => {
      const use = WRITES[`patch ${DNSENDPOINTS}`]!
      world.controller.pause()
      try {
        await use.cause(world)
        const started = await startedWithout(row, async (url) => {
          await untilTrue('it answers', async () => (await readyz(url)) === 200)
          expect(await use.isDone(world)).toBe(false)
        })
        await isDone(use)
        await started.end('SIGKILL')
      } finally {
        world.controller.resume()
      }
    },
  )

  it.each(rows('host', isGet))('$what: says so', async (row) => {
    const started = await startedWithout(row, async () => {})
    expect(started.isRunning).toBe(true)
    await started.end('SIGKILL')
  })
})

describe('without a right to read of a member', () => {
  const condition = (type: string): Promise<string> => conditionOf(world.host.api, PATHS.cluster, type)
  const says = async (): Promise<readonly string[]> => [
    await world.says(NAMES.nginx),
    await world.says(NAMES.shop),
  ]
  const rightsMissing = (what: string): Promise<void> =>
    untilTrue(`RightsMissing tells of ${what}`, async () => (await condition('RightsMissing')).includes(what))
  const noRightsMissing = (): Promise<void> =>
    untilTrue('RightsMissing is gone', async () => (await condition('RightsMissing')) === '')
  const watching = (wanted: string): Promise<void> =>
    untilTrue(`Watching is ${wanted}`, async () => (await condition('Watching')).startsWith(wanted))

  /** The same API server under another name: all watches begin anew. */
  async function beginAnew(): Promise<void> {
    const { apiEndpoint = '' } = (await world.read(PATHS.cluster))?.spec ?? {}
    const { port, hostname } = new URL(apiEndpoint)
    const again = `https://${hostname === 'localhost' ? '127.0.0.1' : 'localhost'}:${port}`
    const spec = { apiEndpoint: again, disabledTLSValidations: ['SubjectName'] }
    await change(world.host.api, PATHS.cluster, { spec })
  }

  it.each(rows('member', isRead))(
    '$what: answers stay, changes wait, and its KubeFedCluster says why',
    async ({ what, right }) => {
      const use = READS[right.resource]!
      const before = await says()
      await without(world.member.api, right, async () => {
        await beginAnew()
        await rightsMissing(what)
        await use.cause(world)
        await watching(right.resource === 'nodes' ? 'True Synced' : 'False NotSynced')
        expect(await says()).toEqual(before)
        expect({ [use.behaviour]: await use.isDone(world) }).toEqual({ [use.behaviour]: false })
      })
      await isDone(use)
      await noRightsMissing()
      await watching('True Synced')
    },
  )

  it.each(rows('member', isGet))('$what: its KubeFedCluster says so', async ({ what, right }) => {
    const before = await says()
    await without(world.member.api, right, () => rightsMissing(what))
    await noRightsMissing()
    expect(await says()).toEqual(before)
  })
})

describe('at the end', () => {
  // A minute has to pass between two writes of one event: the first was made at the start of this file.
  it('without patch events an event that is said again is not counted', async () => {
    const right = rights('host').find((one) => describeRight(one) === 'patch events')! // the roles grant it

    expect(await provenBy(COUNTED, right, 'patch events')).toContain('forbidden')
  }, 120_000)

  it('every right has been used and was missed while it was gone, and nothing else was asked for', () => {
    const seen = world.audited()
    const used = new Set(seen.filter(({ code }) => code < 400).map(({ right }) => right))
    const refused = new Set(seen.filter(({ code }) => code === 403).map(({ right }) => right))
    const granted = [...rows('host', () => true), ...rows('member', () => true)].map(({ what }) => what)
    const asked = granted.filter((what) => !(what in OWNED)) // those are looked at, not asked for

    expect(asked.filter((what) => !used.has(what))).toEqual([])
    expect(asked.filter((what) => !refused.has(what))).toEqual([])
    expect([...used, ...refused].filter((what) => !granted.includes(what))).toEqual([])
  })
})
