import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { ServiceFacts } from '../../src/api/facts.ts'
import type { ClusterIndex } from '../../src/api/keys.ts'
import type { KubeObject } from '../../src/api/object.ts'
import type { ClusterAccess, Credentials } from '../../src/kube/access.ts'
import { Fleet } from '../../src/kube/fleet.ts'
import { KubeError } from '../../src/kube/kube-error.ts'
import { accessFromKubeconfig } from '../../src/kube/kubeconfig-access.ts'
import { ObjectClient } from '../../src/kube/objects.ts'
import { kindProjection } from '../../src/kube/projections/kind.ts'
import { serviceProjection } from '../../src/kube/projections/service.ts'
import { Transport } from '../../src/kube/transport.ts'
import type { Sink, WatchSpec } from '../../src/kube/types.ts'
import { silentKubeReport, watched } from '../../src/kube/watched.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { rawList, rawService } from '../support/raw-objects.ts'
import { startScriptedApi } from '../support/scripted-api.ts'
import type { Exchange, ScriptedApi, ScriptedApiOptions } from '../support/scripted-api.ts'
import { makeAuthority } from '../support/test-certificates.ts'
import { accessTo, CLUSTER, watchBench } from '../support/watch-bench.ts'
import type { WatchBench } from '../support/watch-bench.ts'

// The faults of the client library that a controller must stay clear of, by their numbers in the project's notes on
// @kubernetes/client-node 2.0.1. Each test shows that what is built here does not have the fault.

const SERVICES = 'GET /api/v1/services'
const services = { group: '', version: 'v1', plural: 'services' }
const spec: WatchSpec<ServiceFacts> = { resource: services, projection: serviceProjection }

const cleanup: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const act of cleanup.splice(0).reverse()) await act()
})

async function startApi(options: ScriptedApiOptions = {}): Promise<ScriptedApi> {
  const api = await startScriptedApi(options)
  cleanup.push(() => api.close())
  return api
}

function transportTo(access: ClusterAccess, options: { readonly allowH2?: boolean } = {}): Transport {
  const transport = new Transport({ cluster: 'member', access, clock: systemClock, ...options })
  cleanup.push(() => transport.close())
  return transport
}

function benchOf<F>(access: ClusterAccess, watchSpec: WatchSpec<F>): WatchBench<F> {
  const bench = watchBench(access, watchSpec)
  cleanup.push(() => bench.close())
  bench.watch.start()
  return bench
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-faults-'))
  cleanup.push(() => rm(folder, { recursive: true }))
  return folder
}

/** A kubeconfig with one cluster and the given users, each with a context of its name. */
async function writeKubeconfig(folder: string, users: Readonly<Record<string, unknown>>): Promise<string> {
  const path = join(folder, 'config')
  await writeFile(
    path,
    JSON.stringify({
      clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
      users: Object.entries(users).map(([name, user]) => ({ name, user })),
      contexts: Object.keys(users).map((name) => ({ name, context: { cluster: 'c', user: name } })),
      'current-context': Object.keys(users)[0],
    }),
  )
  return path
}

async function credentialsOf(
  path: string,
  context: string,
  clock = new ManualClock(),
): Promise<ClusterAccess['credentials']> {
  const { access } = await accessFromKubeconfig({ paths: [path], context }, clock)
  return access.credentials
}

function bearerOf(credentials: Credentials): string | undefined {
  return credentials.headers['authorization']
}

/** Answer the first request of a list-watch with a streamed list. */
async function streamed(api: ScriptedApi, version: string, ...names: readonly string[]): Promise<Exchange> {
  const exchange = await api.next(SERVICES)
  exchange.open()
  for (const name of names) exchange.event('ADDED', rawService(name, '192.0.2.1'))
  return exchange.bookmark(version, true)
}

