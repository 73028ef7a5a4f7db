import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { ALL, DEMO, domain, PATH } from '../support/demo.ts'
import { demoClusters, startApp, type App } from '../support/sandbox-harness.ts'

/** What was edited or deleted while no controller ran, and must not take an answer or an output along. */

const world = parseWorld({
  clusters: demoClusters(),
  services: [{ namespace: 'mynamespace', name: 'nginx' }],
  records: [{ namespace: 'mynamespace', name: 'nginx', recordTTL: 30 }],
})
const RECORD = `${PATH.records}/nginx`
const DOMAIN = `${PATH.domains}/myfederation`
const ENDPOINT = `${PATH.endpoints}/service-nginx`

let app: App
beforeAll(async () => {
  app = await startApp({ world })
  await app.untilSays(DEMO.global, ALL)
  await app.untilTime(async () => {
    const written = await conditionOf(RECORD, 'DNSEndpointWritten')
    const { inForce } = ((await app.host.get(DOMAIN))['status'] ?? {}) as { readonly inForce?: unknown }
    if (written !== 'True Written' || inForce === undefined) throw new Error('not all is written yet')
  })
  await app.pass(3)
})
afterAll(() => app.close())

async function conditionOf(path: string, type: string): Promise<string | undefined> {
  const { conditions = [] } = ((await app.host.get(path))['status'] ?? {}) as {
    conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[]
  }
  const found = conditions.find((condition) => condition.type === type)
  return found && `${found.status} ${found.reason}`
}

async function endpointsWritten(): Promise<unknown> {
  return (await app.host.get(ENDPOINT))['spec']
}

/** Start again after `act`, with time for everything that a start writes. */
async function restartAfter(act: () => Promise<unknown>): Promise<void> {
  await app.stopController()
  await act()
  await app.startController()
  await app.instance.controlPlane.serving
}

describe('a controller that is started again', () => {
  it('answers and writes as before where the record names a Domain that does not exist, and says so', async () => {
    const before = await endpointsWritten()
    await restartAfter(() => app.host.merge(RECORD, { spec: { domainRef: 'nowhere' } }))

    expect(await app.dns.short(DEMO.global)).toEqual(ALL)
    await app.untilTime(async () => expect(await conditionOf(RECORD, 'Ready')).toBe('False DomainNotFound'))
    await app.pass(10)
    expect([await app.dns.short(DEMO.global), await endpointsWritten()]).toEqual([ALL, before])

    await app.host.merge(RECORD, { spec: { domainRef: 'myfederation' } })
    await app.untilTime(async () => expect(await conditionOf(RECORD, 'Ready')).toBe('True ShardsFit'))
  })

  it('writes as before where the Domain is there no more, until it is back', async () => {
    const before = await endpointsWritten()
    await restartAfter(() => app.host.remove(DOMAIN))

    await app.untilTime(async () => expect(await conditionOf(RECORD, 'Ready')).toBe('False DomainNotFound'))
    await app.pass(10)
    expect(await endpointsWritten()).toEqual(before)

    await app.host.create(PATH.domains, domain('myfederation', 'example.com'))
    await app.untilSays(DEMO.global, ALL)
    await app.untilTime(async () => expect(await conditionOf(RECORD, 'Ready')).toBe('True ShardsFit'))
    expect(await endpointsWritten()).toEqual(before)
  })
})
