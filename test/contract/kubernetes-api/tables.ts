import { expect } from 'vitest'
import { METADATA, METADATA_LIST, TABLE } from '../../support/kubernetes-client.ts'
import type { ApiReply, Json } from '../../support/kubernetes-client.ts'
import { itemsOf, metaOf, statusOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { deployment } from './objects.ts'

function columnsOf(reply: ApiReply): readonly (readonly [unknown, unknown, unknown])[] {
  return (reply.body['columnDefinitions'] as Json[]).map((column) => [
    column['name'],
    column['type'],
    column['priority'],
  ])
}

function rowOf(reply: ApiReply, name: string): readonly unknown[] {
  const rows = reply.body['rows'] as { cells: unknown[] }[]
  return rows.find((row) => row.cells[0] === name)?.cells ?? []
}

const AGE = expect.stringMatching(/^\d+[smhdy]/)

/** What kubectl shows, and what metadata clients read. */
export function tableContract(test: ContractTest): void {
  test('services show their addresses and ports', async ({ api, core, unique }) => {
    const name = unique('svc')
    await api.post(core('services'), {
      metadata: { name },
      spec: { type: 'LoadBalancer', selector: { app: 'web' }, ports: [{ port: 80 }] },
    })
    const pending = await api.get(core('services'), TABLE)
    const ingress = [{ ip: '192.0.2.9' }, { hostname: 'lb.example.net' }]
    await api.patch(core('services', name, 'status'), { status: { loadBalancer: { ingress } } })
    const row = rowOf(await api.get(core('services'), TABLE), name)

    expect(pending.body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' })
    expect(columnsOf(pending)).toEqual([
      ['Name', 'string', 0],
      ['Type', 'string', 0],
      ['Cluster-IP', 'string', 0],
      ['External-IP', 'string', 0],
      ['Port(s)', 'string', 0],
      ['Age', 'string', 0],
      ['Selector', 'string', 1],
    ])
    expect(rowOf(pending, name)[3]).toBe('<pending>')
    expect(row).toEqual([
      name,
      'LoadBalancer',
      expect.stringMatching(/^\d+\.\d+\.\d+\.\d+$/),
      '192.0.2.9,lb.example.net',
      expect.stringMatching(/^80:3\d{4}\/TCP$/),
      AGE,
      'app=web',
    ])
  })

  test('headless and external services show what they lack', async ({ api, core, unique }) => {
    const [headless, external] = [unique('svc'), unique('svc')]
    await api.post(core('services'), { metadata: { name: headless }, spec: { clusterIP: 'None' } })
    await api.post(core('services'), {
      metadata: { name: external },
      spec: { type: 'ExternalName', externalName: 'a.example.net' },
    })
    const reply = await api.get(core('services'), TABLE)

    expect(rowOf(reply, headless)).toEqual([headless, 'ClusterIP', 'None', '<none>', '<none>', AGE, '<none>'])
    expect(rowOf(reply, external)).toEqual([
      external,
      'ExternalName',
      '<none>',
      'a.example.net',
      '<none>',
      AGE,
      '<none>',
    ])
  })

  test('deployments show ready replicas, and containers when wide', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    await api.post(inGroup('apps/v1', 'deployments'), deployment(name, { paused: true, replicas: 2 }))
    const reply = await api.get(inGroup('apps/v1', 'deployments'), TABLE)

    expect(columnsOf(reply).map(([column]) => column)).toEqual([
      'Name',
      'Ready',
      'Up-to-date',
      'Available',
      'Age',
      'Containers',
      'Images',
      'Selector',
    ])
    expect(rowOf(reply, name)).toEqual([name, '0/2', 0, 0, AGE, 'web', 'nginx:1', `app=${name}`])
  })

  test('namespaces, config maps and secrets have their columns', async ({ api, core, unique, namespace }) => {
    const name = unique('both')
    await api.post(core('configmaps'), { metadata: { name }, data: { a: '1' }, binaryData: { b: 'AA==' } })
    await api.post(core('secrets'), { metadata: { name }, stringData: { a: '1' } })

    expect(rowOf(await api.get('/api/v1/namespaces', TABLE), namespace)).toEqual([namespace, 'Active', AGE])
    expect(rowOf(await api.get(core('configmaps'), TABLE), name)).toEqual([name, 2, AGE])
    expect(rowOf(await api.get(core('secrets'), TABLE), name)).toEqual([name, 'Opaque', 1, AGE])
  })

  test('endpoint slices and ingresses have their columns', async ({ api, inGroup, unique }) => {
    const name = unique('net')
    await api.post(inGroup('discovery.k8s.io/v1', 'endpointslices'), {
      metadata: { name },
      addressType: 'IPv4',
      endpoints: ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'].map((address) => ({
        addresses: [address],
      })),
      ports: [{ port: 80 }, { name: 'tls', port: 443 }],
    })
    const backend = { service: { name: 'web', port: { number: 80 } } }
    const http = { paths: [{ path: '/', pathType: 'Prefix', backend }] }
    await api.post(inGroup('networking.k8s.io/v1', 'ingresses'), {
      metadata: { name },
      spec: {
        ingressClassName: 'fast',
        tls: [{ hosts: ['a.example.com'] }],
        rules: [
          { host: 'a.example.com', http },
          { host: 'b.example.com', http },
        ],
      },
    })

    expect(rowOf(await api.get(inGroup('discovery.k8s.io/v1', 'endpointslices'), TABLE), name)).toEqual([
      name,
      'IPv4',
      '80,443',
      '192.0.2.1,192.0.2.2,192.0.2.3 + 1 more...',
      AGE,
    ])
    expect(rowOf(await api.get(inGroup('networking.k8s.io/v1', 'ingresses'), TABLE), name)).toEqual([
      name,
      'fast',
      'a.example.com,b.example.com',
      '',
      '80, 443',
      AGE,
    ])
  })

  test('nodes show readiness, roles and version', async ({ api, unique }) => {
    const name = unique('node')
    await api.post('/api/v1/nodes', {
      metadata: { name, labels: { 'node-role.kubernetes.io/edge': '' } },
      status: {
        conditions: [{ type: 'Ready', status: 'True' }],
        nodeInfo: { kubeletVersion: 'v1.2.3' },
        addresses: [{ type: 'InternalIP', address: '192.0.2.7' }],
      },
    })
    const row = rowOf(await api.get('/api/v1/nodes', TABLE), name)
    await api.delete(`/api/v1/nodes/${name}`)

    expect(row).toEqual([
      name,
      'Ready',
      'edge',
      AGE,
      'v1.2.3',
      '192.0.2.7',
      '<none>',
      '<unknown>',
      '<unknown>',
      '<unknown>',
    ])
  })

  test('events show what happened to what', async ({ api, core, unique, namespace }) => {
    const name = unique('ev')
    await api.post(core('events'), {
      metadata: { name },
      involvedObject: { kind: 'Pod', name: 'web', namespace },
      reason: 'Tested',
      message: 'it worked\n',
      type: 'Normal',
      count: 3,
      firstTimestamp: '2026-01-01T00:00:00Z',
      lastTimestamp: '2026-01-01T00:00:00Z',
      source: { component: 'suite', host: 'here' },
    })
    const reply = await api.get(
      `${core('events')}?fieldSelector=involvedObject.name=web,reason=Tested`,
      TABLE,
    )
    const [row] = reply.body['rows'] as { cells: unknown[] }[]

    expect(row?.cells).toEqual([
      expect.any(String),
      'Normal',
      'Tested',
      'pod/web',
      '',
      'suite, here',
      'it worked',
      expect.any(String),
      3,
      name,
    ])
  })

  test('custom resources show the columns of their CRD', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(
      gadgets(),
      gadget(name, {
        color: 'red',
        parts: [
          { id: 'a', label: 'x' },
          { id: 'b', label: 'y' },
        ],
      }),
    )
    const without = await api.get(gadgets(), TABLE)
    await api.patch(gadgets(name, 'status'), { status: { ready: true } })
    const one = await api.get(gadgets(name), TABLE)

    expect(columnsOf(without)).toEqual([
      ['Name', 'string', 0],
      ['Color', 'string', 0],
      ['Size', 'integer', 0],
      ['Ready', 'boolean', 0],
      ['Parts', 'string', 1],
      ['Age', 'date', 0],
    ])
    expect((without.body['columnDefinitions'] as Json[])[3]?.['description']).toBe('whether it is')
    expect(rowOf(without, name)).toEqual([name, 'red', 3, null, 'y', AGE])
    expect(rowOf(one, name)).toEqual([name, 'red', 3, true, 'y', AGE])
  })

  test('rows carry metadata, the whole object or nothing', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name }, data: { a: '1' } })
    const object = async (query: string) => {
      const { body } = await api.get(`${core('configmaps', name)}${query}`, TABLE)
      return (body['rows'] as Json[])[0]?.['object']
    }

    expect(await object('')).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name } })
    expect(await object('?includeObject=Object')).toMatchObject({ kind: 'ConfigMap', data: { a: '1' } })
    expect(await object('?includeObject=None')).toBeNull()
  })

  test('a table is paged like a list', async ({ api, core, unique }) => {
    const run = unique('run')
    for (const part of ['a', 'b', 'c']) {
      await api.post(core('configmaps'), { metadata: { name: `${run}-${part}`, labels: { run } } })
    }
    const { body } = await api.get(`${core('configmaps')}?labelSelector=run=${run}&limit=2`, TABLE)

    expect(body['rows']).toHaveLength(2)
    expect(metaOf(body)).toMatchObject({ continue: expect.any(String), resourceVersion: expect.any(String) })
  })

  test('metadata alone is served for one object and for lists', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name, labels: { only: name } }, data: { a: '1' } })
    const one = await api.get(core('configmaps', name), METADATA)
    const list = await api.get(`${core('configmaps')}?labelSelector=only=${name}`, METADATA_LIST)

    expect(one.body).toMatchObject({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name },
    })
    expect(one.body).not.toHaveProperty('data')
    expect(list.body).toMatchObject({ kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1' })
    expect(itemsOf(list)).toMatchObject([{ kind: 'PartialObjectMetadata', metadata: { name } }])
  })

  test('of several forms the first that is known is served', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })
    const accept = 'application/json;as=Poem;v=v1;g=meta.k8s.io,application/json'

    expect((await api.get(core('configmaps', name), accept)).body['kind']).toBe('ConfigMap')
  })

  test('a form nobody serves is 406', async ({ api, core }) => {
    expect(statusOf(await api.get(core('configmaps'), 'text/html'))).toMatchObject({
      http: 406,
      reason: 'NotAcceptable',
    })
    expect(
      statusOf(await api.get(core('configmaps'), 'application/json;as=Poem;v=v1;g=meta.k8s.io')),
    ).toMatchObject({
      http: 406,
      reason: 'NotAcceptable',
      message: expect.stringContaining('only the following media types are accepted: application/json'),
    })
  })
}
