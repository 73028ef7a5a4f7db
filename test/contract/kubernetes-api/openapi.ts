import { expect } from 'vitest'
import type { ApiReply, Json, KubernetesClient } from '../../support/kubernetes-client.ts'
import { eventually } from './context.ts'
import type { ContractContext, ContractTest } from './context.ts'
import { PUBLISHED_V2, PUBLISHED_V3, widgetCrd, withoutServerWords } from './widget.ts'

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const PROTOBUF_V2 = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf'
const SERVICE_SPEC = 'io.k8s.api.core.v1.ServiceSpec'

/** Documents that `kubectl explain` and clients of schemas read. */
export function openApiContract(test: ContractTest): void {
  test('the index of OpenAPI v3 names each document with a hash', async ({ api }) => {
    const reply = await api.get('/openapi/v3')

    expect(reply.headers['content-type']).toBe('text/plain; charset=utf-8')
    expect(await urlOf(api, 'apis/apps/v1')).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{128}$/)
    expect((await api.get('/openapi/v3/')).code).toBe(404)
  })

  test('a document asked for by its hash may be kept for ever', async ({ api }) => {
    const url = await urlOf(api, 'apis/apps/v1')
    const { code, headers } = await api.get(url)

    expect({ code, ...headers }).toMatchObject({
      code: 200,
      'content-type': 'application/json',
      'cache-control': 'public, immutable',
      etag: `"${hashOf(url)}"`,
      expires: expect.stringMatching(/^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} UTC$/),
      vary: 'Accept',
    })
  })

  test('a document asked for without hash is to be asked for again', async ({ api }) => {
    const { code, headers } = await api.get('/openapi/v3/apis/apps/v1')

    expect({ code, ...headers }).toMatchObject({
      code: 200,
      'cache-control': 'no-cache, private',
      etag: `"${hashOf(await urlOf(api, 'apis/apps/v1'))}"`,
    })
  })

  test('a document asked for by another hash is where the index says', async ({ api }) => {
    const { code, headers, text } = await api.get('/openapi/v3/apis/apps/v1?hash=ABC')

    expect({ code, text, location: headers['location'] }).toEqual({
      code: 301,
      text: '',
      location: await urlOf(api, 'apis/apps/v1'),
    })
  })

  test('a document that the client has is not sent again', async ({ api }) => {
    const url = await urlOf(api, 'apis/apps/v1')
    const ask = (ifNoneMatch: string) => api.call('GET', url, { headers: { 'if-none-match': ifNoneMatch } })
    const etag = `"${hashOf(url)}"`
    const same = await ask(etag)

    expect({ code: same.code, text: same.text, etag: same.headers['etag'] }).toEqual({
      code: 304,
      text: '',
      etag,
    })
    expect([await ask(`"x", W/${etag}`), await ask('*'), await ask('"x"')].map(({ code }) => code)).toEqual([
      304, 304, 200,
    ])
  })

  test('a document of what nobody serves is 404, a form of it that nobody writes 406', async ({ api }) => {
    expect((await api.get('/openapi/v3/apis/nobody.example.com/v1')).code).toBe(404)
    expect((await api.get('/openapi/v3/apis/apps/v1', 'text/html')).code).toBe(406)
    expect((await api.get('/openapi/v2', 'text/html')).code).toBe(406)
  })

  test('kinds and their fields are described', async ({ api }) => {
    const schemas = await schemasOf(api, 'api/v1')
    const pod = schemas['io.k8s.api.core.v1.Pod'] as Described | undefined

    expect(pod?.description).toMatch(/\w/)
    expect(Object.values(pod?.properties ?? {}).map(({ description }) => typeof description)).toEqual(
      Array(5).fill('string'),
    )
  })

  test('fields of built-in kinds have their types, references and merge keys', async ({ api }) => {
    const { properties } = (await schemasOf(api, 'api/v1'))[SERVICE_SPEC] as Described

    expect(plainWords(properties['ports'])).toEqual({
      type: 'array',
      items: { default: {}, allOf: [{ $ref: '#/components/schemas/io.k8s.api.core.v1.ServicePort' }] },
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-patch-merge-key': 'port',
      'x-kubernetes-patch-strategy': 'merge',
    })
    expect(plainWords(properties['type'])).toEqual({
      type: 'string',
      enum: ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'],
    })
  })

  test('OpenAPI v2 says the same in its own words', async ({ api }) => {
    const reply = await api.get('/openapi/v2')
    const { definitions } = reply.body as { definitions: Record<string, Described> }

    expect(plainWords(definitions[SERVICE_SPEC]?.properties['ports'])).toEqual({
      type: 'array',
      items: { $ref: '#/definitions/io.k8s.api.core.v1.ServicePort' },
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-patch-merge-key': 'port',
      'x-kubernetes-patch-strategy': 'merge',
    })
    expect(plainWords(definitions['io.k8s.apimachinery.pkg.util.intstr.IntOrString'])).toEqual({
      type: 'string',
      format: 'int-or-string',
    })
    expect(reply.headers['etag']).toMatch(/^"[0-9A-F]{128}"$/)
  })

  test('OpenAPI v2 comes as protobuf, too', async ({ api }) => {
    const reply = await api.get('/openapi/v2', PROTOBUF_V2)

    expect(reply.headers['content-type']).toBe('application/com.github.proto-openapi.spec.v2.v1.0+protobuf')
    expect(reply.text).toContain(SERVICE_SPEC)
  })

  test('the schema of a CRD is published whole in v3, and as far as v2 can say it', async (context) => {
    const { api, unique } = context
    const group = `${unique('w')}.contract.example.com`
    const name = [...group.split('.').toReversed(), 'v1', 'Widget'].join('.')
    await api.post(CRDS, widgetCrd(group))
    const v3 = await published(context, `/openapi/v3/apis/${group}/v1`, name)
    const v2 = await published(context, '/openapi/v2', name)
    await api.delete(`${CRDS}/widgets.${group}`)
    const kinds = { 'x-kubernetes-group-version-kind': [{ group, version: 'v1', kind: 'Widget' }] }

    expect(withoutServerWords(v3)).toEqual({ ...PUBLISHED_V3, ...kinds })
    expect(withoutServerWords(v2)).toEqual({ ...PUBLISHED_V2, ...kinds })
  })

  test('the hash of a document changes when its schemas do, and that of others does not', async (context) => {
    const { api, unique } = context
    const group = `${unique('w')}.contract.example.com`
    const crd = `${CRDS}/widgets.${group}`
    const path = `apis/${group}/v1`
    await api.post(CRDS, widgetCrd(group))
    const url = await eventually(
      () => urlOf(api, path),
      (found) => found !== '',
    )
    const core = await urlOf(api, 'api/v1')
    const change = [
      {
        op: 'replace',
        path: '/spec/versions/0/schema/openAPIV3Schema/description',
        value: 'A changed widget.',
      },
    ]
    await api.patch(crd, change, 'application/json-patch+json')
    const changed = await eventually(
      () => urlOf(api, path),
      (found) => found !== url,
    )
    await api.delete(crd)

    expect(hashOf(changed)).toMatch(/^[0-9A-F]{128}$/)
    expect(await urlOf(api, 'api/v1')).toBe(core)
    await eventually(
      () => urlOf(api, path),
      (found) => found === '',
    )
  })
}

interface Described {
  readonly description?: string
  readonly properties: Readonly<Record<string, Described>>
}

/** Where the index says that a document is; empty when it does not. */
async function urlOf(api: KubernetesClient, path: string): Promise<string> {
  const { paths } = (await api.get('/openapi/v3')).body as {
    paths: Record<string, { serverRelativeURL: string } | undefined>
  }
  return paths[path]?.serverRelativeURL ?? ''
}

function hashOf(url: string): string {
  return url.replace(/^.*hash=/, '')
}

async function schemasOf(api: KubernetesClient, path: string): Promise<Json> {
  return schemasIn(await api.get(`/openapi/v3/${path}`))
}

function schemasIn({ body }: ApiReply): Json {
  const { definitions, components } = body as { definitions?: Json; components?: { schemas: Json } }
  return components?.schemas ?? definitions ?? {}
}

/** The schema of a kind, once it is in the document. */
function published({ api }: ContractContext, path: string, name: string): Promise<unknown> {
  return eventually(
    async () => schemasIn(await api.get(path))[name],
    (schema) => schema !== undefined,
  )
}

/** A schema without what people read. */
function plainWords(schema: object | undefined): Json {
  const { description: _, ...rest } = { description: '', ...schema }
  return rest
}
