import type { ClusterIndex } from '../../api/keys.ts'
import { NO_TARGETS, reviseUnion, sameAddresses, type Union, unionOf } from './answers/addresses.ts'
import { type Judgement, type ShardPast, type Side, sideOf } from './health.ts'
import type { ShardMemory, Targets } from './types.ts'

/** A service's shards, one column per kind of fact, by ClusterIndex. Never changed in place once handed out. */
export type Columns = Pick<ShardMemory, 'verdict' | 'reason' | 'sinceSeconds' | 'targets'>

/** No shard judged yet. */
export function emptyColumns(size: number): Columns {
  return {
    verdict: new Uint8Array(size),
    reason: new Uint8Array(size),
    sinceSeconds: new Uint32Array(size),
    targets: Array.from({ length: size }, () => undefined),
  }
}

export interface JudgeRequest {
  readonly clusters: Iterable<ClusterIndex>
  /** The columns become at least this long. */
  readonly size: number
  readonly nowMs: number
  readonly judge: (cluster: ClusterIndex, past: ShardPast) => Judgement
}

export interface JudgedShards {
  /** Columns in which nothing changed are those of before. */
  readonly columns: Columns
  /** Clusters that stand on another side than before, or with other targets. */
  readonly moved: readonly ClusterIndex[]
}

/** Judge shards anew. `sinceSeconds` moves with the verdict only. */
export function judgeShards(before: Columns, request: JudgeRequest): JudgedShards {
  const base = grown(before, request.size)
  let { verdict, reason, sinceSeconds } = base
  let targets: readonly (Targets | undefined)[] = base.targets
  const moved: ClusterIndex[] = []
  for (const cluster of request.clusters) {
    const past = { verdict: verdict[cluster] ?? 0, targets: targets[cluster] }
    const now = request.judge(cluster, past)
    if (hasMoved(past, now)) moved.push(cluster)
    if (now.verdict !== past.verdict) {
      verdict = written(verdict, before.verdict, cluster, now.verdict)
      const since = Math.floor((now.sinceMs ?? request.nowMs) / 1000)
      sinceSeconds = written(sinceSeconds, before.sinceSeconds, cluster, since)
    }
    if (now.reason !== reason[cluster]) reason = written(reason, before.reason, cluster, now.reason)
    // Also when equal: the store has let go of the older object.
    if (now.targets !== past.targets) {
      const own = targets === before.targets ? targets.slice() : (targets as (Targets | undefined)[]) // ours since the first write
      own[cluster] = now.targets
      targets = own
    }
  }
  return { columns: { verdict, reason, sinceSeconds, targets }, moved }
}

/** What several shards contribute together. */
export interface Contribution {
  readonly targets: Targets
  /** Some address comes from more than one of them. */
  readonly overlaps: boolean
}

/** What the members of a scope contribute from one side: the union, both families. */
export function contributionOf(members: readonly ClusterIndex[], columns: Columns, side: Side): Contribution {
  const taken = contributors(members, columns, side)
  if (taken.length <= 1) return { targets: taken[0] ?? NO_TARGETS, overlaps: false }
  return together(unionOf(taken.map(({ a }) => a)), unionOf(taken.map(({ aaaa }) => aaaa)))
}

export interface ContributionRevision {
  /** What the scope's fit members contributed before, without overlaps. */
  readonly known: Targets
  /** The only member that moved. */
  readonly cluster: ClusterIndex
  readonly before: Columns
  readonly after: Columns
}

/** contributionOf() the fit side after one member moved, at the cost of that member. */
export function revisedContribution({ known, cluster, before, after }: ContributionRevision): Contribution {
  const said = fitTargets(before, cluster)
  const says = fitTargets(after, cluster)
  return together(
    reviseUnion({ list: known.a, before: said.a, after: says.a }),
    reviseUnion({ list: known.aaaa, before: said.aaaa, after: says.aaaa }),
  )
}

function together(a: Union, aaaa: Union): Contribution {
  return { targets: { a: a.list, aaaa: aaaa.list }, overlaps: a.overlaps || aaaa.overlaps }
}

/** `before` itself when no field of `after` differs from its, so that a second run is seen to change nothing. */
export function unchanged<M extends ShardMemory>(before: M, after: M): M {
  const fields = Object.keys(after) as (keyof M)[] // both are plain objects of one shape
  return fields.every((field) => after[field] === before[field]) ? before : after
}

/** Whether a cluster's shard stands on this side. */
export function isOnSide(columns: Columns, cluster: ClusterIndex, side: Side): boolean {
  return sideOf(columns.verdict[cluster] ?? 0) === side
}

function fitTargets(columns: Columns, cluster: ClusterIndex): Targets {
  return isOnSide(columns, cluster, 'fit') ? (columns.targets[cluster] ?? NO_TARGETS) : NO_TARGETS
}

function contributors(members: readonly ClusterIndex[], columns: Columns, side: Side): readonly Targets[] {
  const taken: Targets[] = []
  for (const member of members) {
    const targets = columns.targets[member]
    if (targets !== undefined && isOnSide(columns, member, side)) taken.push(targets)
  }
  return taken
}

function hasMoved(past: ShardPast, now: Judgement): boolean {
  const side = sideOf(now.verdict)
  if (side !== sideOf(past.verdict)) return true
  return side !== 'out' && !sameTargets(past.targets, now.targets)
}

function sameTargets(left: Targets | undefined, right: Targets | undefined): boolean {
  if (left === right) return true
  if (left === undefined || right === undefined) return false
  return sameAddresses(left.a, right.a) && sameAddresses(left.aaaa, right.aaaa)
}

/** The column with one cell changed; copied first while it is still that of before. */
function written<C extends Uint8Array | Uint32Array>(
  column: C,
  before: C,
  cluster: ClusterIndex,
  value: number,
): C {
  const own = column === before ? (column.slice() as C) : column // slice() of a typed array keeps its type
  own[cluster] = value
  return own
}

function grown(columns: Columns, size: number): Columns {
  if (columns.verdict.length >= size) return columns
  const larger = emptyColumns(size)
  larger.verdict.set(columns.verdict)
  larger.reason.set(columns.reason)
  larger.sinceSeconds.set(columns.sinceSeconds)
  return { ...larger, targets: larger.targets.map((_, cluster) => columns.targets[cluster]) }
}
