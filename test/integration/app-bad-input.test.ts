import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { DEMO, domain, PATH, serviceRecord } from '../support/demo.ts'
import { demoClusters, startApp, type App, type Hold } from '../support/sandbox-harness.ts'
import { runHere, startWaypost, type WaypostProcess } from '../support/waypost-process.ts'

/** The demo, with a fourth member that has no labels, and neither have its Nodes. */
const BARE = 'bare'
const world = parseWorld({
  clusters: [...demoClusters(), { name: BARE }],
  services: [{ namespace: 'mynamespace', name: 'nginx' }],
  records: [{ namespace: 'mynamespace', name: 'nginx', recordTTL: 30 }],
})
/** With four members the ranges are cut otherwise than in the demo. */
let all: readonly string[] = []
let europe = ''

let app: App
beforeAll(async () => {
  app = await startApp({ world })
  all = await app.dns.short(DEMO.global)
  europe = (await app.dns.short(DEMO.europe.zone)).join()
})
afterAll(() => app.close())

/** Nothing already published is lost, whatever is thrown at it. */
let hold: Hold
beforeEach(() => {
  hold = app.hold({
    [DEMO.global]: [all],
    [DEMO.europe.zone]: [[europe]],
    [DEMO.short]: [[`-> ${DEMO.global}`, ...all]],
  })
})
afterEach(() => hold.end())

type Condition = Readonly<Record<'type' | 'status' | 'reason' | 'message', string>>

async function conditionOf(path: string, type: string): Promise<Condition | undefined> {
  const { conditions = [] } = ((await app.host.get(path))['status'] ?? {}) as {
    conditions?: readonly Condition[]
  }
  return conditions.find((condition) => condition.type === type)
}

/** Messages of the warnings of one reason about one object. */
async function warnings(path: string, name: string, reason: string): Promise<readonly string[]> {
  const events = (await app.host.list(path)) as readonly (KubeObject & {
    readonly involvedObject: { readonly name: string }
    readonly type: string
    readonly reason: string
    readonly message: string
  })[]
  return events
    .filter(
      (event) => event.type === 'Warning' && event.reason === reason && event.involvedObject.name === name,
    )
    .map(({ message }) => message)
}

/** The application still follows what is done in a cluster. */
async function everythingElseGoesOn(): Promise<void> {
  const name = 'proof.mynamespace.myfederation.svc.example.com'
  await app.host.create(PATH.records, serviceRecord('proof'))
  await app.untilSays(name, ['NODATA'])
  await app.member('us-central1-a').create(PATH.services, {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'proof', namespace: 'mynamespace' },
    spec: { type: 'LoadBalancer', selector: { app: 'nginx' }, ports: [{ port: 80 }] },
  })
  await app.until(async () => expect((await app.dns.short(name))[0]).toMatch(/^192\.0\.2\./))
  await app.member('us-central1-a').remove(`${PATH.services}/proof`)
  await app.host.remove(`${PATH.records}/proof`)
  await app.untilSays(name, ['NXDOMAIN'])
}

describe('a record naming a Domain that does not exist', () => {
  const LOST = `${PATH.records}/lost`

  it('gets one condition and one event that name it, and those that exist', async () => {
    await app.host.create(PATH.records, serviceRecord('lost', { domainRef: 'nowhere' }))

    await app.untilTime(async () => {
      expect(await conditionOf(LOST, 'Ready')).toMatchObject({
        status: 'False',
        reason: 'DomainNotFound',
        message: expect.stringMatching(/"nowhere".*kube-federation-system.*there are: myfederation/),
      })
      expect(await warnings(PATH.events, 'lost', 'DomainNotFound')).toHaveLength(1)
    })
    await everythingElseGoesOn()
  })

  it('is published when the Domain comes', async () => {
    await app.host.create(PATH.domains, domain('nowhere', 'example.net'))

    await app.untilSays('lost.mynamespace.nowhere.svc.example.net', ['NODATA'])
    await app.untilTime(async () =>
      expect(await conditionOf(LOST, 'Ready')).toMatchObject({ reason: 'NoAddresses' }),
    )
    await app.host.remove(LOST)
    await app.host.remove(`${PATH.domains}/nowhere`)
  })

  it('by an edit keeps what it has published, and says that it does not follow it', async () => {
    await app.host.merge(`${PATH.records}/nginx`, { spec: { domainRef: 'nowhere' } })
    await app.untilTime(async () => {
      expect(await conditionOf(`${PATH.records}/nginx`, 'Ready')).toMatchObject({
        status: 'False',
        reason: 'DomainNotFound',
      })
      expect(await warnings(PATH.events, 'nginx', 'DomainNotFound')).toHaveLength(1)
    })
    await app.pass(10)

    await app.host.merge(`${PATH.records}/nginx`, { spec: { domainRef: 'myfederation' } })
    await app.untilTime(async () =>
      expect(await conditionOf(`${PATH.records}/nginx`, 'Ready')).toMatchObject({ status: 'True' }),
    )
  })
})

