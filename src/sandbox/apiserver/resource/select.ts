import type { KubeObject } from '../../../api/object.ts'
import { parseFieldSelector, selectsFields } from '../model/field-selector.ts'
import { parseLabelSelector } from '../model/label-selector.ts'
import type { ResourceType } from './resource.ts'

/** Which objects of a type a request is about. */
export interface Selection {
  /** Key prefix in the bucket: `<namespace>/`, or empty. */
  readonly prefix: string
  /** True when every object below the prefix is meant. */
  readonly everything: boolean
  matches(object: KubeObject): boolean
}

/** What a request says about the objects it means. */
export interface SelectionRequest {
  readonly namespace: string
  readonly labelSelector: string
  readonly fieldSelector: string
}

/** @throws StatusError 400 for selectors that do not parse or name unknown fields */
export function selectionOf(type: ResourceType, request: SelectionRequest): Selection {
  const labels = parseLabelSelector(request.labelSelector)
  const fields = parseFieldSelector(
    request.fieldSelector,
    type.rules.selectableFields ?? (type.builtin ? undefined : []),
  )
  const everything = request.labelSelector.trim() === '' && fields.length === 0
  return {
    prefix: request.namespace === '' ? '' : `${request.namespace}/`,
    everything,
    matches: (object) =>
      everything ||
      (labels(object.metadata.labels ?? {}) &&
        (fields.length === 0 || selectsFields(fields, fieldValues(type, object)))),
  }
}

function fieldValues(type: ResourceType, object: KubeObject): Readonly<Record<string, string>> {
  return {
    ...type.rules.selectable?.(object),
    'metadata.name': object.metadata.name,
    'metadata.namespace': object.metadata.namespace ?? '',
  }
}
