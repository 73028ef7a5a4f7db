import { createServer } from 'node:http'
import { connect, createServer as createTcpServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { tokenCredentials } from '../../src/kube/access.ts'
import type { ClusterAccess, SkippedCheck } from '../../src/kube/access.ts'
import { describeError } from '../../src/errors.ts'
import { checkHealth } from '../../src/kube/health.ts'
import { KubeError } from '../../src/kube/kube-error.ts'
import { Transport } from '../../src/kube/transport.ts'
import type { TransportOptions } from '../../src/kube/transport.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import type { TransportFault } from '../support/fault-proxy.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { startScriptedApi } from '../support/scripted-api.ts'
import type { Exchange, ScriptedApi, ScriptedApiOptions } from '../support/scripted-api.ts'
import { makeAuthority } from '../support/test-certificates.ts'
import type { LeafOptions } from '../support/test-certificates.ts'
import { accessTo } from '../support/watch-bench.ts'

const VERSION = 'GET /version'
const DAY_MS = 24 * 60 * 60 * 1000

const cleanup: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const act of cleanup.splice(0).reverse()) await act()
})

async function startApi(options: ScriptedApiOptions = {}): Promise<ScriptedApi> {
  const api = await startScriptedApi(options)
  cleanup.push(() => api.close())
  return api
}

function transportTo(
  access: ClusterAccess,
  options: Partial<TransportOptions> = {},
): { readonly transport: Transport; readonly clock: ManualClock } {
  const clock = new ManualClock()
  const transport = new Transport({ cluster: 'member', access, clock, ...options })
  cleanup.push(() => transport.close())
  return { transport, clock }
}

/** Ask for /version, and answer it. */
async function exchangeOne(api: ScriptedApi, transport: Transport): Promise<Exchange> {
  const asking = transport.requestJson({ path: '/version' })
  const exchange = await api.next(VERSION)
  exchange.json(200, { gitVersion: 'v1.36.3' })
  await asking
  return exchange
}

describe('rights', () => {
  const FORBIDDEN = {
    kind: 'Status',
    code: 403,
    reason: 'Forbidden',
    message:
      'services is forbidden: User "u" cannot list resource "services" in API group "" at the cluster scope',
  }
  const LIST = { path: '/api/v1/services' }

  async function listed(api: ScriptedApi, transport: Transport, code: number): Promise<unknown> {
    const asking = transport.requestJson(LIST).catch((error: unknown) => error)
    const exchange = await api.next('GET /api/v1/services')
    exchange.json(code, code === 403 ? FORBIDDEN : { items: [] })
    return asking
  }

  test("that are refused are told once, in the server's words, until they are granted", async () => {
    const api = await startApi()
    const told: string[] = []
    const onDenied = (right: string, error: KubeError): void =>
      void told.push(`${right}: ${describeError(error)}`)
    const { transport } = transportTo(accessTo(api), { onDenied })

    await listed(api, transport, 403)
    await listed(api, transport, 403)

    expect(transport.denied).toEqual(['list services'])
    expect(told).toEqual([expect.stringContaining(`list services: the API server forbids this`)])
    expect(told[0]).toContain(FORBIDDEN.message)

    await listed(api, transport, 200)

    expect(transport.denied).toEqual([])
    expect([...transport.answers]).toEqual([
      { verb: 'list', httpStatus: 403, count: 2 },
      { verb: 'list', httpStatus: 200, count: 1 },
    ])
  })

  test('are noted of streams and of answers of any kind, too', async () => {
    const api = await startApi()
    const { transport } = transportTo(accessTo(api))

    const streaming = transport.stream({ ...LIST, query: { watch: true } }).catch((error: unknown) => error)
    const watch = await api.next('GET /api/v1/services')
    watch.json(403, FORBIDDEN)
    await streaming
    const asking = transport.request({ path: '/healthz' })
    const health = await api.next('GET /healthz')
    health.json(403, FORBIDDEN)
    await asking

    expect(transport.denied).toEqual(['get /healthz', 'watch services'])
  })

  test('that were refused to other credentials are not held against the new ones', async () => {
    const api = await startApi()
    const { transport } = transportTo(accessTo(api))
    await listed(api, transport, 403)

    transport.setAccess(accessTo(api))

    expect(transport.denied).toEqual([])
  })
})

