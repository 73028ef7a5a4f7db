import { randomInt } from 'node:crypto'
import type { KubeObject } from '../../../api/object.ts'
import { isUnqualified, metadataProblems, orderedMetadata } from '../model/metadata.ts'
import { alreadyExists, badRequest, failure, forbidden, invalid, notFound } from '../model/status.ts'
import { fieldsOf, textOf } from '../model/values.ts'
import type { ManagedFieldsEntry } from '../ownership/owners.ts'
import { storeKey } from '../store/store.ts'
import type { FieldProblem } from '../types.ts'
import { NAMESPACES, isDeleting, timestamp } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { decodeBody } from './intake.ts'
import type { FieldValidation, Intake, RawBody } from './intake.ts'
import { presented } from './resource.ts'
import type { ResourceType, Target } from './resource.ts'
import { entriesAfterUpdate } from './tracking.ts'

const NAME_SIGNS = 'bcdfghjklmnpqrstvwxz2456789'
const GENERATED_LENGTH = 5
const MAX_NAME_BASE = 63 - GENERATED_LENGTH
const GENERATE_ATTEMPTS = 8

/** How a write is to be done. */
export interface WriteOptions {
  readonly dryRun: boolean
  readonly fieldValidation: FieldValidation
  /** Who writes: what the write sets is theirs. Absent or empty: `unknown`. */
  readonly manager?: string
}

/** What an apply has found out about owners already. */
export interface Apportioned {
  readonly entries?: () => readonly ManagedFieldsEntry[] | undefined
  /** Problems that its merged object had before it was decoded. */
  readonly problems?: () => readonly FieldProblem[]
}

/** What a write answers. */
export interface Written {
  /** As clients of the target see it. */
  readonly object: KubeObject
  readonly created: boolean
  readonly warnings: readonly string[]
}

/**
 * Create an object.
 * @param namespace - of the request's path; empty for cluster-scoped kinds
 * @throws StatusError as the HTTP side answers: 400, 403, 404 (namespace), 409, 422
 */
export function createObject(
  cluster: Cluster,
  target: Target,
  request: WriteOptions & Apportioned & { readonly namespace: string; readonly body: RawBody },
): Written {
  const { type } = target
  const intake = decodeBody({ target, ...request }, request.body)
  const given = intake.object.metadata
  checkNamespace(type, request.namespace, given)
  if (given.resourceVersion !== undefined) {
    throw failure(500, '', 'resourceVersion should not be set on objects to be created')
  }
  admitToNamespace(cluster, type, request.namespace, textOf(given.name))
  const object = prepared(cluster, target, withOwners(cluster, target, { request, intake }), request)
  const problems = [
    ...metadataProblems(object, type),
    ...withMergeProblems(request, objectProblems(cluster, target, object, { old: undefined, part: 'main' })),
  ]
  if (problems.length > 0) throw invalid(type, textOf(object.metadata.name), problems)
  const key = storeKey(request.namespace, object.metadata.name)
  if (cluster.store.get(type.bucket, key) !== undefined) throw alreadyExists(type, object.metadata.name)
  const stored = request.dryRun ? object : cluster.store.put(type.bucket, key, object)
  return {
    object: presented(target, stored),
    created: true,
    warnings: [...intake.warnings, ...warningsOf(target, stored)],
  }
}

/** Problems of a merged object and of the decoded one; what the merge left null is not told again as missing. */
export function withMergeProblems(
  { problems }: Apportioned,
  others: readonly FieldProblem[],
): readonly FieldProblem[] {
  const own = problems?.() ?? []
  const nulls = new Set(own.map(({ field }) => field))
  return [...own, ...others.filter(({ kind, field }) => kind !== 'required' || !nulls.has(field))]
}

/** All problems of an object beyond its metadata. */
export function objectProblems(
  cluster: Cluster,
  target: Target,
  object: KubeObject,
  { old, part }: { readonly old: KubeObject | undefined; readonly part: 'main' | 'status' },
): readonly FieldProblem[] {
  const { type, version } = target
  const before = old === undefined ? undefined : presented(target, old)
  const all = [...(version.validate?.(object, before) ?? []), ...(type.rules.validate?.(object, old) ?? [])]
  // A status may be written even where a schema that was tightened later forbids the rest of the object.
  const own = part === 'main' ? all : statusProblems(all)
  if (own.length > 0 || part === 'status') return own
  return cluster.admission[`${type.kind}.${type.group}`]?.(object, old) ?? []
}

