import type { ClusterIndex } from '../../../api/keys.ts'
import { hasTargets } from './addresses.ts'
import { type Columns, type Contribution, contributionOf, isOnSide, revisedContribution } from '../shards.ts'
import type { ShardMemory, Targets, Tier } from '../types.ts'

/** Below this many members the whole union costs no more than its revision, and shares the facts' own lists. */
const REVISED_FROM_MEMBERS = 8

export interface FitRequest {
  readonly members: readonly ClusterIndex[]
  readonly before: Columns
  readonly after: Columns
  /** What the fit members contributed by `before`; undefined: not known, or with overlaps. */
  readonly known: Targets | undefined
  /** The only cluster that moved between `before` and `after`; undefined: any may have. */
  readonly only: ClusterIndex | undefined
}

/** What the fit members contribute now. */
export function fitContribution({ members, before, after, known, only }: FitRequest): Contribution {
  if (only === undefined || known === undefined || members.length < REVISED_FROM_MEMBERS) {
    return contributionOf(members, after, 'fit')
  }
  return revisedContribution({ known, cluster: only, before, after })
}

export interface StandingRequest {
  readonly members: readonly ClusterIndex[]
  readonly columns: Columns
  readonly onceFit: boolean
  /** Of all members. */
  readonly fit: Targets
  /** Whether unfit shards may stand in: not with `spec.routing.whenAllUnhealthy: Empty`. */
  readonly mayStandIn: boolean
}

/** What a whole service or host publishes. */
export interface Standing extends Pick<ShardMemory, 'tier' | 'onceFit'> {
  readonly targets: Targets
}

/**
 * The first of DESIGN 5.3 that is not empty: fit shards; all unfit ones of a record that was once fit; nothing.
 * A record that is gone everywhere starts anew when it comes back: nothing is left of what was good.
 */
export function standingOf(request: StandingRequest): Standing {
  const { members, columns, fit, mayStandIn } = request
  if (hasTargets(fit)) return { targets: fit, tier: 'fit', onceFit: true }
  const onceFit = request.onceFit && members.some((member) => !isOnSide(columns, member, 'out'))
  const unfit = onceFit && mayStandIn ? contributionOf(members, columns, 'unfit').targets : fit
  const tier: Tier = hasTargets(unfit) ? 'lastKnownGood' : 'none'
  return { targets: unfit, tier, onceFit }
}
