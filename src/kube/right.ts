import type { KubeRequest, Method } from './transport.ts'

/** Verbs of requests as RBAC calls them (Kubernetes, "Authorization", request verbs). */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'

/** `/api/v1/…` or `/apis/<group>/<version>/…`, with or without namespace, name and subresource. */
const RESOURCE =
  /^\/(?:api\/[^/]+|apis\/(?<group>[^/]+)\/[^/]+)(?:\/namespaces\/[^/]+)?\/(?<plural>[^/]+)(?<name>\/[^/]+)?(?<sub>\/[^/]+)?$/

const WRITES: Readonly<Record<Exclude<Method, 'GET'>, Verb>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** The verb that a request needs. */
export function verbOf({
  method = 'GET',
  path,
  query,
}: Pick<KubeRequest, 'method' | 'path' | 'query'>): Verb {
  if (method !== 'GET') return WRITES[method]
  const groups = RESOURCE.exec(path)?.groups
  if (groups === undefined || groups['name'] !== undefined) return 'get'
  return query?.['watch'] === true ? 'watch' : 'list'
}

/**
 * The right that a request needs, in the words of roles: `watch services`,
 * `patch domains/status of multiclusterdns.kubefed.io`, `get /healthz`. Without names: a closed set.
 */
export function rightOf(request: Pick<KubeRequest, 'method' | 'path' | 'query'>): string {
  const verb = verbOf(request)
  const groups = RESOURCE.exec(request.path)?.groups
  if (groups === undefined) return `${verb} ${request.path}`
  const { group, plural = '', sub = '' } = groups
  return `${verb} ${plural}${sub}${group === undefined ? '' : ` of ${group}`}`
}
