import type { ClusterIndex } from '../../../api/keys.ts'
import type { DomainName } from '../../../dns/names.ts'
import { type Answer, sameAnswer } from '../../../dns/records.ts'
import { hasTargets, NO_TARGETS } from './addresses.ts'
import { carriedBefore, followersOf, insteadOf } from './carried.ts'
import { addressAnswer, aliasAnswer } from '../records.ts'
import type { Columns, Contribution } from '../shards.ts'
import { fitContribution, type Standing, standingOf } from './standing.ts'
import type {
  DnsSpec,
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
  readonly spec: DnsSpec
  /** Parents first. */
  readonly scopes: readonly Scope[]
  /** The only cluster that moved, in the same topology; undefined: make the answers from all members. */
  readonly only: ClusterIndex | undefined
}

export interface ScopeAnswers
  extends Pick<ShardMemory, 'tier' | 'onceFit' | 'overlaps'>, Pick<ServiceMemory, 'carried'> {
  /** By ScopeIndex; those of memory, by identity, when nothing changed. */
  readonly answers: readonly (Answer | undefined)[]
  /** Those whose answer differs from memory's, parents first. */
  readonly changed: readonly Scope[]
  /** Scopes whose answer was made anew. */
  readonly evaluated: number
}

/**
 * Make the answers of scopes anew (DESIGN 5.3, 5.5): the addresses of the fit shards in the scope, else an alias one
 * scope up; the global scope takes what the service as a whole publishes. Decided for a name, never for one family.
 * Aliases that carry a wider scope's addresses for outputs follow when those change, wherever they are.
 */
export function answerScopes(job: ScopeJob): ScopeAnswers {
  const { memory, topology, scopes } = job
  const answers = memory.answers.slice(0, topology.scopes.length)
  while (answers.length < topology.scopes.length) answers.push(undefined)
  const changed: Scope[] = []
  const overlaps = new Set(memory.overlaps.filter((index) => index < topology.scopes.length))
  const past = carriedBefore(memory, job.names)
  const carried = new Set(job.names === memory.names ? memory.carried : [])
  const share = createSharing(job.spec.ttlSeconds)
  let whole: Pick<Standing, 'tier' | 'onceFit'> = memory
  for (const scope of scopes) {
    const fit = fitOf(job, scope)
    if (fit.overlaps) overlaps.add(scope.index)
    else overlaps.delete(scope.index)
    const standing = scope.parent === undefined ? standingOfAll(job, scope, fit.targets) : undefined
    whole = standing ?? whole
    const isCarried = past(scope.index)
    const targets = standing?.targets ?? fit.targets
    const answer = answerOf(job, scope, { targets, isCarried, answers, share })
    if (isCarried && answer?.kind === 'alias') carried.add(scope.index)
    else carried.delete(scope.index)
    if (sameAnswer(answers[scope.index], answer)) continue
    answers[scope.index] = answer
    changed.push(scope)
  }
  const followers = changed.length === 0 ? [] : followersBeside(job, { carried, answers })
  if (followers.length > 0) changed.push(...follow(job, followers, { carried, answers, share }))
  const same = changed.length === 0 && answers.length === memory.answers.length
  return {
    answers: same ? memory.answers : answers,
    changed: followers.length === 0 ? changed : changed.sort((x, y) => x.index - y.index),
    carried: scopesLike(memory.carried, carried),
    overlaps: scopesLike(memory.overlaps, overlaps),
    evaluated: scopes.length + followers.length,
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

/** Scopes that were not made anew, but whose alias may carry what has changed. */
function followersBeside({ spec, scopes, topology }: ScopeJob, made: Made): readonly Scope[] {
  if (scopes.length === topology.scopes.length) return []
  const followers = followersOf(spec.aliasAs, made)
  if (followers.length === 0) return []
  const done = new Set(scopes.map(({ index }) => index))
  return followers.flatMap((index) => (done.has(index) ? [] : (topology.scopes[index] ?? [])))
}

interface Made {
  readonly carried: ReadonlySet<ScopeIndex>
  readonly answers: (Answer | undefined)[]
}

/** Make their aliases anew, in place. @returns those that carry something else now */
function follow(
  job: ScopeJob,
  followers: readonly Scope[],
  { carried, answers, share }: Made & { readonly share: Sharing },
): readonly Scope[] {
  return followers.filter((scope) => {
    const isCarried = carried.has(scope.index)
    const answer = answerOf(job, scope, { targets: NO_TARGETS, isCarried, answers, share })
    if (sameAnswer(answers[scope.index], answer)) return false
    answers[scope.index] = answer
    return true
  })
}

function scopesLike(before: readonly ScopeIndex[], now: ReadonlySet<ScopeIndex>): readonly ScopeIndex[] {
  if (before.length === now.size && before.every((scope) => now.has(scope))) return before
  return [...now].sort((a, b) => a - b)
}

function standingOfAll({ memory, columns, spec }: ScopeJob, global: Scope, fit: Targets): Standing {
  const mayStandIn = spec.routing.whenAllUnhealthy !== 'Empty'
  return standingOf({ members: global.members, columns, onceFit: memory.onceFit, fit, mayStandIn })
}

function answerOf(
  { names, spec, topology }: ScopeJob,
  scope: Scope,
  made: Omit<Made, 'carried'> & {
    readonly targets: Targets
    readonly isCarried: boolean
    readonly share: Sharing
  },
): Answer | undefined {
  if (names.scopes[scope.index] === undefined) return undefined
  if (scope.parent === undefined || hasTargets(made.targets)) return made.share.addresses(made.targets)
  const target = names.scopes[scope.parent]
  if (target === undefined) return undefined
  const { isCarried, answers } = made
  return made.share.alias(target, insteadOf(scope, { aliasAs: spec.aliasAs, isCarried, topology, answers }))
}

interface Sharing {
  addresses(targets: Targets): Answer
  alias(target: DomainName, instead: Targets | undefined): Answer
}

/** One object for equal answers: those of a region and its only zone, those of all zones that point to one region. */
function createSharing(ttlSeconds: number): Sharing {
  const byTargets = new Map<Targets, Answer>()
  const byName = new Map<DomainName, Answer>()
  const withInstead = new Map<DomainName, Answer>() // of one target, so of one wider scope
  return {
    addresses: (targets) => getOrMake(byTargets, targets, () => addressAnswer(ttlSeconds, targets)),
    alias: (target, instead) =>
      getOrMake(instead === undefined ? byName : withInstead, target, () =>
        aliasAnswer(ttlSeconds, target, instead),
      ),
  }
}

function getOrMake<K>(known: Map<K, Answer>, key: K, make: () => Answer): Answer {
  const old = known.get(key)
  if (old !== undefined) return old
  const answer = make()
  known.set(key, answer)
  return answer
}
