/** One ReplicaSet of a Deployment, as a rollout sees it. */
export interface RolloutSet {
  readonly name: string
  /** spec.replicas */
  readonly replicas: number
  readonly available: number
}

export interface RolloutInput {
  readonly desired: number
  readonly strategy: 'RollingUpdate' | 'Recreate'
  readonly maxSurge: number
  readonly maxUnavailable: number
  readonly current: RolloutSet
  /** Pods of the old sets that still exist, for Recreate. */
  readonly oldPods: number
  /** Oldest first. */
  readonly old: readonly RolloutSet[]
}

/**
 * The next step of a rollout: replicas by ReplicaSet name, only for sets that change. Called again after each step took
 * effect, it ends with the current set at `desired` and all others at 0.
 * Rule (kube-controller-manager): never more than desired + maxSurge Pods, never fewer available than
 * desired - maxUnavailable; Recreate ends every old Pod first.
 */
export function nextRolloutStep(input: RolloutInput): ReadonlyMap<string, number> {
  return input.strategy === 'Recreate' ? recreateStep(input) : rollingStep(input)
}

function recreateStep({ desired, current, old, oldPods }: RolloutInput): ReadonlyMap<string, number> {
  const running = old.filter((set) => set.replicas > 0)
  if (running.length > 0) return new Map(running.map((set) => [set.name, 0]))
  if (oldPods > 0 || current.replicas === desired) return new Map()
  return new Map([[current.name, desired]])
}

function rollingStep(input: RolloutInput): ReadonlyMap<string, number> {
  const { desired, maxSurge, current, old } = input
  const total = current.replicas + sum(old.map((set) => set.replicas))
  if (current.replicas > desired) return new Map([[current.name, desired]])
  const room = Math.min(desired + maxSurge - total, desired - current.replicas)
  if (room > 0) return new Map([[current.name, current.replicas + room]])
  return shrinkOld(input, total)
}

/** Unhealthy Pods of old sets go first, then as many healthy ones as the minimum allows, oldest set first. */
function shrinkOld(input: RolloutInput, total: number): ReadonlyMap<string, number> {
  const { desired, maxUnavailable, current, old } = input
  const minAvailable = desired - maxUnavailable
  const unavailableNew = Math.max(0, current.replicas - current.available)
  let removable = total - minAvailable - unavailableNew
  const targets = new Map(old.map((set) => [set.name, set.replicas]))
  for (const set of old) {
    const unhealthy = Math.min(set.replicas - set.available, Math.max(0, removable))
    if (unhealthy <= 0) continue
    targets.set(set.name, set.replicas - unhealthy)
    removable -= unhealthy
  }
  let spare = current.available + sum(old.map((set) => set.available)) - minAvailable
  for (const set of old) {
    const healthy = targets.get(set.name) ?? 0
    const gone = Math.min(healthy, Math.max(0, spare))
    targets.set(set.name, healthy - gone)
    spare -= gone
  }
  return new Map(
    [...targets].filter(([name, replicas]) => old.find((set) => set.name === name)?.replicas !== replicas),
  )
}

/**
 * `25%` or a number of Pods, out of `total`.
 * @param round - surge is rounded up, unavailability down
 */
export function podsOf(value: number | string | undefined, total: number, round: 'up' | 'down'): number {
  const given = value ?? '25%'
  if (typeof given === 'number') return Math.max(0, given)
  const share = (Number.parseInt(given, 10) / 100) * total
  if (!Number.isFinite(share)) return 0
  return round === 'up' ? Math.ceil(share) : Math.floor(share)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
