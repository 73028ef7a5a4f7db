import { openApiDocument, openApiPaths } from './document.ts'
import { OPENAPI_V2_PROTOBUF, openApiV2Json, openApiV2Protobuf } from './v2.ts'
import type { Cluster } from '../resource/cluster.ts'
import { json, text } from '../http/message.ts'
import type { ApiAnswer, ApiRequest } from '../http/message.ts'

/** Answer `/openapi/v3` and the documents below it, and the little of `/openapi/v2` that kubectl 1.27 asks for. */
export function answerOpenApi(cluster: Cluster, request: ApiRequest): ApiAnswer {
  const { catalogue } = cluster
  const path = request.path.replace(/\/$/, '')
  if (path === '/openapi/v2') {
    if (!(request.header('accept') ?? '').includes('proto-openapi'))
      return json(200, openApiV2Json(catalogue))
    return { ...json(200, null), contentType: OPENAPI_V2_PROTOBUF, body: openApiV2Protobuf(catalogue) }
  }
  if (path === '/openapi/v3') return json(200, { paths: openApiPaths(catalogue) })
  const match = /^\/openapi\/v3\/(api\/[^/]+|apis\/[^/]+\/[^/]+)$/.exec(path)
  const document = match === null ? undefined : openApiDocument(catalogue, match[1]!) // group 1 is not optional
  return document === undefined ? text(404, '404 page not found\n') : json(200, document)
}