describe('requests', () => {
  test('carry the path of the server URL, the query, credentials and a JSON body', async () => {
    const api = await startApi()
    const { transport } = transportTo({ ...accessTo(api), server: `${api.url}/k8s/clusters/c-1` })

    const asking = transport.requestJson({
      method: 'PATCH',
      path: '/api/v1/nodes/n',
      query: { force: true, limit: 5, fieldManager: 'a&b', absent: undefined },
      body: { spec: 'ä' },
      contentType: 'application/merge-patch+json',
    })
    const exchange = await api.next('PATCH /k8s/clusters/c-1/api/v1/nodes/n')
    exchange.json(200, { ok: true })

    await expect(asking).resolves.toEqual({ ok: true })
    expect(exchange).toMatchObject({
      query: { force: 'true', limit: '5', fieldManager: 'a&b' },
      body: { spec: 'ä' },
      headers: {
        authorization: 'Bearer token-1',
        accept: 'application/json',
        'content-type': 'application/merge-patch+json',
      },
    })
  })

  test.each([
    { status: 401, reason: 'Unauthorized', code: 'KUBE_UNAUTHORIZED', retry: 'backoff' },
    { status: 403, reason: 'Forbidden', code: 'KUBE_FORBIDDEN', retry: 'backoff' },
    { status: 404, reason: 'NotFound', code: 'KUBE_NOT_FOUND', retry: 'backoff' },
    { status: 409, reason: 'Conflict', code: 'KUBE_CONFLICT', retry: 'backoff' },
    { status: 409, reason: 'AlreadyExists', code: 'KUBE_ALREADY_EXISTS', retry: 'backoff' },
    { status: 410, reason: 'Expired', code: 'KUBE_EXPIRED', retry: 'backoff' },
    { status: 422, reason: 'Invalid', code: 'KUBE_INVALID', retry: 'never' },
    { status: 400, reason: 'BadRequest', code: 'KUBE_REFUSED', retry: 'never' },
    { status: 500, reason: 'InternalError', code: 'KUBE_SERVER_ERROR', retry: 'backoff' },
  ])('$status $reason is $code', async ({ status, reason, code, retry }) => {
    const api = await startApi()
    const { transport } = transportTo(accessTo(api))

    const asking = transport.requestJson({ path: '/version' })
    ;(await api.next(VERSION)).status(status, reason, 'what the server says')

    await expect(asking).rejects.toMatchObject({
      code,
      retry,
      httpStatus: status,
      reason,
      fields: { cluster: 'member', method: 'GET', path: '/version', detail: 'what the server says' },
    })
  })

  test.each([
    { name: 'the header', headers: { 'retry-after': '3' }, details: {} },
    { name: 'the Status', headers: {}, details: { retryAfterSeconds: 3 } },
  ])('429 says in $name when to come again', async ({ headers, details }) => {
    const api = await startApi()
    const { transport } = transportTo(accessTo(api))

    const asking = transport.requestJson({ path: '/version' })
    const body = { kind: 'Status', reason: 'TooManyRequests', code: 429, details }
    ;(await api.next(VERSION)).json(429, body, headers)

    await expect(asking).rejects.toMatchObject({ code: 'KUBE_THROTTLED', retry: { afterMs: 3000 } })
  })

  test('an answer that is no JSON, and one beyond the limit, are errors of their own', async () => {
    const api = await startApi()
    const { transport } = transportTo(accessTo(api), { maxBodyBytes: 100 })

    const first = transport.requestJson({ path: '/version' })
    ;(await api.next(VERSION)).text(200, '<html>')
    await expect(first).rejects.toMatchObject({ code: 'KUBE_BAD_ANSWER' })
    const second = transport.requestJson({ path: '/version' })
    ;(await api.next(VERSION)).json(200, { padding: 'x'.repeat(200) })

    await expect(second).rejects.toMatchObject({ code: 'KUBE_TOO_LARGE' })
  })

  test('no error shows a token', async () => {
    const api = await startApi()
    const { transport } = transportTo(accessTo(api, 'very-secret'))

    const asking = transport.requestJson({ path: '/version' })
    ;(await api.next(VERSION)).status(403, 'Forbidden')
    const error: unknown = await asking.catch((caught: unknown) => caught)

    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('very-secret')
  })

  // A body that is given up over HTTP/2 before it is sent ends in a loop without end: undici 8.12 on Node 24.
  test('are read over HTTP/2, and go over HTTP/1.1 with a body', async () => {
    const api = await startApi()
    const { transport } = transportTo(accessTo(api))

    const read = await exchangeOne(api, transport)
    const writing = transport.requestJson({ method: 'POST', path: '/api/v1/nodes', body: {} })
    const written = await api.next('POST /api/v1/nodes')
    written.json(201, {})
    await writing

    expect([read.httpVersion, written.httpVersion]).toEqual(['2.0', '1.1'])
  })

  test('a request ends when its time is over, and the next takes a fresh connection', async () => {
    const api = await startApi()
    const { transport, clock } = transportTo(accessTo(api))

    const asking = transport.requestJson({ path: '/version', timeoutMs: 3000 })
    const exchange = await api.next(VERSION)
    clock.advance(3000)
    await expect(asking).rejects.toMatchObject({ code: 'KUBE_TIMEOUT', retry: 'backoff' })
    await exchange.closed
    await exchangeOne(api, transport)

    expect(api.connections).toBe(2)
  })

  test('a request ends when its signal aborts, also before it was sent', async () => {
    const api = await startApi()
    const { transport } = transportTo(accessTo(api))
    const abort = new AbortController()

    const asking = transport.requestJson({ path: '/version', signal: abort.signal })
    const exchange = await api.next(VERSION)
    abort.abort()
    await expect(asking).rejects.toMatchObject({ code: 'KUBE_ABORTED', retry: 'never' })
    await exchange.closed

    await expect(transport.requestJson({ path: '/version', signal: abort.signal })).rejects.toMatchObject({
      code: 'KUBE_ABORTED',
    })
  })

  test('close ends what is under way, and nothing can be asked afterwards', async () => {
    const api = await startApi()
    const { transport } = transportTo(accessTo(api))

    const asking = transport.requestJson({ path: '/version' })
    await api.next(VERSION)
    const closing = transport.close()
    await expect(asking).rejects.toMatchObject({ name: 'KubeError' })
    await closing

    await expect(transport.requestJson({ path: '/version' })).rejects.toMatchObject({ code: 'KUBE_ABORTED' })
  })

  test('a source of credentials that fails is an error of its own, and nothing is sent', async () => {
    const api = await startApi()
    const credentials = { get: () => Promise.reject(new Error('no such plugin')), drop: () => {} }
    const { transport } = transportTo({ ...accessTo(api), credentials })

    await expect(transport.requestJson({ path: '/version' })).rejects.toMatchObject({ name: 'KubeError' })
    expect(api.connections).toBe(0)
  })
})

