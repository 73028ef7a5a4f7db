import { afterEach, describe, expect, test } from 'vitest'
import type { ServiceFacts } from '../../src/api/facts.ts'
import type { Address } from '../../src/dns/address.ts'
import { KubeError } from '../../src/kube/kube-error.ts'
import { kindProjection } from '../../src/kube/projections/kind.ts'
import type { KindFacts } from '../../src/kube/projections/kind.ts'
import { serviceProjection } from '../../src/kube/projections/service.ts'
import type { WatchSpec } from '../../src/kube/types.ts'
import { rawList, rawService } from '../support/raw-objects.ts'
import { startScriptedApi } from '../support/scripted-api.ts'
import type { Exchange, ScriptedApi } from '../support/scripted-api.ts'
import { accessTo, CLUSTER, watchBench } from '../support/watch-bench.ts'
import type { WatchBench } from '../support/watch-bench.ts'

const SERVICES = 'GET /api/v1/services'
const spec: WatchSpec<ServiceFacts> = {
  resource: { group: '', version: 'v1', plural: 'services' },
  projection: serviceProjection,
}

const cleanup: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const act of cleanup.splice(0).reverse()) await act()
})

/** A watch of Services against a server whose answers the test gives. */
async function begin<F = ServiceFacts>(
  options: { readonly spec?: WatchSpec<F> } = {},
): Promise<{ api: ScriptedApi; bench: WatchBench<F> }> {
  const api = await startScriptedApi()
  cleanup.push(() => api.close())
  const watched = (options.spec ?? spec) as WatchSpec<F> // the default goes with the default of F
  const bench = watchBench(accessTo(api), watched)
  cleanup.push(() => bench.close())
  bench.watch.start()
  return { api, bench }
}

/** Answer the first request with a streamed list, which then stays open as the watch. */
async function streamed(api: ScriptedApi, version: string, ...names: readonly string[]): Promise<Exchange> {
  const exchange = await api.next(SERVICES)
  exchange.open()
  for (const [i, name] of names.entries()) exchange.event('ADDED', rawService(name, `192.0.2.${i + 1}`))
  return exchange.bookmark(version, true)
}

/** Refuse streamed lists, as servers without them do. */
async function refuseStreams(api: ScriptedApi): Promise<void> {
  const exchange = await api.next(SERVICES)
  expect(exchange.query['sendInitialEvents']).toBe('true')
  exchange.status(
    422,
    'Invalid',
    'sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled',
  )
}

function addressesOf(bench: WatchBench<ServiceFacts>): Record<string, readonly Address[]> {
  return Object.fromEntries(Object.entries(bench.sink.content(CLUSTER)).map(([key, { a }]) => [key, a]))
}

describe('a streamed first list', () => {
  test('asks for initial events, bookmarks and an end by itself, and for no version', async () => {
    const { api } = await begin()

    const { query, headers } = await api.next(SERVICES)

    expect(query).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      sendInitialEvents: 'true',
      resourceVersionMatch: 'NotOlderThan',
      timeoutSeconds: '300',
    })
    expect(headers).toMatchObject({ accept: 'application/json', authorization: 'Bearer token-1' })
  })

  test('deltas say listing until the end of the list, then synced; the same stream goes on as the watch', async () => {
    const { api, bench } = await begin()

    const exchange = await streamed(api, '100', 'web', 'shop')
    await bench.report.stateIs('synced')
    exchange.event('MODIFIED', rawService('web', '192.0.2.77', { resourceVersion: '101' }))
    const delta = await bench.sink.deltas.next(
      ({ upserts, state }) => state === 'synced' && upserts.length === 1,
    )

    expect(delta).toMatchObject({ cluster: 0, kind: 'Service', state: 'synced', deletes: [] })
    expect(addressesOf(bench)).toEqual({ 'shop/web': ['192.0.2.77'], 'shop/shop': ['192.0.2.2'] })
    const states = bench.sink.deltas.all.map(({ state }) => state)
    expect(states.slice(0, states.indexOf('synced')).every((state) => state === 'listing')).toBe(true)
  })

  test('a server that does not know it is asked for pages', async () => {
    const { api, bench } = await begin()

    await refuseStreams(api)
    const page = await api.next(SERVICES)
    expect(page.query).toEqual({ limit: '500' })
    page.json(200, rawList('Service', [rawService('web', '192.0.2.1')], '100'))
    const watch = await api.next(SERVICES)

    expect(watch.query).toEqual({
      watch: 'true',
      allowWatchBookmarks: 'true',
      resourceVersion: '100',
      timeoutSeconds: '300',
    })
    expect(bench.watch.member).toBe('synced')
  })

  test('a server that ignores it, and ends the watch without an end of the list, is asked for pages', async () => {
    const { api, bench } = await begin()

    const exchange = await api.next(SERVICES)
    exchange.open().event('ADDED', rawService('web', '192.0.2.1')).end()
    const page = await api.next(SERVICES)

    expect(page.query).toEqual({ limit: '500' })
    expect(bench.watch.member).toBe('listing')
  })

  test('a server that ignores it, and stays silent, is asked for pages after a while', async () => {
    const { api, bench } = await begin()

    const exchange = await api.next(SERVICES)
    exchange.open().event('ADDED', rawService('web', '192.0.2.1'))
    await bench.sink.deltas.next(({ upserts }) => upserts.length === 1)
    bench.clock.advance(30_000)
    bench.clock.advance(800)
    const page = await api.next(SERVICES)

    expect(page.query).toEqual({ limit: '500' })
  })
})

