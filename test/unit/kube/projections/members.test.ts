import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { endpointSliceProjection } from '../../../../src/kube/projections/endpoint-slice.ts'
import { ingressProjection } from '../../../../src/kube/projections/ingress.ts'
import { namespaceProjection } from '../../../../src/kube/projections/namespace.ts'
import { nodeProjection } from '../../../../src/kube/projections/node.ts'
import { serviceProjection } from '../../../../src/kube/projections/service.ts'
import { tokenSecretProjection } from '../../../../src/kube/projections/token-secret.ts'
import type { Projection } from '../../../../src/kube/types.ts'

const metadata = { name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '1' }

function balancer(...ingress: readonly unknown[]): unknown {
  return { metadata, status: { loadBalancer: { ingress } } }
}

describe('serviceProjection', () => {
  const empty = { a: [], aaaa: [], hosts: [], clusterIps: [], deleting: false }

  test.each([
    { name: 'a Service without status has no address', raw: { metadata }, want: empty },
    {
      name: 'null is like absent',
      raw: { metadata, spec: null, status: { loadBalancer: null } },
      want: empty,
    },
    { name: 'an address', raw: balancer({ ip: '192.0.2.1' }), want: { ...empty, a: ['192.0.2.1'] } },
    {
      name: 'addresses by family, in numeric order, each once',
      raw: balancer({ ip: '192.0.2.10' }, { ip: '2001:DB8::1' }, { ip: '192.0.2.9' }, { ip: '192.0.2.10' }),
      want: { ...empty, a: ['192.0.2.9', '192.0.2.10'], aaaa: ['2001:db8::1'] },
    },
    {
      name: 'an IPv4 address in IPv6 form is an IPv4 address',
      raw: balancer({ ip: '::ffff:192.0.2.7' }),
      want: { ...empty, a: ['192.0.2.7'] },
    },
    {
      name: 'host names, absolute and in lower case',
      raw: balancer({ hostname: 'B.elb.example' }, { hostname: 'a.elb.example.' }),
      want: { ...empty, hosts: ['a.elb.example.', 'b.elb.example.'] },
    },
    {
      name: 'an entry with both gives both',
      raw: balancer({ ip: '192.0.2.1', hostname: 'lb.example', ipMode: 'VIP', ports: [{ port: 80 }] }),
      want: { ...empty, a: ['192.0.2.1'], hosts: ['lb.example.'] },
    },
    {
      name: 'cluster addresses, both families',
      raw: { metadata, spec: { clusterIP: '10.0.0.1', clusterIPs: ['fd00::1', '10.0.0.1'] } },
      want: { ...empty, clusterIps: ['10.0.0.1', 'fd00::1'] },
    },
    {
      name: 'one cluster address where the list is absent',
      raw: { metadata, spec: { clusterIP: '10.0.0.1' } },
      want: { ...empty, clusterIps: ['10.0.0.1'] },
    },
    {
      name: 'headless has none',
      raw: { metadata, spec: { clusterIP: 'None', clusterIPs: ['None'] } },
      want: empty,
    },
    {
      name: 'deletion has begun',
      raw: { metadata: { ...metadata, deletionTimestamp: '2026-11-20T00:00:00Z' } },
      want: { ...empty, deleting: true },
    },
  ])('$name', ({ raw, want }) => {
    expect(serviceProjection.project(raw)).toEqual({ key: 'shop/web', facts: want })
  })

  test.each([
    {
      name: 'an address that is none',
      raw: balancer({ ip: '300.1.1.1' }),
      error: 'status.loadBalancer.ingress.ip is no IP address: 300.1.1.1',
    },
    {
      name: 'an octal address means different hosts to different readers',
      raw: balancer({ ip: '010.1.1.1' }),
      error: 'status.loadBalancer.ingress.ip is no IP address: 010.1.1.1',
    },
    {
      name: 'an address of another type',
      raw: balancer({ ip: 7 }),
      error: 'status.loadBalancer.ingress.ip is no IP address: a number',
    },
    {
      name: 'a host name that is none',
      raw: balancer({ hostname: 'a b' }),
      error: 'status.loadBalancer.ingress.hostname is no host name: a b',
    },
    {
      name: 'a wildcard is no host name',
      raw: balancer({ hostname: '*.example' }),
      error: 'status.loadBalancer.ingress.hostname is no host name: *.example',
    },
    {
      name: 'entries that are no list',
      raw: { metadata, status: { loadBalancer: { ingress: {} } } },
      error: 'status.loadBalancer.ingress is no list',
    },
    {
      name: 'a status that is no object',
      raw: { metadata, status: 'ok' },
      error: 'status.loadBalancer.ingress is no list',
    },
    {
      name: 'an entry that is no object',
      raw: balancer('192.0.2.1'),
      error: 'status.loadBalancer.ingress has an entry that is no object',
    },
    {
      name: 'a cluster address that is none',
      raw: { metadata, spec: { clusterIPs: ['x'] } },
      error: 'spec.clusterIPs is no list of IP addresses',
    },
  ])('malformed, with its key: $name', ({ raw, error }) => {
    expect(serviceProjection.project(raw)).toEqual({ key: 'shop/web', error })
  })

  test.each([
    { name: 'no object', raw: 'text', error: 'is no object' },
    { name: 'null', raw: null, error: 'is no object' },
    { name: 'a list', raw: [], error: 'is no object' },
    { name: 'no metadata', raw: {}, error: 'has no metadata' },
    { name: 'no name', raw: { metadata: { namespace: 'shop' } }, error: 'has no name' },
    {
      name: 'a namespace that is no text',
      raw: { metadata: { name: 'web', namespace: 3 } },
      error: 'has no name',
    },
  ])('malformed, without a key: $name', ({ raw, error }) => {
    expect(serviceProjection.project(raw)).toEqual({ error })
  })
})