describe('fault 1: a new TLS connection for every request', () => {
  test.each([
    // HTTP/1.1 may open a second one while the first is being read to its end.
    { name: 'HTTP/1.1', allowH2: false, httpVersion: '1.1', most: 2 },
    { name: 'HTTP/2', allowH2: true, httpVersion: '2.0', most: 1 },
  ])('a hundred requests share connections ($name)', async ({ allowH2, httpVersion, most }) => {
    const api = await startApi()
    const transport = transportTo(accessTo(api), { allowH2 })

    for (let i = 0; i < 100; i += 1) {
      const answer = transport.requestJson({ path: '/version' })
      const exchange = await api.next('GET /version')
      expect(exchange.httpVersion).toBe(httpVersion)
      exchange.json(200, { gitVersion: 'v1.36.3' })
      await answer
    }

    expect(api.connections).toBeLessThanOrEqual(most)
  })

  test('watches and requests of one cluster share a connection (HTTP/2)', async () => {
    const api = await startApi()
    const transport = transportTo(accessTo(api))
    const abort = new AbortController()
    const stream = (path: string) => transport.stream({ path, signal: abort.signal })

    const opening = [stream('/watch/1'), stream('/watch/2'), stream('/watch/3')]
    for (const i of [1, 2, 3]) (await api.next(`GET /watch/${i}`)).open()
    await Promise.all(opening)

    expect(api.connections).toBe(1)
    abort.abort()
  })
})

describe('fault 2: the token of one cluster sent to another', () => {
  test('two users with two token files: each context has its own token, in whatever order they are asked', async () => {
    const folder = await newFolder()
    await writeFile(join(folder, 'one'), 'token-of-one')
    await writeFile(join(folder, 'two'), 'token-of-two')
    const path = await writeKubeconfig(folder, { one: { tokenFile: 'one' }, two: { tokenFile: 'two' } })

    const one = await credentialsOf(path, 'one')
    const two = await credentialsOf(path, 'two')
    const bearers = [await one.get(), await two.get(), await one.get()].map(bearerOf)

    expect(bearers).toEqual(['Bearer token-of-one', 'Bearer token-of-two', 'Bearer token-of-one'])
  })

  test('two plugins of users with one name, in two files: neither sees the credentials of the other', async () => {
    const tokens: (string | undefined)[] = []
    for (const token of ['first', 'second']) {
      const folder = await newFolder()
      const path = await writeKubeconfig(folder, {
        admin: { exec: plugin(folder, `console.log(${credential(token)})`) },
      })
      tokens.push(bearerOf(await (await credentialsOf(path, 'admin')).get()))
    }

    expect(tokens).toEqual(['Bearer first', 'Bearer second'])
  })
})

describe('fault 3: fields of a kubeconfig that are ignored without a word', () => {
  test('tokenFile is read, relative to the kubeconfig, and read again', async () => {
    const folder = await newFolder()
    const clock = new ManualClock()
    await writeFile(join(folder, 'token'), 'old\n')
    const path = await writeKubeconfig(folder, { user: { tokenFile: 'token' } })
    const credentials = await credentialsOf(path, 'user', clock)

    const before = bearerOf(await credentials.get())
    await writeFile(join(folder, 'token'), 'new\n')
    const cached = bearerOf(await credentials.get())
    clock.advance(10_000)
    const after = bearerOf(await credentials.get())

    expect([before, cached, after]).toEqual(['Bearer old', 'Bearer old', 'Bearer new'])
  })

  test.each(['as-groups', 'as-uid', 'as-user-extra'])(
    '%s is refused: nobody is impersonated without it',
    async (field) => {
      const path = await writeKubeconfig(await newFolder(), {
        user: { as: 'jane', [field]: ['system:masters'] },
      })

      await expect(credentialsOf(path, 'user')).rejects.toMatchObject({
        code: 'KUBECONFIG_INVALID',
        fields: { context: 'user', field },
      })
    },
  )

  test('impersonation by user alone is obeyed', async () => {
    const path = await writeKubeconfig(await newFolder(), { user: { as: 'jane', token: 't' } })

    const { headers } = await (await credentialsOf(path, 'user')).get()

    expect(headers).toEqual({ authorization: 'Bearer t', 'impersonate-user': 'jane' })
  })
})

