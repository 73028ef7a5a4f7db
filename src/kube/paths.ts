import type { ResourceId } from '../api/object.ts'

export interface ResourcePlace {
  readonly namespace?: string
  readonly name?: string
  readonly subresource?: 'status' | 'scale'
}

/** `/api/v1/…` for the core group, `/apis/<group>/<version>/…` for others, percent-encoded, case kept. */
export function resourcePath(resource: ResourceId, place: ResourcePlace = {}): string {
  const { namespace, name, subresource } = place
  const base = resource.group === '' ? ['api', resource.version] : ['apis', resource.group, resource.version]
  const parts = [
    ...base,
    ...(namespace === undefined || namespace === '' ? [] : ['namespaces', namespace]),
    resource.plural,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ]
  return `/${parts.map(encodeURIComponent).join('/')}`
}

/** `v1`, `apps/v1`. */
export function apiVersionOf(resource: ResourceId): string {
  return resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
}
