import type { AliasAs } from '../../api/domain.ts'
import type { EndpointFacts, IngressFacts, ServiceFacts } from '../../api/facts.ts'
import type { ClusterIndex, OwnerKey } from '../../api/keys.ts'
import type { Routing } from '../../api/routing.ts'
import type { Address } from '../../dns/address.ts'
import type { Brand, DomainName } from '../../dns/names.ts'
import type { Answer, NameChange } from '../../dns/records.ts'

/** Dense per Topology; 0 is the global scope; a parent's index is smaller than its children's. */
export type ScopeIndex = Brand<number, 'ScopeIndex'>

export interface Scope {
  readonly index: ScopeIndex
  readonly level: 'global' | 'region' | 'zone'
  readonly region?: string
  readonly zone?: string
  /** What follows `<service>.<namespace>.` in this scope's names: `<federation>.svc[.<zone>][.<region>].<domain>`. */
  readonly suffix: string
  readonly parent?: ScopeIndex
  /** Ascending; empty when nobody is there any more. */
  readonly members: readonly ClusterIndex[]
}

/** The scopes of one Domain, shared by all its services. */
export interface Topology {
  /** Moves with every change; compared only among plans that grew out of each other. */
  readonly revision: number
  readonly federation: string
  readonly domain: DomainName
  readonly scopes: readonly Scope[]
  /** By ClusterIndex: the scopes that the cluster is a member of, global first, ascending; empty for an index not in use. */
  readonly scopesOf: readonly (readonly ScopeIndex[])[]
}

/** What was lost of sight: its session ended, or its first list has not completed. */
export interface UnknownShard<F> {
  readonly kind: 'unknown'
  /** The newest facts seen before, when this process has seen any. */
  readonly last?: F
  readonly sinceMs: number
  readonly probe: 'ok' | 'failed' | 'none'
}

/** One member cluster's part of a service, as gathered. Host-name targets are resolved: their addresses are in `a` and `aaaa`. */
export type Shard =
  | { readonly kind: 'present'; readonly service: ServiceFacts; readonly endpoints: EndpointFacts }
  /** List complete and not in it: the only proof of deletion. */
  | { readonly kind: 'absent' }
  | UnknownShard<ServiceFacts>

/** One member cluster's Ingress, as gathered. */
export type IngressShard =
  | {
      readonly kind: 'present'
      readonly ingress: IngressFacts
      /** Of every backend Service that can be seen; none: the address alone decides. */
      readonly backends: readonly EndpointFacts[]
    }
  | { readonly kind: 'absent' }
  | UnknownShard<IngressFacts>

/** What a record asks for, resolved and defaulted. */
export interface DnsSpec {
  /** `<externalName or name>.<namespace>`. */
  readonly base: string
  readonly ttlSeconds: number
  /** `<dnsPrefix>.<domain>`. */
  readonly prefix?: DomainName
  readonly allowWithoutEndpoints: boolean
  readonly routing: Routing
  /** How outputs outside this process put an upward alias; the Domain's. */
  readonly aliasAs: AliasAs
}

/** A name that is not published because DNS cannot carry it. */
export interface RejectedName {
  /** What to change: `metadata.name or spec.externalName`, `spec.dnsPrefix`, `region`, `zone`. */
  readonly field: string
  /** At most 80 characters of the name. */
  readonly name: string
  /** A sentence that says what to do. */
  readonly message: string
}

/** All names of one service. */
export interface ServiceNames {
  /** By ScopeIndex; undefined: rejected. */
  readonly scopes: readonly (DomainName | undefined)[]
  readonly prefix?: DomainName
  /** `<service>.<namespace>.<federation>.`, what applications type. */
  readonly short?: DomainName
  readonly rejected: readonly RejectedName[]
}

/** Addresses that a shard can contribute, sorted and distinct: the facts object itself, by reference. */
export interface Targets {
  readonly a: readonly Address[]
  readonly aaaa: readonly Address[]
  /** Host names that some of them were looked up from; undefined: not known. */
  readonly hosts?: readonly DomainName[]
}

/** What the global answer is made of (DESIGN 5.3): fit shards, all unfit ones, nothing. */
export type Tier = 'fit' | 'lastKnownGood' | 'none'

/** All the past of a service's shards; serialisable, owned by the caller, never changed in place. */
export interface ShardMemory {
  /** VerdictCode by ClusterIndex. */
  readonly verdict: Uint8Array
  /** ReasonCode by ClusterIndex; words from one closed table. */
  readonly reason: Uint8Array
  /** When the verdict was reached, by ClusterIndex. */
  readonly sinceSeconds: Uint32Array
  /** By ClusterIndex; undefined: no address known, or absent. */
  readonly targets: readonly (Targets | undefined)[]
  readonly tier: Tier
  /** Scopes in which more than one fit shard has the same address, ascending: one that leaves does not take it along. */
  readonly overlaps: readonly ScopeIndex[]
  /** It has been fit since it was last absent everywhere: its unfit shards may stand in (DESIGN 5.3). */
  readonly onceFit: boolean
}

