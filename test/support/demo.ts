import type { KubeObject } from '../../src/api/object.ts'

/** Names and addresses of the demo world (DESIGN 1), without trailing dots. */
const BASE = 'nginx.mynamespace.myfederation'
export const DEMO = {
  short: BASE,
  global: `${BASE}.svc.example.com`,
  europe: {
    region: `${BASE}.svc.europe-west1.example.com`,
    zone: `${BASE}.svc.europe-west1-b.europe-west1.example.com`,
  },
  central: {
    region: `${BASE}.svc.us-central1.example.com`,
    zone: `${BASE}.svc.us-central1-a.us-central1.example.com`,
  },
  east: { region: `${BASE}.svc.us-east1.example.com`, zone: `${BASE}.svc.us-east1-b.us-east1.example.com` },
} as const

export const CENTRAL = '192.0.2.1'
export const EAST = '198.51.100.1'
export const EUROPE = '203.0.113.1'
export const ALL = [CENTRAL, EAST, EUROPE] as const

const DNS = '/apis/multiclusterdns.kubefed.io/v1alpha1'
const CONTROL_PLANE = 'kube-federation-system'

/** Paths of resources in an API. */
export const PATH = {
  records: `${DNS}/namespaces/mynamespace/servicednsrecords`,
  ingressRecords: `${DNS}/namespaces/mynamespace/ingressdnsrecords`,
  domains: `${DNS}/namespaces/${CONTROL_PLANE}/domains`,
  endpoints: '/apis/externaldns.k8s.io/v1alpha1/namespaces/mynamespace/dnsendpoints',
  clusters: `/apis/core.kubefed.io/v1beta1/namespaces/${CONTROL_PLANE}/kubefedclusters`,
  secrets: `/api/v1/namespaces/${CONTROL_PLANE}/secrets`,
  events: '/api/v1/namespaces/mynamespace/events',
  clusterEvents: `/api/v1/namespaces/${CONTROL_PLANE}/events`,
  services: '/api/v1/namespaces/mynamespace/services',
  deployments: '/apis/apps/v1/namespaces/mynamespace/deployments',
} as const

/** A ServiceDNSRecord of the demo's namespace and, unless told, its Domain. */
export function serviceRecord(name: string, spec: Readonly<Record<string, unknown>> = {}): KubeObject {
  return {
    apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
    kind: 'ServiceDNSRecord',
    metadata: { name, namespace: 'mynamespace' },
    spec: { domainRef: 'myfederation', ...spec },
  }
}

export function ingressRecord(name: string, spec: Readonly<Record<string, unknown>>): KubeObject {
  return {
    apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
    kind: 'IngressDNSRecord',
    metadata: { name, namespace: 'mynamespace' },
    spec,
  }
}

/** A Domain where Domains live. */
export function domain(
  name: string,
  zone: string,
  fields: Readonly<Record<string, unknown>> = {},
): KubeObject {
  return {
    apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
    kind: 'Domain',
    metadata: { name, namespace: CONTROL_PLANE },
    domain: zone,
    ...fields,
  }
}
