import type { Json } from '../../support/kubernetes-client.ts'

/** One object of a kind of ours, and what an API server with our CRDs does with it. */
export interface ObjectCase {
  readonly kind: OurKind
  /** The rule, in words. */
  readonly name: string
  /** Beside apiVersion and kind; `metadata.name` is `x` where it is absent. */
  readonly object: Json
  /** The message behind `is invalid: `; absent: it is taken as it is, but for the fields in `unknown`. */
  readonly refused?: string
  /** The same as Kubernetes 1.34 says it. */
  readonly refusedByOlder?: string
  /** Fields that go, each with a warning. */
  readonly unknown?: readonly string[]
  /** Ours alone refuse it: what no structural schema can say (`admissionProblems`). */
  readonly beyondSchema?: true
}

export type OurKind =
  | 'ServiceDNSRecord'
  | 'IngressDNSRecord'
  | 'Domain'
  | 'KubeFedCluster'
  | 'KubeFedConfig'
  | 'ZoneRecords'
  | 'DNSEndpoint.externaldns.k8s.io'
  | 'DNSEndpoint.multiclusterdns.kubefed.io'

const NAME = String.raw`[A-Za-z0-9](?:[-A-Za-z0-9]{0,61}[A-Za-z0-9])?`
const DNS_NAME = String.raw`^${NAME}(?:\.${NAME})*\.?$`
const LABEL = `^(?:${NAME})?$`
const OBJECT_NAME = String.raw`^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$`

