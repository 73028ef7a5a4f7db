import type { KubeObject } from '../../../api/object.ts'
import { fieldsOf, listOf, sameValue, setField, textOf, valueAt, withValueAt } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { Rules } from '../resource/resource.ts'
import type { FieldProblem } from '../types.ts'
import { ipProblems, missing, portProblems, refused, twice, wrong } from './problems.ts'

const NAME_LABEL = 'kubernetes.io/metadata.name'
/** Of all values of a ConfigMap or Secret together (core/v1 MaxSecretSize). */
const MAX_DATA_BYTES = 1_048_576
const PERMANENT_NAMESPACES = new Set(['default', 'kube-system', 'kube-public'])

/** Namespace: the label of its name, its finalizer and phase. */
export const NAMESPACE_RULES: Rules = {
  onCreate: (namespace) =>
    named({ ...namespace, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }),
  onUpdate: (namespace, old) => named({ ...namespace, spec: old['spec'] }),
  refuseDelete: (namespace) =>
    PERMANENT_NAMESPACES.has(namespace.metadata.name) ? 'this namespace may not be deleted' : undefined,
  selectable: (namespace) => ({ 'status.phase': textOf(valueAt(namespace, ['status', 'phase'])) }),
  selectableFields: ['status.phase'],
}

/** A namespace has its name as a label, but not before the server has made one up. */
export function defaultNamespace(namespace: KubeObject): KubeObject {
  return textOf(namespace.metadata.name) === '' ? namespace : named(namespace)
}

function named(namespace: KubeObject): KubeObject {
  const labels = { ...namespace.metadata.labels, [NAME_LABEL]: namespace.metadata.name }
  return withValueAt(namespace, ['metadata'], orderedWithLabels(namespace.metadata, labels))
}

function orderedWithLabels(metadata: KubeObject['metadata'], labels: Record<string, string>): Fields {
  const result: Fields = {}
  for (const [name, value] of Object.entries(metadata)) {
    setField(result, name, name === 'labels' ? labels : value)
    if (name === 'creationTimestamp' && metadata.labels === undefined) result['labels'] = labels
  }
  return result
}

/** Secret: text data becomes bytes, the type never changes. */
export const SECRET_RULES: Rules = {
  validate: (secret, old) => [
    ...keyProblems(secret['data'], 'data'),
    ...sizeProblems('data', base64Bytes(secret['data'])),
    ...(old !== undefined && secret['type'] !== old['type']
      ? [wrong('type', secret['type'], 'field is immutable')]
      : []),
    ...immutableProblems(secret, old, ['data']),
    ...secretTypeProblems(secret),
  ],
  selectable: (secret) => ({ type: textOf(secret['type']) }),
  selectableFields: ['type'],
}

/** Defaults of a Secret. */
export function defaultSecret(secret: KubeObject): KubeObject {
  const { stringData, type, data, ...rest } = secret
  const added = Object.entries(fieldsOf(stringData)).map(([key, value]): [string, string] => [
    key,
    Buffer.from(textOf(value)).toString('base64'),
  ])
  const merged = { ...fieldsOf(data), ...Object.fromEntries(added) }
  return {
    ...rest,
    ...(Object.keys(merged).length === 0 ? {} : { data: merged }),
    type: textOf(type) || 'Opaque',
  } // rest holds kind, apiVersion and metadata
}

function secretTypeProblems(secret: KubeObject): readonly FieldProblem[] {
  const data = fieldsOf(secret['data'])
  const needs = (keys: readonly string[]) =>
    keys.filter((key) => data[key] === undefined).map((key) => missing(`data[${key}]`))
  switch (secret['type']) {
    case 'kubernetes.io/tls':
      return needs(['tls.crt', 'tls.key'])
    case 'kubernetes.io/dockerconfigjson':
      return needs(['.dockerconfigjson'])
    case 'kubernetes.io/service-account-token': {
      const account = secret.metadata.annotations?.['kubernetes.io/service-account.name'] ?? ''
      return account === '' ? [missing('metadata.annotations[kubernetes.io/service-account.name]')] : []
    }
    default:
      return []
  }
}

