import type { Cluster } from '../resource/cluster.ts'
import type { Written } from '../resource/create.ts'
import type { Target } from '../resource/resource.ts'
import { flag } from '../resource/list-options.ts'
import { representationFor } from './accept.ts'
import type { AnswerShape } from './accept.ts'
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
    representation: representationFor(asked.request.header('accept'), shapeOf(asked)),
    includeObject: include === 'None' || include === 'Object' ? include : 'Metadata',
    nowMs: cluster.clock.nowMs(),
  }
}

/** Of reads only: what a write answers is not looked at before it is done. */
function shapeOf({ request, path, target: { type } }: ResourceRequest): AnswerShape | undefined {
  if (request.method !== 'GET' || flag(request.query, 'watch') === true) return undefined
  const isList = path.name === ''
  const home = type.group === '' || type.kind === 'Event' ? 'core' : (type.group.split('.')[0] ?? '')
  const kind = isList ? type.listKind : type.kind
  const goType = type.builtin ? `*${home}.${kind}` : `*unstructured.Unstructured${isList ? 'List' : ''}`
  return { isList, goType }
}

/** The answer to a write that went through. */
export function writtenAnswer(cluster: Cluster, asked: ResourceRequest, written: Written): ApiAnswer {
  return {
    ...json(written.created ? 201 : 200, null),
    body: encodeObject(encodingOf(cluster, asked), written.object),
    warnings: written.warnings,
  }
}
