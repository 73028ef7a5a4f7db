import { connect } from 'node:http2'
import { once } from 'node:events'
import { expect } from 'vitest'
import { METADATA_LIST } from '../../support/kubernetes-client.ts'
import type { ApiTarget } from '../../support/kubernetes-client.ts'
import { metaOf, namesOf, statusOf, versionOf } from './context.ts'
import type { ContractTest } from './context.ts'

const MANY_BYTES = 60_000
const ANSWERED_WITHIN_MS = 10_000

/** Bodies that are no JSON, and why. */
const NO_JSON: readonly (readonly [body: string, why: string])[] = [
  ['{"a":', 'unexpected end of JSON input'],
  ['{a:1}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 1}', "invalid character '1' after object key:value pair"],
  ['[1 1]', "invalid character '1' after array element"],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
  ['x', "invalid character 'x' looking for beginning of value"],
  ['{} x', "invalid character 'x' after top-level value"],
  ['{"a":"\n"}', String.raw`invalid character '\n' in string literal`],
  [String.raw`{"a":"\x"}`, "invalid character 'x' in string escape code"],
  [String.raw`{"a":"\u00g0"}`, String.raw`invalid character 'g' in \u hexadecimal character escape`],
  ['{"a":-}', "invalid character '}' in numeric literal"],
  ['{"a":1.}', "invalid character '}' after decimal point in numeric literal"],
  ['{"a":1e}', "invalid character '}' in exponent of numeric literal"],
  ['{"a":01}', "invalid character '1' after object key:value pair"],
]