/** All the past that decide() may use. */
export interface ServiceMemory extends ShardMemory {
  /** What it was decided for; undefined: never. A difference makes decide() look at everything and withdraw what is no longer said. */
  readonly decidedFor?: {
    readonly spec: DnsSpec
    readonly federation: string
    readonly domain: DomainName
    readonly revision: number
  }
  readonly names: ServiceNames
  /** By ScopeIndex; undefined where the name was rejected. */
  readonly answers: readonly (Answer | undefined)[]
  /** Scopes that alias now and have carried addresses under their present name, ascending (DESIGN 5.5). */
  readonly carried: readonly ScopeIndex[]
  /** Names that have carried addresses and are of no scope: told at start, or of a record that was not published. */
  readonly carriedNames: readonly DomainName[]
}

/** All the past that decideHosts() may use. */
export interface HostsMemory extends ShardMemory {
  /** Sorted, distinct; every one says `answer`. */
  readonly hosts: readonly DomainName[]
  readonly answer?: Answer
  readonly routing?: Routing
}

export interface DecideInput {
  readonly owner: OwnerKey
  readonly spec: DnsSpec
  readonly topology: Topology
  /** Every cluster whose shard may have changed since the last call. */
  readonly dirty: readonly ClusterIndex[] | 'all'
  readonly nowMs: number
  shard(cluster: ClusterIndex): Shard
}

export interface DecideHostsInput {
  readonly owner: OwnerKey
  readonly hosts: readonly DomainName[]
  readonly ttlSeconds: number
  readonly routing: Routing
  /** Clusters that take part, in any order. */
  readonly members: readonly ClusterIndex[]
  readonly dirty: readonly ClusterIndex[] | 'all'
  readonly nowMs: number
  shard(cluster: ClusterIndex): IngressShard
}

export interface Decision<M extends ShardMemory = ServiceMemory> {
  readonly memory: M
  /** Targets before the aliases to them, withdrawn names last. */
  readonly changes: readonly ClaimChange[]
  /** A timer rule is pending. */
  readonly againAtMs?: number
  /** What it cost: shards judged, scopes whose answer was made anew. */
  readonly work: { readonly shards: number; readonly scopes: number }
}

/** `kept`: its addresses are in the global answer. `fact`: what was seen, for a person. */
export type Trace = (step: {
  readonly cluster: ClusterIndex
  readonly rule: string
  readonly fact: string
  readonly ageMs: number
  readonly kept: boolean
}) => void

export type Decide = (input: DecideInput, memory: ServiceMemory, trace?: Trace) => Decision

export type DecideHosts = (
  input: DecideHostsInput,
  memory: HostsMemory,
  trace?: Trace,
) => Decision<HostsMemory>

/**
 * How strong a claim to a name is (DESIGN 5.7), strongest first. `zone`: servers of the zone itself, without which nothing in
 * it is found; `open`: dnsPrefix, Ingress hosts, names received from outside.
 */
export type NameClass = 'zone' | 'static' | 'canonical' | 'external' | 'open'

/** A change of what an owner says; `nameClass` where this name's class is not that of the owner's rank. */
export interface ClaimChange extends NameChange {
  readonly nameClass?: NameClass
}

/** `rank` is made by rankOf(): class, creationTimestamp, namespace/name. The smallest wins. */
export interface Owner {
  readonly key: OwnerKey
  readonly rank: string
}

export interface Entry {
  readonly owner: OwnerKey
  readonly answer: Answer
  /** Moves with every change of what the name says, over all names. */
  readonly revision: number
}

export interface Conflict {
  readonly name: DomainName
  readonly winner: OwnerKey
}

/** One owner per name; losers' claims wait behind the winner. */
export interface Ledger {
  /** Names in service. */
  readonly size: number
  put(owner: Owner, changes: readonly ClaimChange[]): void
  drop(owner: OwnerKey): void
  /** Everything that was published before has been claimed again: from now on the present owner of a name stays. */
  settle(): void
  get(name: DomainName): Entry | undefined
  /** The owner's names that another one has. */
  conflicts(owner: OwnerKey): readonly Conflict[]
  /** The names that the owner has, sorted. */
  owned(owner: OwnerKey): readonly DomainName[]
  /** All names in service, in no order; a change during the walk may or may not be seen. */
  names(): IterableIterator<DomainName>
  /** `wake` is called, synchronously, at the end of the change that made the feed ready again. */
  open(from: 'now' | 'everything', wake?: () => void): Feed
  /** Owners whose names or conflicts changed, from now on: for status and per-owner outputs. */
  openOwners(wake?: () => void): OwnerFeed
}

/** A consumer's queue of keys: coalesced, urgent first. Time is an argument, as everywhere in core/. */
export interface KeyFeed<K, T> {
  /** Keys that take() would give now; delayed ones are not counted before a take() finds them due. */
  readonly size: number
  /** Keys offered again for later. */
  readonly delayed: number
  take(max: number, nowMs: number): readonly T[]
  /** Offer these again (with whatever they say then), not before `atMs`, even if they change earlier. */
  again(keys: readonly K[], atMs: number, urgent?: boolean): void
  /** When the earliest delayed key falls due; undefined when none waits. */
  nextAtMs(): number | undefined
  close(): void
}

export type Feed = KeyFeed<DomainName, NameChange>
export type OwnerFeed = KeyFeed<OwnerKey, OwnerKey>
