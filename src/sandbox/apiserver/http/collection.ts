import { methodNotAllowed } from '../model/status.ts'
import type { Cluster } from '../resource/cluster.ts'
import { createObject } from '../resource/create.ts'
import { deleteObject } from '../resource/delete.ts'
import { flag, parseListOptions } from '../resource/list-options.ts'
import { listObjects } from '../resource/read.ts'
import { acceptWatch } from '../resource/watch.ts'
import { representationFor } from './accept.ts'
import { parseObject } from './body.ts'
import { encodePage, eventEncoder } from './encode.ts'
import { encodingOf, writtenAnswer } from './asked.ts'
import type { ResourceRequest } from './asked.ts'
import { deleteOptionsOf } from './delete-options.ts'
import { json } from './message.ts'
import type { AnswerStream, ApiAnswer, OpenStream } from './message.ts'
import { parseWriteOptions } from './write-options.ts'

/** Answer a request of all objects of a kind, or a create. */
export function handleCollection(cluster: Cluster, asked: ResourceRequest): ApiAnswer {
  switch (asked.request.method) {
    case 'GET':
      return flag(asked.request.query, 'watch') === true ? watch(cluster, asked) : list(cluster, asked)
    case 'POST':
      return create(cluster, asked)
    case 'DELETE':
      return deleteAll(cluster, asked)
    default:
      throw methodNotAllowed()
  }
}

function list(cluster: Cluster, asked: ResourceRequest): ApiAnswer {
  const encoding = encodingOf(cluster, asked)
  const options = parseListOptions(asked.request.query)
  const page = listObjects(cluster, asked.target, { namespace: asked.path.namespace, options })
  return { ...json(200, null), body: encodePage(encoding, page) }
}

function watch(cluster: Cluster, asked: ResourceRequest): ApiAnswer {
  const encoding = encodingOf(cluster, asked)
  const options = parseListOptions(asked.request.query)
  const accepted = acceptWatch(cluster, asked.target, { namespace: asked.path.namespace, options })
  return {
    kind: 'stream',
    contentType: 'application/json',
    open: (stream) => {
      const encode = eventEncoder(encoding, () => cluster.clock.nowMs())
      const opened = accepted.open({ event: (event) => stream.write(encode(event)), end: () => stream.end() })
      return endWithResource(cluster, asked, stream, opened)
    },
  }
}

/** A watch of a resource that is no longer served ends. */
function endWithResource(
  cluster: Cluster,
  asked: ResourceRequest,
  stream: AnswerStream,
  watch: OpenStream,
): OpenStream {
  const { group, version, plural } = asked.path
  const forget = cluster.catalogue.onChange(() => {
    if (cluster.catalogue.find(group, version, plural) !== undefined) return
    stop()
    stream.end()
  })
  const stop = (): void => {
    forget()
    watch.stop()
  }
  return { stop, expire: () => watch.expire() }
}

function create(cluster: Cluster, asked: ResourceRequest): ApiAnswer {
  const { request, path, target } = asked
  if (target.type.namespaced && path.namespace === '') throw methodNotAllowed()
  representationFor(request.header('accept'))
  const options = parseWriteOptions(request, 'CreateOptions')
  const written = createObject(cluster, target, {
    ...options,
    namespace: path.namespace,
    body: parseObject(request, target.type.kind),
  })
  return writtenAnswer(cluster, asked, written)
}

function deleteAll(cluster: Cluster, asked: ResourceRequest): ApiAnswer {
  const { path, target } = asked
  if (!target.type.verbs.includes('deletecollection')) throw methodNotAllowed()
  if (target.type.namespaced && path.namespace === '') throw methodNotAllowed()
  const encoding = encodingOf(cluster, asked)
  const options = parseListOptions(asked.request.query)
  const { dryRun, policy, warnings } = deleteOptionsOf(asked)
  const how = { dryRun, ...(policy === undefined ? {} : { policy }) }
  const page = listObjects(cluster, target, { namespace: path.namespace, options })
  for (const { metadata } of page.items) {
    deleteObject(cluster, target, { namespace: metadata.namespace ?? '', name: metadata.name, ...how })
  }
  return { ...json(200, null), body: encodePage(encoding, page), warnings }
}