describe('fault 4: credential plugins', () => {
  test('twenty who need credentials at once start one process', async () => {
    const folder = await newFolder()
    const path = await writeKubeconfig(folder, { user: { exec: counting(folder, credential('t')) } })
    const credentials = await credentialsOf(path, 'user')

    const all = await Promise.all(Array.from({ length: 20 }, () => credentials.get()))

    expect(new Set(all.map(bearerOf))).toEqual(new Set(['Bearer t']))
    expect(await runs(folder)).toBe(1)
  })

  test('a plugin that hangs is given up after a while, and does not bar the next try', async () => {
    const folder = await newFolder()
    const clock = new ManualClock()
    const hangsOnce = `
      const { existsSync, writeFileSync } = require('node:fs')
      const flag = ${JSON.stringify(join(folder, 'flag'))}
      if (existsSync(flag)) console.log(${credential('second try')})
      else { writeFileSync(flag, ''); process.stdin.resume(); setTimeout(() => {}, 20_000).unref() }`
    const path = await writeKubeconfig(folder, { user: { exec: plugin(folder, hangsOnce) } })
    const credentials = await credentialsOf(path, 'user', clock)

    const first = credentials.get()
    clock.advance(15_000)
    await expect(first).rejects.toMatchObject({ code: 'KUBE_CREDENTIALS_FAILED', retry: 'backoff' })
    await writeFile(join(folder, 'flag'), '')
    const second = await credentials.get()

    expect(bearerOf(second)).toBe('Bearer second try')
  })

  test('401 drops what the plugin gave; it is asked again, and not more often than every 5 s', async () => {
    const folder = await newFolder()
    const clock = new ManualClock()
    const path = await writeKubeconfig(folder, { user: { exec: counting(folder, credential('t')) } })
    const credentials = await credentialsOf(path, 'user', clock)
    const seen: number[] = []

    await credentials.get()
    for (const ms of [0, 1000, 5000]) {
      clock.advance(ms)
      credentials.drop()
      await credentials.get()
      seen.push(await runs(folder))
    }

    expect(seen).toEqual([2, 2, 3])
  })

  test('a plugin is told what it is asked for', async () => {
    const folder = await newFolder()
    const told = `
      const { spec } = JSON.parse(process.env.KUBERNETES_EXEC_INFO)
      console.log(JSON.stringify({ status: { token: spec.cluster.server + ' ' + spec.interactive } }))`
    const exec = { ...plugin(folder, told), provideClusterInfo: true }
    const path = await writeKubeconfig(folder, { user: { exec } })

    expect(bearerOf(await (await credentialsOf(path, 'user')).get())).toBe('Bearer https://127.0.0.1:1 false')
  })

  test('a plugin that fails says which context, and nothing of what it printed', async () => {
    const folder = await newFolder()
    const path = await writeKubeconfig(folder, { user: { exec: plugin(folder, 'process.exit(3)') } })

    await expect((await credentialsOf(path, 'user')).get()).rejects.toMatchObject({
      code: 'KUBE_CREDENTIALS_FAILED',
      fields: { context: 'user' },
    })
  })

  test('a 401 of the server drops the credentials in use', async () => {
    const api = await startApi()
    let tokens = 0
    let token = 'token-0'
    const credentials = {
      get: () => Promise.resolve({ headers: { authorization: `Bearer ${token}` } }),
      drop: () => void (token = `token-${(tokens += 1)}`),
    }
    const transport = transportTo({ ...accessTo(api), credentials })

    const refused = transport.requestJson({ path: '/version' })
    ;(await api.next('GET /version')).status(401, 'Unauthorized')
    await expect(refused).rejects.toMatchObject({ code: 'KUBE_UNAUTHORIZED' })
    const accepted = transport.requestJson({ path: '/version' })
    const exchange = await api.next('GET /version')
    exchange.json(200, {})
    await accepted

    expect(exchange.headers['authorization']).toBe('Bearer token-1')
  })
})

