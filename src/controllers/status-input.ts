import type { ClusterIndex } from '../api/keys.ts'
import {
  describeRecord,
  describeShard,
  type RecordSummary,
  type ShardSummary,
} from '../core/discovery/memory.ts'
import type { Saying } from '../core/discovery/said.ts'
import type { Conflict, RejectedName, ShardMemory } from '../core/discovery/types.ts'
import type { DomainName } from '../dns/names.ts'
import type { Complaint } from './ports.ts'

/** What is seen of a record's object in one cluster. */
export interface SeenShard {
  readonly cluster: ClusterIndex
  readonly name: string
  /** Host names that its load balancer gave. */
  readonly hosts: readonly DomainName[]
  readonly readyEndpoints: number
  readonly region?: string
  readonly zones?: readonly string[]
}

export interface StatusInput {
  readonly memory: ShardMemory
  readonly shards: readonly SeenShard[]
  /** What the record's names say, but for those that another record has. */
  readonly said: readonly Saying[]
  /** Names that carried addresses, or do. */
  readonly carried?: readonly DomainName[]
  readonly conflicts: readonly Conflict[]
  readonly rejected: readonly RejectedName[]
  readonly complaint?: Complaint
  /** What came of writing the DNSEndpoint; undefined: not tried yet. */
  readonly written?: WriteReport
  readonly generation: number
  /** RFC 3339. */
  readonly now: string
  /** The global name, where there is one. */
  readonly dnsName?: DomainName
}

/** Whether the record's DNSEndpoint stands as planned. */
export type WriteReport = { readonly ok: true } | ({ readonly ok: false } & Complaint)

/** Memory put into words, once: every part of a status needs some of them, and a record may have a hundred shards. */
export interface Described {
  readonly input: StatusInput
  readonly record: RecordSummary
  /** Sorted by the clusters' names. */
  readonly shards: readonly DescribedShard[]
}

export interface DescribedShard {
  readonly seen: SeenShard
  readonly summary: ShardSummary
}

/** Put what a status is made of into words. */
export function describe(input: StatusInput): Described {
  const { memory, shards } = input
  const sorted = [...shards].sort((left, right) => (left.name < right.name ? -1 : 1))
  return {
    input,
    record: describeRecord(memory),
    shards: sorted.map((seen) => ({ seen, summary: describeShard(memory, seen.cluster) })),
  }
}