describe('a cluster without labels', () => {
  const CLUSTER = `${PATH.clusters}/${BARE}`

  it('has the global names only; condition and event say what to label', async () => {
    await app.untilTime(async () => {
      expect(await conditionOf(CLUSTER, 'TopologyKnown')).toMatchObject({
        status: 'False',
        reason: 'RegionUnknown',
        message: expect.stringMatching(/topology\.kubernetes\.io\/region.*label/),
      })
      expect(await warnings(PATH.clusterEvents, BARE, 'RegionUnknown')).toHaveLength(1)
    })

    expect(all).toHaveLength(4)
    const { status } = await app.host.get(`${PATH.records}/nginx`)
    const { dns } = status as { dns: readonly { cluster: string; published: boolean }[] }
    expect(dns.find(({ cluster }) => cluster === BARE)).toMatchObject({ published: true, zones: [] })
    expect(await conditionOf(CLUSTER, 'Ready')).toMatchObject({ status: 'True' })
  })

  it('with labels that no DNS name can carry is the same, and the condition says which', async () => {
    await app.host.merge(CLUSTER, { metadata: { labels: { 'topology.kubernetes.io/region': 'no_region' } } })

    await app.untilTime(async () => {
      expect(await conditionOf(CLUSTER, 'TopologyKnown')).toMatchObject({
        status: 'False',
        reason: 'TopologyInvalid',
        message: expect.stringContaining('no_region'),
      })
      expect(await warnings(PATH.clusterEvents, BARE, 'TopologyInvalid')).toHaveLength(1)
    })
    await everythingElseGoesOn()
  })

  it('has its names as soon as it is labelled', async () => {
    const name = 'nginx.mynamespace.myfederation.svc.zone-1.asia.example.com'
    await app.host.merge(CLUSTER, {
      metadata: {
        labels: { 'topology.kubernetes.io/region': 'asia', 'topology.kubernetes.io/zone': 'zone-1' },
      },
    })

    await app.until(async () => {
      const answer = await app.dns.short(name)
      expect(answer).toHaveLength(1)
      expect(all).toEqual(expect.arrayContaining([...answer]))
    })
  })
})

describe('a kubeconfig that cannot be read', () => {
  const listen = ['--dns-listen', '127.0.0.1:0', '--http-listen', '127.0.0.1:0']

  it('because it is not there: the program says one line and ends with 2', async () => {
    const controller = start(['controller', '--kubeconfig', join(folder, 'none'), ...listen])

    expect(await controller.ended()).toMatchObject({ code: 2 })
    expect(controller.stdout).toEqual([])
    expect(controller.stderr).toEqual([
      expect.stringMatching(/^waypost controller: --kubeconfig: .*none cannot be read \(no such file\)/),
    ])
  })

  it.each([
    { name: 'is no YAML', text: 'clusters: [', says: /^waypost controller: the kubeconfig is not YAML/ },
    {
      name: 'is no kubeconfig',
      text: 'just words',
      says: /^waypost controller: the kubeconfig is not a YAML object/,
    },
    {
      name: 'has no such context',
      text: '{contexts: [], clusters: [], users: []}',
      says: /^waypost controller: .*context/,
    },
  ])('because it $name: one line and exit code 1', async ({ text, says }) => {
    const file = join(folder, 'kubeconfig')
    writeFileSync(file, text)

    const ended = await runHere(['controller', '--kubeconfig', file, '--context', 'host', ...listen])

    expect(ended).toEqual({ code: 1, stdout: [], stderr: [expect.stringMatching(says)] })
  })
})