/** An exec entry that runs a script by this Node. */
function plugin(folder: string, script: string): Record<string, unknown> {
  return {
    apiVersion: 'client.authentication.k8s.io/v1',
    command: process.execPath,
    args: ['-e', script],
    env: [{ name: 'PLUGIN_FOLDER', value: folder }],
  }
}

/** The same, counting its runs in a file. */
function counting(folder: string, output: string): Record<string, unknown> {
  const count = `require('node:fs').appendFileSync(${JSON.stringify(join(folder, 'runs'))}, '.')`
  return plugin(folder, `${count}; console.log(${output})`)
}

async function runs(folder: string): Promise<number> {
  await appendFile(join(folder, 'runs'), '')
  return (await readFile(join(folder, 'runs'), 'utf8')).length
}

function credential(token: string): string {
  return `JSON.stringify({ status: { token: ${JSON.stringify(token)} } })`
}

describe('fault 5: unknown fields dropped', () => {
  const tomorrow = { spec: { shiny: { of: ['1.99'] } }, brandNew: true }

  test('an object is read and written back with every field, known or not', async () => {
    const api = await startApi()
    const client = new ObjectClient(transportTo(accessTo(api)))
    const stored = { ...rawService('web', '192.0.2.1'), ...tomorrow }

    const reading = client.get(services, { namespace: 'shop', name: 'web' })
    ;(await api.next('GET /api/v1/namespaces/shop/services/web')).json(200, stored)
    const read = await reading
    const writing = client.update(services, read as KubeObject) // it was there
    const put = await api.next('PUT /api/v1/namespaces/shop/services/web')
    put.json(200, stored)
    await writing

    expect(put.body).toEqual(stored)
  })

  test('server-side apply sends the whole body, under its content type and manager', async () => {
    const api = await startApi()
    const client = new ObjectClient(transportTo(accessTo(api)))

    const applying = client.patch(
      services,
      { namespace: 'shop', name: 'web' },
      { kind: 'apply', body: tomorrow, fieldManager: 'waypost', force: true },
    )
    const patch = await api.next('PATCH /api/v1/namespaces/shop/services/web')
    patch.json(200, rawService('web'))
    await applying

    expect(patch).toMatchObject({ body: tomorrow, query: { fieldManager: 'waypost', force: 'true' } })
    expect(patch.headers['content-type']).toBe('application/apply-patch+yaml')
  })
})

describe('fault 6: lists and watches that show one object in two shapes', () => {
  test('an item of a list and an event have the same kind, apiVersion and timestamps', async () => {
    const api = await startApi()
    const seen: unknown[] = []
    const projection = kindProjection('Service', (raw) => {
      seen.push(raw)
      return { kind: 'ok', value: 0 }
    })
    const bench = benchOf(accessTo(api), { resource: services, projection })
    const object = rawService('web', '192.0.2.1')
    const metadata = { ...(object['metadata'] as object), creationTimestamp: '2026-11-20T10:00:00Z' }

    ;(await api.next(SERVICES)).status(422, 'Invalid')
    ;(await api.next(SERVICES)).json(200, rawList('Service', [{ ...object, metadata }], '100'))
    const watch = await api.next(SERVICES)
    watch.open().event('MODIFIED', { ...object, metadata: { ...metadata, resourceVersion: '101' } })
    await bench.sink.deltas.next(({ state, upserts }) => state === 'synced' && upserts.length > 0)

    expect(seen).toEqual([
      { ...object, metadata },
      { ...object, metadata: { ...metadata, resourceVersion: '101' } },
    ])
  })
})

describe('fault 7: paths in lower case', () => {
  test('the case of a name is kept', async () => {
    const api = await startApi()
    const client = new ObjectClient(transportTo(accessTo(api)))
    const roles = { group: 'rbac.authorization.k8s.io', version: 'v1', plural: 'clusterroles' }

    const reading = client.get(roles, { name: 'My:Role' })
    const exchange = await api.next('GET /apis/rbac.authorization.k8s.io/v1/clusterroles/My%3ARole')
    exchange.status(404, 'NotFound')

    await expect(reading).resolves.toBeUndefined()
  })
})

