import type { KubeObject } from '../../../api/object.ts'
import type { NameRule } from '../resource/resource.ts'
import type { FieldProblem } from '../types.ts'
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from './deletion-policy.ts'
import { labelValueProblems, nameProblems, qualifiedNameProblems } from './names.ts'
import { fieldsOf, isFields, listOf, numberOf, sameValue, textOf } from './values.ts'

const MAX_ANNOTATION_BYTES = 262_144
const STANDARD_FINALIZERS = new Set(['kubernetes', ORPHAN_FINALIZER, FOREGROUND_FINALIZER])
/** Fields in the order in which the real server writes them. */
const FIELD_ORDER = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const

/** Metadata with the fields in the usual order; undefined ones are left out. */
export function orderedMetadata(metadata: Readonly<Record<string, unknown>>): KubeObject['metadata'] {
  const ordered: Record<string, unknown> = {}
  for (const field of FIELD_ORDER) if (metadata[field] !== undefined) ordered[field] = metadata[field]
  return ordered as KubeObject['metadata'] // name is checked by metadataProblems
}

/** What is wrong with the metadata of a new object of a kind, or of the new state of one. */
export function metadataProblems(
  { metadata }: KubeObject,
  type: { readonly names: NameRule; readonly builtin: boolean },
): readonly FieldProblem[] {
  return [
    ...nameAndPrefixProblems(metadata, type.names),
    ...commonProblems(metadata),
    ...(type.builtin ? unqualifiedProblems(listOf(metadata.finalizers)) : []),
  ]
}

function nameAndPrefixProblems(metadata: KubeObject['metadata'], rule: NameRule): readonly FieldProblem[] {
  const prefix = textOf(metadata['generateName'])
  const problems = nameProblems(rule, prefix, true)
    .filter(() => prefix !== '')
    .map((detail) => bad('metadata.generateName', prefix, detail))
  if (textOf(metadata.name) === '') {
    return [
      ...problems,
      { field: 'metadata.name', kind: 'required', detail: 'name or generateName is required' },
    ]
  }
  return [
    ...problems,
    ...nameProblems(rule, metadata.name, false).map((detail) => bad('metadata.name', metadata.name, detail)),
  ]
}

function commonProblems(metadata: KubeObject['metadata']): readonly FieldProblem[] {
  const generation = numberOf(metadata.generation)
  return [
    ...(generation < 0 ? [bad('metadata.generation', generation, 'must be greater than or equal to 0')] : []),
    ...labelsProblems(metadata.labels, 'metadata.labels'),
    ...annotationProblems(metadata.annotations),
    ...ownerProblems(listOf(metadata.ownerReferences)),
    ...finalizerProblems(listOf(metadata.finalizers)),
  ]
}

/** What is wrong with a set of labels, by key order. */
export function labelsProblems(labels: unknown, field: string): readonly FieldProblem[] {
  return Object.entries(fieldsOf(labels)).flatMap(([key, value]) => [
    ...qualifiedNameProblems(key).map((detail) => bad(field, key, detail)),
    ...labelValueProblems(textOf(value)).map((detail) => bad(field, value, detail)),
  ])
}

function annotationProblems(annotations: unknown): readonly FieldProblem[] {
  const entries = Object.entries(fieldsOf(annotations))
  const problems = entries.flatMap(([key]) =>
    qualifiedNameProblems(key.toLowerCase()).map((detail) => bad('metadata.annotations', key, detail)),
  )
  const sizeBytes = entries.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(textOf(value)),
    0,
  )
  if (sizeBytes <= MAX_ANNOTATION_BYTES) return problems
  const detail = `may not be more than ${MAX_ANNOTATION_BYTES} bytes`
  return [...problems, { field: 'metadata.annotations', kind: 'tooLong', detail }]
}

function ownerProblems(references: readonly unknown[]): readonly FieldProblem[] {
  const field = 'metadata.ownerReferences'
  const problems: FieldProblem[] = []
  let controller: string | undefined
  for (const reference of references.filter(isFields)) {
    const apiVersion = textOf(reference['apiVersion'])
    if (apiVersion === '' || apiVersion.split('/').length > 2) {
      problems.push(bad(`${field}.apiVersion`, apiVersion, 'version must not be empty'))
    }
    for (const name of ['kind', 'name', 'uid']) {
      if (textOf(reference[name]) === '') problems.push(bad(`${field}.${name}`, '', 'must not be empty'))
    }
    if (apiVersion === 'v1' && reference['kind'] === 'Event') {
      problems.push(bad(field, reference, '/v1, Kind=Event is disallowed from being an owner'))
    }
    if (reference['controller'] !== true) continue
    const shown = `${textOf(reference['kind'])}/${textOf(reference['name'])}`
    if (controller !== undefined) {
      const detail = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${shown}`
      problems.push(bad(field, references, detail))
    } else controller = shown
  }
  return problems
}

function finalizerProblems(finalizers: readonly unknown[]): readonly FieldProblem[] {
  const problems = finalizers.flatMap((finalizer) =>
    qualifiedNameProblems(textOf(finalizer)).map((detail) => bad('metadata.finalizers', finalizer, detail)),
  )
  if (!finalizers.includes(ORPHAN_FINALIZER) || !finalizers.includes(FOREGROUND_FINALIZER)) return problems
  const detail = `finalizer ${ORPHAN_FINALIZER} and ${FOREGROUND_FINALIZER} cannot be both set`
  return [...problems, bad('metadata.finalizers', finalizers, detail)]
}

function unqualifiedProblems(finalizers: readonly unknown[]): readonly FieldProblem[] {
  const detail = 'name is neither a standard finalizer name nor is it fully qualified'
  return finalizers.flatMap((finalizer, index) =>
    isUnqualified(textOf(finalizer)) ? [bad(`metadata.finalizers[${index}]`, finalizer, detail)] : [],
  )
}

/** Whether a finalizer has no domain and is none of Kubernetes' own. Custom resources may have such, with a warning. */
export function isUnqualified(finalizer: string): boolean {
  return !finalizer.includes('/') && !STANDARD_FINALIZERS.has(finalizer)
}

/** What an update may not do to metadata. `object` has the server's fields carried over where they were empty. */
export function metadataUpdateProblems(object: KubeObject, old: KubeObject): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  if (old.metadata.deletionTimestamp !== undefined) {
    const before = new Set(old.metadata.finalizers)
    const added = (object.metadata.finalizers ?? []).filter((finalizer) => !before.has(finalizer))
    if (added.length > 0) {
      const shown = `[]string{${added
        .toSorted()
        .map((name) => JSON.stringify(name))
        .join(', ')}}`
      problems.push({
        field: 'metadata.finalizers',
        kind: 'forbidden',
        detail: `no new finalizers can be added if the object is being deleted, found new finalizers ${shown}`,
      })
    }
  }
  for (const field of ['uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds']) {
    const value = object.metadata[field]
    if (!sameValue(value, old.metadata[field])) {
      problems.push(bad(`metadata.${field}`, value, 'field is immutable'))
    }
  }
  return problems
}

function bad(field: string, value: unknown, detail: string): FieldProblem {
  return { field, kind: 'invalid', detail, value }
}