describe('faults of the network', () => {
  test('a port where nobody listens is unreachable', async () => {
    const api = await startScriptedApi()
    const access = accessTo(api)
    await api.close()
    const { transport } = transportTo(access)

    await expect(transport.requestJson({ path: '/version' })).rejects.toMatchObject({
      code: 'KUBE_UNREACHABLE',
      reason: 'ECONNREFUSED',
    })
  })

  test.each<{ fault: TransportFault; code: string }>([
    { fault: { kind: 'reset' }, code: 'KUBE_CUT' },
    { fault: { kind: 'cut', afterBytes: 0 }, code: 'KUBE_CUT' },
  ])('$fault.kind is $code, and the next request finds its way', async ({ fault, code }) => {
    const api = await startApi()
    const proxy = await startFaultProxy({ host: '127.0.0.1', port: api.port })
    cleanup.push(() => proxy.close())
    const { transport } = transportTo({ ...accessTo(api), server: proxy.url() })
    await exchangeOne(api, transport)

    proxy.set(fault)
    const asking = transport.requestJson({ path: '/version' })
    if (fault.kind === 'cut') (await api.next(VERSION)).json(200, {})
    await expect(asking).rejects.toMatchObject({ code })
    proxy.clear()

    await exchangeOne(api, transport)
  })

  test('slow is only slow', async () => {
    const api = await startApi()
    const proxy = await startFaultProxy({ host: '127.0.0.1', port: api.port })
    cleanup.push(() => proxy.close())
    const { transport } = transportTo({ ...accessTo(api), server: proxy.url() })

    proxy.set({ kind: 'slow', delayMs: 5 })

    await expect(exchangeOne(api, transport)).resolves.toBeDefined()
  })
})

