import type { KubeObject } from '../../../api/object.ts'
import { typeProblems } from '../fields/type-problem.ts'
import { FieldTypeError } from '../fields/forms.ts'
import { badRequest, conflict, failure, notFound } from '../model/status.ts'
import { fieldsOf, textOf, withValueAt } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { Tracking } from '../ownership/change.ts'
import { applyConflict } from '../ownership/conflict.ts'
import { appliedByKubectl } from '../ownership/last-applied.ts'
import { NO_OWNERS, entriesOf, parseOwners } from '../ownership/owners.ts'
import type { ManagedFieldsEntry, Owners } from '../ownership/owners.ts'
import { ownersAfterUpdate } from '../ownership/update.ts'
import { storeKey } from '../store/store.ts'
import { timestamp } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import { createObject } from './create.ts'
import type { WriteOptions, Written } from './create.ts'
import type { FieldProblem } from '../types.ts'
import type { Target } from './resource.ts'
import { bare, emptyObject, trackingOf } from './tracking.ts'
import type { WrittenPart } from './tracking.ts'
import { checkIdentity, updateObject } from './update.ts'

/** Fields that were there before anybody applied. */
const BEFORE_FIRST_APPLY = 'before-first-apply'

/** Options of an apply and what is applied. */
export interface Configuration extends WriteOptions {
  /** Take fields of others. */
  readonly force: boolean
  /** All that the manager wants. */
  readonly config: Readonly<Fields>
}

/** A server-side apply of an object or of its `/status`. */
export interface ApplyRequest extends Configuration {
  readonly namespace: string
  readonly name: string
  readonly part: WrittenPart
}

/**
 * Apply a configuration; creates the object when there is none.
 * @throws StatusError as the HTTP side answers: 400, 404, 409 (conflicts, versions), 422, 500 (fields that the schema lacks)
 */
export function applyObject(cluster: Cluster, target: Target, request: ApplyRequest): Written {
  const { type } = target
  const { namespace, name, config } = request
  const exists = cluster.store.get(type.bucket, storeKey(namespace, name)) !== undefined
  if (!exists) return createByApply(cluster, target, request)
  let entries: readonly ManagedFieldsEntry[] | undefined
  let problems: readonly FieldProblem[] = []
  return updateObject(cluster, target, {
    ...request,
    replace: false,
    entries: () => entries,
    problems: () => problems,
    change: (current) => {
      const next = appliedTo(cluster, target, { request, current })
      entries = entriesOf(next.owners.values())
      problems = target.version.mergeProblems?.(next.object) ?? []
      const version = fieldsOf(config['metadata'])['resourceVersion']
      const value = withValueAt(next.object, ['metadata', 'resourceVersion'], version)
      return { value, duplicates: [] }
    },
  })
}

function createByApply(cluster: Cluster, target: Target, request: ApplyRequest): Written {
  const { type } = target
  const { name, part } = request
  const { object, owners } = appliedTo(cluster, target, { request, current: undefined })
  if (part === 'status' && !type.createOnUpdate) throw notFound(type, name)
  const named = { ...object, metadata: fieldsOf(object['metadata']) } as unknown as KubeObject // of this kind: it was checked
  checkIdentity(type, request, named)
  const uid = textOf(named.metadata.uid)
  if (uid !== '') {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
    throw conflict(type, name, why)
  }
  const value = withValueAt(named, ['metadata', 'resourceVersion'], undefined)
  const entries = entriesOf(owners.values())
  return createObject(cluster, target, {
    ...request,
    body: { value, duplicates: [] },
    entries: () => entries,
    problems: () => target.version.mergeProblems?.(object) ?? [],
  })
}

function appliedTo(
  cluster: Cluster,
  target: Target,
  { request, current }: { readonly request: ApplyRequest; readonly current: KubeObject | undefined },
): ApplyOutcome {
  const owners = current === undefined ? NO_OWNERS : parseOwners(current.metadata['managedFields'])
  const empty = emptyObject(target)
  const subject: ApplySubject = {
    tracking: trackingOf(target, request.part),
    kind: target.type.kind,
    empty,
    live: bare(current ?? empty),
    owners: owners ?? NO_OWNERS,
    time: timestamp(cluster.clock.nowMs()),
  }
  return applyConfiguration(subject, request)
}

/** What a configuration is applied to. */
export interface ApplySubject {
  readonly tracking: Tracking
  readonly kind: string
  /** The object before anything is set. */
  readonly empty: Readonly<Fields>
  /** The present state, without its owners. */
  readonly live: Readonly<Fields>
  readonly owners: Owners
  readonly time: string
}

/** The new state and who owns what of it. */
export interface ApplyOutcome {
  readonly object: Readonly<Fields>
  readonly owners: Owners
}

/**
 * Check a configuration and apply it to a state. What nobody owns in an object that nobody has applied yet belongs to
 * `before-first-apply` from now on.
 * @throws StatusError 400, 409 (conflicts), 500 (fields that the schema lacks)
 */
export function applyConfiguration(subject: ApplySubject, request: Configuration): ApplyOutcome {
  const { tracking, live, time, empty } = subject
  const { manager = '', config, force } = request
  checkConfiguration(subject, config)
  try {
    const first = { manager: BEFORE_FIRST_APPLY, old: empty, next: live, time }
    const owners =
      subject.owners.size > 0 ? subject.owners : ownersAfterUpdate(tracking, subject.owners, first)
    const result = appliedByKubectl(tracking, owners, { manager, live, config, force, time })
    if (result.kind === 'conflict') throw applyConflict(result.conflicts)
    const object = (result.object ?? live) as Readonly<Fields> // merged objects are objects
    return { object, owners: result.owners }
  } catch (error) {
    if (error instanceof FieldTypeError) throw failure(500, '', `failed to merge config: ${error.message}`)
    throw error
  }
}

/** A configuration is of the kind and version of the path, names no owners, and fits the schema. */
function checkConfiguration({ tracking, kind: expected }: ApplySubject, config: Readonly<Fields>): void {
  const kind = textOf(config['kind'])
  const apiVersion = textOf(config['apiVersion'])
  if (kind !== expected || apiVersion !== tracking.apiVersion) {
    const shown = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
    throw badRequest(`invalid object type: ${shown}, Kind=${kind}`)
  }
  const metadata = fieldsOf(config['metadata'])
  const entries = metadata['managedFields']
  if (entries !== undefined && entries !== null) throw badRequest('metadata.managedFields must be nil')
  const problems = typeProblems(tracking.types, config).map((problem) => problem.replace(/^: /, ''))
  if (problems.length === 0) return
  const version = apiVersion.includes('/') ? apiVersion : `/${apiVersion}`
  const place = `${textOf(metadata['namespace'])}/${textOf(metadata['name'])}; ${version}, Kind=${kind}`
  const told =
    problems.length === 1 ? problems[0] : ['errors:', ...problems.map((line) => `  ${line}`)].join('\n')
  throw failure(500, '', `failed to create typed patch object (${place}): ${told}`)
}
