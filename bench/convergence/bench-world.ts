import type { KubeObject } from '../../src/api/object.ts'
import { generateWorld } from '../../src/sandbox/world/demo-world.ts'
import { manifestsOf, type MemberAccess } from '../../src/sandbox/world/manifests.ts'
import { HOST_CLUSTER, type World } from '../../src/sandbox/world/world.ts'
import { firstAddress, type Size } from './changes.ts'

/** All that the processes of a run must agree on. */
export interface BenchWorld {
  readonly size: Size
  readonly members: readonly string[]
  readonly services: readonly ServiceName[]
}

/** A service, the same in every member. */
export interface ServiceName {
  readonly namespace: string
  readonly name: string
  /** What all members together answer under, with its dot. */
  readonly globalName: string
}

/** The world of a size; each process makes its own. */
export function benchWorld(size: Size): BenchWorld {
  const { federation, domain, clusters, services } = worldOf(size)
  return {
    size,
    members: clusters.map(({ name }) => name),
    services: services.map(({ namespace, name }) => ({
      namespace,
      name,
      globalName: `${name}.${namespace}.${federation}.svc.${domain}.`,
    })),
  }
}

function worldOf(size: Size): World {
  return generateWorld({ clusters: size.members, services: size.services })
}

/** What the host holds: members, Domain, one ServiceDNSRecord for each service. */
export function hostObjects(
  { size }: BenchWorld,
  access: ReadonlyMap<string, MemberAccess>,
): readonly KubeObject[] {
  return manifestsOf(worldOf(size), access).get(HOST_CLUSTER) ?? []
}

/** What a member holds: Nodes, and each service with its address and one endpoint. No cloud runs, so that nobody else changes anything. */
export function memberObjects(world: BenchWorld, member: number): readonly KubeObject[] {
  const objects = manifestsOf(worldOf(world.size), new Map()).get(world.members[member] ?? '') ?? []
  const kept = objects.filter(({ kind }) => kind !== 'Deployment' && kind !== 'Service')
  const services = objects.filter(({ kind }) => kind === 'Service')
  return [
    ...kept,
    ...services.map((object, service) => withAddress(object, firstAddress(service, member))),
    ...world.services.map((service, index) => sliceOf(service, { member, index })),
  ]
}

/** The Service with this load balancer address. */
export function withAddress(service: KubeObject, ip: string): KubeObject {
  return { ...service, status: { loadBalancer: { ingress: [{ ip }] } } }
}

/** The one EndpointSlice of a service in a member, as its controller makes it. */
function sliceOf(
  { namespace, name }: ServiceName,
  at: { readonly member: number; readonly index: number },
): KubeObject {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: sliceName(name),
      namespace,
      labels: {
        app: name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
        'kubernetes.io/service-name': name,
      },
    },
    addressType: 'IPv4',
    endpoints: [
      {
        addresses: [`10.244.${at.member}.${at.index & 255}`],
        conditions: { ready: true, serving: true, terminating: false },
        nodeName: `node-${at.index % 20}`,
      },
    ],
    ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
  }
}

/** The name of a service's slice, of the form that its controller gives. */
export function sliceName(service: string): string {
  return `${service}-x7k2p`
}

/** The annotation in which a changed slice carries its change's number, as the real controller notes what triggered it. */
export const CHANGE_ANNOTATION = 'endpoints.kubernetes.io/last-change-trigger-time'

/** The slice with its endpoint ready or not. */
export function withReadiness(slice: KubeObject, ready: boolean, index: number): KubeObject {
  const endpoints = slice['endpoints'] as readonly Readonly<Record<string, unknown>>[] // made by sliceOf()
  return {
    ...slice,
    metadata: { ...slice.metadata, annotations: { [CHANGE_ANNOTATION]: String(index) } },
    endpoints: endpoints.map((endpoint) => ({
      ...endpoint,
      conditions: { ready, serving: ready, terminating: false },
    })),
  }
}