describe('fault 8: events lost without a sign', () => {
  test('line separators inside a value are content', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), {
      resource: services,
      projection: kindProjection('Service', (raw) => ({
        kind: 'ok',
        value: (raw as { note: unknown }).note,
      })),
    })
    const note = 'a\u2028b\u2029c\u0085d'

    const exchange = await api.next(SERVICES)
    exchange
      .open()
      .event('ADDED', { ...rawService('web'), note })
      .bookmark('1', true)
    await bench.report.stateIs('synced')

    expect(bench.sink.content(CLUSTER)).toMatchObject({ 'shop/web': { value: note } })
  })

  test('what cannot be read is reported', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    const watch = await streamed(api, '100')
    await bench.report.stateIs('synced')

    watch.raw('not json\n').bookmark('101')
    const found = await bench.report.happenings.next(({ kind }) => kind === 'malformed')

    expect(found).toMatchObject({ problem: 'an event is not JSON' })
  })
})

describe('fault 9: any error ends the watch for good', () => {
  const refusals: readonly { readonly name: string; readonly fail: (exchange: Exchange) => void }[] = [
    { name: 'a reset', fail: (exchange) => exchange.reset() },
    { name: '500', fail: (exchange) => exchange.status(500, 'InternalError') },
    { name: '429', fail: (exchange) => exchange.status(429, 'TooManyRequests') },
    { name: '401', fail: (exchange) => exchange.status(401, 'Unauthorized') },
    { name: 'an error without a body', fail: (exchange) => exchange.text(502, '') },
  ]

  test.each(refusals)('after $name it goes on, later each time', async ({ fail }) => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    const delays: number[] = []

    for (let i = 0; i < 3; i += 1) {
      fail(await api.next(SERVICES))
      const { delayMs } = await bench.report.failure()
      delays.push(delayMs)
      bench.clock.advance(delayMs)
    }
    await streamed(api, '100', 'web')
    await bench.report.stateIs('synced')

    expect(delays).toEqual([800, 1600, 3200])
    expect(Object.keys(bench.sink.content(CLUSTER))).toEqual(['shop/web'])
  })

  test('a server that is down is asked ever more rarely, at least every 30 s, and found when it is back', async () => {
    const api = await startApi()
    const proxy = await startFaultProxy({ host: '127.0.0.1', port: api.port })
    cleanup.push(() => proxy.close())
    proxy.set({ kind: 'reset' })
    const bench = benchOf({ ...accessTo(api), server: proxy.url() }, spec)
    const delays: number[] = []

    for (let i = 0; i < 8; i += 1) {
      const { error, delayMs } = await bench.report.failure()
      expect(error).toBeInstanceOf(KubeError)
      delays.push(delayMs)
      if (i === 7) proxy.clear()
      bench.clock.advance(delayMs)
    }
    await streamed(api, '100', 'web')
    await bench.report.stateIs('synced')

    expect(delays).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000])
  })

  test('a server that says when to come again is obeyed', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)

    const exchange = await api.next(SERVICES)
    exchange.status(429, 'TooManyRequests', 'later', { 'retry-after': '7' })
    const { delayMs } = await bench.report.failure()

    expect(delayMs).toBe(7000)
  })
})

describe('fault 10: stop() that starts again', () => {
  test('a stopped watch reports nothing, and nothing revives it', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    const watch = await streamed(api, '100', 'web')
    await bench.report.stateIs('synced')
    const deltas = bench.sink.deltas.all.length

    bench.watch.stop()
    await watch.closed
    bench.watch.kick()
    bench.watch.relist()
    bench.watch.start()
    bench.clock.advance(600_000)
    await bench.transport.requestJson({ path: '/api/v1/namespaces/kube-system' }) // a round trip later

    expect([bench.report.count('failed'), api.pending, bench.clock.pending]).toEqual([0, [], 0])
    expect(bench.sink.deltas.all).toHaveLength(deltas)
  })
})

