import type { ClusterIndex } from '../../../api/keys.ts'
import type { DomainName } from '../../../dns/names.ts'
import { type Answer, sameAnswer } from '../../../dns/records.ts'
import { hasTargets } from './addresses.ts'
import { addressAnswer, aliasAnswer } from '../records.ts'
import type { Columns, Contribution } from '../shards.ts'
import { fitContribution, type Standing, standingOf } from './standing.ts'
import type {
  Scope,
  ScopeIndex,
  ServiceMemory,
  ServiceNames,
  ShardMemory,
  Targets,
  Topology,
} from '../types.ts'

export interface ScopeJob {
  readonly memory: ServiceMemory
  readonly columns: Columns
  readonly names: ServiceNames
  readonly topology: Topology
  readonly ttlSeconds: number
  readonly mayStandIn: boolean
  /** Parents first. */
  readonly scopes: readonly Scope[]
  /** The only cluster that moved, in the same topology; undefined: make the answers from all members. */
  readonly only: ClusterIndex | undefined
}

export interface ScopeAnswers extends Pick<ShardMemory, 'tier' | 'onceFit' | 'overlaps'> {
  /** By ScopeIndex; those of memory, by identity, when nothing changed. */
  readonly answers: readonly (Answer | undefined)[]
  /** Those whose answer differs from memory's, parents first. */
  readonly changed: readonly Scope[]
}

/**
 * Make the answers of scopes anew (DESIGN 5.3, 5.5): the addresses of the fit shards in the scope, else an alias one
 * scope up; the global scope takes what the service as a whole publishes. Decided for a name, never for one family.
 */
export function answerScopes(job: ScopeJob): ScopeAnswers {
  const { memory, topology, scopes } = job
  const answers = memory.answers.slice(0, topology.scopes.length)
  while (answers.length < topology.scopes.length) answers.push(undefined)
  const changed: Scope[] = []
  const overlaps = new Set(memory.overlaps.filter((index) => index < topology.scopes.length))
  const share = createSharing(job.ttlSeconds)
  let whole: Pick<Standing, 'tier' | 'onceFit'> = memory
  for (const scope of scopes) {
    const fit = fitOf(job, scope)
    if (fit.overlaps) overlaps.add(scope.index)
    else overlaps.delete(scope.index)
    const standing = scope.parent === undefined ? standingOfAll(job, scope, fit.targets) : undefined
    whole = standing ?? whole
    const answer = answerOf(job, scope, { targets: standing?.targets ?? fit.targets, share })
    if (sameAnswer(answers[scope.index], answer)) continue
    answers[scope.index] = answer
    changed.push(scope)
  }
  const same = changed.length === 0 && answers.length === memory.answers.length
  return {
    answers: same ? memory.answers : answers,
    changed,
    overlaps: overlapsLike(memory.overlaps, overlaps),
    tier: whole.tier,
    onceFit: whole.onceFit,
  }
}

function fitOf({ memory, columns, only }: ScopeJob, scope: Scope): Contribution {
  const { members, index, parent } = scope
  const answer = memory.answers[index]
  const isFit = answer?.kind === 'addresses' && (parent !== undefined || memory.tier === 'fit')
  const known = isFit && !memory.overlaps.includes(index) ? answer : undefined
  return fitContribution({ members, before: memory, after: columns, known, only })
}

function overlapsLike(before: readonly ScopeIndex[], now: ReadonlySet<ScopeIndex>): readonly ScopeIndex[] {
  if (before.length === now.size && before.every((scope) => now.has(scope))) return before
  return [...now].sort((a, b) => a - b)
}

function standingOfAll({ memory, columns, mayStandIn }: ScopeJob, global: Scope, fit: Targets): Standing {
  return standingOf({ members: global.members, columns, onceFit: memory.onceFit, fit, mayStandIn })
}

function answerOf(
  { names }: ScopeJob,
  scope: Scope,
  made: { readonly targets: Targets; readonly share: Sharing },
): Answer | undefined {
  if (names.scopes[scope.index] === undefined) return undefined
  if (scope.parent === undefined || hasTargets(made.targets)) return made.share.addresses(made.targets)
  const target = names.scopes[scope.parent]
  return target === undefined ? undefined : made.share.alias(target)
}

interface Sharing {
  addresses(targets: Targets): Answer
  alias(target: DomainName): Answer
}

/** One object for equal answers: those of a region and its only zone, those of all zones that point to one region. */
function createSharing(ttlSeconds: number): Sharing {
  const byTargets = new Map<Targets, Answer>()
  const byName = new Map<DomainName, Answer>()
  return {
    addresses: (targets) => getOrMake(byTargets, targets, () => addressAnswer(ttlSeconds, targets)),
    alias: (target) => getOrMake(byName, target, () => aliasAnswer(ttlSeconds, target)),
  }
}

function getOrMake<K>(known: Map<K, Answer>, key: K, make: () => Answer): Answer {
  const old = known.get(key)
  if (old !== undefined) return old
  const answer = make()
  known.set(key, answer)
  return answer
}