/** A status is checked as a value of its own: the words of the problem do not name it. */
function statusProblems(problems: readonly FieldProblem[]): readonly FieldProblem[] {
  return problems
    .filter((problem) => /^status(\.|\[|$)|^<nil>$/.test(problem.field))
    .map((problem) => ({ ...problem, detail: problem.detail.replace(/^status\.(?=\S+ in body )/, '') }))
}

/** `Warning:` headers that an accepted object earns. */
export function warningsOf(target: Target, object: KubeObject, old?: KubeObject): readonly string[] {
  const { deprecationWarning } = target.version
  return [
    ...(target.type.builtin ? [] : finalizerWarnings(object, old)),
    ...(deprecationWarning === undefined ? [] : [deprecationWarning]),
    ...(target.type.rules.warnings?.(object) ?? []),
  ]
}

function finalizerWarnings({ metadata }: KubeObject, old: KubeObject | undefined): readonly string[] {
  const before = new Set(old?.metadata.finalizers)
  return (metadata.finalizers ?? [])
    .filter((finalizer) => isUnqualified(finalizer) && !before.has(finalizer))
    .map(
      (finalizer) =>
        `metadata.finalizers: ${JSON.stringify(finalizer)}: prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers`,
    )
}

/** The namespace in an object is that of the request's path, or absent. */
export function checkNamespace(
  type: ResourceType,
  namespace: string,
  metadata: KubeObject['metadata'],
): void {
  const given = textOf(metadata.namespace)
  if (given === '' || given === namespace || !type.namespaced) return
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

function admitToNamespace(cluster: Cluster, type: ResourceType, namespace: string, name: string): void {
  if (!type.namespaced) return
  const found = cluster.store.get(NAMESPACES, namespace)
  if (found === undefined) throw notFound({ group: '', plural: 'namespaces' }, namespace)
  if (!isDeleting(found)) return
  throw forbidden(
    type,
    name,
    `unable to create new content in namespace ${namespace} because it is being terminated`,
    [
      {
        reason: 'NamespaceTerminating',
        message: `namespace ${namespace} is being terminated`,
        field: 'metadata.namespace',
      },
    ],
  )
}

/** The decoded object with who owns what in it. */
function withOwners(
  cluster: Cluster,
  target: Target,
  {
    request,
    intake,
  }: {
    readonly request: WriteOptions & Apportioned & { readonly body: RawBody }
    readonly intake: Intake
  },
): KubeObject {
  const entries =
    request.entries === undefined
      ? entriesAfterUpdate(cluster, target, {
          manager: request.manager ?? '',
          part: 'main',
          old: undefined,
          next: intake.versioned,
          given: fieldsOf(fieldsOf(request.body.value)['metadata'])['managedFields'],
        })
      : request.entries()
  const { managedFields: _, ...metadata } = intake.object.metadata
  return {
    ...intake.object,
    metadata: entries === undefined ? metadata : { ...metadata, managedFields: entries },
  }
}

function prepared(
  cluster: Cluster,
  target: Target,
  decoded: KubeObject,
  request: WriteOptions & { readonly namespace: string },
): KubeObject {
  const { type, version } = target
  const nowMs = cluster.clock.nowMs()
  const metadata = orderedMetadata({
    ...decoded.metadata,
    name: textOf(decoded.metadata.name) || generatedName(cluster, type, request.namespace, decoded),
    namespace: type.namespaced ? request.namespace : undefined,
    uid: cluster.newUid(),
    // Keeps its place among the fields until the store sets it.
    resourceVersion: request.dryRun ? undefined : '',
    generation: type.generation === 'spec' ? 1 : decoded.metadata.generation,
    creationTimestamp: timestamp(nowMs),
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
  })
  const { status, ...rest } = decoded
  const keepsStatus = status !== undefined && (type.statusOnCreate || !version.status)
  const object: KubeObject = { ...rest, metadata, ...(keepsStatus ? { status } : {}) }
  return (
    type.rules.onCreate?.(object, { nowMs, clusterIps: cluster.clusterIps, dryRun: request.dryRun }) ?? object
  )
}

function generatedName(cluster: Cluster, type: ResourceType, namespace: string, decoded: KubeObject): string {
  const base = textOf(decoded.metadata['generateName']).slice(0, MAX_NAME_BASE)
  if (base === '') return ''
  for (let attempt = 1; ; attempt += 1) {
    const name = `${base}${Array.from({ length: GENERATED_LENGTH }, () => NAME_SIGNS[randomInt(NAME_SIGNS.length)]).join('')}`
    const taken = cluster.store.get(type.bucket, storeKey(namespace, name)) !== undefined
    if (!taken || attempt === GENERATE_ATTEMPTS) return name
  }
}