describe('a list in pages', () => {
  test('goes on from page to page, and is complete with the last', async () => {
    const { api, bench } = await begin()
    await refuseStreams(api)

    const first = await api.next(SERVICES)
    first.json(200, rawList('Service', [rawService('a', '192.0.2.1')], '100', 'token-of-page-2'))
    const second = await api.next(SERVICES)
    expect(second.query).toEqual({ limit: '500', continue: 'token-of-page-2' })
    expect(bench.watch.member).toBe('listing')
    second.json(200, rawList('Service', [rawService('b', '192.0.2.2')], '100'))
    await api.next(SERVICES)

    expect(addressesOf(bench)).toEqual({ 'shop/a': ['192.0.2.1'], 'shop/b': ['192.0.2.2'] })
    expect(bench.watch.member).toBe('synced')
  })

  test('410 on a continuation starts over, and what only the first try showed is not kept', async () => {
    const { api, bench } = await begin()
    await refuseStreams(api)

    const first = await api.next(SERVICES)
    first.json(200, rawList('Service', [rawService('gone', '192.0.2.1')], '100', 'page-2'))
    const second = await api.next(SERVICES)
    second.status(410, 'Expired')
    await bench.report.failure()
    bench.clock.advance(800)
    const again = await api.next(SERVICES)
    expect(again.query).toEqual({ limit: '500' })
    again.json(200, rawList('Service', [rawService('here', '192.0.2.2')], '120'))
    await api.next(SERVICES)

    expect(addressesOf(bench)).toEqual({ 'shop/here': ['192.0.2.2'] })
  })

  test('a page that fails is asked for again, not the whole list', async () => {
    const { api, bench } = await begin()
    await refuseStreams(api)

    const first = await api.next(SERVICES)
    first.json(200, rawList('Service', [rawService('a', '192.0.2.1')], '100', 'page-2'))
    const second = await api.next(SERVICES)
    second.status(503, 'ServiceUnavailable')
    const { delayMs } = await bench.report.failure()
    bench.clock.advance(delayMs)
    const again = await api.next(SERVICES)

    expect(again.query['continue']).toBe('page-2')
  })

  test('an answer that is no list is an error, and no absence', async () => {
    const { api, bench } = await begin()
    await refuseStreams(api)

    const page = await api.next(SERVICES)
    page.text(200, '<html>welcome to the proxy</html>')
    const { error } = await bench.report.failure()

    expect(error).toMatchObject({ code: 'KUBE_BAD_ANSWER' })
    expect(bench.watch.member).toBe('listing')
  })
})