describe('fault 11: stop() while something is pending', () => {
  test('while the list is pending', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    const list = await api.next(SERVICES)

    bench.watch.stop()
    await list.closed
    bench.clock.advance(600_000)
    await bench.transport.requestJson({ path: '/api/v1/namespaces/kube-system' })

    expect(bench.sink.deltas.all.map(({ state }) => state)).toEqual(['listing'])
    expect([bench.report.count('failed'), api.pending]).toEqual([0, []])
  })

  test('while the watch is being opened: nothing is delivered afterwards', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    ;(await api.next(SERVICES)).status(422, 'Invalid')
    ;(await api.next(SERVICES)).json(200, rawList('Service', [], '100'))
    const watch = await api.next(SERVICES)

    bench.watch.stop()
    await watch.closed
    await bench.transport.requestJson({ path: '/api/v1/namespaces/kube-system' })

    expect(bench.sink.store.size).toBe(0)
    expect([bench.report.count('failed'), api.pending]).toEqual([0, []])
  })

  test('while credentials are fetched: no request follows', async () => {
    const api = await startApi()
    const fetching = Promise.withResolvers<Credentials>()
    const asked = Promise.withResolvers<void>()
    const credentials = {
      get: () => {
        asked.resolve()
        return fetching.promise
      },
      drop: () => {},
    }
    const bench = benchOf({ ...accessTo(api), credentials }, spec)

    await asked.promise
    bench.watch.stop()
    fetching.resolve({ headers: {} })
    await new Promise((resolve) => setImmediate(resolve))

    expect([api.connections, bench.report.count('failed')]).toEqual([0, 0])
  })

  test('while it waits for its next try', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    ;(await api.next(SERVICES)).status(500, 'InternalError')
    await bench.report.failure()

    bench.watch.stop()

    expect(bench.clock.pending).toBe(0)
  })

  test('from inside a listener, in the middle of a chunk', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    bench.sink.store.onState((_, state) => {
      if (state === 'synced') bench.watch.stop()
    })

    const list = await api.next(SERVICES)
    list.open().event('ADDED', rawService('web')).bookmark('100', true).event('ADDED', rawService('late'))
    await list.closed

    expect(Object.keys(bench.sink.content(CLUSTER))).toEqual(['shop/web'])
  })
})

describe('fault 12: a handler that throws', () => {
  test('is reported; the change is in, the other listeners hear of it, and the watch goes on', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    const heard: string[] = []
    bench.sink.store.onKey(() => {
      throw new Error('a bug in a listener')
    })
    bench.sink.store.onKey((key) => void heard.push(key))

    const watch = await streamed(api, '100', 'web', 'shop')
    const { error } = (await bench.report.happenings.next(({ kind }) => kind === 'listener')) as {
      error: unknown
    }
    await bench.report.stateIs('synced')
    watch.event('ADDED', rawService('new', '192.0.2.9', { resourceVersion: '101' }))
    await bench.report.happenings.next(({ kind }) => kind === 'listener')

    expect(error).toMatchObject({ message: 'a bug in a listener' })
    expect(heard).toEqual(['shop/web', 'shop/shop', 'shop/new'])
    expect(bench.watch.member).toBe('synced')
  })
})

describe('fault 13: nothing asked for that keeps a watch cheap', () => {
  test('bookmarks, an end by itself, streamed lists, pages of 500', async () => {
    const api = await startApi()
    benchOf(accessTo(api), spec)
    const queries: Readonly<Record<string, string>>[] = []

    const stream = await api.next(SERVICES)
    stream.status(400, 'BadRequest')
    const page = await api.next(SERVICES)
    page.json(200, rawList('Service', [], '7', 'more'))
    const second = await api.next(SERVICES)
    second.json(200, rawList('Service', [], '7'))
    const watch = await api.next(SERVICES)
    queries.push(stream.query, page.query, second.query, watch.query)

    expect(queries).toMatchObject([
      { sendInitialEvents: 'true', allowWatchBookmarks: 'true', timeoutSeconds: '300' },
      { limit: '500' },
      { limit: '500', continue: 'more' },
      { resourceVersion: '7', allowWatchBookmarks: 'true', timeoutSeconds: '300' },
    ])
  })
})

