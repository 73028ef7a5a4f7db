import { isFields, listOf, sameValue } from '../model/values.ts'
import type { FieldProblem } from '../types.ts'
import type { StructuralSchema } from './structural.ts'

/** The present state of an object and the one before it. */
interface Change {
  readonly schema: StructuralSchema
  readonly now: unknown
  readonly old: unknown
}

/**
 * The problems that an update brings: what a schema that was tightened later finds in values nobody touched is let pass
 * (Kubernetes 1.33, "CRD validation ratcheting"). A missing field is a problem of the object that lacks it.
 */
export function problemsOfChange(
  problems: readonly FieldProblem[],
  change: { readonly schema: StructuralSchema; readonly now: unknown; readonly old: unknown },
): readonly FieldProblem[] {
  return problems.filter((problem) => {
    const path = stepsOf(problem)
    return !isUntouched(change, problem.kind === 'required' ? path.slice(0, -1) : path)
  })
}

/** Whether a value on the way to this place, or the one there, is what it was. */
function isUntouched({ schema, now, old }: Change, path: readonly string[]): boolean {
  if (sameValue(now, old)) return true
  const [step, ...rest] = path
  if (step === undefined) return false
  const inner = Array.isArray(now)
    ? itemBefore({ schema, now, old }, Number(step))
    : fieldBefore({ schema, now, old }, step)
  return inner !== undefined && isUntouched(inner, rest)
}

function fieldBefore({ schema, now, old }: Change, name: string): Change | undefined {
  const { properties, additionalProperties } = schema
  const inner = properties?.[name] ?? (isFields(additionalProperties) ? additionalProperties : {})
  if (!isFields(now) || !isFields(old) || !Object.hasOwn(now, name) || !Object.hasOwn(old, name)) {
    return undefined
  }
  return { schema: inner, now: now[name], old: old[name] }
}

/** Items are told apart by their keys alone: other lists change as a whole. */
function itemBefore({ schema, now, old }: Change, index: number): Change | undefined {
  if (schema['x-kubernetes-list-type'] !== 'map') return undefined
  const keys = listOf(schema['x-kubernetes-list-map-keys']).map(String)
  const item = listOf(now)[index]
  const before = listOf(old).find(
    (other) => isFields(item) && isFields(other) && keys.every((key) => sameValue(item[key], other[key])),
  )
  return before === undefined ? undefined : { schema: schema.items ?? {}, now: item, old: before }
}

/** Where a problem is. Those of combined schemas name their place in their words only. */
function stepsOf({ field, detail }: FieldProblem): readonly string[] {
  const path =
    field === '<nil>' ? (/^"([^"]*)"| in (\S+)$/.exec(detail)?.slice(1).find(Boolean) ?? '') : field
  return path.split(/\.|\[|\]\.?/).filter((step) => step !== '')
}
