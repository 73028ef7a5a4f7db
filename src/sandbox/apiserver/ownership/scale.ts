import type { PathElement } from '../fields/element.ts'
import { difference, hasPath, setOfPaths } from '../fields/field-set.ts'
import { identityOf, withFields } from './owners.ts'
import type { Owner, Owners } from './owners.ts'

/** The apiVersion in which owners of a Scale name its field. */
export const SCALE_VERSION = 'autoscaling/v1'

const REPLICAS = setOfPaths([['f:spec', 'f:replicas']])

/** Where the versions of a resource keep the replicas that its Scale shows. */
export interface ScaleMapping {
  /** Version of the request. */
  readonly apiVersion: string
  /** By `group/version`; an absent version is not served, an empty path has no Scale. */
  readonly paths: ReadonlyMap<string, readonly PathElement[]>
}

/** The owners of a Scale: those who own the replicas of its object. */
export function scaleOwners(parents: Owners, mapping: ScaleMapping): Owners {
  const owners = new Map<string, Owner>()
  for (const owner of parents.values()) {
    const path = mapping.paths.get(owner.apiVersion) ?? []
    if (!hasPath(owner.fields, path)) continue
    const scaled = { ...owner, apiVersion: SCALE_VERSION, fields: REPLICAS }
    owners.set(identityOf(scaled), scaled)
  }
  return owners
}

/**
 * The owners of an object after a write of its Scale. As the real server does it, an updater who still owns the replicas is told by an
 * entry of its own, without time.
 */
export function parentOwners(parents: Owners, scale: Owners, mapping: ScaleMapping): readonly Owner[] {
  const left = new Map(scale)
  const result: Owner[] = []
  for (const [id, owner] of parents) {
    const path = mapping.paths.get(owner.apiVersion)
    if (path === undefined) continue
    if (!hasPath(owner.fields, path)) result.push(owner)
    else if (left.delete(id)) result.push(owner)
    else {
      const kept = withFields(owner, difference(owner.fields, setOfPaths([path])))
      if (kept !== undefined) result.push(kept)
    }
  }
  const replicas = setOfPaths([mapping.paths.get(mapping.apiVersion) ?? []])
  for (const [id, { time: _, ...owner }] of left) {
    if (!hasPath(owner.fields, ['f:spec', 'f:replicas'])) continue
    const time = parents.get(id)?.time
    const { apiVersion } = mapping
    result.push({ ...owner, apiVersion, fields: replicas, ...(time === undefined ? {} : { time }) })
  }
  return result
}