describe('a port in use', () => {
  const sandboxAt = (ports: { readonly dns?: number; readonly http?: number }, stateDir: string) => [
    ...['sandbox', '--dns-port', String(ports.dns ?? 0), '--http-port', String(ports.http ?? 0)],
    ...['--state-dir', stateDir],
  ]
  let taken: Server
  let port = 0
  beforeEach(async () => {
    taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    port = (taken.address() as AddressInfo).port
  })
  afterEach(() => taken.close())

  it('by another DNS server: the program says one line and ends with 1; the other one goes on', async () => {
    const { port: ours } = app.instance.nameserver.listening[0]! // it listens on one address
    const stateDir = join(folder, 'dns-port')

    const sandbox = start(sandboxAt({ dns: ours }, stateDir))

    expect(await sandbox.ended()).toMatchObject({ code: 1 })
    expect(sandbox.stderr).toEqual([
      expect.stringMatching(new RegExp(`^waypost sandbox: DNS port is in use.*port=${ours}`)),
    ])
    expect(sandbox.stdout.filter((line) => line.startsWith('ready'))).toEqual([])
    expect(readdirSync(stateDir)).toEqual(['kubeconfig'])
  })

  it('for HTTP: one line and exit code 1', async () => {
    const stateDir = join(folder, 'http-port')

    const { code, stderr } = await runHere(sandboxAt({ http: port }, stateDir))

    expect([code, stderr]).toEqual([
      1,
      [expect.stringMatching(new RegExp(`^waypost sandbox: HTTP port is in use.*port=${port}`))],
    ])
    expect(readdirSync(stateDir)).toEqual(['kubeconfig'])
  })

  it('over TCP alone is in use, too', async () => {
    const file = join(folder, 'world.yaml')
    writeFileSync(file, 'clusters: [{name: a}]\n')

    const ended = await runHere([
      'dns',
      '--world',
      file,
      '--listen',
      `127.0.0.1:${port}`,
      '--log-level',
      'silent',
    ])

    expect(ended).toEqual({
      code: 1,
      stdout: [],
      stderr: [expect.stringMatching(/^waypost dns: DNS port is in use.*transport=tcp/)],
    })
  })
})

describe('a manifest that fails its schema', () => {
  it('given to the sandbox: one line that names file, object and field, and exit code 1', async () => {
    const file = join(folder, 'bad.yaml')
    writeFileSync(
      file,
      [
        'apiVersion: multiclusterdns.kubefed.io/v1alpha1',
        'kind: ServiceDNSRecord',
        'metadata: {name: nginx, namespace: default}',
        'spec: {domainRef: myfederation, recordTTL: -5}',
        '',
      ].join('\n'),
    )

    const sandbox = start([
      ...['sandbox', '--dns-port', '0', '--http-port', '0'],
      ...['--state-dir', join(folder, 'manifest'), '--manifests', file],
    ])

    expect(await sandbox.ended()).toMatchObject({ code: 1 })
    expect(sandbox.stderr).toEqual([
      expect.stringMatching(/^waypost sandbox: manifest is not usable.*bad\.yaml.*recordTTL/),
    ])
    expect(existsSync(join(folder, 'manifest', 'sandbox.pid'))).toBe(false)
  })

  const refused = [
    { name: 'a TTL below 0', spec: { recordTTL: -1 }, field: 'spec.recordTTL' },
    { name: 'a TTL that is no number', spec: { recordTTL: 'soon' }, field: 'spec.recordTTL' },
    { name: 'a prefix of two labels', spec: { dnsPrefix: 'a.b' }, field: 'spec.dnsPrefix' },
    { name: 'no Domain', spec: { domainRef: null }, field: 'spec.domainRef' },
    { name: 'a field that does not exist', spec: { recordTtl: 5 }, field: 'recordTtl' },
  ]

  it.each(refused)('applied: $name is refused, and the record stays as it was', async ({ spec, field }) => {
    const before = await app.host.get(`${PATH.records}/nginx`)

    const { status, body } = await app.host.apply(
      PATH.records,
      serviceRecord('nginx', { recordTTL: 30, ...spec }),
    )

    expect(status === 400 || status === 422).toBe(true)
    expect(body['message']).toContain(field)
    expect((await app.host.get(`${PATH.records}/nginx`))['spec']).toEqual(before['spec'])
  })

  it('applied as a Domain is refused, and the federation goes on', async () => {
    const { status, body } = await app.host.apply(PATH.domains, domain('myfederation', 'not a domain'))

    expect(status).toBe(422)
    expect(body['message']).toContain('domain')
    await everythingElseGoesOn()
  })
})

