import { failure, invalid } from '../model/status.ts'
import { fieldsOf, isFields, listOf, textOf } from '../model/values.ts'
import type { Cluster } from '../resource/cluster.ts'
import type { Written } from '../resource/create.ts'
import type { Preconditions } from '../resource/delete.ts'
import type { Target } from '../resource/resource.ts'
import type { FieldProblem } from '../types.ts'
import { representationFor } from './accept.ts'
import { parseDeleteOptions } from './body.ts'
import { encodeObject } from './encode.ts'
import type { Encoding } from './encode.ts'
import { json } from './message.ts'
import type { ApiAnswer, ApiRequest } from './message.ts'
import type { ResourcePath } from './path.ts'
import { dryRunProblems } from './write-options.ts'

const PROPAGATION = ['Foreground', 'Background', 'Orphan']

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

/** Options of a DELETE, from the body and the query. */
export function deleteOptionsOf(asked: ResourceRequest): {
  readonly dryRun: boolean
  readonly preconditions: Preconditions
} {
  const { request } = asked
  const body = parseDeleteOptions(request)
  const dryRun = [...listOf(body['dryRun']).map(textOf), ...request.query.getAll('dryRun')].filter(
    (value) => value !== '',
  )
  const propagation = textOf(body['propagationPolicy']) || (request.query.get('propagationPolicy') ?? '')
  const problems: FieldProblem[] = dryRunProblems(dryRun)
  if (propagation !== '' && !PROPAGATION.includes(propagation)) {
    const detail = 'supported values: "Foreground", "Background", "Orphan", "nil"'
    problems.push({ field: 'propagationPolicy', kind: 'unsupported', detail, value: propagation })
  }
  if (problems.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', problems)
  const wanted = fieldsOf(body['preconditions'])
  if (body['preconditions'] !== undefined && !isFields(body['preconditions'])) {
    throw failure(400, 'BadRequest', 'preconditions must be an object')
  }
  const uid = textOf(wanted['uid'])
  const resourceVersion = textOf(wanted['resourceVersion'])
  return {
    dryRun: dryRun.length > 0,
    preconditions: {
      ...(uid === '' ? {} : { uid }),
      ...(resourceVersion === '' ? {} : { resourceVersion }),
    },
  }
}