describe('ingressProjection', () => {
  test('the load balancer, and every Service behind it, sorted', () => {
    const backend = (name: string) => ({ service: { name, port: { number: 80 } } })
    const raw = {
      metadata,
      spec: {
        defaultBackend: backend('fallback'),
        rules: [
          { host: 'a', http: { paths: [{ backend: backend('web') }, { backend: backend('api') }] } },
          {
            host: 'b',
            http: { paths: [{ backend: backend('web') }, { backend: { resource: { kind: 'Bucket' } } }] },
          },
          { host: 'c' },
        ],
      },
      status: { loadBalancer: { ingress: [{ ip: '192.0.2.1' }, { hostname: 'lb.example' }] } },
    }

    expect(ingressProjection.project(raw)).toEqual({
      key: 'shop/web',
      facts: {
        a: ['192.0.2.1'],
        aaaa: [],
        hosts: ['lb.example.'],
        backends: ['api', 'fallback', 'web'],
        deleting: false,
      },
    })
  })

  test.each([
    { name: 'rules', spec: { rules: {} } },
    { name: 'a rule', spec: { rules: ['x'] } },
    { name: 'paths', spec: { rules: [{ http: { paths: 1 } }] } },
    { name: 'a backend', spec: { rules: [{ http: { paths: [{}] } }] } },
    { name: 'a default backend', spec: { defaultBackend: 'web' } },
  ])('malformed: $name', ({ spec }) => {
    expect(ingressProjection.project({ metadata, spec })).toEqual({
      key: 'shop/web',
      error: 'spec.rules or spec.defaultBackend cannot be read',
    })
  })
})

describe('endpointSliceProjection', () => {
  const project = (endpoints: unknown, more: Record<string, unknown> = {}) =>
    endpointSliceProjection.project({
      metadata: { ...metadata, name: 'web-x', labels: { 'kubernetes.io/service-name': 'web' } },
      addressType: 'IPv4',
      endpoints,
      ...more,
    })
  const endpoint = (conditions?: unknown) => ({
    addresses: ['10.0.0.1'],
    ...(conditions === undefined ? {} : { conditions }),
  })

  test.each([
    { name: 'absent conditions mean ready and serving', endpoints: [endpoint()], want: [1, 1, 0] },
    {
      name: 'absent ready means ready',
      endpoints: [endpoint({}), endpoint({ ready: null })],
      want: [2, 2, 0],
    },
    { name: 'not ready', endpoints: [endpoint({ ready: false })], want: [0, 0, 0] },
    {
      name: 'terminating and still serving',
      endpoints: [endpoint({ ready: false, serving: true, terminating: true })],
      want: [0, 1, 1],
    },
    {
      name: 'absent serving is what ready says',
      endpoints: [endpoint({ ready: true }), endpoint({ ready: false })],
      want: [1, 1, 0],
    },
    {
      name: 'an endpoint counts once, however many addresses it has',
      endpoints: [{ addresses: ['10.0.0.1', '10.0.0.2'] }],
      want: [1, 1, 0],
    },
    {
      name: 'an endpoint without address counts for nothing',
      endpoints: [{ addresses: [] }, {}],
      want: [0, 0, 0],
    },
    { name: 'no endpoints', endpoints: null, want: [0, 0, 0] },
  ])('$name', ({ endpoints, want: [ready, serving, terminating] }) => {
    expect(project(endpoints)).toEqual({
      key: 'shop/web-x',
      facts: { service: 'shop/web', family: 'a', ready, serving, terminating },
    })
  })

  test.each([
    { addressType: 'IPv4', family: 'a' },
    { addressType: 'IPv6', family: 'aaaa' },
    { addressType: 'FQDN', family: 'other' },
  ])('$addressType', ({ addressType, family }) => {
    expect(project([], { addressType })).toMatchObject({ facts: { family } })
  })

  test('a slice without the label belongs to no Service', () => {
    expect(project([endpoint()], { metadata })).toMatchObject({ facts: { service: undefined, ready: 1 } })
  })

  test.each([
    { name: 'endpoints', endpoints: 'none', error: 'endpoints is no list' },
    { name: 'an endpoint', endpoints: [1], error: 'endpoints has an entry that is no object' },
    {
      name: 'addresses',
      endpoints: [{ addresses: '10.0.0.1' }],
      error: 'endpoints has an entry that cannot be read',
    },
  ])('malformed: $name', ({ endpoints, error }) => {
    expect(project(endpoints)).toEqual({ key: 'shop/web-x', error })
  })
})

