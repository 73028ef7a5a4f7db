import type { KubeObject } from '../../api/object.ts'
import { HOST_CLUSTER, type World, type WorldRecord } from './world.ts'
import { memberObjects } from './member-objects.ts'

/** Where KubeFed keeps its own objects. */
export const CONTROL_PLANE_NAMESPACE = 'kube-federation-system'

/** How the host reaches one member. */
export interface MemberAccess {
  /** https://host:port */
  readonly apiEndpoint: string
  readonly token: string
  /** PEM of the certificate that signs the API server's. */
  readonly caPem: string
}

/** Objects by cluster, `host` among them, each list in the order in which it can be applied. */
export type Manifests = ReadonlyMap<string, readonly KubeObject[]>

/**
 * Everything a world puts into its clusters; pure, the same world gives the same objects.
 * The host gets what kubefedctl and a KubeFed user would have made (shapes of kubefed.org v1beta1 and v1alpha1); the
 * members get Nodes, Namespaces, Deployments, Services and Ingresses.
 * @param access - by member name; a member without access has no KubeFedCluster
 */
export function manifestsOf(world: World, access: ReadonlyMap<string, MemberAccess>): Manifests {
  return new Map([
    [HOST_CLUSTER, hostObjects(world, access)],
    ...world.clusters.map((cluster) => [cluster.name, memberObjects(world, cluster)] as const),
  ])
}

function hostObjects(world: World, access: ReadonlyMap<string, MemberAccess>): readonly KubeObject[] {
  const namespaces = new Set([
    CONTROL_PLANE_NAMESPACE,
    ...world.records.map((record) => record.namespace),
    ...world.services.map((service) => service.namespace),
    ...world.ingresses.map((ingress) => ingress.namespace),
  ])
  return [
    ...[...namespaces].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    kubeFedConfig(),
    ...domainObjects(world),
    ...world.clusters.flatMap((cluster) => {
      const reached = access.get(cluster.name)
      return reached === undefined
        ? []
        : joinedCluster({ name: cluster.name, labels: cluster.labels }, reached)
    }),
    ...world.records.map((record) => dnsRecord(record, world.federation ?? '')),
  ]
}

function kubeFedConfig(): KubeObject {
  return {
    apiVersion: 'core.kubefed.io/v1beta1',
    kind: 'KubeFedConfig',
    metadata: { name: 'kubefed', namespace: CONTROL_PLANE_NAMESPACE },
    spec: { scope: 'Cluster' },
  }
}

function domainObjects(world: World): readonly KubeObject[] {
  if (world.federation === undefined || world.domain === undefined) return []
  return [
    {
      apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
      kind: 'Domain',
      metadata: { name: world.federation, namespace: CONTROL_PLANE_NAMESPACE },
      domain: world.domain,
    },
  ]
}

function joinedCluster(
  cluster: { readonly name: string; readonly labels: Readonly<Record<string, string>> },
  access: MemberAccess,
): readonly KubeObject[] {
  const secretName = `${cluster.name}-token`
  return [
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: secretName, namespace: CONTROL_PLANE_NAMESPACE },
      type: 'Opaque',
      data: { token: base64(access.token) },
    },
    {
      apiVersion: 'core.kubefed.io/v1beta1',
      kind: 'KubeFedCluster',
      metadata: {
        name: cluster.name,
        namespace: CONTROL_PLANE_NAMESPACE,
        ...(Object.keys(cluster.labels).length === 0 ? {} : { labels: cluster.labels }),
      },
      spec: {
        apiEndpoint: access.apiEndpoint,
        caBundle: base64(access.caPem),
        secretRef: { name: secretName },
      },
    },
  ]
}

function dnsRecord(record: WorldRecord, federation: string): KubeObject {
  const { namespace, name, hosts, domainRef, ...rest } = record
  const isIngress = hosts !== undefined
  return {
    apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
    kind: isIngress ? 'IngressDNSRecord' : 'ServiceDNSRecord',
    metadata: { name, namespace },
    spec: isIngress
      ? { hosts, ...(rest.recordTTL === undefined ? {} : { recordTTL: rest.recordTTL }) }
      : { domainRef: domainRef ?? federation, ...rest },
  }
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64')
}
