import { expect } from 'vitest'
import { metaOf, statusOf } from './context.ts'
import type { ContractTest } from './context.ts'
import type { Json } from '../../support/kubernetes-client.ts'

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

function listAt(object: Json | undefined, field: string): readonly Json[] {
  return (object?.[field] ?? []) as Json[] // lists of discovery documents
}

function entry(list: unknown, field: string, value: string): Json {
  return (list as Json[]).find((item) => item[field] === value) ?? {} // lists of discovery documents
}

/** What a client learns before it asks for objects. */
export function discoveryContract(test: ContractTest): void {
  test('health endpoints answer ok in plain text', async ({ api }) => {
    for (const path of ['/healthz', '/livez', '/readyz']) {
      expect(await api.get(path)).toMatchObject({ code: 200, text: 'ok' })
    }
  })

  test('the version names major, minor and gitVersion', async ({ api }) => {
    const { body } = await api.get('/version')

    expect(body).toMatchObject({ major: '1', gitVersion: expect.stringMatching(/^v1\.\d+\.\d+/) })
  })

  test('a wrong token is 401 Unauthorized', async ({ api }) => {
    const reply = await api.call('GET', '/api/v1/namespaces', { token: 'wrong' })

    expect(statusOf(reply)).toEqual({ http: 401, message: 'Unauthorized', reason: 'Unauthorized', code: 401 })
  })

  test('the core group lists version v1', async ({ api }) => {
    expect((await api.get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
  })

  test('groups are listed with their preferred version', async ({ api }) => {
    const { body } = await api.get('/apis')

    expect(body).toMatchObject({ kind: 'APIGroupList', apiVersion: 'v1' })
    expect(entry(body['groups'], 'name', 'apps')).toEqual({
      name: 'apps',
      versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
      preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
    })
  })

  test('one group is described by itself', async ({ api }) => {
    expect((await api.get('/apis/apps')).body).toEqual({
      kind: 'APIGroup',
      apiVersion: 'v1',
      name: 'apps',
      versions: [{ groupVersion: 'apps/v1', version: 'v1' }],
      preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
    })
  })

  test('resources are listed with short names, categories, verbs and subresources', async ({ api }) => {
    const { body } = await api.get('/apis/apps/v1')
    const { storageVersionHash: _, ...deployments } = entry(body['resources'], 'name', 'deployments')

    expect(deployments).toEqual({
      name: 'deployments',
      singularName: 'deployment',
      namespaced: true,
      kind: 'Deployment',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['deploy'],
      categories: ['all'],
    })
    expect(entry(body['resources'], 'name', 'deployments/scale')).toEqual({
      name: 'deployments/scale',
      singularName: '',
      namespaced: true,
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    })
    expect(entry(body['resources'], 'name', 'deployments/status')).toMatchObject({ kind: 'Deployment' })
  })

  test('aggregated discovery is one document for a client that asks for it', async ({ api }) => {
    const reply = await api.get('/apis', `${AGGREGATED},application/json`)
    const apps = (reply.body['items'] as Json[]).find((item) => metaOf(item)['name'] === 'apps')
    const [version] = listAt(apps, 'versions')

    expect(reply.headers['content-type']).toBe(AGGREGATED)
    expect(reply.body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' })
    expect(version).toMatchObject({ version: 'v1', freshness: 'Current' })
    expect(entry(version?.['resources'], 'resource', 'deployments')).toEqual({
      resource: 'deployments',
      responseKind: { group: '', version: '', kind: 'Deployment' },
      scope: 'Namespaced',
      singularResource: 'deployment',
      verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
      shortNames: ['deploy'],
      categories: ['all'],
      subresources: [
        {
          subresource: 'scale',
          responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
          verbs: ['get', 'patch', 'update'],
        },
        {
          subresource: 'status',
          responseKind: { group: '', version: '', kind: 'Deployment' },
          verbs: ['get', 'patch', 'update'],
        },
      ],
    })
  })

  test('the core group has an aggregated document of its own', async ({ api }) => {
    const { body } = await api.get('/api', `${AGGREGATED},application/json`)
    const [core] = body['items'] as Json[]
    const [version] = listAt(core, 'versions')

    expect(metaOf(core)).toEqual({})
    expect(entry(version?.['resources'], 'resource', 'services')).toMatchObject({
      shortNames: ['svc'],
      categories: ['all'],
      scope: 'Namespaced',
    })
    expect(entry(version?.['resources'], 'resource', 'namespaces')).toMatchObject({ scope: 'Cluster' })
  })

  test('OpenAPI v3 names a document per group version', async ({ api }) => {
    const { body } = await api.get('/openapi/v3')

    expect(body['paths']).toMatchObject({
      'api/v1': { serverRelativeURL: expect.stringMatching(/^\/openapi\/v3\/api\/v1\?hash=/) },
      'apis/apps/v1': { serverRelativeURL: expect.stringMatching(/^\/openapi\/v3\/apis\/apps\/v1\?hash=/) },
    })
  })

  test('OpenAPI v3 says that patches take fieldValidation, and of which kind they are', async ({ api }) => {
    const { body } = await api.get('/openapi/v3/apis/apps/v1')
    const paths = body['paths'] as Record<string, Record<string, Json>>
    const patch = paths['/apis/apps/v1/namespaces/{namespace}/deployments/{name}']?.['patch'] ?? {}

    expect(patch['x-kubernetes-group-version-kind']).toEqual({
      group: 'apps',
      version: 'v1',
      kind: 'Deployment',
    })
    expect(patch['parameters']).toContainEqual(
      expect.objectContaining({ name: 'fieldValidation', in: 'query' }),
    )
    expect(patch['requestBody']).toMatchObject({
      content: { 'application/strategic-merge-patch+json': expect.anything() },
    })
  })

  test('OpenAPI v3 carries merge keys for strategic merge patches', async ({ api }) => {
    const { body } = await api.get('/openapi/v3/api/v1')
    const schemas = (body['components'] as Json)['schemas'] as Record<
      string,
      { properties: Record<string, Json> }
    >

    expect(schemas['io.k8s.api.core.v1.ServiceSpec']?.properties['ports']).toMatchObject({
      'x-kubernetes-patch-merge-key': 'port',
      'x-kubernetes-patch-strategy': 'merge',
    })
    expect(schemas['io.k8s.api.core.v1.PodSpec']?.properties['containers']).toMatchObject({
      'x-kubernetes-patch-merge-key': 'name',
    })
  })

  test('a group nobody serves is 404 in plain text', async ({ api }) => {
    expect(await api.get('/apis/nobody.example.com/v1/things')).toMatchObject({
      code: 404,
      text: '404 page not found\n',
    })
  })

  test('a resource that a group does not have is 404 with a Status', async ({ api }) => {
    const want = {
      http: 404,
      message: 'the server could not find the requested resource',
      reason: 'NotFound',
      details: {},
      code: 404,
    }

    expect(statusOf(await api.get('/apis/apps/v1/things'))).toEqual(want)
    expect(statusOf(await api.get('/apis/apps/v7/deployments'))).toEqual(want)
    expect(statusOf(await api.get('/api/v1/namespaces/default/pods/x/thing'))).toEqual(want)
  })

  test('a verb that a resource does not have is 405', async ({ api }) => {
    expect(statusOf(await api.put('/api/v1/namespaces', {}))).toEqual({
      http: 405,
      message: 'the server does not allow this method on the requested resource',
      reason: 'MethodNotAllowed',
      details: {},
      code: 405,
    })
  })

  test('a namespaced object is not created outside a namespace', async ({ api }) => {
    expect(statusOf(await api.post('/api/v1/configmaps', { metadata: { name: 'x' } }))).toMatchObject({
      http: 405,
    })
  })

  test('custom resources are discovered with short names, categories and subresources', async ({
    api,
    group,
  }) => {
    const { body } = await api.get(`/apis/${group}/v1`)

    expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: `${group}/v1` })
    expect(entry(body['resources'], 'name', 'gadgets')).toMatchObject({
      singularName: 'gadget',
      namespaced: true,
      kind: 'Gadget',
      shortNames: ['gd'],
      categories: ['all'],
      verbs: expect.arrayContaining([
        'create',
        'get',
        'list',
        'watch',
        'patch',
        'update',
        'delete',
        'deletecollection',
      ]),
    })
    expect(entry(body['resources'], 'name', 'gadgets/status')).toMatchObject({ kind: 'Gadget' })
    expect(entry(body['resources'], 'name', 'gadgets/scale')).toMatchObject({
      kind: 'Scale',
      group: 'autoscaling',
    })
  })

  test('of several versions of a custom resource the most stable is preferred', async ({ api, group }) => {
    expect((await api.get(`/apis/${group}`)).body).toMatchObject({
      versions: [{ version: 'v1' }, { version: 'v1beta1' }],
      preferredVersion: { groupVersion: `${group}/v1`, version: 'v1' },
    })
  })

  test('custom resources have their schema in OpenAPI v3', async ({ api, group }) => {
    const name = [...group.split('.').toReversed(), 'v1', 'Gadget'].join('.')
    const { body } = await api.get(`/openapi/v3/apis/${group}/v1`)
    const schemas = (body['components'] as Json)['schemas'] as Record<string, Json>

    expect(schemas[name]).toMatchObject({
      type: 'object',
      properties: { spec: { properties: { color: { type: 'string' } } } },
      'x-kubernetes-group-version-kind': [{ group, version: 'v1', kind: 'Gadget' }],
    })
  })
}
