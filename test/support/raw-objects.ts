import { objectKey } from '../../src/api/keys.ts'
import type { ObjectKey } from '../../src/api/keys.ts'

/** A raw object as an API server shows it. */
export type Raw = Readonly<Record<string, unknown>>

export interface RawOptions {
  readonly namespace?: string
  readonly uid?: string
  readonly resourceVersion?: string
}

function metadata(name: string, options: RawOptions): Raw {
  const { namespace = 'shop', uid = `uid-${name}`, resourceVersion = '1' } = options
  return { name, namespace, uid, resourceVersion }
}

/** A Service of type LoadBalancer; without an address it waits for one. */
export function rawService(name: string, ip?: string, options: RawOptions = {}): Raw {
  const loadBalancer = ip === undefined ? {} : { ingress: [{ ip }] }
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: metadata(name, options),
    spec: { type: 'LoadBalancer', clusterIP: '10.96.0.9', clusterIPs: ['10.96.0.9'] },
    status: { loadBalancer },
  }
}

export interface RawSliceOptions extends RawOptions {
  readonly ready?: number
  readonly unready?: number
  readonly addressType?: 'IPv4' | 'IPv6' | 'FQDN'
}

/** An EndpointSlice of a Service, named `<service>-<suffix>`. */
export function rawSlice(service: string, suffix: string, options: RawSliceOptions = {}): Raw {
  const { ready = 0, unready = 0, addressType = 'IPv4' } = options
  const endpoints = Array.from({ length: ready + unready }, (_, i) => ({
    addresses: [`10.0.0.${i + 1}`],
    conditions: { ready: i < ready, serving: i < ready, terminating: false },
  }))
  const meta = metadata(`${service}-${suffix}`, options)
  return {
    kind: 'EndpointSlice',
    apiVersion: 'discovery.k8s.io/v1',
    metadata: { ...meta, labels: { 'kubernetes.io/service-name': service } },
    addressType,
    endpoints,
  }
}

/** A list as API servers give it: items without kind and apiVersion. */
export function rawList(kind: string, items: readonly Raw[], resourceVersion: string, next?: string): Raw {
  return {
    kind: `${kind}List`,
    apiVersion: 'v1',
    metadata: { resourceVersion, ...(next === undefined ? {} : { continue: next }) },
    items: items.map(({ kind: _kind, apiVersion: _apiVersion, ...item }) => item),
  }
}

/** Key of an object of the namespace that these builders use. */
export function shopKey(name: string): ObjectKey {
  return objectKey('shop', name)
}
