import type { ObjectKey } from '../../api/keys.ts'
import type { NameClass } from './types.ts'

/** Strongest first (DESIGN 5.7). */
const CLASSES: readonly NameClass[] = ['zone', 'static', 'canonical', 'external', 'open']

export interface RankInput {
  readonly nameClass: NameClass
  /** RFC 3339 in UTC with whole seconds, as the Kubernetes API writes it: text order is time order. */
  readonly creationTimestamp: string
  readonly key: ObjectKey
}

/** An owner's place in the order of claims: the smallest string wins. */
export function rankOf({ nameClass, creationTimestamp, key }: RankInput): string {
  return `${classNumber(nameClass)} ${creationTimestamp} ${key}`
}

/** 0 is the strongest. */
export function classNumber(nameClass: NameClass): number {
  return CLASSES.indexOf(nameClass)
}

/** The class that a rank was made with. */
export function classOfRank(rank: string): number {
  return rank.charCodeAt(0) - 48
}

/** What orders claims of one class, whatever class the rank was made with: age, then namespace/name. */
export function ageOfRank(rank: string): string {
  return rank.slice(2)
}
