import type { ServiceFacts } from '../../api/facts.ts'
import type { Address } from '../../dns/address.ts'
import type { Projection } from '../types.ts'
import { internAddress } from './interner.ts'
import { readLoadBalancer, sameList, sortedAddresses } from './load-balancer.ts'
import { isDeleting, listField, readObject, recordField } from './raw-object.ts'
import type { RawRecord } from './raw-object.ts'

/** Member Services (v1): what discovery needs of them. */
export const serviceProjection: Projection<ServiceFacts> = {
  kind: 'Service',
  project(raw) {
    const read = readObject(raw)
    if ('error' in read) return read
    const { key, object, metadata } = read
    const balancer = readLoadBalancer(object)
    if ('error' in balancer) return { key, error: balancer.error }
    const clusterIps = readClusterIps(object)
    if (clusterIps === undefined) return { key, error: 'spec.clusterIPs is no list of IP addresses' }
    const { a, aaaa, hosts } = balancer
    return { key, facts: { a, aaaa, hosts, clusterIps, deleting: isDeleting(metadata) } }
  },
  same: (left, right) =>
    left.deleting === right.deleting &&
    sameList(left.a, right.a) &&
    sameList(left.aaaa, right.aaaa) &&
    sameList(left.hosts, right.hosts) &&
    sameList(left.clusterIps, right.clusterIps),
}

/** `None` (headless) and the empty string (not yet given) are no addresses. `clusterIP` serves where `clusterIPs` is absent. */
function readClusterIps(object: RawRecord): readonly Address[] | undefined {
  const spec = recordField(object, 'spec')
  const listed = spec && listField(spec, 'clusterIPs')
  if (listed === undefined) return undefined
  const texts = listed.length > 0 ? listed : [spec?.['clusterIP'] ?? '']
  const addresses: Address[] = []
  for (const text of texts) {
    if (text === '' || text === 'None') continue
    const address = typeof text === 'string' ? internAddress(text) : undefined
    if (address === undefined) return undefined
    addresses.push(address)
  }
  return sortedAddresses(addresses)
}
