import type { EndpointFacts, IngressFacts, NodeFacts, ServiceFacts } from '../../../src/api/facts.ts'
import {
  objectKey,
  splitKey,
  type ClusterIndex,
  type ObjectKey,
  type OwnerKey,
} from '../../../src/api/keys.ts'
import type { ObjectMeta } from '../../../src/api/object.ts'
import type {
  HostObject,
  HostObjects,
  MemberFacts,
  Reports,
  Sessions,
} from '../../../src/controllers/ports.ts'
import { compareAddresses, familyOf, tryAddress, type Address } from '../../../src/dns/address.ts'
import { parseDomainName } from '../../../src/dns/names.ts'

export const NAMESPACE = 'kube-federation-system'

/** An index from a number: tests make clusters as they need them. */
export function at(index: number): ClusterIndex {
  return index as ClusterIndex
}

/** Addresses from literals, sorted. */
export function ips(...texts: readonly string[]): readonly Address[] {
  return texts.map((text) => tryAddress(text)!).sort(compareAddresses) // literals
}

/** Addresses by family, as facts carry them. */
export function targets(...texts: readonly string[]): {
  readonly a: readonly Address[]
  readonly aaaa: readonly Address[]
} {
  const all = ips(...texts)
  return {
    a: all.filter((address) => familyOf(address) === 'a'),
    aaaa: all.filter((address) => familyOf(address) === 'aaaa'),
  }
}

/** A Service whose load balancer has these addresses. */
export function service(...texts: readonly string[]): ServiceFacts {
  return { ...targets(...texts), hosts: [], clusterIps: [], deleting: false }
}

/** A Service whose load balancer gave host names. */
export function serviceOfHosts(...hosts: readonly string[]): ServiceFacts {
  return { ...service(), hosts: hosts.map(parseDomainName) }
}

/** An Ingress with these addresses, in front of these Services. */
export function ingress(backends: readonly string[], ...texts: readonly string[]): IngressFacts {
  return { ...targets(...texts), hosts: [], backends, deleting: false }
}

export function endpoints(ready: number, serving = ready): EndpointFacts {
  return { ready, serving, terminating: 0 }
}

export function node(region?: string, zone?: string): NodeFacts {
  return { ...(region === undefined ? {} : { region }), ...(zone === undefined ? {} : { zone }) }
}

/** Objects of one kind in the host cluster. */
export class FakeObjects<T, S = unknown> implements HostObjects<T, S> {
  readonly #objects = new Map<ObjectKey, HostObject<T, S>>()

  get(key: ObjectKey): HostObject<T, S> | undefined {
    return this.#objects.get(key)
  }
  keys(): Iterable<ObjectKey> {
    return this.#objects.keys()
  }
  /** Store one that can be used. */
  put(
    key: ObjectKey,
    asked: T,
    rest: { readonly metadata?: Partial<ObjectMeta>; readonly status?: S } = {},
  ): void {
    const metadata = { ...splitKey(key), ...rest.metadata }
    this.#objects.set(key, { kind: 'ok', metadata, value: { asked, status: rest.status } })
  }
  /** Store one that cannot. */
  reject(
    key: ObjectKey,
    problem: string,
    rest: { readonly metadata?: Partial<ObjectMeta>; readonly status?: S } = {},
  ): void {
    const metadata = { ...splitKey(key), ...rest.metadata }
    this.#objects.set(key, { kind: 'rejected', metadata, problems: [problem], status: rest.status })
  }
  remove(key: ObjectKey): void {
    this.#objects.delete(key)
  }
}

/** Facts of one kind in all members; counts what is read. */
export class FakeFacts<F> implements MemberFacts<F> {
  readonly #facts = new Map<string, F>()
  /** Cells read since the last look: `<key>@<cluster>`. */
  readonly reads: string[] = []

  get(key: ObjectKey, cluster: ClusterIndex): F | undefined {
    this.reads.push(`${key}@${cluster}`)
    return this.#facts.get(`${key}@${cluster}`)
  }
  set(key: ObjectKey, cluster: number, facts: F | undefined): void {
    if (facts === undefined) this.#facts.delete(`${key}@${cluster}`)
    else this.#facts.set(`${key}@${cluster}`, facts)
  }
}

/** All members are seen but those taken out. */
export class FakeSessions implements Sessions {
  readonly lost = new Map<number, number>()

  live(cluster: ClusterIndex): boolean {
    return !this.lost.has(cluster)
  }
  lostSinceMs(cluster: ClusterIndex): number {
    return this.lost.get(cluster) ?? 0
  }
}

/** Remembers who was marked. */
export class FakeReports implements Reports {
  readonly marked: OwnerKey[] = []

  mark(owner: OwnerKey): void {
    this.marked.push(owner)
  }
}

/** The key of a Domain, KubeFedCluster or Secret. */
export function here(name: string): ObjectKey {
  return objectKey(NAMESPACE, name)
}
