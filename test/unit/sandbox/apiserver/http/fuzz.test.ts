import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ApiRequest } from '../../../../../src/sandbox/apiserver/http/message.ts'
import { handleRequest } from '../../../../../src/sandbox/apiserver/http/handle.ts'
import type { Cluster } from '../../../../../src/sandbox/apiserver/resource/cluster.ts'
import { THING_CRD, apiRequest, ask, codeOf, testCluster } from '../test-cluster.ts'

const RESOURCES = [
  ...['configmaps', 'endpoints', 'events', 'pods', 'secrets', 'services'].map((plural) => [
    '/api/v1',
    plural,
  ]),
  ['/apis/apps/v1', 'deployments'],
  ['/apis/batch/v1', 'jobs'],
  ['/apis/coordination.k8s.io/v1', 'leases'],
  ['/apis/discovery.k8s.io/v1', 'endpointslices'],
  ['/apis/events.k8s.io/v1', 'events'],
  ['/apis/networking.k8s.io/v1', 'ingresses'],
  ['/apis/rbac.authorization.k8s.io/v1', 'rolebindings'],
  ['/apis/unit.example.com/v1', 'things'],
] as const

const NAMES = ['', '/a', '/a', '/b', '/a/status', '/a/scale', '/a/odd', '/kubernetes.io:x']

const FIELDS = [
  ...[
    'addressType',
    'addresses',
    'apiVersion',
    'clusterIP',
    'clusterIPs',
    'conditions',
    'containers',
    'data',
    'endpoints',
    'env',
  ],
  ...[
    'finalizers',
    'generateName',
    'group',
    'http',
    'image',
    'involvedObject',
    'ip',
    'items',
    'kind',
    'labels',
    'loadBalancer',
  ],
  ...[
    'matchLabels',
    'metadata',
    'name',
    'names',
    'namespace',
    'op',
    'openAPIV3Schema',
    'ownerReferences',
    'path',
    'paths',
    'plural',
  ],
  ...[
    'port',
    'ports',
    'properties',
    'replicas',
    'resourceVersion',
    'roleRef',
    'rules',
    'schema',
    'scope',
    'selector',
    'served',
  ],
  ...[
    'service',
    'spec',
    'status',
    'storage',
    'strategy',
    'stringData',
    'subsets',
    'template',
    'type',
    'uid',
    'value',
    'versions',
  ],
  ...['$patch', '$retainKeys', '$setElementOrder/ports', '__proto__', 'constructor', ''],
]

const leaf = fc.oneof(
  fc.constantFrom(
    'a',
    'v1',
    'apps/v1',
    'Service',
    'Deployment',
    'replace',
    'delete',
    'None',
    'LoadBalancer',
    '192.0.2.1',
    'array',
    'object',
    '/spec',
    'TCP',
  ),
  fc.string({ maxLength: 8 }),
  fc.integer(),
  fc.double(),
  fc.boolean(),
  fc.constant(null),
)

const json = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...FIELDS), tie('value'), { maxKeys: 5 }),
  ),
})).value

const POD = {
  containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: 'b' }] }],
}

/** One valid object of each kind. */
const VALID: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  configmaps: { data: { a: 'b' }, binaryData: { c: 'AA==' } },
  endpoints: { subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }] },
  pods: {
    spec: POD,
    status: { phase: 'Running', containerStatuses: [{ name: 'c', ready: true, state: { running: {} } }] },
  },
  secrets: { stringData: { a: 'b' }, type: 'Opaque' },
  services: { spec: { type: 'LoadBalancer', selector: { a: 'b' }, ports: [{ port: 80 }] } },
  deployments: {
    spec: {
      replicas: 1,
      selector: { matchLabels: { a: 'b' } },
      template: { metadata: { labels: { a: 'b' } }, spec: POD },
    },
  },
  jobs: { spec: { template: { spec: { ...POD, restartPolicy: 'Never' } } } },
  leases: { spec: { holderIdentity: 'a', renewTime: '2026-01-01T00:00:00.000000Z' } },
  endpointslices: { addressType: 'IPv4', endpoints: [{ addresses: ['192.0.2.1'] }], ports: [{ port: 80 }] },
  events: { involvedObject: { kind: 'Pod', name: 'a', namespace: 'default' }, reason: 'R' },
  ingresses: { spec: { defaultBackend: { service: { name: 'a', port: { number: 80 } } } } },
  rolebindings: { roleRef: { kind: 'Role', name: 'a' }, subjects: [{ kind: 'User', name: 'a' }] },
  things: { apiVersion: 'unit.example.com/v1', kind: 'Thing', spec: { size: 1 } },
  customresourcedefinitions: { spec: THING_CRD['spec'] },
}

