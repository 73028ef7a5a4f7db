import type { ClusterIndex } from '../../api/keys.ts'
import type { DomainName } from '../../dns/names.ts'
import { hasTargets } from './answers/addresses.ts'
import {
  describeReason,
  describeVerdict,
  REASON,
  type ShardState,
  sideOf,
  VERDICT,
  type VerdictCode,
} from './health.ts'
import { emptyColumns } from './shards.ts'
import type { HostsMemory, ScopeIndex, ServiceMemory, ShardMemory, Targets, Tier, Topology } from './types.ts'

/** Nothing decided yet of a service. */
export function emptyMemory(topology: Topology): ServiceMemory {
  return {
    ...noShards(topology.scopesOf.length),
    names: { scopes: [], rejected: [] },
    answers: [],
    carried: NO_SCOPES,
    carriedNames: NO_NAMES,
  }
}

/** Nothing decided yet of an Ingress record. */
export function emptyHostsMemory(): HostsMemory {
  return { ...noShards(0), hosts: [] }
}

const NO_SCOPES: readonly ScopeIndex[] = Object.freeze([])
const NO_NAMES: readonly DomainName[] = Object.freeze([])

function noShards(size: number): ShardMemory {
  return { ...emptyColumns(size), tier: 'none', overlaps: NO_SCOPES, onceFit: false }
}

/** What was told of a shard (in a record's status), for a process that starts (DESIGN 5.12). */
export interface ToldShard {
  readonly cluster: ClusterIndex
  readonly state: ShardState
  /** With state Unknown. */
  readonly lastKnown?: Exclude<ShardState, 'Unknown'> | undefined
  readonly sinceSeconds: number
  /** Undefined: its addresses were not told. */
  readonly targets?: Targets | undefined
}

export interface ToldRecord {
  readonly shards: readonly ToldShard[]
  /** Whether the record has published a fit shard before, and not lost all since. */
  readonly onceFit: boolean
  /** Names that carried addresses, or had before. */
  readonly carried: readonly DomainName[]
}

/** restoreMemory() of a service, with the names that carried addresses: they keep their type outside (DESIGN 5.5). */
export function restoreServiceMemory(empty: ServiceMemory, told: ToldRecord): ServiceMemory {
  return { ...restoreMemory(empty, told), carriedNames: told.carried }
}

/** Memory as it was told before, so that unknown clusters keep what they publish. The first decision publishes it anew. */
export function restoreMemory<M extends ShardMemory>(empty: M, told: ToldRecord): M {
  const size = told.shards.reduce((max, { cluster }) => Math.max(max, cluster + 1), empty.verdict.length)
  const columns = emptyColumns(size)
  const targets: (Targets | undefined)[] = [...columns.targets]
  for (const shard of told.shards) {
    columns.verdict[shard.cluster] = verdictOf(shard)
    columns.reason[shard.cluster] = REASON.sessionLost
    columns.sinceSeconds[shard.cluster] = shard.sinceSeconds
    targets[shard.cluster] = shard.targets
  }
  return { ...empty, ...columns, targets, onceFit: told.onceFit }
}

function verdictOf({ state, lastKnown }: ToldShard): VerdictCode {
  switch (state === 'Unknown' ? lastKnown : state) {
    case 'Fit':
      return VERDICT.unknownFit
    case 'Unfit':
      return VERDICT.unknownUnfit
    case 'Absent':
      return VERDICT.unknownAbsent
    case undefined:
      return VERDICT.unknownNever
  }
}

/** One cluster's part of a record, in words. */
export interface ShardSummary {
  readonly state: ShardState
  /** With state Unknown, when it was ever seen. */
  readonly lastKnown?: Exclude<ShardState, 'Unknown'>
  /** CamelCase. */
  readonly reason: string
  /** A sentence that says what to do. */
  readonly message: string
  /** Unix time at which the state was reached; 0 when it never was judged. */
  readonly sinceSeconds: number
  /** Whether its addresses are in the global answer. */
  readonly published: boolean
  /** Known addresses; undefined when there are none, or it is absent. */
  readonly targets?: Targets
}

/** What is held of one cluster's shard. */
export function describeShard(memory: ShardMemory, cluster: ClusterIndex): ShardSummary {
  const code = memory.verdict[cluster] ?? VERDICT.none
  const { state, lastKnown } = describeVerdict(code)
  const reason = describeReason(memory.reason[cluster] ?? REASON.notJudged)
  const targets = memory.targets[cluster]
  return {
    state,
    ...(lastKnown === undefined ? {} : { lastKnown }),
    reason: reason.word,
    message: reason.message,
    sinceSeconds: memory.sinceSeconds[cluster] ?? 0,
    published: targets !== undefined && hasTargets(targets) && sideOf(code) === SIDE_OF_TIER[memory.tier],
    ...(targets === undefined ? {} : { targets }),
  }
}

const SIDE_OF_TIER = { fit: 'fit', lastKnownGood: 'unfit', none: undefined } as const

/** A record as a whole, in words. */
export interface RecordSummary {
  readonly tier: Tier
  /** CamelCase. */
  readonly reason: keyof typeof RECORD_REASONS
  /** A sentence that says what to do. */
  readonly message: string
  /** Clusters by state; those never judged are not counted. */
  readonly clusters: Readonly<Record<ShardState, number>>
  /** Clusters whose addresses are in the global answer. */
  readonly published: number
}

/** Why the global answer is what it is. */
export const RECORD_REASONS = {
  ShardsFit: 'the addresses of all fit clusters are published; nothing to do',
  LastKnownGood:
    'no cluster is fit any more, so the addresses of all that have it stay published; check its Pods and endpoints, or set spec.routing.whenAllUnhealthy to Empty to publish none',
  AllUnhealthy:
    'no cluster is fit any more, and spec.routing.whenAllUnhealthy is Empty, so no address is published; check its Pods and endpoints',
  NeverFit: 'no cluster has been fit yet, so no address is published; check its Pods and endpoints',
  NoAddresses:
    'no cluster that can be seen has it with an address, so none is published; create it in a member cluster, with a load balancer',
} as const satisfies Readonly<Record<string, string>>

/** What is held of a record as a whole. */
export function describeRecord(memory: ShardMemory): RecordSummary {
  const clusters = { Fit: 0, Unfit: 0, Absent: 0, Unknown: 0 }
  let published = 0
  let anyUnfit = false
  for (const [cluster, code] of memory.verdict.entries()) {
    if (code === VERDICT.none) continue
    const shard = describeShard(memory, cluster as ClusterIndex) // a column of memory
    clusters[shard.state] += 1
    if (shard.published) published += 1
    anyUnfit ||= sideOf(code) === 'unfit'
  }
  const reason = reasonOf(memory, anyUnfit)
  return { tier: memory.tier, reason, message: RECORD_REASONS[reason], clusters, published }
}

function reasonOf({ tier, onceFit }: ShardMemory, anyUnfit: boolean): keyof typeof RECORD_REASONS {
  if (tier === 'fit') return 'ShardsFit'
  if (tier === 'lastKnownGood') return 'LastKnownGood'
  if (!anyUnfit) return 'NoAddresses'
  return onceFit ? 'AllUnhealthy' : 'NeverFit'
}
