import type { ClusterIndex, OwnerKey } from '../../api/keys.ts'
import type { EndpointFacts, ServiceFacts } from '../../api/facts.ts'
import type { Brand, DomainName } from '../../dns/names.ts'
import type { Answer, NameChange } from '../../dns/records.ts'

/** Dense per Topology; 0 is the global scope. */
export type ScopeIndex = Brand<number, 'ScopeIndex'>

export interface Scope {
  readonly index: ScopeIndex
  readonly level: 'global' | 'region' | 'zone'
  /** What follows `<service>.<namespace>.` in this scope's names: `<federation>.svc[.<zone>][.<region>].<domain>`. */
  readonly suffix: string
  readonly parent?: ScopeIndex
  readonly members: readonly ClusterIndex[]
}

/** The scopes of one Domain, shared by all its services. */
export interface Topology {
  readonly revision: number
  readonly federation: string
  readonly domain: DomainName
  readonly scopes: readonly Scope[]
  /** By ClusterIndex: the scopes that the cluster is a member of, global first; empty for an index not in use. */
  readonly scopesOf: readonly (readonly ScopeIndex[])[]
}

/** One member cluster's part of a service, as gathered. */
export type Shard =
  | { readonly kind: 'present'; readonly service: ServiceFacts; readonly endpoints: EndpointFacts }
  /** List complete and not in it: the only proof of deletion. */
  | { readonly kind: 'absent' }
  | {
      readonly kind: 'unknown'
      readonly last?: ServiceFacts
      readonly sinceMs: number
      readonly probe: 'ok' | 'failed' | 'none'
    }

/** What a record asks for, resolved and defaulted. */
export interface DnsSpec {
  /** `<externalName or name>.<namespace>`. */
  readonly base: string
  readonly ttlSeconds: number
  readonly prefix?: DomainName
  readonly allowWithoutEndpoints: boolean
  readonly routing: Readonly<Record<string, unknown>>
}

/** All the past that decide() may use; serialisable, owned by the caller. */
export interface ServiceMemory {
  /** Verdict by ClusterIndex. */
  readonly verdict: Uint8Array
  /** ReasonCode by ClusterIndex; words from one closed table. */
  readonly reason: Uint8Array
  readonly sinceSeconds: Uint32Array
  /** By ScopeIndex. */
  readonly answers: readonly (Answer | undefined)[]
  /** Of the global scope only. */
  readonly lastGood?: Answer
}

export interface DecideInput {
  readonly owner: OwnerKey
  readonly spec: DnsSpec
  readonly topology: Topology
  readonly dirty: readonly ClusterIndex[] | 'all'
  readonly nowMs: number
  shard(cluster: ClusterIndex): Shard
}

export interface Decision {
  readonly memory: ServiceMemory
  readonly changes: readonly NameChange[]
  /** A timer rule is pending. */
  readonly againAtMs?: number
}

export type Trace = (step: {
  readonly cluster: ClusterIndex
  readonly rule: string
  readonly fact: string
  readonly ageMs: number
  readonly kept: boolean
}) => void

export type Decide = (input: DecideInput, memory: ServiceMemory, trace?: Trace) => Decision

/** Smallest rank wins: creationTimestamp + ' ' + namespace/name. */
export interface Owner {
  readonly key: OwnerKey
  readonly rank: string
}

export interface Entry {
  readonly owner: OwnerKey
  readonly answer: Answer
  readonly revision: number
}

export interface Conflict {
  readonly name: DomainName
  readonly winner: OwnerKey
}

/** One owner per name; losers' claims wait behind the winner. */
export interface Ledger {
  put(owner: Owner, changes: readonly NameChange[]): void
  drop(owner: OwnerKey): void
  get(name: DomainName): Entry | undefined
  conflicts(owner: OwnerKey): readonly Conflict[]
  /** `wake` is called, synchronously, when the feed turns from empty to non-empty. */
  open(from: 'now' | 'everything', wake?: () => void): Feed
}

/** A consumer's queue of changed names: coalesced by name, urgent first. Time is an argument, as everywhere in core/. */
export interface Feed {
  readonly size: number
  take(max: number, nowMs: number): readonly NameChange[]
  /** Offer these names again (with whatever they say then), not before `atMs`. */
  again(names: readonly DomainName[], atMs: number): void
  /** When the earliest delayed name falls due; undefined when none waits. */
  nextAtMs(): number | undefined
  close(): void
}