describe('certificates', () => {
  const expired: LeafOptions = {
    notBefore: new Date(Date.now() - 2 * DAY_MS),
    notAfter: new Date(Date.now() - DAY_MS),
  }
  const elsewhere: LeafOptions = { ips: ['192.0.2.1'], names: ['elsewhere.example'] }

  interface Case {
    readonly name: string
    readonly leaf: LeafOptions
    readonly trusted: boolean
    readonly skipped: readonly SkippedCheck[]
    readonly accepted: boolean
  }

  test.each<Case>([
    { name: 'trusted, valid, right name', leaf: {}, trusted: true, skipped: [], accepted: true },
    { name: 'signed by another', leaf: {}, trusted: false, skipped: [], accepted: false },
    {
      name: 'signed by another, SubjectName not checked',
      leaf: {},
      trusted: false,
      skipped: ['SubjectName'],
      accepted: false,
    },
    {
      name: 'signed by another, ValidityPeriod not checked',
      leaf: {},
      trusted: false,
      skipped: ['ValidityPeriod'],
      accepted: false,
    },
    { name: 'signed by another, nothing checked', leaf: {}, trusted: false, skipped: ['*'], accepted: true },
    { name: 'expired', leaf: expired, trusted: true, skipped: [], accepted: false },
    {
      name: 'expired, ValidityPeriod not checked',
      leaf: expired,
      trusted: true,
      skipped: ['ValidityPeriod'],
      accepted: true,
    },
    {
      name: 'expired, SubjectName not checked',
      leaf: expired,
      trusted: true,
      skipped: ['SubjectName'],
      accepted: false,
    },
    {
      name: 'expired and signed by another, ValidityPeriod not checked',
      leaf: expired,
      trusted: false,
      skipped: ['ValidityPeriod'],
      accepted: false,
    },
    { name: 'another name', leaf: elsewhere, trusted: true, skipped: [], accepted: false },
    {
      name: 'another name, SubjectName not checked',
      leaf: elsewhere,
      trusted: true,
      skipped: ['SubjectName'],
      accepted: true,
    },
    {
      name: 'another name, ValidityPeriod not checked',
      leaf: elsewhere,
      trusted: true,
      skipped: ['ValidityPeriod'],
      accepted: false,
    },
    {
      name: 'another name and expired, neither checked',
      leaf: { ...expired, ...elsewhere },
      trusted: true,
      skipped: ['SubjectName', 'ValidityPeriod'],
      accepted: true,
    },
    {
      name: 'everything wrong, nothing checked',
      leaf: { ...expired, ...elsewhere },
      trusted: false,
      skipped: ['*'],
      accepted: true,
    },
  ])('$name: accepted $accepted', async ({ leaf, trusted, skipped, accepted }) => {
    const authority = await makeAuthority()
    const other = await makeAuthority('somebody else')
    const api = await startApi({ authority, certificate: await authority.issue(leaf) })
    const caPem = trusted ? authority.certPem : other.certPem
    const { transport } = transportTo({ ...accessTo(api), caPem, skippedChecks: skipped })

    const outcome = transport.requestJson({ path: '/version' }).then(
      () => 'accepted',
      (error: unknown) => (error instanceof KubeError ? error.code : error),
    )
    if (accepted) (await api.next(VERSION)).json(200, {})

    expect(await outcome).toBe(accepted ? 'accepted' : 'KUBE_TLS_REFUSED')
  })

  test('a server name other than the host is asked for and expected', async () => {
    const authority = await makeAuthority()
    const api = await startApi({
      authority,
      certificate: await authority.issue({ ips: [], names: ['api.example'] }),
    })
    const { transport } = transportTo({ ...accessTo(api), serverName: 'api.example' })

    await expect(exchangeOne(api, transport)).resolves.toBeDefined()
  })

  test.each([
    { name: 'one after the other', between: '\n' },
    { name: 'without a line break between them', between: '' },
    { name: 'with words between them', between: '\n# the next one\n' },
  ])('of two CAs $name each is trusted', async ({ between }) => {
    const authorities = [await makeAuthority('first'), await makeAuthority('second')]
    const caPem = authorities.map((authority) => authority.certPem.trim()).join(between)

    for (const authority of authorities) {
      const api = await startApi({ authority, certificate: await authority.issue() })
      const { transport } = transportTo({ ...accessTo(api), caPem })
      await expect(exchangeOne(api, transport)).resolves.toBeDefined()
    }
  })

  test('a CA that comes with the credentials counts from the next request on', async () => {
    const authority = await makeAuthority()
    const other = await makeAuthority('somebody else')
    const api = await startApi({ authority, certificate: await authority.issue() })
    let caPem = other.certPem
    const credentials = { get: () => Promise.resolve({ headers: {}, caPem }), drop: () => {} }
    const { transport } = transportTo({ ...accessTo(api), credentials })

    await expect(transport.request({ path: '/version' })).rejects.toMatchObject({ code: 'KUBE_TLS_REFUSED' })
    caPem = authority.certPem
    await expect(exchangeOne(api, transport)).resolves.toBeDefined()
    caPem = other.certPem
    await expect(transport.request({ path: '/version' })).rejects.toMatchObject({ code: 'KUBE_TLS_REFUSED' })
  })
})

