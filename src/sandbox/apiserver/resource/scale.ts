import type { KubeObject } from '../../../api/object.ts'
import { EMPTY_SET } from '../fields/field-set.ts'
import { badRequest, failure, notFound } from '../model/status.ts'
import { fieldsOf, isFields, numberOf, textOf, valueAt, withValueAt } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import { formatSelector } from '../model/structured-selector.ts'
import { builtinTypes } from '../builtin/types.ts'
import type { Tracking } from '../ownership/change.ts'
import { NO_OWNERS, entriesOf, parseOwners } from '../ownership/owners.ts'
import type { ManagedFieldsEntry, Owners } from '../ownership/owners.ts'
import { SCALE_VERSION, parentOwners, scaleOwners } from '../ownership/scale.ts'
import type { ScaleMapping } from '../ownership/scale.ts'
import { ownersAfterUpdate } from '../ownership/update.ts'
import { applyConfiguration } from './apply.ts'
import type { ApplyOutcome, Configuration } from './apply.ts'
import { timestamp } from './cluster.ts'
import type { Cluster } from './cluster.ts'
import type { WriteOptions } from './create.ts'
import { apiVersionOf, apiVersionOfTarget } from './resource.ts'
import type { ScalePaths, Target } from './resource.ts'
import { updateObject } from './update.ts'

const SCALE: Tracking = {
  apiVersion: SCALE_VERSION,
  types: builtinTypes('io.k8s.api.autoscaling.v1.Scale'),
  subresource: 'scale',
  ignored: EMPTY_SET,
  version: () => undefined,
}

/** A write of `/scale`. */
export interface ScaleRequest extends WriteOptions {
  readonly namespace: string
  readonly name: string
  readonly paths: ScalePaths
  /** The new Scale, made from the present one; or a configuration to apply to it. */
  readonly next: ((scale: KubeObject) => unknown) | Configuration
}

/**
 * Write the replicas of an object by way of its Scale. Owners of the Scale are those of the replicas.
 * @returns the Scale
 * @throws StatusError as updateObject and applyObject
 */
export function writeScale(cluster: Cluster, target: Target, request: ScaleRequest): KubeObject {
  const { name, paths, next } = request
  let entries: readonly ManagedFieldsEntry[] | undefined
  const written = updateObject(cluster, target, {
    ...request,
    part: 'main',
    replace: false,
    entries: () => entries,
    change: (current) => {
      if (current === undefined) throw notFound(target.type, name)
      const parents = parseOwners(current.metadata['managedFields']) ?? NO_OWNERS
      const mapping = mappingOf(target)
      const before = scaleOwners(parents, mapping)
      const scale = scaleOf(current, paths)
      const time = timestamp(cluster.clock.nowMs())
      const outcome =
        typeof next === 'function'
          ? updated(before, { scale, next: next(scale), manager: request.manager ?? '', time })
          : appliedScale(target, before, { scale, configuration: next, time })
      entries = entriesOf(parentOwners(parents, outcome.owners, mapping))
      return { value: withReplicas(current, request, outcome.object), duplicates: [] }
    },
  })
  return scaleOf(written.object, paths)
}

function updated(
  before: Owners,
  change: {
    readonly scale: KubeObject
    readonly next: unknown
    readonly manager: string
    readonly time: string
  },
): ApplyOutcome {
  const { scale, next, manager, time } = change
  if (!isFields(next)) throw badRequest('the object provided is unrecognized (must be of type Scale)')
  // Nobody tracks what has no owners: as everywhere.
  if (before.size === 0) return { object: next, owners: before }
  return { object: next, owners: ownersAfterUpdate(SCALE, before, { manager, old: scale, next, time }) }
}

function appliedScale(
  target: Target,
  owners: Owners,
  change: { readonly scale: KubeObject; readonly configuration: Configuration; readonly time: string },
): ApplyOutcome {
  const { scale, configuration, time } = change
  const empty = { kind: 'Scale', apiVersion: SCALE_VERSION, metadata: {}, spec: {}, status: { replicas: 0 } }
  if (owners.size === 0 && !target.type.builtin) throw unownedScale()
  return applyConfiguration(
    { tracking: SCALE, kind: 'Scale', empty, live: scale, owners, time },
    configuration,
  )
}

/** What the real server says when replicas of a custom resource that nobody owns are applied by way of its Scale. */
function unownedScale(): Error {
  return failure(
    500,
    '',
    'failed to create manager for existing fields: failed to convert live object (/; autoscaling/v1, Kind=Scale) to proper version: request to convert CR to an invalid group/version: autoscaling/v1',
  )
}

function mappingOf(target: Target): ScaleMapping {
  const { type } = target
  return {
    apiVersion: apiVersionOfTarget(target),
    paths: new Map(
      type.versions.map(({ version, scale }) => [
        apiVersionOf(type.group, version),
        (scale?.specReplicas ?? []).map((name) => `f:${name}`),
      ]),
    ),
  }
}

/** The object with the replicas that a Scale asks for; a version in the Scale is a precondition. */
function withReplicas(
  object: KubeObject,
  { name, paths }: ScaleRequest,
  scale: Readonly<Fields>,
): KubeObject {
  const metadata = fieldsOf(scale['metadata'])
  if (textOf(metadata['name']) !== name) {
    throw badRequest(
      `the name of the object (${textOf(metadata['name'])}) does not match the name on the URL (${name})`,
    )
  }
  const replicas = valueAt(scale, ['spec', 'replicas']) ?? 0
  const scaled = withValueAt(object, paths.specReplicas, replicas)
  return {
    ...scaled,
    metadata: {
      ...scaled.metadata,
      resourceVersion: textOf(metadata['resourceVersion']),
      uid: textOf(metadata['uid']),
    },
  }
}

/** The replica count of an object as an `autoscaling/v1` Scale. */
export function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const replicas = numberOf(valueAt(object, paths.specReplicas))
  const selector =
    paths.labelSelector === undefined
      ? formatSelector(valueAt(object, ['spec', 'selector']))
      : textOf(valueAt(object, paths.labelSelector))
  return {
    kind: 'Scale',
    apiVersion: SCALE_VERSION,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberOf(valueAt(object, paths.statusReplicas)),
      ...(selector === '' ? {} : { selector }),
    },
  }
}
