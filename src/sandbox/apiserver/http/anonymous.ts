import type { Cluster } from '../resource/cluster.ts'
import { failure, qualified } from '../model/status.ts'
import type { StatusError } from '../model/status.ts'
import { flag } from '../resource/list-options.ts'
import type { ApiRequest } from './message.ts'
import { parseResourcePath } from './path.ts'
import type { ResourcePath } from './path.ts'

/** Open to everybody, as the role `system:public-info-viewer` has it. */
const OPEN_PATHS = new Set(['/healthz', '/livez', '/readyz', '/version', '/version/'])
const USER = 'system:anonymous'
const VERBS: Readonly<Record<string, string>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
}

/** Why a request without credentials is refused: it comes of `system:anonymous`, who may nothing but look at health and version. */
export function anonymousRefusal(cluster: Cluster, request: ApiRequest): StatusError | undefined {
  if (OPEN_PATHS.has(request.path)) return undefined
  const path = parseResourcePath(request.path)
  if (path !== undefined) return resourceRefusal(cluster, request, path)
  const verb = request.method.toLowerCase()
  return failure(403, 'Forbidden', `forbidden: User "${USER}" cannot ${verb} path "${request.path}"`, {
    details: {},
  })
}

function resourceRefusal(cluster: Cluster, request: ApiRequest, path: ResourcePath): StatusError {
  const { group, plural, name, namespace, subresource } = path
  const resource = subresource === '' ? plural : `${plural}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`
  const what = [qualified({ group, plural }), ...(name === '' ? [] : [`"${name}"`])].join(' ')
  const words = `${what} is forbidden: User "${USER}" cannot ${verbOf(request, name)} resource "${resource}" in API group "${group}" ${where}`
  return failure(403, 'Forbidden', words, {
    details: {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      kind: cluster.catalogue.find(group, path.version, plural)?.type.plural ?? plural,
    },
  })
}

function verbOf({ method, query }: ApiRequest, name: string): string {
  if (method === 'DELETE' && name === '') return 'deletecollection'
  if (method !== 'GET') return VERBS[method] ?? method.toLowerCase()
  if (name !== '') return 'get'
  return flag(query, 'watch') === true ? 'watch' : 'list'
}
