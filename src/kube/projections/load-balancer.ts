import { compareAddresses, familyOf } from '../../dns/address.ts'
import type { Address } from '../../dns/address.ts'
import { tryDomainName } from '../../dns/names.ts'
import type { DomainName } from '../../dns/names.ts'
import { isRecord } from '../kube-error.ts'
import { internAddress, NONE } from './interner.ts'
import { listField, recordField } from './raw-object.ts'
import type { RawRecord } from './raw-object.ts'

export interface LoadBalancerFacts {
  readonly a: readonly Address[]
  readonly aaaa: readonly Address[]
  readonly hosts: readonly DomainName[]
}

/**
 * Read `status.loadBalancer.ingress` of a Service or Ingress: addresses and host names, both where an entry has both
 * (KubeFed's rule). `ipMode` and ports are not read.
 */
export function readLoadBalancer(object: RawRecord): LoadBalancerFacts | { readonly error: string } {
  const status = recordField(object, 'status')
  const balancer = status && recordField(status, 'loadBalancer')
  const entries = balancer && listField(balancer, 'ingress')
  if (entries === undefined) return { error: 'status.loadBalancer.ingress is no list' }
  if (entries.length === 0) return EMPTY
  const addresses: Address[] = []
  const hosts: DomainName[] = []
  for (const entry of entries) {
    if (!isRecord(entry)) return { error: 'status.loadBalancer.ingress has an entry that is no object' }
    const { ip = '', hostname = '' } = entry
    if (ip !== '') {
      const address = typeof ip === 'string' ? internAddress(ip) : undefined
      if (address === undefined)
        return { error: `status.loadBalancer.ingress.ip is no IP address: ${shown(ip)}` }
      addresses.push(address)
    }
    if (hostname !== '') {
      const host =
        typeof hostname === 'string' && !hostname.includes('*') ? tryDomainName(hostname) : undefined
      if (host === undefined)
        return { error: `status.loadBalancer.ingress.hostname is no host name: ${shown(hostname)}` }
      hosts.push(host)
    }
  }
  return { ...byFamily(addresses), hosts: sortedDistinct(hosts) }
}

const EMPTY: LoadBalancerFacts = Object.freeze({ a: NONE, aaaa: NONE, hosts: NONE })

function byFamily(addresses: readonly Address[]): Pick<LoadBalancerFacts, 'a' | 'aaaa'> {
  return {
    a: sortedAddresses(addresses.filter((address) => familyOf(address) === 'a')),
    aaaa: sortedAddresses(addresses.filter((address) => familyOf(address) === 'aaaa')),
  }
}

/** Sorted in numeric order, distinct, as `compact`. */
export function sortedAddresses(addresses: readonly Address[]): readonly Address[] {
  return addresses.length < 2 ? compact(addresses) : compact([...new Set(addresses)].sort(compareAddresses))
}

/** Sorted by code unit, distinct, as `compact`. */
export function sortedDistinct<T extends string>(values: readonly T[]): readonly T[] {
  return values.length < 2 ? compact(values) : compact([...new Set(values)].sort())
}

/** The same list without spare room, one instance for the empty one: an array that grew by push keeps 17 places. */
function compact<T>(values: readonly T[]): readonly T[] {
  const [first] = values
  if (first === undefined) return NONE
  return values.length === 1 ? [first] : values.slice()
}

/** Equality of lists of strings. */
export function sameList(left: readonly string[], right: readonly string[]): boolean {
  return left === right || (left.length === right.length && left.every((value, i) => value === right[i]))
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 80) : `a ${typeof value}`
}
