import type { Cluster } from '../resource/cluster.ts'
import type { Written } from '../resource/create.ts'
import type { Target } from '../resource/resource.ts'
import { representationFor } from './accept.ts'
import { encodeObject } from './encode.ts'
import type { Encoding } from './encode.ts'
import { json } from './message.ts'
import type { ApiAnswer, ApiRequest } from './message.ts'
import type { ResourcePath } from './path.ts'

/** A request of a resource, with what its path means. */
export interface ResourceRequest {
  readonly request: ApiRequest
  readonly path: ResourcePath
  readonly target: Target
}

/** How the client of a request wants objects. */
export function encodingOf(cluster: Cluster, asked: ResourceRequest): Encoding {
  const include = asked.request.query.get('includeObject')
  return {
    target: asked.target,
    representation: representationFor(asked.request.header('accept')),
    includeObject: include === 'None' || include === 'Object' ? include : 'Metadata',
    nowMs: cluster.clock.nowMs(),
  }
}

/** The answer to a write that went through. */
export function writtenAnswer(cluster: Cluster, asked: ResourceRequest, written: Written): ApiAnswer {
  return {
    ...json(written.created ? 201 : 200, null),
    body: encodeObject(encodingOf(cluster, asked), written.object),
    warnings: written.warnings,
  }
}