/** ConfigMap: names of its entries. */
export const CONFIGMAP_RULES: Rules = {
  validate: (map, old) => [
    ...keyProblems(map['data'], 'data'),
    ...keyProblems(map['binaryData'], 'binaryData'),
    ...Object.keys(fieldsOf(map['data']))
      .filter((key) => fieldsOf(map['binaryData'])[key] !== undefined)
      .map((key) => wrong(`data[${key}]`, key, 'duplicate of key present in binaryData')),
    ...immutableProblems(map, old, ['data', 'binaryData']),
    ...sizeProblems('[]', textBytes(map['data']) + base64Bytes(map['binaryData'])),
  ],
}

function sizeProblems(field: string, sizeBytes: number): readonly FieldProblem[] {
  if (sizeBytes <= MAX_DATA_BYTES) return []
  return [{ field, kind: 'tooLong', detail: `may not be more than ${MAX_DATA_BYTES} bytes` }]
}

function textBytes(data: unknown): number {
  return Object.values(fieldsOf(data)).reduce<number>(
    (sum, value) => sum + Buffer.byteLength(textOf(value)),
    0,
  )
}

function base64Bytes(data: unknown): number {
  return Object.values(fieldsOf(data)).reduce<number>(
    (sum, value) => sum + Buffer.byteLength(textOf(value), 'base64'),
    0,
  )
}

function keyProblems(data: unknown, field: string): readonly FieldProblem[] {
  return Object.keys(fieldsOf(data)).flatMap((key) => {
    const at = `${field}[${key}]`
    if (key.length > 253) return [wrong(at, key, 'must be no more than 253 characters')]
    if (key === '.') return [wrong(at, key, "must not be '.'")]
    if (key === '..') return [wrong(at, key, "must not be '..'")]
    if (key.startsWith('..')) return [wrong(at, key, "must not start with '..'")]
    if (/^[-._a-zA-Z0-9]+$/.test(key)) return []
    return [
      wrong(
        at,
        key,
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      ),
    ]
  })
}

function immutableProblems(
  object: KubeObject,
  old: KubeObject | undefined,
  fields: readonly string[],
): readonly FieldProblem[] {
  if (old?.['immutable'] !== true) return []
  const words = 'field is immutable when `immutable` is set'
  return [
    ...(object['immutable'] === true ? [] : [refused('immutable', words)]),
    ...fields.filter((field) => !sameValue(object[field], old[field])).map((field) => refused(field, words)),
  ]
}

/** Node: the parts of its status that are always there. */
export const NODE_RULES: Rules = {
  selectable: (node) => ({ 'spec.unschedulable': String(valueAt(node, ['spec', 'unschedulable']) === true) }),
  selectableFields: ['spec.unschedulable'],
}

const NODE_INFO = [
  'machineID',
  'systemUUID',
  'bootID',
  'kernelVersion',
  'osImage',
  'containerRuntimeVersion',
  'kubeletVersion',
  'kubeProxyVersion',
  'operatingSystem',
  'architecture',
]

/** Defaults of a Node. */
export function defaultNode(node: KubeObject): KubeObject {
  const status = fieldsOf(node['status'])
  const info = fieldsOf(status['nodeInfo'])
  return {
    ...node,
    spec: fieldsOf(node['spec']),
    status: {
      ...status,
      daemonEndpoints: status['daemonEndpoints'] ?? { kubeletEndpoint: { Port: 0 } },
      nodeInfo: { ...info, ...Object.fromEntries(NODE_INFO.map((field) => [field, textOf(info[field])])) },
    },
  }
}

/** Defaults of an Endpoints object. */
export function defaultEndpoints(endpoints: KubeObject): KubeObject {
  if (endpoints['subsets'] === undefined) return endpoints
  const subsets = listOf(endpoints['subsets']).map((subset) => {
    const given = fieldsOf(subset)
    return given['ports'] === undefined
      ? given
      : { ...given, ports: listOf(given['ports']).map(withProtocol) }
  })
  return { ...endpoints, subsets }
}

function withProtocol(port: unknown): Fields {
  const given = fieldsOf(port)
  return { ...given, protocol: textOf(given['protocol']) || 'TCP' }
}