describe('a proxy', () => {
  test('is asked to connect to the API server', async () => {
    const api = await startApi()
    const asked: string[] = []
    const proxy = createServer()
    proxy.on('connect', (request, client) => {
      asked.push(request.url ?? '')
      const server = connect(api.port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 Connection established\r\n\r\n')
        server.pipe(client).pipe(server)
      })
      for (const socket of [server, client]) socket.on('error', () => {})
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    cleanup.push(async () => {
      proxy.closeAllConnections()
      proxy.close()
    })
    const { port } = proxy.address() as AddressInfo // it listens on TCP
    const { transport } = transportTo({ ...accessTo(api), proxyUrl: `http://127.0.0.1:${port}` })

    await exchangeOne(api, transport)

    expect(asked).toEqual([`127.0.0.1:${api.port}`])
  })

  test('may speak SOCKS 5', async () => {
    const api = await startApi()
    const asked: string[] = []
    const proxy = createTcpServer((client) => {
      client.on('error', () => {})
      client.once('data', () => {
        client.write(Buffer.of(5, 0)) // no authentication
        client.once('data', (request: Buffer) => {
          const port = request.readUInt16BE(request.length - 2)
          asked.push(`${[...request.subarray(4, 8)].join('.')}:${port}`)
          const server = connect(port, '127.0.0.1', () => {
            client.write(Buffer.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0))
            server.pipe(client).pipe(server)
          })
          server.on('error', () => {})
          client.on('close', () => server.destroy())
        })
      })
    })
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    cleanup.push(async () => void proxy.close())
    const { port } = proxy.address() as AddressInfo // it listens on TCP
    const { transport } = transportTo({ ...accessTo(api), proxyUrl: `socks5://127.0.0.1:${port}` })

    await exchangeOne(api, transport)

    expect(asked).toEqual([`127.0.0.1:${api.port}`])
  })

  test('cannot be combined with ValidityPeriod, and says so', async () => {
    const api = await startApi()
    const access = {
      ...accessTo(api),
      proxyUrl: 'http://127.0.0.1:1',
      skippedChecks: ['ValidityPeriod'] as const,
    }
    const { transport } = transportTo(access)

    const error: unknown = await transport
      .requestJson({ path: '/version' })
      .catch((caught: unknown) => caught)

    expect(error).toMatchObject({ cause: { code: 'CLUSTER_CONFIG_MALFORMED' } })
  })
})

