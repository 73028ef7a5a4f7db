import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openApiClients, type ApiClient } from '../support/api-client.ts'
import { ALL, CENTRAL, DEMO, PATH } from '../support/demo.ts'
import { openDnsClient, type DnsClient } from '../support/dns-client.ts'
import { startWaypost, type WaypostProcess } from '../support/waypost-process.ts'

const run = promisify(execFile)
/** Ending waits for nothing: this is for a busy machine. */
const SOON_MS = 3_000

interface Endpoints {
  readonly dns: { readonly host: string; readonly port: number }
  readonly http: { readonly url: string }
  readonly clusters: Readonly<Record<string, { readonly url: string }>>
}

let folder = ''
const started: WaypostProcess[] = []

function start(argv: readonly string[]): WaypostProcess {
  const one = startWaypost(argv)
  started.push(one)
  return one
}

const sandboxArgs = (stateDir: string) => [
  'sandbox',
  '--dns-port',
  '0',
  '--http-port',
  '0',
  '--state-dir',
  stateDir,
]
const hasProgram = (name: string) =>
  (process.env['PATH'] ?? '').split(delimiter).some((path) => existsSync(join(path, name)))

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-cli-'))
})
afterAll(async () => {
  await Promise.all(started.map((one) => one.kill()))
  rmSync(folder, { recursive: true, force: true })
})

