import type { Cluster } from '../resource/cluster.ts'
import { openApiDocument, openApiPaths } from '../openapi/document.ts'
import { json, text } from './message.ts'
import type { ApiAnswer, ApiRequest } from './message.ts'

/** Answer `/openapi/v3` and the documents below it. `/openapi/v2` is not served: no kubectl of 1.27 or newer needs it. */
export function answerOpenApi(cluster: Cluster, request: ApiRequest): ApiAnswer {
  if (request.path === '/openapi/v3' || request.path === '/openapi/v3/') {
    return json(200, { paths: openApiPaths(cluster.catalogue) })
  }
  const match = /^\/openapi\/v3\/(api\/[^/]+|apis\/[^/]+\/[^/]+)$/.exec(request.path)
  const document = match === null ? undefined : openApiDocument(cluster.catalogue, match[1]!) // group 1 is not optional
  return document === undefined ? text(404, '404 page not found\n') : json(200, document)
}