function pathsIn(value: unknown, path: readonly string[] = []): readonly (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  return [path, ...Object.entries(value).flatMap(([name, inner]) => pathsIn(inner, [...path, name]))]
}

function replacedAt(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined || typeof value !== 'object' || value === null) return by
  const inner = replacedAt((value as Record<string, unknown>)[name], rest, by)
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (String(index) === name ? inner : item))
  return { ...value, [name]: inner }
}

/** A valid object with a few of its values replaced by anything. */
function nearlyValid(plural: string): fc.Arbitrary<string> {
  const name = plural === 'customresourcedefinitions' ? 'things.unit.example.com' : 'a'
  const object = { metadata: { name, labels: { a: 'b' }, annotations: { c: 'd' } }, ...VALID[plural] }
  const paths = pathsIn(object)
  return fc
    .array(fc.tuple(fc.constantFrom(...paths), json), { maxLength: 2 })
    .map(
      (edits) =>
        JSON.stringify(edits.reduce((edited: unknown, [path, by]) => replacedAt(edited, path, by), object)) ??
        '',
    )
}

const operation = fc.record({
  op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'odd'),
  path: fc.constantFrom(
    '/spec',
    '/metadata/labels/a',
    '/data/a',
    '/spec/ports/0',
    '/spec/ports/-',
    '/metadata',
    '',
    '/a/b/c',
    'x',
  ),
  from: fc.constantFrom('/spec', '/metadata/labels/a', '/absent'),
  value: json,
})

const anyBody = fc.oneof(
  json.map((value) => JSON.stringify(value) ?? ''),
  fc.string(),
  fc.uint8Array({ maxLength: 64 }),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.concat([Buffer.from('k8s\0'), bytes])),
)

const query = fc.dictionary(
  fc.constantFrom(
    'watch',
    'limit',
    'continue',
    'labelSelector',
    'fieldSelector',
    'resourceVersion',
    'resourceVersionMatch',
    'dryRun',
    'fieldValidation',
    'sendInitialEvents',
    'timeoutSeconds',
    'propagationPolicy',
    'includeObject',
  ),
  fc.oneof(
    fc.constantFrom(
      '1',
      '0',
      'true',
      'false',
      'All',
      'Strict',
      'Exact',
      'NotOlderThan',
      'a=b',
      'metadata.name=a',
      'a in (b)',
    ),
    fc.string({ maxLength: 12 }),
  ),
  { maxKeys: 3 },
)

const path = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...RESOURCES),
        fc.constantFrom('', '/namespaces/default', '/namespaces/default', '/namespaces/absent'),
        fc.constantFrom(...NAMES),
      )
      .map(([[root, plural], namespace, name]) => `${root}${namespace}/${plural}${name}`),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(
          '/api/v1/namespaces',
          '/api/v1/nodes',
          '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
        ),
        fc.constantFrom(...NAMES, '/a/finalize', '/default', '/things.unit.example.com'),
      )
      .map((parts) => parts.join('')),
  },
)

const CONTENT_TYPES = [
  'application/json',
  'application/yaml',
  'application/merge-patch+json',
  'application/json-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
  'application/vnd.kubernetes.protobuf',
  'text/plain',
]

const accept = fc.constantFrom(
  'application/json',
  'application/json',
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
  '*/*',
  'text/html',
)