describe('a watch', () => {
  test('adds, changes and deletes; equal facts emit nothing', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web', 'old')
    await bench.report.stateIs('synced')

    watch.event('MODIFIED', rawService('web', '192.0.2.1', { resourceVersion: '101' }))
    watch.event('DELETED', rawService('old', '192.0.2.2', { resourceVersion: '102' }))
    watch.event('ADDED', rawService('new', undefined, { resourceVersion: '103' }))
    await bench.sink.deltas.next(({ upserts }) => upserts.some(([key]) => key === 'shop/new'))

    expect(addressesOf(bench)).toEqual({ 'shop/web': ['192.0.2.1'], 'shop/new': [] })
    const upserted = bench.sink.deltas.all.flatMap(({ upserts }) => upserts.map(([key]) => key))
    expect(upserted).toEqual(['shop/web', 'shop/old', 'shop/new'])
  })

  test('that ends as it should is resumed at once from the last bookmark', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web')
    await bench.report.stateIs('synced')

    bench.clock.advance(60_000)
    watch.bookmark('250').end()
    const resumed = await api.next(SERVICES)

    expect(resumed.query).toMatchObject({ watch: 'true', resourceVersion: '250' })
    expect(resumed.query).not.toHaveProperty('sendInitialEvents')
    expect(bench.report.count('failed')).toBe(0)
  })

  test('that the server ends at once, again and again, is not reopened in a hot loop', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web')
    await bench.report.stateIs('synced')
    const failures: unknown[] = []

    watch.end()
    for (let i = 0; i < 4; i += 1) {
      const { error, delayMs } = await bench.report.failure()
      failures.push([error instanceof KubeError && error.code, delayMs])
      bench.clock.advance(delayMs)
      const reached = await api.next(SERVICES)
      reached.json(200, rawList('Service', [], '100'))
      const next = await api.next(SERVICES)
      next.open().end()
    }

    expect(failures).toEqual([800, 1600, 3200, 6400].map((delayMs) => ['KUBE_CUT', delayMs]))
  })

  test('that breaks is resumed from the last event after a wait, and stays synced meanwhile', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web')
    await bench.report.stateIs('synced')

    watch.event('MODIFIED', rawService('web', '192.0.2.9', { resourceVersion: '105' }))
    await bench.sink.deltas.next(({ upserts, state }) => state === 'synced' && upserts.length > 0)
    watch.reset()
    const { error, delayMs } = await bench.report.failure()
    expect([error instanceof KubeError && error.code, delayMs]).toEqual(['KUBE_CUT', 800])
    bench.clock.advance(delayMs)
    const reached = await api.next(SERVICES)
    reached.json(200, rawList('Service', [], '105'))
    const resumed = await api.next(SERVICES)

    expect(reached.query).toEqual({
      limit: '1',
      resourceVersion: '105',
      resourceVersionMatch: 'NotOlderThan',
    })
    expect(resumed.query).toMatchObject({ watch: 'true', resourceVersion: '105' })
    expect(bench.watch.member).toBe('synced')
  })

  test('that breaks because the server was set back to an older state is not resumed into silence, but listed', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '500', 'web', 'young')
    await bench.report.stateIs('synced')

    watch.reset()
    bench.clock.advance((await bench.report.failure()).delayMs)
    const reached = await api.next(SERVICES)
    reached.status(504, 'Timeout', 'Too large resource version: 500, current: 400')
    bench.clock.advance((await bench.report.failure()).delayMs)
    await streamed(api, '400', 'web')
    await bench.report.stateIs('stale')
    await bench.report.stateIs('synced')

    expect(addressesOf(bench)).toEqual({ 'shop/web': ['192.0.2.1'], 'shop/young': ['192.0.2.2'] })
  })

  test('of which nothing is heard for 90 s is stale at once, and listed anew', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web', 'gone')
    await bench.report.stateIs('synced')

    bench.clock.advance(89_999)
    expect(bench.watch.member).toBe('synced')
    bench.clock.advance(1)
    expect(bench.watch.member).toBe('stale')
    expect(addressesOf(bench)).toEqual({ 'shop/web': ['192.0.2.1'], 'shop/gone': ['192.0.2.2'] })
    await watch.closed
    await streamed(api, '300', 'web')
    await bench.report.stateIs('synced')

    expect(addressesOf(bench)).toEqual({ 'shop/web': ['192.0.2.1'] })
  })

  test('without news and without bookmarks is looked after before it is stale: the server has reached the version, and goes on', async () => {
    const { api, bench } = await begin()
    const first = await streamed(api, '100', 'web')
    await bench.report.stateIs('synced')

    for (let round = 0; round < 3; round += 1) {
      bench.clock.advance(75_000)
      const reached = await api.next(SERVICES)
      expect(reached.query).toEqual({
        limit: '1',
        resourceVersion: '100',
        resourceVersionMatch: 'NotOlderThan',
      })
      reached.json(200, rawList('Service', [], '140'))
      const again = await api.next(SERVICES)
      expect(again.query).toMatchObject({ watch: 'true', resourceVersion: '100' })
      again.open()
    }
    await first.closed

    expect([bench.watch.member, bench.report.count('failed')]).toEqual(['synced', 0])
    expect(bench.report.count('state')).toBe(2)
  })

  test('that only sends bookmarks stays synced and is never reopened', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web')
    await bench.report.stateIs('synced')

    for (let i = 1; i <= 10; i += 1) {
      bench.clock.advance(60_000)
      watch.bookmark(String(100 + i))
      const { lastEventAtMs } = await heard(bench)
      expect(lastEventAtMs).toBe(bench.clock.nowMs())
    }

    expect([bench.watch.member, api.pending, bench.report.count('failed')]).toEqual(['synced', [], 0])
  })
})

