import { describe, expect, test } from 'vitest'
import { apiVersionOf, resourcePath } from '../../../src/kube/paths.ts'

const services = { group: '', version: 'v1', plural: 'services' }
const records = { group: 'multiclusterdns.kubefed.io', version: 'v1alpha1', plural: 'servicednsrecords' }

describe('resourcePath', () => {
  test.each([
    { name: 'all of a core kind', resource: services, place: {}, want: '/api/v1/services' },
    {
      name: 'of one namespace',
      resource: services,
      place: { namespace: 'shop' },
      want: '/api/v1/namespaces/shop/services',
    },
    {
      name: 'one object',
      resource: services,
      place: { namespace: 'shop', name: 'web' },
      want: '/api/v1/namespaces/shop/services/web',
    },
    {
      name: 'its status',
      resource: records,
      place: { namespace: 'shop', name: 'web', subresource: 'status' as const },
      want: '/apis/multiclusterdns.kubefed.io/v1alpha1/namespaces/shop/servicednsrecords/web/status',
    },
    {
      name: 'a cluster-scoped object',
      resource: { group: '', version: 'v1', plural: 'nodes' },
      place: { namespace: '', name: 'n' },
      want: '/api/v1/nodes/n',
    },
    {
      name: 'names are encoded',
      resource: services,
      place: { namespace: 'a/b', name: 'x?y' },
      want: '/api/v1/namespaces/a%2Fb/services/x%3Fy',
    },
  ])('$name', ({ resource, place, want }) => {
    expect(resourcePath(resource, place)).toBe(want)
  })
})

describe('apiVersionOf', () => {
  test('has no slash for the core group', () => {
    expect([apiVersionOf(services), apiVersionOf(records)]).toEqual([
      'v1',
      'multiclusterdns.kubefed.io/v1alpha1',
    ])
  })
})