describe('a DNS packet of random bytes', () => {
  const SEED = 20_261_120

  it(`does no harm, nor do 3,000 of them over UDP (seed ${SEED})`, async () => {
    const next = random(SEED)

    for (let packet = 0; packet < 3_000; packet += 1) {
      const bytes = Buffer.from(Array.from({ length: next(300) }, () => next(256)))
      await app.dns.throwAway(bytes)
      if (packet % 50 === 0) expect(await app.dns.short(DEMO.global)).toEqual(all)
    }

    expect(await app.dns.short(DEMO.global)).toEqual(all)
    await everythingElseGoesOn()
  })

  it('does none over TCP, whatever its length says', async () => {
    const { host, port } = app.instance.nameserver.listening[0]! // it listens on one address
    const next = random(SEED)
    const sockets = Array.from({ length: 20 }, () => connect(port, host))
    for (const socket of sockets) {
      socket.on('error', () => {}) // the server may cut it
      socket.write(Buffer.from(Array.from({ length: 2 + next(400) }, () => next(256))))
    }

    expect((await app.dns.resolve(DEMO.global, 'A', 'tcp')).answers).toHaveLength(all.length)
    for (const socket of sockets) socket.destroy()
  })

  it('gets FORMERR where it is a header with nothing behind, and nothing where it is shorter', async () => {
    const { port } = app.instance.nameserver.listening[0]! // it listens on one address
    const socket = createSocket('udp4')
    const answers: Buffer[] = []
    const answered = Promise.withResolvers<void>()
    socket.on('message', (bytes) => {
      answers.push(bytes)
      answered.resolve()
    })
    socket.send(Buffer.from([0xab, 0xcd, 0, 0]), port, '127.0.0.1')
    socket.send(Buffer.from([0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]), port, '127.0.0.1')

    await answered.promise
    await app.dns.short(DEMO.global)

    expect(answers.map((bytes) => [bytes.readUInt16BE(0), bytes[3]! & 15])).toEqual([[0x1234, 1]])
    socket.close()
  })
})

describe('a member that hangs', () => {
  it('keeps what it has published; conditions and events of cluster and record say so; all else goes on', async () => {
    const name = 'europe-west1-b'
    app.fault(name, { kind: 'hang' })
    await everythingElseGoesOn()

    await app.untilTime(async () => {
      expect(await conditionOf(`${PATH.clusters}/${name}`, 'Ready')).toMatchObject({
        status: 'Unknown',
        reason: 'ClusterNotReachable',
        message: expect.stringContaining('did not answer in time'),
      })
      expect(await warnings(PATH.clusterEvents, name, 'ClusterNotReachable')).not.toEqual([])
      expect(await conditionOf(`${PATH.records}/nginx`, 'Degraded')).toMatchObject({
        status: 'True',
        reason: 'ClustersUnknown',
        message: expect.stringContaining(name),
      })
      expect(await warnings(PATH.events, 'nginx', 'ClustersUnknown')).toHaveLength(1)
    })
    await everythingElseGoesOn()

    app.fault(name)
    await app.untilTime(async () => {
      expect(await conditionOf(`${PATH.clusters}/${name}`, 'Ready')).toMatchObject({ status: 'True' })
      expect(await conditionOf(`${PATH.records}/nginx`, 'Degraded')).toMatchObject({ status: 'False' })
    })
  })
})

let folder = ''
const started: WaypostProcess[] = []
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-bad-input-'))
})
afterAll(async () => {
  await Promise.all(started.map((one) => one.kill()))
  rmSync(folder, { recursive: true, force: true })
})

function start(argv: readonly string[]): WaypostProcess {
  const one = startWaypost(argv)
  started.push(one)
  return one
}

/** A plain generator, so that a failure can be made again from its seed. */
function random(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