/** Wait until the store has heard of the cluster at the clock's present time. */
async function heard(bench: WatchBench<ServiceFacts>): Promise<{ readonly lastEventAtMs: number }> {
  const { atMs } = await bench.sink.deltas.next(({ atMs }) => atMs === bench.clock.nowMs())
  return { lastEventAtMs: bench.sink.store.state(CLUSTER)?.lastEventAtMs ?? atMs - 1 }
}

describe('what ends a session and is never an absence', () => {
  test.each([
    { name: '401', status: 401, reason: 'Unauthorized', code: 'KUBE_UNAUTHORIZED' },
    { name: '403', status: 403, reason: 'Forbidden', code: 'KUBE_FORBIDDEN' },
    { name: 'a missing API', status: 404, reason: 'NotFound', code: 'KUBE_NOT_FOUND' },
  ])('$name: stale, everything kept, listed anew when it is over', async ({ status, reason, code }) => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web', 'gone')
    await bench.report.stateIs('synced')
    bench.clock.advance(10_000)

    watch.bookmark('101').end()
    const refused = await api.next(SERVICES)
    refused.status(status, reason)
    const { error, delayMs } = await bench.report.failure()
    expect(error).toMatchObject({ code })
    expect([bench.watch.member, Object.keys(addressesOf(bench))]).toEqual([
      'stale',
      ['shop/web', 'shop/gone'],
    ])
    bench.clock.advance(delayMs)
    const list = await streamed(api, '200', 'web')
    await bench.report.stateIs('synced')

    expect(list.query['sendInitialEvents']).toBe('true')
    expect(Object.keys(addressesOf(bench))).toEqual(['shop/web'])
  })

  test('a version that went backwards: what the older list lacks stays until the next list', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '1000', 'web', 'newer')
    await bench.report.stateIs('synced')

    bench.clock.advance(90_000) // a restored server accepts the newer version, and stays silent
    await watch.closed
    const restored = await streamed(api, '400', 'web')
    await bench.report.stateIs('synced')
    expect(Object.keys(addressesOf(bench))).toEqual(['shop/web', 'shop/newer'])
    bench.clock.advance(60_000)
    restored.bookmark('401').end()
    await streamed(api, '402', 'web')
    await bench.sink.deltas.next(({ deletes }) => deletes.length > 0)

    expect(Object.keys(addressesOf(bench))).toEqual(['shop/web'])
  })

  test('a list that says so before the 90 s are over ends the session visibly', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '1000', 'web')
    await bench.report.stateIs('synced')
    bench.clock.advance(10_000)

    watch
      .bookmark('1001')
      .event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })
    await streamed(api, '400', 'web')
    const { reason } = await bench.report.stateIs('stale')
    await bench.report.stateIs('synced')

    expect(reason).toBe('version-went-backwards')
  })

  test('an event older than the one before it', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '1000', 'web')
    await bench.report.stateIs('synced')

    watch.event('MODIFIED', rawService('web', '192.0.2.8', { resourceVersion: '900' }))
    const { reason } = await bench.report.stateIs('stale')

    expect(reason).toBe('version-went-backwards')
    await watch.closed
  })

  test('504 with a version too large leads to a list without a version', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '1000', 'web')
    await bench.report.stateIs('synced')
    bench.clock.advance(10_000)

    watch.bookmark('1001').end()
    const resumed = await api.next(SERVICES)
    resumed.json(504, {
      kind: 'Status',
      reason: 'Timeout',
      code: 504,
      message: 'Timeout: Too large resource version: 1001, current: 400',
      details: { causes: [{ reason: 'ResourceVersionTooLarge' }], retryAfterSeconds: 1 },
    })
    const { error, delayMs } = await bench.report.failure()
    bench.clock.advance(delayMs)
    const list = await api.next(SERVICES)

    expect(error).toMatchObject({ code: 'KUBE_VERSION_TOO_LARGE' })
    expect(list.query).toMatchObject({ sendInitialEvents: 'true' })
    expect(list.query).not.toHaveProperty('resourceVersion')
  })
})

