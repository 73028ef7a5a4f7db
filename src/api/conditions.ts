import { z } from 'zod'
import { count, timestamp } from './schema-fields.ts'

/** One aspect of an object's state, in the shape of metav1.Condition. At most one of each type. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  /** One word in CamelCase, for machines. */
  readonly reason: string
  /** A sentence that says what to do, for people. */
  readonly message: string
  /** RFC 3339. Moves only when `status` does. */
  readonly lastTransitionTime: string
  readonly observedGeneration?: number | undefined
}

/** What a controller says of a condition; times are filled in by `withConditions`. */
export type ConditionSaid = Pick<Condition, 'type' | 'status' | 'reason' | 'message' | 'observedGeneration'>

/** `conditions` of a status. */
export const conditionsSchema = z
  .array(
    z.object({
      type: z.string().min(1).max(316).meta({ description: 'What the condition is about, in CamelCase.' }),
      status: z.enum(['True', 'False', 'Unknown']).meta({ description: 'Whether it holds.' }),
      reason: z.string().max(1024).meta({ description: 'Why, in one CamelCase word.' }),
      message: z.string().max(32_768).meta({ description: 'Why, and what to do, in a sentence.' }),
      lastTransitionTime: timestamp('When `status` last changed.'),
      observedGeneration: count('The metadata.generation that this was said of.').optional(),
    }),
  )
  .meta({
    description: 'What holds of this object, one entry for each type.',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': ['type'],
  })

/**
 * The conditions after `said`: one of each type, sorted by type; lastTransitionTime moves only where `status` changed.
 * Types not said again are kept. Returns `before` itself when nothing changed, so that the caller can skip the write.
 * @param now - RFC 3339
 */
export function withConditions(
  before: readonly Condition[],
  said: readonly ConditionSaid[],
  now: string,
): readonly Condition[] {
  const byType = new Map(before.map((condition) => [condition.type, condition]))
  let changed = byType.size !== before.length
  for (const next of said) {
    const old = byType.get(next.type)
    if (old !== undefined && saysTheSame(old, next)) continue
    changed = true
    byType.set(next.type, stamped(next, old?.status === next.status ? old.lastTransitionTime : now))
  }
  return changed ? [...byType.values()].sort((a, b) => (a.type < b.type ? -1 : 1)) : before
}

function stamped(said: ConditionSaid, lastTransitionTime: string): Condition {
  const { type, status, reason, message, observedGeneration } = said
  const condition = { type, status, reason, message, lastTransitionTime }
  return observedGeneration === undefined ? condition : { ...condition, observedGeneration }
}

function saysTheSame(old: Condition, next: ConditionSaid): boolean {
  return (
    old.status === next.status &&
    old.reason === next.reason &&
    old.message === next.message &&
    old.observedGeneration === next.observedGeneration
  )
}

/** The condition of a type, if it has been said. */
export function findCondition<C extends { readonly type: string }>(
  conditions: readonly C[] | undefined,
  type: string,
): C | undefined {
  return conditions?.find((condition) => condition.type === type)
}

/** Lines of one message beyond these are counted. */
export const MAX_LINES_SHOWN = 5

/** Findings of one kind as a condition tells them: the first ones, and how many more there are. */
export function shownLines(lines: readonly string[]): string {
  const more = lines.length - MAX_LINES_SHOWN
  return `${lines.slice(0, MAX_LINES_SHOWN).join('; ')}${more > 0 ? `; and ${more} more` : ''}`
}