/** Nearly valid writes make objects that the other requests then find. */
const write = fc
  .constantFrom(...RESOURCES, ['/apis/apiextensions.k8s.io/v1', 'customresourcedefinitions'] as const)
  .chain(([root, plural]) => {
    const clusterScoped = plural === 'customresourcedefinitions'
    const collection = `${root}${clusterScoped ? '' : '/namespaces/default'}/${plural}`
    const name = clusterScoped ? 'things.unit.example.com' : 'a'
    const patch = (type: string) => `application/${type}patch+json`
    return fc.oneof(
      fc.record({
        method: fc.constant('POST'),
        path: fc.constant(collection),
        type: fc.constant('application/json'),
        body: nearlyValid(plural),
      }),
      fc.record({
        method: fc.constant('PUT'),
        path: fc.constantFrom(`${collection}/${name}`, `${collection}/${name}/status`),
        type: fc.constant('application/json'),
        body: nearlyValid(plural),
      }),
      fc.record({
        method: fc.constant('PATCH'),
        path: fc.constantFrom(`${collection}/${name}`, `${collection}/${name}/status`),
        type: fc.constantFrom(patch('merge-'), patch('strategic-merge-')),
        body: nearlyValid(plural),
      }),
      fc.record({
        method: fc.constant('PATCH'),
        path: fc.constantFrom(`${collection}/${name}`, `${collection}/${name}/scale`),
        type: fc.constant(patch('json-')),
        body: fc.array(operation, { maxLength: 3 }).map((operations) => JSON.stringify(operations)),
      }),
      fc.record({
        method: fc.constant('DELETE'),
        path: fc.constant(`${collection}/${name}`),
        type: fc.constant('application/json'),
        body: fc.constant(''),
      }),
    )
  })

const odd = fc.record({
  method: fc.constantFrom('GET', 'GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
  path: fc.oneof({ weight: 9, arbitrary: path }, { weight: 1, arbitrary: fc.string() }),
  type: fc.constantFrom(...CONTENT_TYPES),
  body: anyBody,
})

const noQuery = fc.constant<Record<string, string>>({})

const request: fc.Arbitrary<ApiRequest> = fc
  .tuple(
    fc.oneof({ weight: 2, arbitrary: write }, { weight: 1, arbitrary: odd }),
    fc.oneof({ weight: 2, arbitrary: noQuery }, { weight: 1, arbitrary: query }),
    accept,
  )
  .map(([parts, given, accepted]) =>
    apiRequest(parts.method, `${parts.path.replaceAll('?', '')}?${new URLSearchParams(given).toString()}`, {
      body: parts.body,
      headers: { 'content-type': parts.type, accept: accepted },
    }),
  )

/** Answer a request and read it out, watches too. */
function exercise(cluster: Cluster, asked: ApiRequest, errors: unknown[]): number {
  const answer = handleRequest(cluster, asked, (error) => errors.push(error))
  if (answer.kind === 'body') return answer.code
  answer.open({ write: () => {}, end: () => {} }).stop()
  return 200
}

describe('requests of any shape', () => {
  it('are answered with a known code and break nothing', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 25 }), (requests) => {
        const { cluster } = testCluster({ crds: [THING_CRD] })
        const errors: unknown[] = []

        const codes = requests.map((asked) => exercise(cluster, asked, errors))

        expect(errors).toEqual([])
        expect(codes.filter((code) => code < 200 || code > 504)).toEqual([])
        expect(codeOf(ask(cluster, apiRequest('GET', '/api/v1/namespaces')))).toBe(200)
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 150) },
    )
  })

  it('leave the prototype of objects alone', () => {
    const { cluster } = testCluster({ crds: [THING_CRD] })
    const evil =
      '{"metadata":{"name":"a"},"spec":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}}'
    const thing = evil.replace('{', '{"apiVersion":"unit.example.com/v1","kind":"Thing",')
    const things = '/apis/unit.example.com/v1/namespaces/default/things'

    const codes = [
      codeOf(ask(cluster, apiRequest('POST', things, { body: thing }))),
      codeOf(
        ask(
          cluster,
          apiRequest('PATCH', `${things}/a`, {
            body: '{"spec":{"__proto__":{"polluted":true}}}',
            headers: { 'content-type': 'application/merge-patch+json' },
          }),
        ),
      ),
      codeOf(
        ask(
          cluster,
          apiRequest('PATCH', `${things}/a`, {
            body: '[{"op":"add","path":"/__proto__/polluted","value":true}]',
            headers: { 'content-type': 'application/json-patch+json' },
          }),
        ),
      ),
    ]

    expect(codes).toEqual([201, 200, 422])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('may not nest too deeply', () => {
    const { cluster } = testCluster({ crds: [THING_CRD] })
    const deep = `{"metadata":{"name":"a"},"spec":${'['.repeat(200_000)}${']'.repeat(200_000)}}`

    expect(
      codeOf(ask(cluster, apiRequest('POST', '/api/v1/namespaces/default/configmaps', { body: deep }))),
    ).toBe(400)
  })
})
