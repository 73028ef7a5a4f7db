import { methodNotAllowed } from '../model/status.ts'
import { applyPatch, patchKindOf } from '../patch/patch.ts'
import type { Cluster } from '../resource/cluster.ts'
import type { Written } from '../resource/create.ts'
import { deleteObject } from '../resource/delete.ts'
import { applyObject } from '../resource/apply.ts'
import { getObject } from '../resource/read.ts'
import { updateObject } from '../resource/update.ts'
import { representationFor } from './accept.ts'
import { mediaTypeOf, parseObject, parsePatch } from './body.ts'
import { parseConfig } from './config.ts'
import { encodeObject } from './encode.ts'
import { encodingOf, writtenAnswer } from './asked.ts'
import type { ResourceRequest } from './asked.ts'
import { deleteOptionsOf } from './delete-options.ts'
import { json } from './message.ts'
import type { ApiAnswer } from './message.ts'
import { parseWriteOptions } from './write-options.ts'

/** Answer a request of one object or of its `/status`. */
export function handleObject(cluster: Cluster, asked: ResourceRequest, part: 'main' | 'status'): ApiAnswer {
  switch (asked.request.method) {
    case 'GET':
      return getOne(cluster, asked)
    case 'PUT':
      return replaceOne(cluster, asked, part)
    case 'PATCH':
      return patchOne(cluster, asked, part)
    case 'DELETE':
      if (part === 'status') throw methodNotAllowed()
      return deleteOne(cluster, asked)
    default:
      throw methodNotAllowed()
  }
}

function getOne(cluster: Cluster, asked: ResourceRequest): ApiAnswer {
  const { path, target } = asked
  const encoding = encodingOf(cluster, asked)
  const version = asked.request.query.get('resourceVersion') ?? ''
  const object = getObject(cluster, target, { ...path, version })
  return { ...json(200, null), body: encodeObject(encoding, object) }
}

function replaceOne(cluster: Cluster, asked: ResourceRequest, part: 'main' | 'status'): ApiAnswer {
  const { path, target, request } = asked
  representationFor(request.header('accept'))
  const options = parseWriteOptions(request, 'UpdateOptions')
  const body = parseObject(request, target.type.kind)
  const written = updateObject(cluster, target, {
    ...options,
    namespace: path.namespace,
    name: path.name,
    part,
    change: () => body,
    replace: true,
  })
  return writtenAnswer(cluster, asked, written)
}

function patchOne(cluster: Cluster, asked: ResourceRequest, part: 'main' | 'status'): ApiAnswer {
  const { path, target, request } = asked
  representationFor(request.header('accept'))
  const kind = patchKindOf(mediaTypeOf(request), target.version)
  if (kind === 'apply') return applyOne(cluster, asked, part)
  const options = parseWriteOptions(request, 'PatchOptions')
  const written = updateObject(cluster, target, {
    ...options,
    namespace: path.namespace,
    name: path.name,
    part,
    change: (current) => {
      const patch = parsePatch(request)
      const how = { kind, version: target.version, resourceKind: target.type.kind }
      return { value: applyPatch(how, current, patch.value), duplicates: patch.duplicates }
    },
    replace: false,
  })
  return writtenAnswer(cluster, asked, written)
}

function applyOne(cluster: Cluster, asked: ResourceRequest, part: 'main' | 'status'): ApiAnswer {
  const { path, target, request } = asked
  const options = parseWriteOptions(request, 'apply')
  const { value: config, warnings } = parseConfig(request, options.fieldValidation)
  const { namespace, name } = path
  const written = applyObject(cluster, target, { ...options, namespace, name, part, config })
  return writtenAnswer(cluster, asked, { ...written, warnings: [...warnings, ...written.warnings] })
}

function deleteOne(cluster: Cluster, asked: ResourceRequest): ApiAnswer {
  const { path, target, request } = asked
  representationFor(request.header('accept'))
  const { warnings, ...options } = deleteOptionsOf(asked)
  const answer = deleteObject(cluster, target, { namespace: path.namespace, name: path.name, ...options })
  if (answer.kind === 'Status') return { ...json(200, answer), warnings }
  const object = answer as Written['object'] // a Status is told apart by its kind
  return { ...json(200, null), body: encodeObject(encodingOf(cluster, asked), object), warnings }
}