describe('fault 14: 410 answered by a list first and a wait afterwards', () => {
  test('after a good watch the list comes at once, and its watch follows without a wait', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    const watch = await streamed(api, '100', 'web', 'gone')
    await bench.report.stateIs('synced')
    bench.clock.advance(10_000)

    watch.bookmark('101').event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })
    const { error, delayMs } = await bench.report.failure()
    await streamed(api, '200', 'web')
    await bench.sink.deltas.next(({ deletes }) => deletes.length > 0)

    expect(error).toMatchObject({ code: 'KUBE_EXPIRED', httpStatus: 410 })
    expect(delayMs).toBe(0)
    expect(Object.keys(bench.sink.content(CLUSTER))).toEqual(['shop/web'])
  })

  test('a server that forgets faster than it lists is asked ever more rarely, before the list', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    const delays: number[] = []

    for (let i = 0; i < 3; i += 1) {
      const list = await streamed(api, '100', 'web')
      list.event('ERROR', { kind: 'Status', code: 410, reason: 'Gone', message: 'too old' })
      const { delayMs } = await bench.report.failure()
      expect(api.pending).toEqual([])
      delays.push(delayMs)
      bench.clock.advance(delayMs)
    }
    await api.next(SERVICES)

    expect(delays).toEqual([800, 1600, 3200])
  })

  test('other errors in a stream are reported', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    const watch = await streamed(api, '100', 'web')
    await bench.report.stateIs('synced')

    watch.event('ERROR', { kind: 'Status', code: 500, reason: 'InternalError', message: 'etcd is gone' })
    const { error } = await bench.report.failure()

    expect(error).toMatchObject({ code: 'KUBE_SERVER_ERROR', fields: { detail: 'etcd is gone' } })
  })
})

describe('fault 15: time', () => {
  test('a list that hangs before its headers is given up after 30 s', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    const list = await api.next(SERVICES)

    bench.clock.advance(30_000)
    const { error } = await bench.report.failure()

    expect(error).toMatchObject({ code: 'KUBE_TIMEOUT' })
    await list.closed
  })

  test('a list that stops in the middle is given up after 30 s', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    ;(await api.next(SERVICES)).status(422, 'Invalid')
    const page = await api.next(SERVICES)
    page.open().raw('{"kind":"ServiceList","items":[')
    while (bench.turns.inUse === 0) await new Promise((resolve) => setImmediate(resolve)) // it is being read

    bench.clock.advance(30_000)
    await page.closed
    bench.clock.advance(800)
    ;(await api.next(SERVICES)).json(200, rawList('Service', [rawService('web', '192.0.2.1')], '100'))
    await bench.report.stateIs('synced')

    expect(Object.keys(bench.sink.content(CLUSTER))).toEqual(['shop/web'])
    await api.next(SERVICES)
  })

  test('a connection that is dead without a sign is replaced', async () => {
    const api = await startApi()
    const proxy = await startFaultProxy({ host: '127.0.0.1', port: api.port })
    cleanup.push(() => proxy.close())
    const bench = benchOf({ ...accessTo(api), server: proxy.url() }, spec)
    await streamed(api, '100', 'web')
    await bench.report.stateIs('synced')

    proxy.set({ kind: 'hang' })
    bench.clock.advance(90_000)
    expect(bench.watch.member).toBe('stale')
    proxy.clear()
    await streamed(api, '200', 'web')
    await bench.report.stateIs('synced')

    expect(proxy.accepted).toBe(2)
  })
})