/** Connections, credentials, sizes, bodies and paths: what every request shares. */
export function requestContract(test: ContractTest): void {
  test('HTTP/2 and HTTP/1.1 answer the same', async ({ connect: client, core }) => {
    const path = core('configmaps', 'absent')
    const [newer, older] = [client({ http2: true }), client({ http2: false })]

    expect(statusOf(await newer.get(path))).toEqual(statusOf(await older.get(path)))
  })

  test('requests share an HTTP/2 connection, and one that is given up ends nothing else', async (context) => {
    const { connect: client, core, unique } = context
    const api = client({ http2: true })
    const run = unique('run')
    const path = `${core('configmaps')}?watch=1&fieldSelector=metadata.name=${run}&resourceVersion=${versionOf(await api.get(core('configmaps')))}`
    const [first, second] = [await api.watch(path), await api.watch(path)]
    first.close()
    await api.post(core('configmaps'), { metadata: { name: run } })
    const [line] = await second.take(1)
    second.close()

    expect(metaOf(line?.object)['name']).toBe(run)
  })

  test('who shows no credentials is system:anonymous and may do nothing', async (context) => {
    const { core, gadgets, group, namespace, connect: client } = context
    const api = client({ http2: false })
    const ask = async (method: string, path: string) => statusOf(await api.call(method, path, { token: '' }))

    expect(await ask('GET', core('configmaps'))).toEqual({
      http: 403,
      message: `configmaps is forbidden: User "system:anonymous" cannot list resource "configmaps" in API group "" in the namespace "${namespace}"`,
      reason: 'Forbidden',
      details: { kind: 'configmaps' },
      code: 403,
    })
    expect(await ask('GET', '/api/v1/nodes?watch=1')).toMatchObject({
      message:
        'nodes is forbidden: User "system:anonymous" cannot watch resource "nodes" in API group "" at the cluster scope',
    })
    expect(await ask('DELETE', gadgets('x', 'status'))).toEqual({
      http: 403,
      message: `gadgets.${group} "x" is forbidden: User "system:anonymous" cannot delete resource "gadgets/status" in API group "${group}" in the namespace "${namespace}"`,
      reason: 'Forbidden',
      details: { name: 'x', group, kind: 'gadgets' },
      code: 403,
    })
    expect(await ask('GET', '/apis')).toEqual({
      http: 403,
      message: 'forbidden: User "system:anonymous" cannot get path "/apis"',
      reason: 'Forbidden',
      details: {},
      code: 403,
    })
  })

  test('health and version are told to everybody', async ({ connect: client }) => {
    const api = client({ http2: false })
    for (const path of ['/healthz', '/livez', '/readyz', '/version']) {
      expect((await api.call('GET', path, { token: '' })).code).toBe(200)
    }
  })

  test('a wrong token is 401 for health and version too', async ({ connect: client }) => {
    const api = client({ http2: false })
    for (const path of ['/healthz', '/version', '/apis']) {
      expect((await api.call('GET', path, { token: 'wrong' })).code).toBe(401)
    }
  })

  test('who is not known is sent away from an HTTP/2 connection', async ({ target, core }) => {
    expect(await goodbye(target, core('configmaps'), 'wrong')).toBe('goaway')
    expect(await goodbye(target, core('configmaps'), '')).toBe('goaway')
    expect(await goodbye(target, core('configmaps'), target.token)).toBe('none')
  })

  test('health is told by its parts', async ({ api }) => {
    expect(await api.get('/readyz/ping')).toMatchObject({ code: 200, text: 'ok' })
    expect(await api.get('/readyz/nonsense')).toMatchObject({ code: 404 })
    expect((await api.get('/readyz?verbose')).text).toMatch(/^\[\+\]ping ok\n[^]*readyz check passed\n$/)
  })

  test('large answers are compressed for who asks for gzip', async ({ api, core, unique }) => {
    const run = unique('run')
    for (const part of ['a', 'b', 'c']) {
      const metadata = { name: `${run}-${part}`, labels: { run } }
      await api.post(core('configmaps'), { metadata, data: { text: 'x'.repeat(MANY_BYTES) } })
    }
    const path = `${core('configmaps')}?labelSelector=run=${run}`
    const coding = async (query: string, accepted?: string) => {
      const headers = accepted === undefined ? {} : { 'accept-encoding': accepted }
      const reply = await api.call('GET', `${path}${query}`, { headers })
      return reply.headers['content-encoding'] ?? 'none'
    }

    expect(await coding('', 'gzip')).toBe('gzip')
    expect(await coding('', 'gzip, deflate, br')).toBe('gzip')
    expect(await coding('')).toBe('none')
    expect(await coding('', 'deflate')).toBe('none')
    expect(await coding('&limit=1', 'gzip')).toBe('none')
    expect(await coding('&watch=1&timeoutSeconds=1', 'gzip')).toBe('none')
  })

  test('answers are JSON and are not to be kept', async ({ api, core }) => {
    for (const path of [core('configmaps'), core('configmaps', 'absent')]) {
      expect((await api.get(path)).headers).toMatchObject({
        'content-type': 'application/json',
        'cache-control': 'no-cache, private',
      })
    }
    const lists = await api.get(core('configmaps'), METADATA_LIST)
    expect(lists.headers['content-type']).toBe('application/json')
  })

  test('a body of more than 3 MiB is 413', async ({ connect: client, core }) => {
    const data = { a: 'x'.repeat(3 * 1_024 * 1_024) }
    const api = client({ http2: false })

    expect(statusOf(await api.post(core('configmaps'), { metadata: { name: 'x' }, data }))).toEqual({
      http: 413,
      message: 'Request entity too large: limit is 3145728',
      reason: 'RequestEntityTooLarge',
      code: 413,
    })
  })

  test('an object of more than 1.5 MiB is not stored', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    const free = (bytes: number) => ({ free: { a: 'x'.repeat(bytes) } })
    const want = { http: 500, message: 'etcdserver: request is too large', code: 500 }
    const refused = await api.post(gadgets(), gadget(name, { color: 'red', ...free(1_600_000) }))
    const fits = await api.post(gadgets(), gadget(name, { color: 'red', ...free(1_500_000) }))
    const grown = await api.patch(gadgets(name), { spec: { free: { b: 'x'.repeat(100_000) } } })
    await api.delete(gadgets(name))

    expect(statusOf(refused)).toEqual(want)
    expect(fits.code).toBe(201)
    expect(statusOf(grown)).toEqual(want)
  })

  for (const [body, why] of NO_JSON) {
    test(`a body that is no JSON is 400: ${JSON.stringify(body)}`, async ({ api, core }) => {
      const created = await api.call('POST', core('configmaps'), { body })
      const shown = body.startsWith('{') ? body : Buffer.from(body).toString('hex')

      expect(statusOf(created)).toMatchObject({
        http: 400,
        reason: 'BadRequest',
        message: `the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: ${why} (${shown})`,
      })
    })
  }

  test('errors show the first thirty bytes of a body', async ({ api, core }) => {
    const body = `{"metadata":{"name":"thirty","labels":{}}`
    const reply = await api.call('POST', core('configmaps'), { body })

    expect(reply.body['message']).toMatch(/ \(\{"metadata":\{"name":"thirty"," \.\.\.\)$/)
  })

  test('a patch that is no JSON is 400', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })
    const contentType = 'application/merge-patch+json'

    expect(
      statusOf(await api.call('PATCH', core('configmaps', name), { body: '{"data":', contentType })),
    ).toMatchObject({ http: 400, message: 'error decoding patch: unexpected end of JSON input' })
  })

  test('the kind of a body is a word', async ({ api, core, gadgets }) => {
    const why = 'json: cannot unmarshal number into Go struct field .kind of type string'
    for (const path of [core('configmaps'), gadgets()]) {
      const reply = await api.call('POST', path, { body: '{"kind":5}' })
      expect(statusOf(reply)).toMatchObject({
        http: 400,
        message: expect.stringContaining(`couldn't get version/kind; json parse error: ${why} ({"kind":5})`),
      })
    }
  })

  test('a body of null is an empty object to built-in kinds', async ({ api, core }) => {
    expect(statusOf(await api.call('POST', core('configmaps'), { body: 'null' }))).toMatchObject({
      http: 422,
      message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    })
  })

  test('parameters nobody knows are ignored', async ({ api, core }) => {
    expect((await api.get(`${core('configmaps')}?colour=red`)).code).toBe(200)
  })

  test('a path with an empty segment names nothing', async ({ connect: client }) => {
    const api = client({ http2: false })
    for (const path of ['/api//v1/namespaces', '/api/v1//namespaces', '/api/v1/namespaces//default']) {
      expect((await api.get(path)).code).toBe(404)
    }
    expect((await api.get('/api/v1/namespaces/')).code).toBe(200)
  })

  test('a collection of custom resources is not replaced: 400', async ({ api, gadgets }) => {
    const want = { http: 400, message: 'name must be provided', reason: 'BadRequest', code: 400 }

    expect(statusOf(await api.put(gadgets(), {}))).toEqual(want)
    expect(statusOf(await api.patch(gadgets(), {}))).toEqual(want)
  })

  test('subresources are neither created nor deleted: 405', async ({
    api,
    core,
    group,
    gadgets,
    inGroup,
  }) => {
    const refused = (verb: string) => ({
      http: 405,
      message: `${verb} is not supported on resources of kind "gadgets.${group}"`,
      reason: 'MethodNotAllowed',
      details: { group, kind: 'gadgets' },
      code: 405,
    })
    const builtin = {
      http: 405,
      message: 'the server does not allow this method on the requested resource',
    }

    expect(statusOf(await api.post(gadgets('x', 'status'), {}))).toEqual(refused('create'))
    expect(statusOf(await api.delete(gadgets('x', 'status')))).toEqual(refused('delete'))
    expect(statusOf(await api.delete(gadgets('x', 'scale')))).toEqual(refused('delete'))
    expect(statusOf(await api.delete(core('services', 'x', 'status')))).toMatchObject(builtin)
    expect(statusOf(await api.delete(inGroup('apps/v1', 'deployments', 'x', 'scale')))).toMatchObject(builtin)
  })

  test('what is only read is not written: 405', async ({ api }) => {
    expect((await api.delete('/version')).code).toBe(405)
    expect((await api.put('/apis/apps/v1', {})).code).toBe(405)
  })

  test('custom resources are written inside a namespace only', async ({ api, group }) => {
    const path = `/apis/${group}/v1/gadgets`

    expect(await api.post(path, {})).toMatchObject({ code: 404, text: '404 page not found\n' })
    expect(await api.delete(path)).toMatchObject({ code: 404, text: '404 page not found\n' })
    expect((await api.get(path)).code).toBe(200)
  })

  test('the namespaces of a cluster are there from the start', async ({ api }) => {
    const { body } = await api.get('/api/v1/namespaces/kube-system')

    expect(metaOf(body)['uid']).toMatch(/^[0-9a-f-]{36}$/)
    expect(namesOf(await api.get('/api/v1/namespaces'))).toEqual(
      expect.arrayContaining(['default', 'kube-node-lease', 'kube-public', 'kube-system']),
    )
  })
}

/** Ask once over HTTP/2 of one's own; what the server says about the connection after its answer. */
async function goodbye(target: ApiTarget, path: string, token: string): Promise<'goaway' | 'none'> {
  const session = connect(target.url, { rejectUnauthorized: false })
  let seen: 'goaway' | 'none' = 'none'
  session.on('error', () => {})
  session.on('goaway', () => {
    seen = 'goaway'
  })
  const signal = AbortSignal.timeout(ANSWERED_WITHIN_MS)
  const ask = async (): Promise<void> => {
    const authorization = token === '' ? {} : { authorization: `Bearer ${token}` }
    const stream = session.request({ ':path': path, accept: 'application/json', ...authorization })
    stream.resume()
    await once(stream, 'end', { signal })
  }
  try {
    await ask()
    // The frame may come behind the answer: a round trip shows whether it does.
    await new Promise<void>((resolve) => {
      if (!session.ping(() => resolve())) resolve()
    }).catch(() => undefined)
    return seen
  } finally {
    session.destroy()
  }
}