describe('nodeProjection', () => {
  const node = (labels: Record<string, string>) => ({ metadata: { name: 'n1', labels } })

  test.each([
    {
      name: 'the well-known labels',
      labels: { 'topology.kubernetes.io/region': 'r', 'topology.kubernetes.io/zone': 'z' },
      want: { region: 'r', zone: 'z' },
    },
    {
      name: 'the ones they replaced',
      labels: {
        'failure-domain.beta.kubernetes.io/region': 'r',
        'failure-domain.beta.kubernetes.io/zone': 'z',
      },
      want: { region: 'r', zone: 'z' },
    },
    {
      name: 'the new ones where both are there',
      labels: { 'failure-domain.beta.kubernetes.io/zone': 'old', 'topology.kubernetes.io/zone': 'new' },
      want: { zone: 'new' },
    },
    { name: 'neither', labels: { 'topology.kubernetes.io/zone': '' }, want: {} },
  ])('$name', ({ labels, want }) => {
    expect(nodeProjection.project(node(labels))).toEqual({ key: '/n1', facts: want })
  })
})

describe('namespaceProjection', () => {
  test('keeps the uid: that of kube-system is the identity of the cluster', () => {
    expect(namespaceProjection.project({ metadata: { name: 'kube-system', uid: 'abc' } })).toEqual({
      key: '/kube-system',
      facts: { uid: 'abc', deleting: false },
    })
    expect(namespaceProjection.project({ metadata: { name: 'x' } })).toEqual({
      key: '/x',
      error: 'metadata.uid is missing',
    })
  })
})

/** Raw objects that are valid enough to be read, and everything else. */
const raws = fc.oneof(
  fc.anything(),
  fc.record(
    { metadata: fc.record({ name: fc.string(), namespace: fc.string(), labels: fc.anything() }) },
    { requiredKeys: [] },
  ),
  fc.record({
    metadata: fc.constant(metadata),
    spec: fc.anything(),
    status: fc.oneof(
      fc.anything(),
      fc.record({
        loadBalancer: fc.record({
          ingress: fc.array(fc.record({ ip: fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()) })),
        }),
      }),
    ),
    endpoints: fc.oneof(
      fc.anything(),
      fc.array(fc.record({ addresses: fc.array(fc.ipV4()), conditions: fc.anything() })),
    ),
    data: fc.anything(),
  }),
)

describe('properties', () => {
  const projections: readonly Projection<unknown>[] = [
    serviceProjection,
    ingressProjection,
    endpointSliceProjection,
    nodeProjection,
    namespaceProjection,
    tokenSecretProjection,
  ]

  test.each(projections)(
    '$kind: whatever comes is facts or an error, never a throw; facts are plain data',
    (projection) => {
      fc.assert(
        fc.property(raws, (raw) => {
          const projected = projection.project(raw)
          const facts = 'facts' in projected ? projected.facts : {}
          expect('error' in projected || 'facts' in projected).toBe(true)
          expect(structuredClone(facts)).toEqual(facts)
        }),
        { numRuns: 300 },
      )
    },
  )

  test.each(projections)('$kind: what one object gives twice is the same', (projection) => {
    fc.assert(
      fc.property(raws, (raw) => {
        const [first, second] = [projection.project(raw), projection.project(raw)]
        expect(
          'facts' in first && 'facts' in second ? projection.same(first.facts, second.facts) : true,
        ).toBe(true)
      }),
    )
  })

  test('the order of addresses in the status does not matter', () => {
    const list = fc.uniqueArray(fc.oneof(fc.ipV4(), fc.ipV6()), { maxLength: 6 })
    fc.assert(
      fc.property(list, (ips) => {
        const facts = (order: readonly string[]) =>
          serviceProjection.project(balancer(...order.map((ip) => ({ ip }))))
        expect(facts(ips.toReversed())).toEqual(facts(ips))
      }),
    )
  })
})