describe('fault 16: what was deleted and made again shows as changed', () => {
  test('another uid is a delete and an add, after a gap as in a watch', async () => {
    const api = await startApi()
    const uids = kindProjection('Service', () => ({ kind: 'ok', value: 0 }))
    const bench = benchOf(accessTo(api), { resource: services, projection: uids })
    const object = (uid: string, resourceVersion: string) =>
      rawService('web', undefined, { uid, resourceVersion })

    const watch = await api.next(SERVICES)
    watch.open().event('ADDED', object('uid-1', '90')).bookmark('100', true)
    await bench.report.stateIs('synced')
    watch.event('MODIFIED', object('uid-2', '101'))
    const inWatch = await bench.sink.deltas.next(({ deletes }) => deletes.length > 0)
    bench.clock.advance(90_000)
    await watch.closed
    const list = await api.next(SERVICES)
    list.open().event('ADDED', object('uid-3', '150')).bookmark('200', true)
    const afterGap = await bench.sink.deltas.next(({ deletes }) => deletes.length > 0)

    for (const { deletes, upserts } of [inWatch, afterGap]) {
      expect([deletes, upserts.map(([key]) => key)]).toEqual([['shop/web'], ['shop/web']])
    }
  })

  test('a store says whether it has synced', async () => {
    const api = await startApi()
    const bench = benchOf(accessTo(api), spec)
    expect(bench.sink.store.isSynced(CLUSTER)).toBe(false)

    await streamed(api, '100')
    await bench.report.stateIs('synced')

    expect(bench.sink.store.isSynced(CLUSTER)).toBe(true)
  })
})

describe('fault 17: many objects', () => {
  test('200,000 objects in one list are taken', async () => {
    const api = await startApi()
    const names: Sink<ServiceFacts> & { count: number } = {
      count: 0,
      apply: (delta) => void (names.count += delta.upserts.length),
      held: () => undefined,
      heldKeys: () => [],
    }
    const fleet = new Fleet({
      clock: systemClock,
      random: () => 0,
      report: silentKubeReport,
      watches: [watched(spec, names)],
    })
    cleanup.push(() => fleet.stop())
    const synced = new Promise<ClusterIndex>((resolve) => fleet.onSession((cluster) => resolve(cluster)))
    fleet.add('large', accessTo(api))

    ;(await api.next(SERVICES)).status(422, 'Invalid')
    const items = Array.from({ length: 200_000 }, (_, i) => ({ metadata: { name: `s${i}`, namespace: 'n' } }))
    ;(await api.next(SERVICES)).json(200, { kind: 'ServiceList', metadata: { resourceVersion: '5' }, items })
    await synced
    await api.next(SERVICES)

    expect(names.count).toBe(200_000)
  })
})

describe('fault 18: client certificates that are never renewed', () => {
  test('a new certificate is used for the next request; what is under way ends on the old connection', async () => {
    const clientAuthority = await makeAuthority('clients')
    const api = await startApi({ clientAuthority })
    const certificates = await Promise.all(
      ['first', 'second'].map(async (commonName) => clientAuthority.issue({ commonName })),
    )
    let current = 0
    const credentials = {
      get: () => {
        const { certPem, keyPem } = certificates[current]! // one of the two
        return Promise.resolve({ headers: {}, clientCertificate: { certPem, keyPem } })
      },
      drop: () => {},
    }
    const transport = transportTo({ ...accessTo(api), credentials })
    const ask = async (): Promise<void> => {
      const asking = transport.requestJson({ path: '/version' })
      ;(await api.next('GET /version')).json(200, {})
      await asking
    }

    const opening = transport.stream({ path: '/watch' })
    const watch = await api.next('GET /watch')
    watch.open()
    const chunks = (await opening).chunks[Symbol.asyncIterator]()
    await ask()
    current = 1
    await ask()
    watch.raw('still here').end()
    const { value } = (await chunks.next()) as { value: Buffer }

    expect(api.clients).toEqual(['first', 'second'])
    expect(value.toString()).toBe('still here')
    await chunks.return?.()
  })
})
