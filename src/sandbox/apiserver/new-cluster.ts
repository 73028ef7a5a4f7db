import { randomUUID } from 'node:crypto'
import type { KubeObject } from '../../api/object.ts'
import { ServiceAllocator } from './builtin/cluster-ips.ts'
import { BUILTIN_RESOURCES } from './builtin/resources.ts'
import { customResource } from './crd/resource.ts'
import { LiveCatalogue } from './resource/catalogue.ts'
import type { Cluster } from './resource/cluster.ts'
import { createObject } from './resource/create.ts'
import { Store } from './store/store.ts'
import type { ApiServerOptions } from './types.ts'

const HISTORY = 2_000
const SERVICE_RANGES = { ipv4: '10.96.0.0/16', ipv6: 'fd00:10:96::/112' }
const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

/**
 * A cluster with the namespaces every cluster has, and the CRDs it was given.
 * @throws StatusError when a CRD is not valid
 */
export function newCluster(options: ApiServerOptions): Cluster {
  const store = new Store(options.history ?? HISTORY)
  const cluster: Cluster = {
    name: options.name,
    store,
    catalogue: new LiveCatalogue(store, BUILTIN_RESOURCES, customResource),
    clock: options.clock,
    clusterIps: new ServiceAllocator(store, options.serviceRanges ?? SERVICE_RANGES),
    admission: options.admission ?? {},
    newUid: options.newUid ?? randomUUID,
  }
  for (const name of NAMESPACES)
    createIn(cluster, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } }, 'namespaces')
  for (const crd of options.crds ?? []) createIn(cluster, crd, 'customresourcedefinitions')
  return cluster
}

function createIn(cluster: Cluster, object: KubeObject, plural: string): void {
  const group = plural === 'namespaces' ? '' : 'apiextensions.k8s.io'
  const target = cluster.catalogue.find(group, 'v1', plural)
  if (target === undefined) throw new Error(`no built-in resource ${plural}`)
  createObject(cluster, target, {
    namespace: '',
    body: { value: object, duplicates: [] },
    dryRun: false,
    fieldValidation: 'Strict',
    manager: 'kube-apiserver',
  })
}
