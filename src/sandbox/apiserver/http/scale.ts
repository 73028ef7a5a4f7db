import type { KubeObject } from '../../../api/object.ts'
import { badRequest, methodNotAllowed, notFound } from '../model/status.ts'
import { fieldsOf, isFields, numberOf, textOf, valueAt, withValueAt } from '../model/values.ts'
import { applyPatch, patchKindOf } from '../patch/patch.ts'
import type { Cluster } from '../resource/cluster.ts'
import { getObject } from '../resource/read.ts'
import type { ScalePaths } from '../resource/resource.ts'
import { updateObject } from '../resource/update.ts'
import { formatSelector } from '../model/structured-selector.ts'
import type { ResourceRequest } from './asked.ts'
import { mediaTypeOf, parseObject, parsePatch } from './body.ts'
import { json } from './message.ts'
import type { ApiAnswer } from './message.ts'
import { parseWriteOptions } from './write-options.ts'

/** Answer a request of `/scale`: the replica count of an object as an `autoscaling/v1` Scale. */
export function handleScale(cluster: Cluster, asked: ResourceRequest, paths: ScalePaths): ApiAnswer {
  const { request, path, target } = asked
  const object = getObject(cluster, target, path.namespace, path.name)
  switch (request.method) {
    case 'GET':
      return json(200, scaleOf(object, paths))
    case 'PUT': {
      const { value } = parseObject(request, 'Scale')
      return writeScale(cluster, asked, paths, () => value)
    }
    case 'PATCH': {
      const kind = patchKindOf(mediaTypeOf(request), { scale: true })
      const { value } = parsePatch(request)
      return writeScale(cluster, asked, paths, (scale) =>
        applyPatch({ kind, resourceKind: 'Scale' }, scale, value),
      )
    }
    default:
      throw methodNotAllowed()
  }
}

function writeScale(
  cluster: Cluster,
  asked: ResourceRequest,
  paths: ScalePaths,
  next: (scale: KubeObject) => unknown,
): ApiAnswer {
  const { path, target, request } = asked
  const written = updateObject(cluster, target, {
    ...parseWriteOptions(request.query, 'UpdateOptions'),
    namespace: path.namespace,
    name: path.name,
    part: 'main',
    replace: false,
    change: (current) => {
      if (current === undefined) throw notFound(target.type, path.name)
      const scale = next(scaleOf(current, paths))
      return { value: withReplicas(current, paths, scale, path.name), duplicates: [] }
    },
  })
  return json(200, scaleOf(written.object, paths))
}

/** The object with the replicas that a Scale asks for; a version in the Scale is a precondition. */
function withReplicas(object: KubeObject, paths: ScalePaths, scale: unknown, name: string): KubeObject {
  if (!isFields(scale)) throw badRequest('the object provided is unrecognized (must be of type Scale)')
  const metadata = fieldsOf(scale['metadata'])
  if (textOf(metadata['name']) !== name) {
    throw badRequest(
      `the name of the object (${textOf(metadata['name'])}) does not match the name on the URL (${name})`,
    )
  }
  const replicas = valueAt(scale, ['spec', 'replicas']) ?? 0
  const scaled = withValueAt(object, paths.specReplicas, replicas)
  return {
    ...scaled,
    metadata: {
      ...scaled.metadata,
      resourceVersion: textOf(metadata['resourceVersion']),
      uid: textOf(metadata['uid']),
    },
  }
}

function scaleOf(object: KubeObject, paths: ScalePaths): KubeObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata
  const replicas = numberOf(valueAt(object, paths.specReplicas))
  const selector =
    paths.labelSelector === undefined
      ? formatSelector(valueAt(object, ['spec', 'selector']))
      : textOf(valueAt(object, paths.labelSelector))
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(creationTimestamp === undefined ? {} : { creationTimestamp }),
    },
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: numberOf(valueAt(object, paths.statusReplicas)),
      ...(selector === '' ? {} : { selector }),
    },
  }
}