describe('plain http', () => {
  test('works where the address says so', async () => {
    const server = createServer((request, response) => {
      response.end(JSON.stringify({ asked: request.url, bearer: request.headers.authorization }))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    cleanup.push(async () => {
      server.closeAllConnections()
      server.close()
    })
    const { port } = server.address() as AddressInfo // it listens on TCP
    const { transport } = transportTo({
      server: `http://127.0.0.1:${port}`,
      skippedChecks: [],
      credentials: tokenCredentials('t'),
    })

    await expect(transport.requestJson({ path: '/version' })).resolves.toEqual({
      asked: '/version',
      bearer: 'Bearer t',
    })
  })
})

describe('checkHealth', () => {
  async function look(answer: (api: ScriptedApi, clock: ManualClock) => Promise<void>): Promise<unknown> {
    const api = await startApi()
    const { transport, clock } = transportTo(accessTo(api))
    const looking = checkHealth(transport)
    await answer(api, clock)
    return looking
  }

  test('ready: with the version and the identity of the cluster', async () => {
    const health = await look(async (api) => {
      ;(await api.next('GET /healthz')).text(200, 'ok')
      ;(await api.next(VERSION)).json(200, { gitVersion: 'v1.36.3' })
    })

    expect(health).toEqual({ kind: 'ready', version: 'v1.36.3', uid: 'uid-1' })
  })

  test('ready, whatever happens to the version', async () => {
    const health = await look(async (api) => {
      ;(await api.next('GET /healthz')).text(200, 'OK\n')
      ;(await api.next(VERSION)).status(403, 'Forbidden')
    })

    expect(health).toEqual({ kind: 'ready', version: undefined, uid: 'uid-1' })
  })

  test('a server without /healthz is asked for /readyz', async () => {
    const health = await look(async (api) => {
      ;(await api.next('GET /healthz')).text(404, '404 page not found')
      ;(await api.next('GET /readyz')).text(200, 'ok')
      ;(await api.next(VERSION)).json(200, { gitVersion: 'v1.40.0' })
    })

    expect(health).toMatchObject({ kind: 'ready', version: 'v1.40.0' })
  })

  test('another body than ok is not ready, with what it said', async () => {
    const health = await look(async (api) => {
      ;(await api.next('GET /healthz')).text(500, '[-]etcd failed: reason withheld')
    })

    expect(health).toEqual({ kind: 'not-ready', httpStatus: 500, body: '[-]etcd failed: reason withheld' })
  })

  test.each([401, 403] as const)('%i is refused: somebody answers, and not to us', async (status) => {
    const health = await look(async (api) => {
      ;(await api.next('GET /healthz')).status(status, 'whatever')
    })

    expect(health).toEqual({ kind: 'refused', httpStatus: status })
  })

  test('a server that hangs is unreachable after 3 s', async () => {
    const health = await look(async (api, clock) => {
      await api.next('GET /healthz')
      clock.advance(3000)
    })

    expect(health).toMatchObject({ kind: 'unreachable', error: { code: 'KUBE_TIMEOUT' } })
  })
})