describe('waypost sandbox', () => {
  const stateDir = () => join(folder, 'state')
  let sandbox: WaypostProcess
  let endpoints: Endpoints
  let dns: DnsClient
  let host: ApiClient
  const clients: ApiClient[] = []

  beforeAll(async () => {
    sandbox = start(sandboxArgs(stateDir()))
    await sandbox.line('ready')
    endpoints = JSON.parse(readFileSync(join(stateDir(), 'endpoints.json'), 'utf8')) as Endpoints
    dns = await openDnsClient(endpoints.dns)
    const all = openApiClients(join(stateDir(), 'kubeconfig'))
    clients.push(...all.values())
    host = all.get('host')! // asserted below
  })
  afterAll(async () => {
    dns.close()
    await Promise.all(clients.map((client) => client.close()))
  })

  it('says what it does, then that it is ready and what to try', async () => {
    await sandbox.line('  kubectl --context europe')
    const lines = sandbox.stdout
    const ready = lines.findIndex((line) => line.startsWith('ready'))

    expect(lines.slice(0, ready)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^cluster host listens on https/)]),
    )
    expect(lines.slice(0, ready).join('\n')).toContain(`answer  ${DEMO.global}: ${ALL.join(', ')}`)
    expect(lines[ready]).toContain(`DNS on 127.0.0.1:${endpoints.dns.port}, HTTP on ${endpoints.http.url}`)
    expect(lines.slice(ready + 1).join('\n')).toContain(
      `dig @127.0.0.1 -p ${endpoints.dns.port} ${DEMO.global}`,
    )
    expect(sandbox.stderr).toEqual([])
  })

  it('leaves its handles in the state folder: the kubeconfig for its owner alone', () => {
    expect(statSync(join(stateDir(), 'kubeconfig')).mode & 0o777).toBe(0o600)
    expect(endpoints.dns.host).toBe('127.0.0.1')
    expect(Object.keys(endpoints.clusters)).toEqual(['host', 'us-central1-a', 'us-east1-b', 'europe-west1-b'])
    expect(clients.map(({ server }) => server)).toEqual(
      Object.values(endpoints.clusters).map(({ url }) => url),
    )
  })

  it('answers the names of the demo', async () => {
    expect(await dns.short(DEMO.global)).toEqual(ALL)
    expect(await dns.short(DEMO.short)).toEqual([`-> ${DEMO.global}`, ...ALL])
  })

  it.skipIf(!hasProgram('dig'))('answers dig', async () => {
    const at = ['@127.0.0.1', '-p', String(endpoints.dns.port), '+norec', '+noall', '+answer', '+comments']
    const udp = await run('dig', [...at, DEMO.central.zone])
    const tcp = await run('dig', [...at, '+tcp', DEMO.global])

    expect(udp.stdout).toMatch(/status: NOERROR/)
    expect(udp.stdout).toMatch(/flags: qr aa;/)
    expect(udp.stdout).toMatch(new RegExp(`^${DEMO.central.zone}\\.\\s+30\\s+IN\\s+A\\s+${CENTRAL}$`, 'm'))
    for (const address of ALL) expect(tcp.stdout).toMatch(new RegExp(`IN\\s+A\\s+${address}$`, 'm'))
    expect(udp.stdout + tcp.stdout).not.toMatch(/warning|malformed|truncated/i)
  })

  it('serves health, metrics, clusters and names over HTTP', async () => {
    const ask = async (path: string) => {
      const answer = await fetch(`${endpoints.http.url}${path}`)
      return { status: answer.status, text: (await answer.text()).trim() }
    }
    const json = async (path: string) => JSON.parse((await ask(path)).text) as Record<string, unknown>

    expect(await ask('/healthz')).toEqual({ status: 200, text: 'ok' })
    expect(await ask('/readyz')).toEqual({ status: 200, text: 'ok' })
    const metrics = (await ask('/metrics')).text
    expect(metrics).toMatch(/^waypost_kube_member_clusters\{state="up"\} 3$/m)
    expect(metrics).toMatch(/^waypost_discovery_published_names \d+$/m)
    expect(await json('/api/v1/clusters')).toEqual({
      clusters: expect.arrayContaining([
        expect.objectContaining({
          name: 'us-east1-b',
          region: 'us-east1',
          zones: ['us-east1-b'],
          watching: true,
        }),
      ]),
    })
    expect(await json(`/api/v1/names?name=${DEMO.global}`)).toMatchObject({
      name: `${DEMO.global}.`,
      owner: 'ServiceDNSRecord/mynamespace/nginx',
      kind: 'addresses',
      a: ALL,
    })
    expect((await json('/api/v1/names'))['total']).toBeGreaterThanOrEqual(8)
    expect((await ask('/api/v1/names?name=nope.example.com')).status).toBe(404)
    expect((await ask('/nothing')).status).toBe(404)
  })

  it('breaks and mends a cluster over HTTP', async () => {
    const url = `${endpoints.http.url}/sandbox/clusters/us-east1-b/fault`
    const put = await fetch(url, { method: 'PUT', body: '{"kind":"hang"}' })
    const mended = await fetch(url, { method: 'DELETE' })

    expect([put.status, mended.status]).toEqual([200, 200])
    expect(await dns.short(DEMO.global)).toEqual(ALL)
  })

  it('does not start a second time over the same state folder, and the first goes on', async () => {
    const second = start(sandboxArgs(stateDir()))

    expect((await second.ended()).code).toBe(1)
    expect(second.stderr).toEqual([
      expect.stringMatching(/^waypost sandbox: another sandbox uses this state folder.*--state-dir/),
    ])
    expect(await dns.short(DEMO.global)).toEqual(ALL)
  })

  describe('with a controller of its own beside it', () => {
    it('waypost controller reads the host by its kubeconfig and gives the same answers', async () => {
      const kubeconfig = join(stateDir(), 'kubeconfig')
      const controller = start([
        ...['controller', '--kubeconfig', kubeconfig, '--context', 'host'],
        ...['--dns-listen', '127.0.0.1:0', '--http-listen', '127.0.0.1:0', '--log-level', 'error'],
      ])
      const ready = await controller.line('ready')
      const port = Number(/127\.0\.0\.1:(\d+)/.exec(ready)?.[1])
      const second = await openDnsClient({ host: '127.0.0.1', port })
      try {
        expect(await second.short(DEMO.global)).toEqual(ALL)
        expect(await second.short(DEMO.europe.zone)).toEqual(await dns.short(DEMO.europe.zone))
      } finally {
        second.close()
      }
      const { code, tookMs } = await controller.end('SIGTERM')
      expect(code).toBe(0)
      expect(tookMs).toBeLessThan(SOON_MS)
      expect(controller.stderr).toEqual([])
    })
  })

  it('ends on SIGTERM at once with 0, also while a cluster hangs, and gives the state folder free', async () => {
    await fetch(`${endpoints.http.url}/sandbox/clusters/us-east1-b/fault`, {
      method: 'PUT',
      body: '{"kind":"hang"}',
    })
    await host.merge(`${PATH.records}/nginx`, { spec: { recordTTL: 31 } })

    const { code, tookMs } = await sandbox.end('SIGTERM')

    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(SOON_MS)
    expect(existsSync(join(stateDir(), 'endpoints.json'))).toBe(false)
    expect(sandbox.stderr).toEqual([])
  })
})

