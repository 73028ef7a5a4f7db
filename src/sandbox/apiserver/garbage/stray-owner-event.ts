import { createHash } from 'node:crypto'
import type { KubeObject, OwnerReference } from '../../../api/object.ts'
import { StatusError } from '../model/status.ts'
import { timestamp } from '../resource/cluster.ts'
import type { Cluster } from '../resource/cluster.ts'
import { createObject } from '../resource/create.ts'
import { storeKey } from '../store/store.ts'

const COMPONENT = 'garbage-collector-controller'
/** Room for the sign and the digest behind it. */
const MAX_BASE = 253 - 17

/** Say, once, that an object names an owner which lives in another namespace, and so is none. */
export function reportStrayOwner(
  cluster: Cluster,
  stray: { readonly dependent: KubeObject; readonly reference: OwnerReference },
): void {
  const event = strayOwnerEvent(stray, timestamp(cluster.clock.nowMs()))
  const { name, namespace = '' } = event.metadata
  const target = cluster.catalogue.find('', 'v1', 'events')
  if (target === undefined || cluster.store.get(target.type.bucket, storeKey(namespace, name))) return
  try {
    createObject(cluster, target, {
      ...{ namespace, dryRun: false, fieldValidation: 'Strict', manager: 'kube-controller-manager' },
      body: { value: event, duplicates: [] },
    })
  } catch (error) {
    if (!(error instanceof StatusError)) throw error // a namespace that is ending takes no events
  }
}

/** The event itself, as kube-controller-manager writes it; those of cluster-scoped objects live in `default`. */
export function strayOwnerEvent(
  { dependent, reference }: { readonly dependent: KubeObject; readonly reference: OwnerReference },
  at: string,
): KubeObject {
  const { name, namespace = '', uid } = dependent.metadata
  const owner = `${reference.apiVersion}/${reference.kind}, namespace: ${namespace}, name: ${reference.name}, uid: ${reference.uid}`
  const digest = createHash('sha256')
    .update(`${uid ?? ''} ${reference.uid}`)
    .digest('hex')
    .slice(0, 16)
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: {
      name: `${name.slice(0, MAX_BASE)}.${digest}`,
      namespace: namespace === '' ? 'default' : namespace,
    },
    involvedObject: {
      kind: dependent.kind,
      ...(namespace === '' ? {} : { namespace }),
      name,
      ...(uid === undefined ? {} : { uid }),
      apiVersion: dependent.apiVersion,
    },
    reason: 'OwnerRefInvalidNamespace',
    message: `ownerRef [${owner}] does not exist in namespace "${namespace}"`,
    source: { component: COMPONENT },
    firstTimestamp: at,
    lastTimestamp: at,
    count: 1,
    type: 'Warning',
    reportingComponent: COMPONENT,
    reportingInstance: '',
  }
}