describe('bad input', () => {
  test('one malformed object is one reported error; what was known of it stays, all others go on', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web', 'shop')
    await bench.report.stateIs('synced')

    watch.event('MODIFIED', {
      ...rawService('web', '1.2.3.4.5'),
      metadata: { ...meta('web'), resourceVersion: '101' },
    })
    watch.event('MODIFIED', rawService('shop', '192.0.2.55', { resourceVersion: '102' }))
    const problem = await bench.report.happenings.next(({ kind }) => kind === 'malformed')
    await bench.sink.deltas.next(({ upserts, state }) => state === 'synced' && upserts.length > 0)

    expect(problem).toMatchObject({
      key: 'shop/web',
      problem: 'status.loadBalancer.ingress.ip is no IP address: 1.2.3.4.5',
    })
    expect(addressesOf(bench)).toEqual({ 'shop/web': ['192.0.2.1'], 'shop/shop': ['192.0.2.55'] })
    expect(bench.report.count('malformed')).toBe(1)
  })

  test('a malformed object of a list is there: it is not deleted', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web', 'shop')
    await bench.report.stateIs('synced')

    bench.clock.advance(90_000)
    await watch.closed
    const list = await api.next(SERVICES)
    list.open().event('ADDED', rawService('web', 'no address')).bookmark('200', true)
    await bench.report.stateIs('synced')

    expect(addressesOf(bench)).toEqual({ 'shop/web': ['192.0.2.1'] })
  })

  test('an object without a name makes a list prove no absence, until the next', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web', 'shop')
    await bench.report.stateIs('synced')

    bench.clock.advance(90_000)
    await watch.closed
    const list = await api.next(SERVICES)
    list
      .open()
      .event('ADDED', 'no object at all')
      .event('ADDED', rawService('web', '192.0.2.1'))
      .bookmark('200', true)
    await bench.report.stateIs('synced')
    expect(Object.keys(addressesOf(bench))).toEqual(['shop/web', 'shop/shop'])
    bench.clock.advance(60_000)
    list.bookmark('201').end()
    await streamed(api, '202', 'web')
    await bench.sink.deltas.next(({ deletes }) => deletes.length > 0)

    expect(Object.keys(addressesOf(bench))).toEqual(['shop/web'])
  })

  test('a line that is no JSON, or of an unknown type, is reported and skipped', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web')
    await bench.report.stateIs('synced')

    watch.raw('{"type":"MODIFIED","object":{\n').event('SURPRISE', {})
    watch.event('MODIFIED', rawService('web', '192.0.2.9', { resourceVersion: '101' }))
    await bench.sink.deltas.next(({ upserts, state }) => state === 'synced' && upserts.length > 0)

    const problems = bench.report.happenings.all.filter(({ kind }) => kind === 'malformed')
    expect(problems).toMatchObject([
      { problem: 'an event is not JSON', key: undefined },
      { problem: 'an event has type SURPRISE', key: undefined },
    ])
    expect(addressesOf(bench)).toEqual({ 'shop/web': ['192.0.2.9'] })
  })

  test('an event cut into single bytes is one event', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web')
    await bench.report.stateIs('synced')

    const event = { type: 'MODIFIED', object: { ...rawService('web', '192.0.2.9'), note: 'größer ✓' } }
    for (const byte of Buffer.from(`${JSON.stringify(event)}\n`)) watch.raw(Buffer.of(byte))
    await bench.sink.deltas.next(({ upserts, state }) => state === 'synced' && upserts.length > 0)

    expect(addressesOf(bench)).toEqual({ 'shop/web': ['192.0.2.9'] })
    expect(bench.report.count('malformed')).toBe(0)
  })
})

