import { isDeepStrictEqual } from 'node:util'
import type { KubeObject } from '../api/object.ts'
import type { ObjectAccess } from './apiserver/types.ts'
import { apiVersionOf, BUILT_IN_KINDS, kindsOfDefinition, type ResourceKind } from './resources.ts'

/** Objects on their way into one cluster. */
export interface Applying {
  readonly objects: ObjectAccess
  /** CustomResourceDefinitions that are installed or on their way, for their kinds. */
  readonly definitions: readonly KubeObject[]
}

/** Kinds that others need first. */
const FIRST = ['CustomResourceDefinition', 'Namespace', 'Node', 'Secret']

/** Sort so that each object comes after what it needs; otherwise the order stays. */
export function inOrderOfNeed<T>(items: readonly T[], objectOf: (item: T) => KubeObject): readonly T[] {
  const rank = (item: T) => {
    const index = FIRST.indexOf(objectOf(item).kind)
    return index < 0 ? FIRST.length : index
  }
  return [...items].sort((a, b) => rank(a) - rank(b))
}

/**
 * Create an object, or bring what there is to its content (metadata maps are merged, everything else is replaced).
 * A namespaced object without namespace goes to `default`. `status`, where given, is written too.
 * @throws Error for a kind that nobody serves; whatever the API server throws for the object itself
 */
export function applyObject(applying: Applying, object: KubeObject): void {
  const resource = resourceOf(applying.definitions, object)
  if (resource === undefined) {
    const kinds = `${object.kind} of ${object.apiVersion}`
    throw new Error(`no such kind: ${kinds}; apply its CustomResourceDefinition as well`)
  }
  const { objects } = applying
  const placed = inNamespace(resource, object)
  const { namespace = '', name } = placed.metadata
  const there = objects.get(resource, namespace, name)
  const stored =
    there === undefined ? objects.create(resource, placed) : objects.update(resource, merged(there, placed))
  const status = object['status']
  if (status !== undefined && !isDeepStrictEqual(stored['status'], status))
    objects.updateStatus(resource, { ...stored, status })
}

/** The resource of an object's apiVersion and kind, among built-in and custom ones. */
export function resourceOf(definitions: readonly KubeObject[], object: KubeObject): ResourceKind | undefined {
  const matches = (resource: ResourceKind) =>
    resource.kind === object.kind && apiVersionOf(resource) === object.apiVersion
  return BUILT_IN_KINDS.find(matches) ?? definitions.flatMap(kindsOfDefinition).find(matches)
}

function inNamespace(resource: ResourceKind, object: KubeObject): KubeObject {
  // what a server sets by itself is dropped, so that exported objects can be applied
  const { namespace, uid: _, resourceVersion: __, creationTimestamp: ___, ...metadata } = object.metadata
  if (!resource.namespaced) return { ...object, metadata }
  return { ...object, metadata: { ...metadata, namespace: namespace ?? 'default' } }
}

function merged(there: KubeObject, given: KubeObject): KubeObject {
  return {
    ...there,
    ...given,
    metadata: {
      ...there.metadata,
      ...given.metadata,
      ...mergedMap('labels', there, given),
      ...mergedMap('annotations', there, given),
    },
  }
}

function mergedMap(
  field: 'labels' | 'annotations',
  there: KubeObject,
  given: KubeObject,
): Partial<Pick<KubeObject['metadata'], 'labels' | 'annotations'>> {
  const both = { ...there.metadata[field], ...given.metadata[field] }
  return Object.keys(both).length === 0 ? {} : { [field]: both }
}
