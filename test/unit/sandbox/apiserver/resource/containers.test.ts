import { describe, expect, it } from 'vitest'
import type { Cluster } from '../../../../../src/sandbox/apiserver/resource/cluster.ts'
import { THING_CRD, apiRequest, ask, bodyOf, codeOf, testCluster } from '../test-cluster.ts'

const THINGS = '/apis/unit.example.com/v1/namespaces/n/things'
const CRD = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.unit.example.com'

function code(
  cluster: Cluster,
  method: string,
  path: string,
  body?: unknown,
  contentType = 'application/json',
): number {
  return codeOf(ask(cluster, apiRequest(method, path, { body, headers: { 'content-type': contentType } })))
}

function thing(name: string, finalizers: readonly string[] = []): unknown {
  return { apiVersion: 'unit.example.com/v1', kind: 'Thing', metadata: { name, finalizers }, spec: {} }
}

function release(cluster: Cluster, path: string): number {
  return code(cluster, 'PATCH', path, { metadata: { finalizers: null } }, 'application/merge-patch+json')
}

function start(): Cluster {
  const { cluster } = testCluster({ crds: [THING_CRD] })
  code(cluster, 'POST', '/api/v1/namespaces', { metadata: { name: 'n' } })
  return cluster
}

describe('a namespace', () => {
  it('goes at once with content that nothing holds', () => {
    const cluster = start()
    code(cluster, 'POST', THINGS, thing('a'))
    code(cluster, 'POST', '/api/v1/namespaces/n/configmaps', { metadata: { name: 'b' } })

    expect(code(cluster, 'DELETE', '/api/v1/namespaces/n')).toBe(200)
    expect([code(cluster, 'GET', '/api/v1/namespaces/n'), code(cluster, 'GET', `${THINGS}/a`)]).toEqual([
      404, 404,
    ])
  })

  it('stays, terminating, until the last finalizer in it is gone', () => {
    const cluster = start()
    code(cluster, 'POST', THINGS, thing('a', ['x.example.com/y']))
    code(cluster, 'POST', THINGS, thing('b', ['x.example.com/y']))

    const deleted = bodyOf(ask(cluster, apiRequest('DELETE', '/api/v1/namespaces/n')))
    release(cluster, `${THINGS}/a`)
    const between = code(cluster, 'GET', '/api/v1/namespaces/n')
    release(cluster, `${THINGS}/b`)

    expect(deleted).toMatchObject({
      status: { phase: 'Terminating' },
      metadata: { deletionTimestamp: expect.any(String) },
    })
    expect([between, code(cluster, 'GET', '/api/v1/namespaces/n')]).toEqual([200, 404])
  })

  it('is told about on a watch as changed, then deleted, after its content', () => {
    const cluster = start()
    code(cluster, 'POST', THINGS, thing('a'))
    const seen: string[] = []
    for (const bucket of ['namespaces', 'things.unit.example.com']) {
      cluster.store.subscribe(bucket, ({ type, object }) => seen.push(`${type} ${object.kind}`))
    }

    code(cluster, 'DELETE', '/api/v1/namespaces/n')

    expect(seen).toEqual(['MODIFIED Namespace', 'DELETED Thing', 'DELETED Namespace'])
  })

  it('with dryRun stays with everything in it', () => {
    const cluster = start()
    code(cluster, 'POST', THINGS, thing('a'))

    expect(code(cluster, 'DELETE', '/api/v1/namespaces/n?dryRun=All')).toBe(200)
    expect([code(cluster, 'GET', '/api/v1/namespaces/n'), code(cluster, 'GET', `${THINGS}/a`)]).toEqual([
      200, 200,
    ])
  })

  it.each(['default', 'kube-system', 'kube-public'])('%s may not go', (name) => {
    expect(code(start(), 'DELETE', `/api/v1/namespaces/${name}`)).toBe(403)
  })
})

describe('a CRD', () => {
  it('goes with its objects, and is no longer served', () => {
    const cluster = start()
    code(cluster, 'POST', THINGS, thing('a'))

    expect(code(cluster, 'DELETE', CRD)).toBe(200)
    expect([code(cluster, 'GET', CRD), code(cluster, 'GET', THINGS)]).toEqual([404, 404])
  })

  it('stays while one of its objects does, and comes back empty', () => {
    const cluster = start()
    code(cluster, 'POST', THINGS, thing('a', ['x.example.com/y']))

    code(cluster, 'DELETE', CRD)
    const between = [code(cluster, 'GET', CRD), code(cluster, 'GET', `${THINGS}/a`)]
    release(cluster, `${THINGS}/a`)
    const after = code(cluster, 'GET', CRD)
    const again = code(cluster, 'POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', THING_CRD)

    expect([between, after, again]).toEqual([[200, 200], 404, 201])
    expect(bodyOf(ask(cluster, apiRequest('GET', THINGS)))['items']).toEqual([])
  })

  it('that changes its schema shows what is stored with the new defaults', () => {
    const cluster = start()
    code(cluster, 'POST', THINGS, thing('a'))
    const crd = bodyOf(ask(cluster, apiRequest('GET', CRD)))
    const changed = JSON.parse(
      JSON.stringify(crd).replace('"default":1', '"default":2').replace('"size"', '"weight"'),
    ) as unknown

    expect(code(cluster, 'PUT', CRD, changed)).toBe(200)
    expect(bodyOf(ask(cluster, apiRequest('GET', `${THINGS}/a`)))['spec']).toEqual({ size: 1, weight: 2 })
  })
})

describe('admission', () => {
  it('refuses in its own words what the schema lets pass', () => {
    const { cluster } = testCluster({
      admission: {
        'ConfigMap.': (object, old) => [
          ...(object['data'] === undefined ? [{ field: 'data', kind: 'required' as const, detail: '' }] : []),
          ...(old !== undefined && object['data'] === old['data'] ? [] : []),
          ...(object.metadata.name === 'bad'
            ? [{ field: '', kind: 'invalid' as const, detail: 'this name means harm' }]
            : []),
        ],
      },
    })
    const maps = '/api/v1/namespaces/default/configmaps'

    const refused = bodyOf(ask(cluster, apiRequest('POST', maps, { body: { metadata: { name: 'bad' } } })))

    expect(refused).toMatchObject({
      code: 422,
      message: 'ConfigMap "bad" is invalid: [data: Required value, this name means harm]',
    })
    expect(code(cluster, 'POST', maps, { metadata: { name: 'good' }, data: { a: 'b' } })).toBe(201)
  })
})
