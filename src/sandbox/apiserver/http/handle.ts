import { StatusError, failure, methodNotAllowed, noSuchResource } from '../model/status.ts'
import type { Cluster } from '../resource/cluster.ts'
import { answerDiscovery } from './discovery.ts'
import { json, text } from './message.ts'
import type { ApiAnswer, ApiRequest } from './message.ts'
import { answerOpenApi } from '../openapi/answer.ts'
import { parseResourcePath } from './path.ts'
import { handleCollection } from './collection.ts'
import { refusedCustom } from './custom-verbs.ts'
import { handleObject } from './object.ts'
import { handleScale } from './scale.ts'
import { handleReview } from './review.ts'
import type { ResourceRequest } from './asked.ts'

/**
 * Answer one request: never throws. What a client did wrong is a Status body; what this server did wrong is one of code 500.
 * @param onError - told of errors that are no Status
 */
export function handleRequest(
  cluster: Cluster,
  request: ApiRequest,
  onError: (error: unknown) => void,
): ApiAnswer {
  try {
    return route(cluster, request)
  } catch (error) {
    if (error instanceof StatusError) return statusAnswer(error)
    onError(error)
    return statusAnswer(failure(500, 'InternalError', 'Internal error occurred'))
  }
}

/** A refused request as an answer. */
export function statusAnswer(error: StatusError): Extract<ApiAnswer, { kind: 'body' }> {
  const { status } = error
  const retryAfterSeconds = status.details?.retryAfterSeconds
  return {
    ...json(status.code ?? 500, status),
    ...(retryAfterSeconds === undefined ? {} : { headers: { 'retry-after': String(retryAfterSeconds) } }),
  }
}

function route(cluster: Cluster, request: ApiRequest): ApiAnswer {
  if (request.path.startsWith('/openapi/')) return answerOpenApi(cluster, request)
  const path = parseResourcePath(request.path)
  if (path === undefined) return answerDiscovery(cluster, request) ?? text(404, '404 page not found\n')
  const review = handleReview(request, path)
  if (review !== undefined) return review
  if (!cluster.catalogue.servesGroup(path.group)) return text(404, '404 page not found\n')
  const target = cluster.catalogue.find(path.group, path.version, path.plural)
  if (target === undefined) throw noSuchResource()
  return handleResource(cluster, { request, path, target })
}

function handleResource(cluster: Cluster, asked: ResourceRequest): ApiAnswer {
  const { path, target } = asked
  const { type, version } = target
  if (!type.namespaced && path.namespace !== '') throw noSuchResource()
  const refused = refusedCustom(asked)
  if (refused !== undefined) return refused
  if (path.name === '') return handleCollection(cluster, asked)
  // A namespaced object is only found below its namespace.
  if (type.namespaced && path.namespace === '') throw noSuchResource()
  switch (path.subresource) {
    case '':
      return handleObject(cluster, asked, 'main')
    case 'status':
      if (!version.status) throw noSuchResource()
      return handleObject(cluster, asked, 'status')
    case 'scale':
      if (version.scale === undefined) throw noSuchResource()
      return handleScale(cluster, asked, version.scale)
    case 'finalize':
      if (type.bucket !== 'namespaces' || asked.request.method !== 'PUT') throw methodNotAllowed()
      return handleObject(cluster, asked, 'main')
    default:
      throw noSuchResource()
  }
}