/** Endpoints: addresses and ports. */
export const ENDPOINTS_RULES: Rules = {
  validate: (endpoints) =>
    listOf(endpoints['subsets'])
      .map(fieldsOf)
      .flatMap((subset, index) => {
        const at = `subsets[${index}]`
        const empty = listOf(subset['addresses']).length + listOf(subset['notReadyAddresses']).length === 0
        return [
          ...(empty ? [missing(at, 'must specify `addresses` or `notReadyAddresses`')] : []),
          ...['addresses', 'notReadyAddresses'].flatMap((list) =>
            listOf(subset[list]).flatMap((address, position) =>
              ipProblems(`${at}.${list}[${position}].ip`, fieldsOf(address)['ip']),
            ),
          ),
          ...listOf(subset['ports']).flatMap((port, position) =>
            portProblems(`${at}.ports[${position}].port`, fieldsOf(port)['port']),
          ),
        ]
      }),
}

/** Defaults of an EndpointSlice. */
export function defaultEndpointSlice(slice: KubeObject): KubeObject {
  const endpoints = listOf(slice['endpoints']).map((endpoint) => {
    const given = fieldsOf(endpoint)
    return { ...given, conditions: fieldsOf(given['conditions']) }
  })
  const ports = listOf(slice['ports']).map((port) => {
    const given = withProtocol(port)
    return { ...given, name: textOf(given['name']) }
  })
  return {
    ...slice,
    endpoints: slice['endpoints'] === undefined ? null : endpoints,
    ports: slice['ports'] === undefined ? null : ports,
  }
}

/** EndpointSlice: addresses of one family, at most 1,000 endpoints and 20,000 ports. */
export const ENDPOINT_SLICE_RULES: Rules = {
  validate: (slice, old) => {
    const endpoints = listOf(slice['endpoints'])
    const type = slice['addressType']
    return [
      ...(textOf(type) === '' ? [missing('addressType')] : []),
      ...(old !== undefined && old['addressType'] !== type
        ? [wrong('addressType', type, 'field is immutable')]
        : []),
      ...(endpoints.length > 1_000
        ? [
            {
              field: 'endpoints',
              kind: 'tooMany',
              detail: `${endpoints.length}: must have at most 1000 items`,
            } as const,
          ]
        : []),
      ...endpoints.flatMap((endpoint, index) =>
        sliceAddressProblems(fieldsOf(endpoint), `endpoints[${index}]`, type),
      ),
      ...slicePortProblems(listOf(slice['ports']).map(fieldsOf)),
    ]
  },
}

function sliceAddressProblems(
  endpoint: Readonly<Fields>,
  at: string,
  type: unknown,
): readonly FieldProblem[] {
  const addresses = listOf(endpoint['addresses']).map(textOf)
  const field = `${at}.addresses`
  if (addresses.length === 0) return [missing(field, 'must contain at least 1 address')]
  return addresses.flatMap((address, index) => {
    if (type === 'FQDN') return []
    const problems = ipProblems(`${field}[${index}]`, address)
    if (problems.length > 0) return problems
    const isV6 = address.includes(':')
    if (type === 'IPv4' && isV6) return [wrong(field, address, 'must be an IPv4 address')]
    return type === 'IPv6' && !isV6 ? [wrong(field, address, 'must be an IPv6 address')] : []
  })
}

function slicePortProblems(ports: readonly Readonly<Fields>[]): readonly FieldProblem[] {
  const names = ports.map((port) => textOf(port['name']))
  return names.flatMap((name, index) =>
    names.indexOf(name) < index ? [twice(`ports[${index}].name`, name)] : [],
  )
}

/** Lease: durations. */
export const LEASE_RULES: Rules = {
  validate: (lease) => {
    const duration = valueAt(lease, ['spec', 'leaseDurationSeconds'])
    const transitions = valueAt(lease, ['spec', 'leaseTransitions'])
    return [
      ...(typeof duration === 'number' && duration <= 0
        ? [wrong('spec.leaseDurationSeconds', duration, 'must be greater than 0')]
        : []),
      ...(typeof transitions === 'number' && transitions < 0
        ? [wrong('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')]
        : []),
    ]
  },
}
