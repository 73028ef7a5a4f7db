/** Verbs of requests as RBAC calls them (Kubernetes, "Authorization", request verbs). */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete'

/** `/api/v1/…` or `/apis/<group>/<version>/…`, with or without namespace, name and subresource. */
const RESOURCE =
  /^\/(?:api\/[^/]+|apis\/(?<group>[^/]+)\/[^/]+)(?:\/namespaces\/[^/]+)?\/(?<plural>[^/]+)(?<name>\/[^/]+)?(?<sub>\/[^/]+)?$/

/** As much of a request as its right depends on. */
export interface AskedFor {
  readonly method?: 'GET' | keyof typeof WRITES
  readonly path: string
  readonly query?: Readonly<Record<string, unknown>>
}

const WRITES = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
} as const satisfies Readonly<Record<string, Verb>>

/** The verb that a request needs. */
export function verbOf({ method = 'GET', path, query }: AskedFor): Verb {
  if (method !== 'GET') return WRITES[method]
  const groups = RESOURCE.exec(path)?.groups
  if (groups === undefined || groups['name'] !== undefined) return 'get'
  return query?.['watch'] === true ? 'watch' : 'list'
}

/**
 * The right that a request needs, in the words of roles: `watch services`,
 * `patch domains/status of multiclusterdns.kubefed.io`, `get /healthz`. Without names: a closed set.
 */
export function rightOf(request: AskedFor): string {
  const verb = verbOf(request)
  const groups = RESOURCE.exec(request.path)?.groups
  if (groups === undefined) return `${verb} ${request.path}`
  const { group, plural = '', sub = '' } = groups
  return `${verb} ${plural}${sub}${group === undefined ? '' : ` of ${group}`}`
}
