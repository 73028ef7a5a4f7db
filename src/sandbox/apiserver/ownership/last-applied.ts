import { compareObjects } from '../fields/compare.ts'
import { difference, isEmptySet } from '../fields/field-set.ts'
import type { FieldSet } from '../fields/field-set.ts'
import { FieldTypeError } from '../fields/forms.ts'
import { setOfObject } from '../fields/object-set.ts'
import { fieldsOf, isFields, textOf, valueAt, withValueAt } from '../model/values.ts'
import { applied } from './apply.ts'
import type { Applied, ApplyChange } from './apply.ts'
import type { Conflict, Tracking } from './change.ts'
import type { Owners } from './owners.ts'

const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration'
const ANNOTATION_PATH = ['metadata', 'annotations', ANNOTATION]
/** The manager whose applies take over what client-side apply wrote. */
const KUBECTL = 'kubectl'
/** An annotation that would be larger is left out, as kubectl and the server do. */
const MAX_ANNOTATION_BYTES = 262_144

/**
 * Apply, with kubectl's way from client-side apply: for the manager `kubectl`, conflicts about fields that still are as the
 * last-applied annotation says are none, and the annotation follows what is applied.
 */
export function appliedByKubectl(tracking: Tracking, owners: Owners, change: ApplyChange): Applied {
  const first = applied(tracking, owners, change)
  if (change.manager !== KUBECTL) return first
  const result = first.kind === 'conflict' ? resolved(tracking, owners, { change, first }) : first
  return result.kind === 'applied' ? withAnnotation(result, change) : result
}

function resolved(
  tracking: Tracking,
  owners: Owners,
  { change, first }: { readonly change: ApplyChange; readonly first: Extract<Applied, { kind: 'conflict' }> },
): Applied {
  const allowed = unchangedSinceApplied(tracking, change.live)
  if (allowed === undefined) return first
  const conflicts = first.conflicts
    .map(({ owner, fields }): Conflict => ({ owner, fields: difference(fields, allowed) }))
    .filter(({ fields }) => !isEmptySet(fields))
  if (conflicts.length > 0) return { kind: 'conflict', conflicts }
  return applied(tracking, owners, { ...change, force: true })
}

/** What the annotation says and the object still has; undefined when there is no usable annotation. */
function unchangedSinceApplied({ types, apiVersion }: Tracking, live: unknown): FieldSet | undefined {
  const last = parsedAnnotation(live)
  if (last === undefined || last['apiVersion'] !== apiVersion) return undefined
  try {
    const { added, removed, modified } = compareObjects(types, last, live)
    const set = setOfObject(types, last)
    return difference(difference(difference(set, modified), added), removed)
  } catch (error) {
    if (error instanceof FieldTypeError) return undefined
    throw error
  }
}

function parsedAnnotation(live: unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(textOf(valueAt(live, ANNOTATION_PATH)))
    return isFields(value) ? value : undefined
  } catch {
    return undefined
  }
}

function withAnnotation(result: Extract<Applied, { kind: 'applied' }>, change: ApplyChange): Applied {
  const object = result.object ?? change.live
  if (textOf(valueAt(object, ANNOTATION_PATH)) === '') return result
  const text = lastAppliedOf(change.config)
  if (text === valueAt(object, ANNOTATION_PATH)) return result
  return { ...result, object: withValueAt(object, ANNOTATION_PATH, text) }
}

/** The annotation of a configuration: its JSON with fields in order, without the annotation itself. */
function lastAppliedOf(config: unknown): string | undefined {
  const given = valueAt(config, ['metadata', 'annotations'])
  const { [ANNOTATION]: _, ...annotations } = fieldsOf(given)
  const bare = given === undefined ? config : withValueAt(config, ['metadata', 'annotations'], annotations)
  const text = `${JSON.stringify(ordered(bare))}\n`
  return Buffer.byteLength(text) > MAX_ANNOTATION_BYTES ? undefined : text
}

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .toSorted()
      .map((name) => [name, ordered(value[name])]),
  )
}
