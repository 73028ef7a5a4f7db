import type { DomainName } from '../../../dns/names.ts'
import type { Answer } from '../../../dns/records.ts'
import type { DnsSpec, Scope, ScopeIndex, ServiceMemory, ServiceNames, Targets, Topology } from '../types.ts'
import { hasTargets, NO_TARGETS } from './addresses.ts'

/** What is remembered of scopes that carried addresses. */
export type CarriedMemory = Pick<ServiceMemory, 'carried' | 'carriedNames'>

/** What is looked at. */
export type CarriedPast = CarriedMemory & Pick<ServiceMemory, 'names' | 'answers'>

/** All names that carry addresses, or have: those of scopes by index, then the others. */
export function namesThatCarried(past: CarriedPast): readonly DomainName[] {
  const isCarried = carriedByIndex(past)
  const inScopes = past.names.scopes.filter((name, i) => name !== undefined && isCarried(i as ScopeIndex))
  return [...inScopes.flatMap((name) => name ?? []), ...past.carriedNames]
}

/**
 * Whether a scope's name has carried addresses before this decision. It is the name that has: under other names than
 * memory's the scopes are found again by theirs, so that one that was not renamed keeps its type.
 */
export function carriedBefore(past: CarriedPast, names: ServiceNames): (scope: ScopeIndex) => boolean {
  if (names === past.names) return carriedByIndex(past)
  const carried = new Set(namesThatCarried(past))
  return (scope) => {
    const name = names.scopes[scope]
    return name !== undefined && carried.has(name)
  }
}

function carriedByIndex({ carried, answers }: CarriedPast): (scope: ScopeIndex) => boolean {
  return (scope) => carriesAddresses(answers[scope]) || carried.includes(scope)
}

/** Names told at start that are still of no scope: one may come. Those of a record that was renamed are done with. */
export function carriedNamesLeft(
  { carriedNames }: CarriedMemory,
  { names, isRenamed }: { readonly names: ServiceNames; readonly isRenamed: boolean },
): readonly DomainName[] {
  if (carriedNames.length === 0 || isRenamed) return NO_NAMES
  const taken = new Set(names.scopes)
  const left = carriedNames.filter((name) => !taken.has(name))
  return left.length === carriedNames.length ? carriedNames : left.length === 0 ? NO_NAMES : left
}

const NO_NAMES: readonly DomainName[] = Object.freeze([])

/** What outputs write in place of a scope's upward alias; undefined: the alias (DESIGN 5.5). */
export function insteadOf(
  scope: Scope,
  said: {
    readonly aliasAs: DnsSpec['aliasAs']
    readonly isCarried: boolean
    readonly topology: Topology
    readonly answers: readonly (Answer | undefined)[]
  },
): Targets | undefined {
  const { aliasAs, isCarried, topology, answers } = said
  if (aliasAs === 'CNAME' || (aliasAs === 'Stable' && !isCarried)) return undefined
  let wider: ScopeIndex | undefined = scope.parent
  while (wider !== undefined) {
    const answer = answers[wider]
    if (answer?.kind === 'addresses' && hasTargets(answer)) return answer
    wider = topology.scopes[wider]?.parent
  }
  return NO_TARGETS
}

/** The scopes whose alias carries something instead, or may have: what they carry follows the wider scopes. */
export function followersOf(
  aliasAs: DnsSpec['aliasAs'],
  said: {
    readonly carried: ReadonlySet<ScopeIndex>
    readonly answers: readonly (Answer | undefined)[]
  },
): readonly ScopeIndex[] {
  switch (aliasAs) {
    case 'CNAME':
      return []
    case 'Stable':
      return [...said.carried]
    case 'Addresses':
      return said.answers.flatMap((answer, i) => (answer?.kind === 'alias' ? [i as ScopeIndex] : []))
  }
}

function carriesAddresses(answer: Answer | undefined): boolean {
  return answer?.kind === 'addresses' && hasTargets(answer)
}
