import type { KubeObject } from '../../api/object.ts'
import { IP_FAMILIES_SETTING, LOAD_BALANCER_SETTING, READY_SETTING } from '../settings.ts'
import type { World, WorldCluster, WorldIngress, WorldService } from './world.ts'

/** Of the 2,768 node ports that a cluster has, left to users' own Services beside. */
const MAX_NODE_PORTS = 2000

/** What a world puts into one member, in the order in which it can be applied. */
export function memberObjects(world: World, cluster: WorldCluster): readonly KubeObject[] {
  const services = world.services.filter((service) => service.clusters.includes(cluster.name))
  const ingresses = world.ingresses.filter((ingress) => ingress.clusters.includes(cluster.name))
  const namespaces = new Set([...services, ...ingresses].map((item) => item.namespace))
  const withNodePorts = services.reduce((sum, service) => sum + service.ports.length, 0) <= MAX_NODE_PORTS
  return [
    ...nodes(cluster),
    ...[...namespaces].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...services.flatMap((service) => [deployment(service), serviceObject(service, withNodePorts)]),
    ...ingresses.map(ingressObject),
  ]
}

/** Nodes with the labels from which region and zones are read. */
function nodes(cluster: WorldCluster): readonly KubeObject[] {
  const zones: readonly (string | undefined)[] = cluster.zones.length === 0 ? [undefined] : cluster.zones
  return zones.flatMap((zone, zoneIndex) =>
    Array.from({ length: cluster.nodes }, (_, index): KubeObject => {
      const name = `${cluster.name}-node-${zoneIndex * cluster.nodes + index + 1}`
      return {
        apiVersion: 'v1',
        kind: 'Node',
        metadata: {
          name,
          labels: {
            'kubernetes.io/hostname': name,
            'kubernetes.io/os': 'linux',
            ...(cluster.region === undefined ? {} : { 'topology.kubernetes.io/region': cluster.region }),
            ...(zone === undefined ? {} : { 'topology.kubernetes.io/zone': zone }),
          },
        },
      }
    }),
  )
}

function deployment(service: WorldService): KubeObject {
  const labels = { app: service.name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: service.name, namespace: service.namespace, labels },
    spec: {
      replicas: service.replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels,
          ...(service.ready ? {} : { annotations: { [READY_SETTING]: 'false' } }),
        },
        spec: {
          containers: [
            {
              name: service.name,
              image: `${service.name}:latest`,
              ports: service.ports.map((port) => ({
                ...(typeof port.targetPort === 'string' ? { name: port.targetPort } : {}),
                containerPort: typeof port.targetPort === 'number' ? port.targetPort : port.port,
                protocol: port.protocol,
              })),
            },
          ],
        },
      },
    },
  }
}

function serviceObject(service: WorldService, withNodePorts: boolean): KubeObject {
  const several = service.ports.length > 1
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: service.name,
      namespace: service.namespace,
      labels: { app: service.name },
      ...(service.loadBalancer === 'address'
        ? {}
        : { annotations: { [LOAD_BALANCER_SETTING]: service.loadBalancer } }),
    },
    spec: {
      type: service.type,
      ...(service.type === 'LoadBalancer' && !withNodePorts ? { allocateLoadBalancerNodePorts: false } : {}),
      selector: { app: service.name },
      ...(service.ipFamilies === undefined
        ? {}
        : {
            ipFamilies: service.ipFamilies,
            ipFamilyPolicy: service.ipFamilies.length === 2 ? 'RequireDualStack' : 'SingleStack',
          }),
      ports: service.ports.map((port, index) => ({
        // more than one port must be told apart by name
        ...(port.name !== undefined || several ? { name: port.name ?? `port-${index + 1}` } : {}),
        port: port.port,
        targetPort: port.targetPort ?? port.port,
        protocol: port.protocol,
      })),
    },
  }
}

function ingressObject(ingress: WorldIngress): KubeObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: {
      name: ingress.name,
      namespace: ingress.namespace,
      ...(ingress.ipFamilies === undefined
        ? {}
        : { annotations: { [IP_FAMILIES_SETTING]: ingress.ipFamilies.join(',') } }),
    },
    spec: {
      rules: ingress.hosts.map((host) => ({
        host,
        http: {
          paths: [
            {
              path: '/',
              pathType: 'Prefix',
              backend: { service: { name: ingress.service, port: { number: 80 } } },
            },
          ],
        },
      })),
    },
  }
}
