import { expect } from 'vitest'
import type { Json } from '../../support/kubernetes-client.ts'
import type { OurKind } from './objects.ts'

/** An object with a status, and the row that `kubectl get` shows of it. */
export interface RowCase {
  readonly kind: OurKind
  readonly name: string
  readonly object: Json
  readonly status?: Json
  /** Cells by column, but for the name. */
  readonly want: Json
}

const YOUNG = expect.stringMatching(/^\d+s$/) as unknown
const AT = '2026-01-01T00:00:00Z'

function conditions(status: string, reason: string): Json {
  const condition = { type: 'Ready', status, reason, message: 'words', lastTransitionTime: AT }
  return { conditions: [{ ...condition, type: 'Degraded', status: 'False', reason: 'Fine' }, condition] }
}

/** Rows of every kind that has columns. */
export const ROWS: readonly RowCase[] = [
  {
    kind: 'ServiceDNSRecord',
    name: 'that nothing was decided of',
    object: { spec: { domainRef: 'myfederation' } },
    want: {
      ...{ Domain: 'myfederation', 'DNS-Name': null, Healthy: null, Ready: null, Reason: null },
      ...{ Addresses: null, Endpoints: null, Age: YOUNG },
    },
  },
  {
    kind: 'ServiceDNSRecord',
    name: 'that is published',
    object: { spec: { domainRef: 'myfederation' } },
    status: {
      ...{ dnsName: 'nginx.ns.myfederation.svc.example.com', healthy: '2/3', endpoints: 4 },
      ...{ addresses: ['192.0.2.1', '192.0.2.2'], ...conditions('True', 'Published') },
    },
    want: {
      ...{ Domain: 'myfederation', 'DNS-Name': 'nginx.ns.myfederation.svc.example.com', Healthy: '2/3' },
      ...{
        Ready: 'True',
        Reason: 'Published',
        Addresses: '["192.0.2.1","192.0.2.2"]',
        Endpoints: 4,
        Age: YOUNG,
      },
    },
  },
  {
    kind: 'IngressDNSRecord',
    name: 'that is published',
    object: { spec: { hosts: ['www.example.com', 'example.com'] } },
    status: { healthy: '1/1', addresses: ['192.0.2.1'], ...conditions('False', 'Nothing') },
    want: {
      ...{ Host: 'www.example.com', Healthy: '1/1', Ready: 'False', Reason: 'Nothing' },
      ...{ Hosts: '["www.example.com","example.com"]', Addresses: '["192.0.2.1"]', Age: YOUNG },
    },
  },
  {
    kind: 'Domain',
    name: 'that is published',
    object: { domain: 'example.com', nameServers: [{ name: 'ns1.example.net' }] },
    status: { names: 12, ...conditions('True', 'Serving') },
    want: {
      ...{ Domain: 'example.com', Nameserver: 'ns1.example.net', Names: 12 },
      ...{ Ready: 'True', Reason: 'Serving', Age: YOUNG },
    },
  },
  {
    kind: 'KubeFedCluster',
    name: 'that was seen',
    object: { spec: { apiEndpoint: '10.0.0.1', secretRef: { name: 'x' } } },
    status: {
      ...{ region: 'europe-west1', zones: ['europe-west1-b'], kubernetesVersion: 'v1.36.3' },
      conditions: [{ type: 'Ready', status: 'True', lastProbeTime: AT }],
    },
    want: {
      ...{ age: YOUNG, ready: 'True', 'kubernetes-version': 'v1.36.3', region: 'europe-west1' },
      zones: '["europe-west1-b"]',
    },
  },
  {
    kind: 'ZoneRecords',
    name: 'that are published',
    object: { spec: { zone: 'example.com' } },
    status: { names: 3, ...conditions('False', 'Conflict') },
    want: { Zone: 'example.com', Names: 3, Ready: 'False', Reason: 'Conflict', Age: YOUNG },
  },
]
