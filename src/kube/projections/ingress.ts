import type { IngressFacts } from '../../api/facts.ts'
import { isRecord } from '../kube-error.ts'
import type { Projection } from '../types.ts'
import { readLoadBalancer, sameList, sortedDistinct } from './load-balancer.ts'
import { isDeleting, listField, readObject, recordField } from './raw-object.ts'
import type { RawRecord } from './raw-object.ts'

/** Member Ingresses (networking.k8s.io/v1): the load balancer, and the Services behind it. */
export const ingressProjection: Projection<IngressFacts> = {
  kind: 'Ingress',
  project(raw) {
    const read = readObject(raw)
    if ('error' in read) return read
    const { key, object, metadata } = read
    const balancer = readLoadBalancer(object)
    if ('error' in balancer) return { key, error: balancer.error }
    const backends = readBackends(object)
    if (backends === undefined) return { key, error: 'spec.rules or spec.defaultBackend cannot be read' }
    const { a, aaaa, hosts } = balancer
    return { key, facts: { a, aaaa, hosts, backends, deleting: isDeleting(metadata) } }
  },
  same: (left, right) =>
    left.deleting === right.deleting &&
    sameList(left.a, right.a) &&
    sameList(left.aaaa, right.aaaa) &&
    sameList(left.hosts, right.hosts) &&
    sameList(left.backends, right.backends),
}

/** Names of the Services in `defaultBackend` and all paths; a backend that is a resource names no Service. */
function readBackends(object: RawRecord): readonly string[] | undefined {
  const spec = recordField(object, 'spec')
  const rules = spec && listField(spec, 'rules')
  if (spec === undefined || rules === undefined) return undefined
  const names: string[] = []
  const backends: unknown[] = [spec['defaultBackend'] ?? {}]
  for (const rule of rules) {
    const http = isRecord(rule) ? recordField(rule, 'http') : undefined
    const paths = http && listField(http, 'paths')
    if (paths === undefined) return undefined
    for (const path of paths) backends.push(isRecord(path) ? path['backend'] : undefined)
  }
  for (const backend of backends) {
    if (!isRecord(backend)) return undefined
    const service = recordField(backend, 'service')
    if (service === undefined) return undefined
    const name = service['name']
    if (typeof name === 'string' && name !== '') names.push(name)
  }
  return sortedDistinct(names)
}