function meta(name: string): Record<string, unknown> {
  return rawService(name)['metadata'] as Record<string, unknown> // the builder makes it an object
}

describe('deltas', () => {
  test('are plain data, whatever state they tell', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '100', 'web', 'gone')
    await bench.report.stateIs('synced')
    watch.event('DELETED', rawService('gone', undefined, { resourceVersion: '101' }))
    await bench.sink.deltas.next(({ deletes }) => deletes.length > 0)
    bench.clock.advance(90_000)
    await api.next(SERVICES)

    const { all } = bench.sink.deltas

    expect(new Set(all.map(({ state }) => state))).toEqual(new Set(['listing', 'synced', 'stale']))
    expect(structuredClone(all)).toEqual(all)
  })
})

describe('replacing access', () => {
  test('whoever waits for better credentials tries at once', async () => {
    const { api, bench } = await begin()
    const refused = await api.next(SERVICES)
    refused.status(401, 'Unauthorized')
    await bench.report.failure()

    bench.transport.setAccess(accessTo(api, 'token-2'))
    bench.watch.kick()
    const list = await api.next(SERVICES)

    expect(list.headers['authorization']).toBe('Bearer token-2')
  })

  test('another address is listed anew at once; what was known stays until that list is complete', async () => {
    const { api, bench } = await begin()
    const watch = await streamed(api, '1000', 'web', 'gone')
    await bench.report.stateIs('synced')
    const other = await startScriptedApi()
    cleanup.push(() => other.close())

    bench.transport.setAccess(accessTo(other))
    bench.watch.relist()
    expect([bench.watch.member, Object.keys(addressesOf(bench))]).toEqual([
      'stale',
      ['shop/web', 'shop/gone'],
    ])
    await watch.closed
    await streamed(other, '5', 'web') // versions of another cluster have nothing to do with those before
    await bench.report.stateIs('synced')

    expect(Object.keys(addressesOf(bench))).toEqual(['shop/web'])
  })
})

describe('kinds of ours', () => {
  const recordSpec: WatchSpec<KindFacts<number>> = {
    resource: { group: 'example.dev', version: 'v1', plural: 'records' },
    namespace: 'shop',
    labelSelector: 'app=web',
    projection: kindProjection('Record', (raw) => {
      const { size } = raw as { size?: unknown }
      return typeof size === 'number'
        ? { kind: 'ok', value: size }
        : { kind: 'rejected', problems: ['size: is no number'] }
    }),
  }

  test('are asked for by namespace and label; what their parser rejects is kept with its problems', async () => {
    const { api, bench } = await begin({ spec: recordSpec })
    const record = (name: string, size: unknown) => ({ metadata: meta(name), size })

    const exchange = await api.next('GET /apis/example.dev/v1/namespaces/shop/records')
    expect(exchange.query['labelSelector']).toBe('app=web')
    exchange
      .open()
      .event('ADDED', record('good', 3))
      .event('ADDED', record('bad', 'large'))
      .bookmark('9', true)
    await bench.report.stateIs('synced')

    expect(bench.sink.content(CLUSTER)).toMatchObject({
      'shop/good': { kind: 'ok', value: 3 },
      'shop/bad': { kind: 'rejected', problems: ['size: is no number'] },
    })
  })
})
