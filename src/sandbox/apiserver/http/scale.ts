import { methodNotAllowed } from '../model/status.ts'
import { applyPatch, patchKindOf } from '../patch/patch.ts'
import type { Cluster } from '../resource/cluster.ts'
import { getObject } from '../resource/read.ts'
import type { ScalePaths } from '../resource/resource.ts'
import { scaleOf, writeScale } from '../resource/scale.ts'
import type { ScaleRequest } from '../resource/scale.ts'
import type { ResourceRequest } from './asked.ts'
import { mediaTypeOf, parseObject, parsePatch } from './body.ts'
import { parseConfig } from './config.ts'
import { json } from './message.ts'
import type { ApiAnswer } from './message.ts'
import { parseWriteOptions } from './write-options.ts'

const METHODS: readonly string[] = ['GET', 'PUT', 'PATCH']

/** Answer a request of `/scale`: the replica count of an object as an `autoscaling/v1` Scale. */
export function handleScale(cluster: Cluster, asked: ResourceRequest, paths: ScalePaths): ApiAnswer {
  const { request, path, target } = asked
  if (!METHODS.includes(request.method)) throw methodNotAllowed()
  const object = getObject(cluster, target, { namespace: path.namespace, name: path.name })
  switch (request.method) {
    case 'GET':
      return json(200, scaleOf(object, paths))
    case 'PUT': {
      const { value } = parseObject(request, 'Scale')
      return answer(cluster, asked, {
        ...parseWriteOptions(request, 'UpdateOptions'),
        ...path,
        paths,
        next: () => value,
      })
    }
    case 'PATCH':
      return patchScale(cluster, asked, paths)
    default:
      throw methodNotAllowed()
  }
}

function patchScale(cluster: Cluster, asked: ResourceRequest, paths: ScalePaths): ApiAnswer {
  const { request, path } = asked
  const kind = patchKindOf(mediaTypeOf(request), { scale: true })
  if (kind === 'apply') {
    const options = parseWriteOptions(request, 'apply')
    const { value: config } = parseConfig(request, options.fieldValidation)
    return answer(cluster, asked, { ...options, ...path, paths, next: { ...options, config } })
  }
  const { value } = parsePatch(request)
  return answer(cluster, asked, {
    ...parseWriteOptions(request, 'PatchOptions'),
    ...path,
    paths,
    next: (scale) => applyPatch({ kind, resourceKind: 'Scale' }, scale, value),
  })
}

function answer(cluster: Cluster, { target }: ResourceRequest, request: ScaleRequest): ApiAnswer {
  return json(200, writeScale(cluster, target, request))
}