function unmatched(field: string, value: string, pattern: string): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${field} in body should match '${pattern}'`
}

function record(spec: Json, more: Json = {}): Json {
  return { spec: { domainRef: 'myfederation', ...spec }, ...more }
}

function cluster(spec: Json): Json {
  return { spec: { apiEndpoint: 'https://10.0.0.1:6443', secretRef: { name: 'x-token' }, ...spec } }
}

/** Objects of every kind: good ones, and each rule broken. */
export const OBJECTS: readonly ObjectCase[] = [
  ...serviceRecords(),
  ...ingressRecords(),
  ...domains(),
  ...clusters(),
  ...configs(),
  ...zoneRecords(),
  ...endpoints('DNSEndpoint.externaldns.k8s.io'),
  ...endpoints('DNSEndpoint.multiclusterdns.kubefed.io'),
]

function serviceRecords(): readonly ObjectCase[] {
  const kind = 'ServiceDNSRecord'
  return [
    { kind, name: 'the least', object: record({}) },
    {
      kind,
      name: 'everything',
      object: record({
        ...{ recordTTL: 0, dnsPrefix: 'Web', externalName: '', allowServiceWithoutEndpoints: true },
        routing: { whenAllUnhealthy: 'Empty' },
      }),
    },
    {
      kind,
      name: 'unknown fields',
      object: record({ colour: 'red', routing: { odd: 1 } }, { extra: 1 }),
      unknown: ['extra', 'spec.colour', 'spec.routing.odd'],
    },
    { kind, name: 'nulls', object: record({ recordTTL: null, routing: null }), unknown: [] },
    { kind, name: 'no spec', object: {}, refused: 'spec: Required value' },
    { kind, name: 'no domain', object: { spec: {} }, refused: 'spec.domainRef: Required value' },
    {
      kind,
      name: 'a domain that is no name',
      object: record({ domainRef: 'My_Federation' }),
      refused: unmatched('spec.domainRef', 'My_Federation', OBJECT_NAME),
    },
    {
      kind,
      name: 'a TTL below 0',
      object: record({ recordTTL: -1 }),
      refused:
        'spec.recordTTL: Invalid value: -1: spec.recordTTL in body should be greater than or equal to 0',
    },
    {
      kind,
      name: 'a TTL above 2^31-1',
      object: record({ recordTTL: 2_147_483_648 }),
      refused:
        'spec.recordTTL: Invalid value: 2147483648: spec.recordTTL in body should be less than or equal to 2147483647',
    },
    {
      kind,
      name: 'a TTL in words',
      object: record({ recordTTL: '5m' }),
      refused:
        'spec.recordTTL: Invalid value: "string": spec.recordTTL in body must be of type integer: "string"',
    },
    {
      kind,
      name: 'a fraction of a second',
      object: record({ recordTTL: 1.5 }),
      refused:
        '[spec.recordTTL: Invalid value: "float64": spec.recordTTL in body must be of type int64: "float64", <nil>: Invalid value: "": Checked value must be of type integer with format int64 in spec.recordTTL]',
      refusedByOlder:
        'spec.recordTTL: Invalid value: "number": spec.recordTTL in body must be of type integer: "number"',
    },
    {
      kind,
      name: 'a prefix of two labels',
      object: record({ dnsPrefix: 'a.b' }),
      refused: unmatched('spec.dnsPrefix', 'a.b', LABEL),
    },
    {
      kind,
      name: 'a name of 64 signs',
      object: record({ externalName: 'a'.repeat(64) }),
      refused: 'spec.externalName: Too long: may not be more than 63 bytes',
    },
    {
      kind,
      name: 'a routing that is none',
      object: record({ routing: { whenAllUnhealthy: 'Panic' } }),
      refused:
        'spec.routing.whenAllUnhealthy: Unsupported value: "Panic": supported values: "LastKnownGood", "Empty"',
    },
    {
      kind,
      name: 'a name that no Service can have',
      object: record({}, { metadata: { name: 'two.labels' } }),
      beyondSchema: true,
    },
  ]
}

function ingressRecords(): readonly ObjectCase[] {
  const kind = 'IngressDNSRecord'
  const host = String.raw`^(?:\*\.)?${NAME}(?:\.${NAME})*\.?$`
  return [
    { kind, name: 'the least', object: {} },
    {
      kind,
      name: 'hosts, one with a wildcard',
      object: { spec: { hosts: ['www.Example.com', '*.example.com.'], recordTTL: 60 } },
    },
    {
      kind,
      name: 'a wildcard in the middle',
      object: { spec: { hosts: ['www.*.com'] } },
      refused: unmatched('spec.hosts[0]', 'www.*.com', host),
    },
    {
      kind,
      name: 'an empty host',
      object: { spec: { hosts: [''] } },
      refused: 'spec.hosts[0]: Invalid value: "": spec.hosts[0] in body should be at least 1 chars long',
    },
    {
      kind,
      name: 'more than 1,000 hosts',
      object: { spec: { hosts: Array.from({ length: 1_001 }, (_, index) => `h${index}.example.com`) } },
      refused: 'spec.hosts: Too many: 1001: must have at most 1000 items',
    },
    {
      kind,
      name: 'hosts that are no list',
      object: { spec: { hosts: 'www.example.com' } },
      refused: 'spec.hosts: Invalid value: "string": spec.hosts in body must be of type array: "string"',
    },
    {
      kind,
      name: 'a name of 254 signs',
      object: {
        spec: { hosts: [`${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(62)}`] },
      },
      beyondSchema: true,
    },
  ]
}

function domains(): readonly ObjectCase[] {
  const kind = 'Domain'
  const server = { name: 'ns1.example.com', addresses: ['192.0.2.1', '2001:db8::1'] }
  return [
    { kind, name: 'the least', object: { domain: 'example.com' } },
    {
      kind,
      name: 'everything',
      object: {
        ...{ domain: 'Example.com.', nameServer: 'ns.example.net', nameServers: [server] },
        ...{ defaultTTL: 300, negativeTTL: 5, aliasAs: 'CNAME', maxAnswers: 4 },
        zoneFile: '@ MX 10 mail\nmail A 192.0.2.25\n',
      },
    },
    { kind, name: 'no zone', object: {}, refused: 'domain: Required value' },
    {
      kind,
      name: 'a zone that is no name',
      object: { domain: 'exa mple.com' },
      refused: unmatched('domain', 'exa mple.com', DNS_NAME),
    },
    {
      kind,
      name: 'a server without a name',
      object: { domain: 'example.com', nameServers: [{ addresses: [] }] },
      refused: 'nameServers[0].name: Required value',
    },
    {
      kind,
      name: 'an address with a blank',
      object: { domain: 'example.com', nameServers: [{ ...server, addresses: ['192.0.2.1 '] }] },
      refused: unmatched('nameServers[0].addresses[0]', '192.0.2.1 ', '^[0-9A-Fa-f.:]+$'),
    },
    {
      kind,
      name: 'an alias that is none',
      object: { domain: 'example.com', aliasAs: 'ALIAS' },
      refused: 'aliasAs: Unsupported value: "ALIAS": supported values: "Stable", "CNAME", "Addresses"',
    },
    {
      kind,
      name: 'more addresses than an answer holds',
      object: { domain: 'example.com', maxAnswers: 256 },
      refused: 'maxAnswers: Invalid value: 256: maxAnswers in body should be less than or equal to 255',
    },
    {
      kind,
      name: 'static data with a line that cannot be read',
      object: { domain: 'example.com', zoneFile: 'www NOTYPE 1' },
      beyondSchema: true,
    },
    {
      kind,
      name: 'static data that is too long',
      object: { domain: 'example.com', zoneFile: ';'.repeat(131_073) },
      refused: 'zoneFile: Too long: may not be more than 131072 bytes',
    },
    {
      kind,
      name: 'a federation of a reserved name',
      object: { metadata: { name: 'svc' }, domain: 'example.com' },
      beyondSchema: true,
    },
    {
      kind,
      name: 'a server inside the zone without glue',
      object: { domain: 'example.com', nameServers: [{ name: 'ns1.example.com' }] },
      beyondSchema: true,
    },
    {
      kind,
      name: 'an address that only looks like one',
      object: { domain: 'example.com', nameServers: [{ ...server, addresses: ['1.2.3.4.5'] }] },
      beyondSchema: true,
    },
  ]
}

function clusters(): readonly ObjectCase[] {
  const kind = 'KubeFedCluster'
  return [
    { kind, name: 'the least', object: cluster({}) },
    {
      kind,
      name: 'everything',
      object: cluster({
        ...{ caBundle: 'Y2E=', proxyURL: 'socks5://proxy.example.com:1080' },
        disabledTLSValidations: ['SubjectName', 'ValidityPeriod'],
      }),
    },
    {
      kind,
      name: 'no secret',
      object: { spec: { apiEndpoint: '10.0.0.1' } },
      refused: 'spec.secretRef: Required value',
    },
    {
      kind,
      name: 'a bundle that is not base64',
      object: cluster({ caBundle: '%' }),
      refused: 'spec.caBundle: Invalid value: "%": spec.caBundle in body must be of type byte: "%"',
    },
    {
      kind,
      name: 'a validation that is none',
      object: cluster({ disabledTLSValidations: ['All'] }),
      refused:
        'spec.disabledTLSValidations[0]: Unsupported value: "All": supported values: "*", "SubjectName", "ValidityPeriod"',
    },
    {
      kind,
      name: 'all validations and one more',
      object: cluster({ disabledTLSValidations: ['*', 'SubjectName'] }),
      beyondSchema: true,
    },
    {
      kind,
      name: 'a port out of range',
      object: cluster({ apiEndpoint: '10.0.0.1:99999' }),
      beyondSchema: true,
    },
  ]
}

function configs(): readonly ObjectCase[] {
  const kind = 'KubeFedConfig'
  const duration = '^(?:[0-9]+(?:\\.[0-9]*)?(?:ns|us|µs|μs|ms|s|m|h))+$'
  return [
    { kind, name: 'the least', object: { spec: { scope: 'Cluster' } } },
    {
      kind,
      name: 'durations and gates',
      object: {
        spec: {
          ...{ scope: 'Namespaced', clusterHealthCheck: { period: '1m30s', failureThreshold: 5 } },
          featureGates: [{ name: 'PushReconciler', configuration: 'Disabled' }],
        },
      },
    },
    { kind, name: 'no scope', object: { spec: {} }, refused: 'spec.scope: Required value' },
    {
      kind,
      name: 'a duration without a unit',
      object: { spec: { scope: 'Cluster', clusterHealthCheck: { period: '10' } } },
      refused: unmatched('spec.clusterHealthCheck.period', '10', duration),
    },
    {
      kind,
      name: 'a threshold of nothing',
      object: { spec: { scope: 'Cluster', clusterHealthCheck: { failureThreshold: 0 } } },
      refused:
        'spec.clusterHealthCheck.failureThreshold: Invalid value: 0: spec.clusterHealthCheck.failureThreshold in body should be greater than or equal to 1',
    },
    {
      kind,
      name: 'a duration of nothing',
      object: { spec: { scope: 'Cluster', clusterHealthCheck: { period: '0s' } } },
      beyondSchema: true,
    },
  ]
}

function zoneRecords(): readonly ObjectCase[] {
  const kind = 'ZoneRecords'
  const www = { name: 'www.example.com.', type: 'A', ttl: 300, rdata: ['192.0.2.1'] }
  const records = (...more: readonly Json[]): Json => ({ spec: { zone: 'example.com', records: more } })
  return [
    { kind, name: 'the least', object: { spec: { zone: 'example.com' } } },
    { kind, name: 'a set', object: records(www) },
    {
      kind,
      name: 'what no host name has, and types without a name',
      object: records({ ...www, name: '*.a\\.b\\000.example.com.', type: 'TYPE65280', rdata: ['\\# 0'] }),
    },
    {
      kind,
      name: 'a large zone, and a part of it',
      object: {
        spec: {
          ...{ zone: 'example.com', removed: ['old.example.com.'], parts: [{ part: 3, revision: 7 }] },
          ...{ part: 3, revision: 7 },
        },
      },
    },
    { kind, name: 'no zone', object: { spec: { records: [www] } }, refused: 'spec.zone: Required value' },
    {
      kind,
      name: 'a zone that is no name',
      object: { spec: { zone: '.' } },
      refused: unmatched('spec.zone', '.', DNS_NAME),
    },
    {
      kind,
      name: 'a name with a blank',
      object: records({ ...www, name: 'w ww.example.com.' }),
      refused: unmatched('spec.records[0].name', 'w ww.example.com.', '^[!-~]+$'),
    },
    {
      kind,
      name: 'a type that is none',
      object: records({ ...www, type: '1' }),
      refused: unmatched('spec.records[0].type', '1', '^[A-Za-z][A-Za-z0-9-]{0,31}$'),
    },
    {
      kind,
      name: 'a TTL below nothing',
      object: records({ ...www, ttl: -1 }),
      refused:
        'spec.records[0].ttl: Invalid value: -1: spec.records[0].ttl in body should be greater than or equal to 0',
    },
    {
      kind,
      name: 'a set without records',
      object: records({ ...www, rdata: [] }),
      refused:
        'spec.records[0].rdata: Invalid value: 0: spec.records[0].rdata in body should have at least 1 items',
    },
    {
      kind,
      name: 'unknown fields of a set',
      object: records({ ...www, class: 'CH' }),
      unknown: ['spec.records[0].class'],
    },
  ]
}

function endpoints(kind: OurKind): readonly ObjectCase[] {
  const endpoint = { dnsName: 'a.example.com', recordType: 'A', recordTTL: 60, targets: ['192.0.2.1'] }
  const at = kind === 'DNSEndpoint.externaldns.k8s.io' ? 'spec.endpoints' : 'spec.endpoints'
  return [
    { kind, name: 'the least', object: {} },
    { kind, name: 'an endpoint', object: { spec: { endpoints: [{ ...endpoint, labels: { a: 'b' } }] } } },
    {
      kind,
      name: 'unknown fields of an endpoint',
      object: { spec: { endpoints: [{ ...endpoint, weight: 5 }] } },
      unknown: ['spec.endpoints[0].weight'],
    },
    {
      kind,
      name: 'targets that are no list',
      object: { spec: { endpoints: [{ ...endpoint, targets: '192.0.2.1' }] } },
      refused: `${at}[0].targets: Invalid value: "string": ${at}[0].targets in body must be of type array: "string"`,
    },
    {
      kind,
      name: 'a label that is no text',
      object: { spec: { endpoints: [{ ...endpoint, labels: { a: 1 } }] } },
      refused: `${at}[0].labels.a: Invalid value: "integer": ${at}[0].labels.a in body must be of type string: "integer"`,
    },
  ]
}
