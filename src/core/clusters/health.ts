/** What one probe of a member's API server showed. */
export type ProbeResult =
  | { readonly kind: 'ready'; readonly kubernetesVersion?: string }
  /** It answered, but not `ok`. */
  | { readonly kind: 'not-ready'; readonly message: string }
  | { readonly kind: 'unreachable'; readonly message: string }
  /** No client can be built, or the server refuses its credentials. */
  | { readonly kind: 'malformed'; readonly message: string }

export interface HealthThresholds {
  /** Equal bad results in a row before a ready cluster is called not ready. */
  readonly failureThreshold: number
  /** Equal good results in a row before a cluster that was not ready is called ready. */
  readonly successThreshold: number
}

/** What is believed of a cluster's API server, and how close it is to being believed otherwise. */
export interface ClusterHealth {
  readonly state: ProbeResult['kind']
  readonly message: string
  readonly kubernetesVersion?: string
  readonly sinceMs: number
  /** Results in a row that contradict `state`. */
  readonly contrary: number
}

/**
 * Believe or not believe a probe. The first is believed at once; afterwards a changed readiness is believed when it has
 * come `failureThreshold` or `successThreshold` times in a row. Good results never count towards a bad verdict
 * (KubeFed 0.6 counted them, so its first failure after a long healthy time was believed at once).
 * Changes among the bad states (`unreachable`, `not-ready`, `malformed`) need no threshold: the cluster is already not ready.
 */
export function judgeProbe(
  before: ClusterHealth | undefined,
  probe: ProbeResult,
  options: HealthThresholds & { readonly nowMs: number },
): ClusterHealth {
  if (before === undefined) return believed(probe, undefined, options.nowMs)
  const turned = (before.state === 'ready') !== (probe.kind === 'ready')
  if (!turned) {
    return {
      ...believed(probe, before, options.nowMs),
      sinceMs: probe.kind === before.state ? before.sinceMs : options.nowMs,
    }
  }
  const contrary = before.contrary + 1
  const needed = probe.kind === 'ready' ? options.successThreshold : options.failureThreshold
  return contrary >= needed ? believed(probe, before, options.nowMs) : { ...before, contrary }
}

function believed(probe: ProbeResult, before: ClusterHealth | undefined, nowMs: number): ClusterHealth {
  const version = (probe.kind === 'ready' ? probe.kubernetesVersion : undefined) ?? before?.kubernetesVersion
  return {
    state: probe.kind,
    message: probe.kind === 'ready' ? '/healthz answered ok' : probe.message,
    sinceMs: nowMs,
    contrary: 0,
    ...(version === undefined ? {} : { kubernetesVersion: version }),
  }
}

export interface ClusterCondition {
  readonly type: 'Ready' | 'Offline' | 'ConfigMalformed' | 'RightsMissing' | 'TopologyKnown' | 'Watching'
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason: string
  readonly message: string
}

/**
 * The conditions of a KubeFedCluster, in KubeFed's words (ClusterReady, ClusterNotReady, ClusterReachable,
 * ClusterNotReachable, MalformedClusterConfig). Where KubeFed drops Ready for an unreachable cluster, this says Unknown:
 * nobody has seen it fail.
 */
export function healthConditions(health: ClusterHealth): readonly ClusterCondition[] {
  const { message } = health
  switch (health.state) {
    case 'ready':
      return [
        { type: 'Ready', status: 'True', reason: 'ClusterReady', message },
        { type: 'Offline', status: 'False', reason: 'ClusterReachable', message: 'cluster is reachable' },
      ]
    case 'not-ready':
      return [
        { type: 'Ready', status: 'False', reason: 'ClusterNotReady', message },
        { type: 'Offline', status: 'False', reason: 'ClusterReachable', message: 'cluster is reachable' },
      ]
    case 'unreachable':
      return [
        { type: 'Ready', status: 'Unknown', reason: 'ClusterNotReachable', message },
        { type: 'Offline', status: 'True', reason: 'ClusterNotReachable', message },
      ]
    case 'malformed':
      return [
        { type: 'Ready', status: 'Unknown', reason: 'MalformedClusterConfig', message },
        { type: 'ConfigMalformed', status: 'True', reason: 'MalformedClusterConfig', message },
      ]
  }
}

/** A condition as stored: KubeFed's shape, `lastProbeTime` required. Times are RFC 3339. */
export interface StoredClusterCondition extends ClusterCondition {
  readonly lastProbeTime: string
  readonly lastTransitionTime: string
}

/** How old `lastProbeTime` may grow while nothing changes: an idle fleet writes next to nothing (DESIGN 7). */
export const PROBE_TIME_REFRESH_MS = 300_000

/**
 * Stored conditions for what is believed now; `before` gives transition times.
 * @returns the list that stands already (by identity) when nothing changed and the probe time is fresh enough
 */
export function storeConditions(
  before: readonly StoredClusterCondition[],
  now: readonly ClusterCondition[],
  nowMs: number,
): readonly StoredClusterCondition[] {
  const stamp = new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z')
  const changed =
    before.length !== now.length ||
    now.some((condition) => {
      const old = before.find((candidate) => candidate.type === condition.type)
      return (
        old?.status !== condition.status ||
        old.reason !== condition.reason ||
        old.message !== condition.message
      )
    })
  const probedMs = Math.min(...before.map((condition) => Date.parse(condition.lastProbeTime) || 0))
  if (!changed && nowMs - probedMs < PROBE_TIME_REFRESH_MS) return before
  return now.map((condition) => {
    const old = before.find((candidate) => candidate.type === condition.type)
    const transition = old?.status === condition.status ? old.lastTransitionTime : stamp
    return { ...condition, lastProbeTime: stamp, lastTransitionTime: transition }
  })
}
