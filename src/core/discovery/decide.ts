import type { ClusterIndex } from '../../api/keys.ts'
import { judgeService, type Judgement, LEFT, type ShardPast } from './health.ts'
import { losesAddress, namesOf } from './records.ts'
import { differenceOf, saidByService } from './said.ts'
import { carriedNamesLeft } from './answers/carried.ts'
import { answerScopes } from './answers/scope-answers.ts'
import { judgeShards, unchanged } from './shards.ts'
import { traceShards } from './trace.ts'
import type {
  ClaimChange,
  DecideInput,
  Decision,
  DnsSpec,
  Scope,
  ServiceMemory,
  ServiceNames,
  Topology,
  Trace,
} from './types.ts'

/**
 * Decide what all names of a service say.
 * Costs what changed: judges the dirty clusters and makes anew the answers of the scopes of those that moved. Another
 * spec, topology or Domain than memory was decided for makes it look at everything, and withdraw every name that is no
 * longer said. Naming the changed clusters and `'all'` give the same.
 * @param memory - from emptyMemory(), restoreMemory() or the last decision; left as it is, returned itself when nothing changed
 * @param trace - called once for each shard judged
 * Rules: DESIGN 5.2 (unknown is not down), 5.3 (last known good), 5.5 (hierarchy), kubefed.md 2.7 (names).
 */
export function decide(input: DecideInput, memory: ServiceMemory, trace?: Trace): Decision {
  const { spec, topology, nowMs } = input
  const anew = !isDecidedFor(memory, input)
  const full = anew || input.dirty === 'all'
  const names = anew ? likeBefore(memory.names, namesOf(spec, topology)) : memory.names

  const clusters = clustersToJudge(input, memory, full)
  const { columns, moved } = judgeShards(memory, {
    clusters,
    size: topology.scopesOf.length,
    nowMs,
    judge: (cluster, past) => judgeMember(input, cluster, past),
  })
  const scopes = full ? topology.scopes : scopesOf(moved, topology)
  const outcome = answerScopes({
    memory,
    columns,
    names,
    topology,
    spec,
    scopes,
    only: !full && moved.length === 1 ? moved[0] : undefined,
  })

  const { changed, evaluated, ...kept } = outcome
  const shape = anew ? shapeOf(input, memory, names) : {}
  const next = unchanged(memory, { ...memory, ...columns, ...shape, ...kept })
  if (trace !== undefined) {
    const seen = clusters.filter((cluster) => isMember(cluster, topology))
    traceShards({ memory: next, clusters: seen, nowMs, shard: (cluster) => input.shard(cluster) }, trace)
  }
  const changes = anew
    ? differenceOf(saidByService(memory), saidByService(next))
    : changesOf(changed, memory, next)
  return { memory: next, changes, work: { shards: clusters.length, scopes: evaluated } }
}

function isDecidedFor({ decidedFor }: ServiceMemory, { spec, topology }: DecideInput): boolean {
  return (
    decidedFor !== undefined &&
    decidedFor.revision === topology.revision &&
    decidedFor.federation === topology.federation &&
    decidedFor.domain === topology.domain &&
    sameSpec(decidedFor.spec, spec)
  )
}

/** What is remembered of what the names were made of. */
function shapeOf(
  { spec, topology }: DecideInput,
  memory: ServiceMemory,
  names: ServiceNames,
): Pick<ServiceMemory, 'names' | 'decidedFor' | 'carriedNames'> {
  const { federation, domain, revision } = topology
  const was = memory.decidedFor
  const isRenamed =
    was !== undefined &&
    !(was.spec.base === spec.base && was.federation === federation && was.domain === domain)
  const carriedNames = carriedNamesLeft(memory, { names, isRenamed })
  return { names, decidedFor: { spec, federation, domain, revision }, carriedNames }
}

function sameSpec(left: DnsSpec, right: DnsSpec): boolean {
  return (
    left === right ||
    (left.base === right.base &&
      left.ttlSeconds === right.ttlSeconds &&
      left.prefix === right.prefix &&
      left.allowWithoutEndpoints === right.allowWithoutEndpoints &&
      left.aliasAs === right.aliasAs &&
      left.routing.whenAllUnhealthy === right.routing.whenAllUnhealthy)
  )
}

/** Equal names keep their instance: the ledger and the aliases hold the same one, and a name is most of an entry's size. */
function likeBefore(before: ServiceNames, now: ServiceNames): ServiceNames {
  const scopes = now.scopes.map((name, i) => (name === before.scopes[i] ? before.scopes[i] : name))
  return now.short !== undefined && now.short === before.short
    ? { ...now, scopes, short: before.short }
    : { ...now, scopes }
}

/** All that are or were members, or the dirty ones that are. */
function clustersToJudge(
  { dirty, topology }: DecideInput,
  memory: ServiceMemory,
  full: boolean,
): readonly ClusterIndex[] {
  if (!full && dirty !== 'all') return dirty.filter((cluster) => isMember(cluster, topology))
  const size = Math.max(topology.scopesOf.length, memory.verdict.length)
  const clusters = Array.from({ length: size }, (_, i) => i as ClusterIndex) // columns of memory or topology
  return clusters.filter((cluster) => isMember(cluster, topology) || memory.verdict[cluster] !== 0)
}

function judgeMember(input: DecideInput, cluster: ClusterIndex, past: ShardPast): Judgement {
  return isMember(cluster, input.topology) ? judgeService(input.shard(cluster), past, input.spec) : LEFT
}

function isMember(cluster: ClusterIndex, topology: Topology): boolean {
  return (topology.scopesOf[cluster]?.length ?? 0) > 0
}

/** The scopes of these clusters, each once, parents first. */
function scopesOf(clusters: readonly ClusterIndex[], topology: Topology): readonly Scope[] {
  const indices = new Set(clusters.flatMap((cluster) => topology.scopesOf[cluster] ?? []))
  return [...indices].sort((a, b) => a - b).flatMap((index) => topology.scopes[index] ?? [])
}

/** Changes where the names themselves stand as they did. */
function changesOf(
  changed: readonly Scope[],
  before: ServiceMemory,
  after: ServiceMemory,
): readonly ClaimChange[] {
  return changed.flatMap(({ index }) => {
    const name = after.names.scopes[index]
    const answer = after.answers[index]
    if (name === undefined || answer === undefined) return []
    return { name, answer, urgent: losesAddress(before.answers[index], answer) }
  })
}
