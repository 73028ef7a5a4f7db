import { isDeepStrictEqual } from 'node:util'
import type { ClusterCondition as StoredCondition, KubeFedClusterStatus } from '../api/kubefed-cluster.ts'
import {
  healthConditions,
  judgeProbe,
  storeConditions,
  type ClusterCondition,
  type ClusterHealth,
  type HealthThresholds,
  type ProbeResult,
  type StoredClusterCondition,
} from '../core/clusters/health.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Outcome } from '../runtime/worker.ts'
import type { Member } from './member-clusters.ts'

/** What is seen of a cluster's watches. */
export interface WatchReport {
  readonly up: boolean
  /** What is missing, in words; empty when up. */
  readonly missing: string
  /** Rights that the cluster refuses, such as `watch services`. */
  readonly denied: readonly string[]
}

export interface ReportClusterDeps {
  readonly clock: Clock
  member(name: string): Member | undefined
  /** Its KubeFedCluster as last read: resourceVersion and status. */
  read(member: Member): { readonly version: string; readonly status: KubeFedClusterStatus | undefined }
  watches(member: Member): WatchReport
  probe(member: Member, signal: AbortSignal): Promise<ProbeResult>
  settings(): HealthThresholds & { readonly probePeriodMs: number }
  write(member: Member, patch: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<void>
  /** A condition turned; `good`: for the better. */
  tell(member: Member, condition: ClusterCondition, good: boolean): void
}

interface Watched {
  readonly health: ClusterHealth
  readonly nextProbeMs: number
}

interface LastWrite {
  /** The version that was read when it was written: while that is still what is read, the write has not come back. */
  readonly readVersion: string
  readonly status: KubeFedClusterStatus
}

/** Probe a member when its time has come, and write its status where it differs. */
export function createClusterReporter(
  deps: ReportClusterDeps,
): (name: string, signal: AbortSignal) => Promise<Outcome> {
  const seen = new Map<string, Watched>()
  const lastWrites = new Map<string, LastWrite>()
  return async (name, signal) => {
    const member = deps.member(name)
    if (member === undefined) {
      seen.delete(name)
      lastWrites.delete(name)
      return {}
    }
    const watched = await look(member, seen.get(name), { deps, signal })
    seen.set(name, watched)
    const { version, status } = deps.read(member)
    const last = lastWrites.get(name)
    const before = last?.readVersion === version ? last.status : status
    const standing = completeConditions(before)
    const conditions = conditionsOf(member, {
      health: watched.health,
      watches: deps.watches(member),
      standing,
    })
    const stored = storeConditions(standing, conditions, deps.clock.nowMs())
    const patch = patchOf(member, { before, stored, health: watched.health })
    if (patch === undefined) return { againAtMs: watched.nextProbeMs }
    await deps.write(member, patch, signal)
    lastWrites.set(name, { readVersion: version, status: { ...before, ...patch } })
    for (const condition of turned(before?.conditions ?? [], conditions)) {
      deps.tell(member, condition, (condition.status === 'True') === GOOD.has(condition.type))
    }
    return { againAtMs: watched.nextProbeMs }
  }
}

/** Condition types whose True is good news; of the others True is bad. */
const GOOD = new Set<string>(['Ready', 'TopologyKnown', 'Watching'])

/** What only has to be waited for is no news. */
const AWAITED = 'NodesNotListed'

async function look(
  member: Member,
  before: Watched | undefined,
  { deps, signal }: { readonly deps: ReportClusterDeps; readonly signal: AbortSignal },
): Promise<Watched> {
  const { probePeriodMs, ...thresholds } = deps.settings()
  const malformed = member.complaint !== undefined && member.fingerprint === ''
  const due =
    before === undefined ||
    deps.clock.nowMs() >= before.nextProbeMs ||
    malformed !== (before.health.state === 'malformed')
  if (!due) return before
  const probe: ProbeResult = malformed
    ? { kind: 'malformed', message: member.complaint?.message ?? '' }
    : await deps.probe(member, signal)
  const nowMs = deps.clock.nowMs()
  const past = malformed || before?.health.state === 'malformed' ? undefined : before?.health
  return { health: judgeProbe(past, probe, { ...thresholds, nowMs }), nextProbeMs: nowMs + probePeriodMs }
}

function conditionsOf(
  member: Member,
  {
    health,
    watches,
    standing,
  }: {
    readonly health: ClusterHealth
    readonly watches: WatchReport
    readonly standing: readonly ClusterCondition[]
  },
): readonly ClusterCondition[] {
  return [
    ...healthConditions(health),
    ...configCondition(member, health),
    ...rightsCondition(watches),
    topologyCondition(member, standing),
    watchCondition(watches),
  ]
}

/** An edit that cannot be used is shown beside the health of the connection that stands. */
function configCondition({ complaint }: Member, health: ClusterHealth): readonly ClusterCondition[] {
  if (complaint === undefined || health.state === 'malformed') return []
  return [{ type: 'ConfigMalformed', status: 'True', ...complaint }]
}

/** There only while a right is missing; also one without which the rest goes on, such as that on Nodes. */
function rightsCondition({ denied }: WatchReport): readonly ClusterCondition[] {
  if (denied.length === 0) return []
  const message = `the token in the Secret has no right to ${denied.join(', ')}: grant it in the cluster, as deploy/manifests/member does`
  return [{ type: 'RightsMissing', status: 'True', reason: 'Forbidden', message }]
}

/** Nothing is called missing that Nodes may still tell; what an earlier process told of them stays until they have. */
function topologyCondition(
  { name, locality, awaitsNodes }: Member,
  standing: readonly ClusterCondition[],
): ClusterCondition {
  const { region, zones, problems } = locality
  if (problems.length > 0) {
    const message = problems.map((problem) => problem.message).join('; ')
    return { type: 'TopologyKnown', status: 'False', reason: 'TopologyInvalid', message }
  }
  if (awaitsNodes === true && (region === undefined || zones.length === 0)) {
    const told = standing.find(({ type }) => type === 'TopologyKnown')
    if (told !== undefined) {
      const { type, status, reason, message } = told
      return { type, status, reason, message }
    }
    const message = `the Nodes of the cluster have not been listed, which may tell its region and zones: it has the names of what is known until then; where Nodes cannot be read, label KubeFedCluster ${name}`
    return { type: 'TopologyKnown', status: 'Unknown', reason: AWAITED, message }
  }
  if (region === undefined) {
    const message = `neither KubeFedCluster ${name} nor its Nodes carry a label topology.kubernetes.io/region: it has the global names only; label one of the two`
    return { type: 'TopologyKnown', status: 'False', reason: 'RegionUnknown', message }
  }
  if (zones.length === 0) {
    const message = `region ${region}, but no label topology.kubernetes.io/zone on KubeFedCluster ${name} or its Nodes: it has no zone names; label one of the two`
    return { type: 'TopologyKnown', status: 'False', reason: 'ZonesUnknown', message }
  }
  return {
    type: 'TopologyKnown',
    status: 'True',
    reason: 'TopologyKnown',
    message: `region ${region}, zones ${zones.join(', ')}`,
  }
}

function watchCondition({ up, missing }: WatchReport): ClusterCondition {
  return up
    ? {
        type: 'Watching',
        status: 'True',
        reason: 'Synced',
        message: 'all that is needed of the cluster is being watched',
      }
    : {
        type: 'Watching',
        status: 'False',
        reason: 'NotSynced',
        message: `what was last known stays; not being watched: ${missing}`,
      }
}

/** Conditions as this controller writes them; those of others lack fields. */
function completeConditions(status: KubeFedClusterStatus | undefined): readonly StoredClusterCondition[] {
  return (status?.conditions ?? []).filter(
    (condition): condition is StoredCondition & StoredClusterCondition =>
      [condition.lastTransitionTime, condition.reason, condition.message].every(
        (field) => field !== undefined,
      ),
  )
}

function patchOf(
  { locality }: Member,
  now: {
    readonly before: KubeFedClusterStatus | undefined
    readonly stored: readonly StoredClusterCondition[]
    readonly health: ClusterHealth
  },
): Readonly<Record<string, unknown>> | undefined {
  const { before } = now
  const wanted: Readonly<Record<string, unknown>> = {
    conditions: now.stored,
    region: locality.region,
    zones: locality.zones,
    kubernetesVersion: now.health.kubernetesVersion ?? before?.kubernetesVersion,
  }
  const entries = Object.entries(wanted).filter(
    ([field, value]) =>
      value !== undefined && !isDeepStrictEqual(before?.[field as keyof KubeFedClusterStatus], value),
  )
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

function turned(
  before: readonly StoredCondition[],
  now: readonly ClusterCondition[],
): readonly ClusterCondition[] {
  return now.filter((condition) => {
    if (condition.reason === AWAITED) return false
    const old = before.find(({ type }) => type === condition.type)
    return old?.status !== condition.status || old.reason !== condition.reason
  })
}