describe('waypost sandbox again, over the same state folder', () => {
  it('starts, takes a topology and manifests, and ends on SIGINT at once with 0', async () => {
    const topology = join(folder, 'world.yaml')
    const manifest = join(folder, 'manifests.yaml')
    writeFileSync(
      topology,
      'clusters: [{name: one, region: r1, zones: [z1]}]\nservices: [{namespace: web, name: shop}]\nrecords: []\n',
    )
    writeFileSync(
      manifest,
      [
        'apiVersion: multiclusterdns.kubefed.io/v1alpha1',
        'kind: ServiceDNSRecord',
        'metadata: {name: shop, namespace: web}',
        'spec: {domainRef: myfederation}',
        '',
      ].join('\n'),
    )
    const again = start([
      ...sandboxArgs(join(folder, 'state')),
      '--topology',
      topology,
      '--manifests',
      manifest,
    ])
    await again.line('ready')
    const { dns } = JSON.parse(readFileSync(join(folder, 'state', 'endpoints.json'), 'utf8')) as Endpoints
    const client = await openDnsClient(dns)
    try {
      expect(await client.short('shop.web.myfederation.svc.z1.r1.example.com')).toEqual([CENTRAL])
    } finally {
      client.close()
    }

    const { code, tookMs } = await again.end('SIGINT')

    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(SOON_MS)
  })

  it('ends on a signal in the middle of its start', async () => {
    const early = start(sandboxArgs(join(folder, 'early')))
    await early.line('cluster host listens')

    const { code, tookMs } = await early.end('SIGTERM')

    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(SOON_MS)
    expect(existsSync(join(folder, 'early', 'endpoints.json'))).toBe(false)
  })
})

describe('waypost dns', () => {
  it('answers what a world file says, and ends on SIGTERM with 0', async () => {
    const world = join(folder, 'dns-world.yaml')
    writeFileSync(
      world,
      'clusters: [{name: a, region: r1, zones: [z1]}, {name: b, region: r2, zones: [z2]}]\nservices: [{namespace: web, name: shop}]\n',
    )
    const server = start(['dns', '--world', world, '--listen', '127.0.0.1:0', '--log-level', 'error'])
    const ready = await server.line('ready')
    const client = await openDnsClient({
      host: '127.0.0.1',
      port: Number(/127\.0\.0\.1:(\d+)/.exec(ready)?.[1]),
    })
    try {
      expect(await client.short('shop.web.myfederation.svc.example.com')).toHaveLength(2)
      expect(await client.short('shop.web.myfederation.svc.r1.example.com')).toEqual([CENTRAL])
      expect(await client.short('nope.example.com')).toEqual(['NXDOMAIN'])
      expect(await client.short('other.org')).toEqual(['REFUSED'])
      expect((await client.resolve('shop.web.myfederation', 'A', 'tcp')).rcode).toBe('NOERROR')
    } finally {
      client.close()
    }

    const { code, tookMs } = await server.end('SIGTERM')

    expect(code).toBe(0)
    expect(tookMs).toBeLessThan(SOON_MS)
    expect(server.stderr).toEqual([])
  })
})
