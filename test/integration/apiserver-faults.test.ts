import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startApiServer } from '../../src/sandbox/apiserver/start.ts'
import type { ApiServer, Fault } from '../../src/sandbox/apiserver/types.ts'
import { KubernetesClient } from '../support/kubernetes-client.ts'
import { ManualClock } from '../support/manual-clock.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const CONFIG_MAPS = { group: '', version: 'v1', plural: 'configmaps' }

/** What clients say of a connection that was cut. */
const GONE = /closed|ended|terminated|socket|ECONN|reset|destroyed|Stream|abort/i

let clock: ManualClock
let server: ApiServer
let clients: KubernetesClient[]

beforeEach(async () => {
  clock = new ManualClock()
  server = await startApiServer({ name: 'faults', clock })
  clients = []
})

afterEach(async () => {
  for (const client of clients) await client.close()
  await server.close()
})

function client(http2: boolean): KubernetesClient {
  const made = new KubernetesClient(server, { http2 })
  clients.push(made)
  return made
}

function create(name: string): void {
  server.objects.create(CONFIG_MAPS, {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'default' },
  })
}

/** Resolves to what became of a promise that may never settle: after the server has handled another request. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const outcome = promise.then(
    () => false,
    () => false,
  )
  const turn = new Promise<boolean>((resolve) => {
    setImmediate(() => setImmediate(() => resolve(true)))
  })
  return await Promise.race([outcome, turn])
}

describe.each([
  { name: 'HTTP/2', http2: true },
  { name: 'HTTP/1.1', http2: false },
])('over $name', ({ http2 }) => {
  it.each([
    { code: 401, reason: 'Unauthorized' },
    { code: 403, reason: 'Forbidden' },
    { code: 410, reason: 'Expired' },
    { code: 429, reason: 'TooManyRequests' },
    { code: 500, reason: 'InternalError' },
    { code: 503, reason: 'ServiceUnavailable' },
  ] as const)(
    'status $code answers every request, and is over when it is cleared',
    async ({ code, reason }) => {
      const api = client(http2)
      server.faults.set({ kind: 'status', code })
      const during = await api.get(MAPS)
      server.faults.clear()
      const after = await api.get(MAPS)

      expect(during).toMatchObject({ code, body: { kind: 'Status', status: 'Failure', reason, code } })
      expect(after.code).toBe(200)
    },
  )

  it('status may say when to come again', async () => {
    const api = client(http2)
    server.faults.set({ kind: 'status', code: 429, retryAfterSeconds: 7 })

    const reply = await api.get(MAPS)

    expect(reply.headers['retry-after']).toBe('7')
    expect(reply.body['details']).toEqual({ retryAfterSeconds: 7 })
  })

  it('hang: requests wait, watches fall silent, and both go on when it is cleared', async () => {
    const api = client(http2)
    const watch = await api.watch(`${MAPS}?watch=1&resourceVersion=${await versionNow(api)}`)
    server.faults.set({ kind: 'hang' })
    const waiting = api.get(MAPS)
    create('a')
    const line = watch.next()
    const silent = (await isPending(waiting)) && (await isPending(line))
    server.faults.clear()

    expect(silent).toBe(true)
    expect((await waiting).code).toBe(200)
    expect(await line).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } })
    watch.close()
  })

  it('reset: connections are cut, at once and after each request', async () => {
    const api = client(http2)
    const watch = await api.watch(`${MAPS}?watch=1`)
    server.faults.set({ kind: 'reset' })

    await expect(watch.next()).rejects.toThrow(GONE)
    await expect(client(http2).get(MAPS)).rejects.toThrow(GONE)

    server.faults.clear()
    expect((await client(http2).get(MAPS)).code).toBe(200)
  })

  it('down: nobody listens, and on the same port again when it is cleared', async () => {
    const watch = await client(http2).watch(`${MAPS}?watch=1`)
    server.faults.set({ kind: 'down' })

    await expect(watch.next()).rejects.toThrow(GONE)
    await expect(client(http2).get(MAPS)).rejects.toThrow(/ECONNREFUSED/)

    server.faults.clear()
    expect((await client(http2).get(MAPS)).code).toBe(200)
  })

  it('slow: answers come after the delay, watches open late', async () => {
    const api = client(http2)
    await api.get(MAPS)
    server.faults.set({ kind: 'slow', delayMs: 500 })
    const waiting = api.get(MAPS)
    while (clock.pending === 0) await new Promise(setImmediate)
    clock.advance(499)
    const early = await isPending(waiting)
    clock.advance(1)

    expect(early).toBe(true)
    expect((await waiting).code).toBe(200)
  })

  it('compact: watches end with 410, and older versions are refused', async () => {
    const api = client(http2)
    const old = await versionNow(api)
    const watch = await api.watch(`${MAPS}?watch=1&resourceVersion=${old}`)
    create('a')
    const [first] = await watch.take(1)
    server.faults.set({ kind: 'compact' })
    const rest = await watch.rest()
    const again = await api.watch(`${MAPS}?watch=1&resourceVersion=${old}`)
    const exact = await api.get(`${MAPS}?resourceVersion=${old}&resourceVersionMatch=Exact`)
    const present = await api.get(`${MAPS}?limit=1`)

    expect(first?.type).toBe('ADDED')
    expect(rest).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }])
    expect(await again.rest()).toMatchObject([{ type: 'ERROR', object: { code: 410 } }])
    expect(exact.code).toBe(410)
    expect(present.code).toBe(200)
  })

  it('malformed: lists and watches carry one thing that is no object', async () => {
    create('a')
    const api = client(http2)
    const open = await api.watch(`${MAPS}?watch=1&resourceVersion=${await versionNow(api)}`)
    server.faults.set({ kind: 'malformed' })
    const [spoiled] = await open.take(1)
    const list = await api.get(MAPS)
    const empty = await api.get('/api/v1/namespaces/default/secrets')
    const later = await api.watch(`${MAPS}?watch=1`)
    const [first, second] = await later.take(2)
    server.faults.clear()
    const good = await api.get(MAPS)
    open.close()
    later.close()

    expect(spoiled).toEqual({ type: 'ADDED', object: 'this is no object' })
    expect(list.body['items']).toMatchObject(['this is no object', { metadata: { name: 'a' } }])
    expect(empty.body['items']).toEqual(['this is no object'])
    expect(first).toEqual({ type: 'ADDED', object: 'this is no object' })
    expect(second).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'a' } } })
    expect(good.body['items']).toMatchObject([{ metadata: { name: 'a' } }])
  })
})

it('a new fault takes the place of the one before', () => {
  const faults: readonly Fault[] = [{ kind: 'hang' }, { kind: 'slow', delayMs: 5 }]
  for (const fault of faults) server.faults.set(fault)

  expect(server.faults.current).toEqual({ kind: 'slow', delayMs: 5 })
  server.faults.clear()
  expect(server.faults.current).toBeUndefined()
})

it('close is prompt with open watches, hanging requests and a closed port', async () => {
  const api = client(true)
  const watch = await api.watch(`${MAPS}?watch=1`)
  server.faults.set({ kind: 'hang' })
  const waiting = api.get(MAPS).catch((error: unknown) => error)

  await server.close()

  expect(await waiting).toBeInstanceOf(Error)
  await expect(watch.next()).rejects.toThrow(GONE)

  server = await startApiServer({ name: 'faults', clock })
  server.faults.set({ kind: 'down' })
  await server.close()
})

async function versionNow(api: KubernetesClient): Promise<string> {
  const { body } = await api.get(MAPS)
  return (body['metadata'] as { resourceVersion: string }).resourceVersion
}
