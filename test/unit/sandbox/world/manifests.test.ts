import { describe, expect, it } from 'vitest'
import { KINDS } from '../../../../src/api/kinds.ts'
import { defaultWorld, emptyWorld, generateWorld } from '../../../../src/sandbox/world/demo-world.ts'
import { manifestsOf, type MemberAccess } from '../../../../src/sandbox/world/manifests.ts'
import { world } from '../../../support/world-builder.ts'

const access = (name: string): MemberAccess => ({
  apiEndpoint: `https://127.0.0.1/${name}`,
  token: `token of ${name}`,
  caPem: 'pem',
})
const allAccess = (names: readonly string[]) => new Map(names.map((name) => [name, access(name)]))

describe('manifestsOf', () => {
  it('makes the host that a KubeFed user would have', () => {
    const small = world({
      clusters: [{ name: 'east', labels: { tier: 'gold' } }],
      services: [{ namespace: 'ns', name: 'web' }],
      records: [
        {
          namespace: 'ns',
          name: 'web',
          recordTTL: 300,
          dnsPrefix: 'www',
          allowServiceWithoutEndpoints: true,
        },
        { namespace: 'ns', name: 'site', hosts: ['www.example.com'], recordTTL: 60 },
      ],
    })

    expect(manifestsOf(small, allAccess(['east'])).get('host')).toEqual([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-federation-system' } },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } },
      {
        apiVersion: 'core.kubefed.io/v1beta1',
        kind: 'KubeFedConfig',
        metadata: { name: 'kubefed', namespace: 'kube-federation-system' },
        spec: { scope: 'Cluster' },
      },
      {
        apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
        kind: 'Domain',
        metadata: { name: 'myfederation', namespace: 'kube-federation-system' },
        domain: 'example.com',
      },
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'east-token', namespace: 'kube-federation-system' },
        type: 'Opaque',
        data: { token: 'dG9rZW4gb2YgZWFzdA==' },
      },
      {
        apiVersion: 'core.kubefed.io/v1beta1',
        kind: 'KubeFedCluster',
        metadata: { name: 'east', namespace: 'kube-federation-system', labels: { tier: 'gold' } },
        spec: {
          apiEndpoint: 'https://127.0.0.1/east',
          caBundle: 'cGVt',
          secretRef: { name: 'east-token' },
        },
      },
      {
        apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
        kind: 'ServiceDNSRecord',
        metadata: { name: 'web', namespace: 'ns' },
        spec: {
          domainRef: 'myfederation',
          recordTTL: 300,
          dnsPrefix: 'www',
          allowServiceWithoutEndpoints: true,
        },
      },
      {
        apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
        kind: 'IngressDNSRecord',
        metadata: { name: 'site', namespace: 'ns' },
        spec: { hosts: ['www.example.com'], recordTTL: 60 },
      },
    ])
  })

  it('makes a member with labelled Nodes, the Deployment, its Service and the Ingress', () => {
    const small = world({
      clusters: [{ name: 'east', region: 'r1', zones: ['z1', 'z2'], nodes: 2 }],
      services: [
        {
          namespace: 'ns',
          name: 'web',
          replicas: 3,
          ipFamilies: ['IPv4', 'IPv6'],
          ready: false,
          loadBalancer: 'hostname',
          ports: [
            { port: 80, targetPort: 'http' },
            { name: 'dns', port: 53, protocol: 'UDP' },
          ],
        },
      ],
      ingresses: [
        {
          namespace: 'ns',
          name: 'site',
          hosts: ['www.example.com'],
          service: 'web',
          ipFamilies: ['IPv4', 'IPv6'],
        },
      ],
    })

    const objects = manifestsOf(small, new Map()).get('east') ?? []

    expect(objects.filter(({ kind }) => kind === 'Node').map(({ metadata }) => metadata)).toEqual(
      [
        ['east-node-1', 'z1'],
        ['east-node-2', 'z1'],
        ['east-node-3', 'z2'],
        ['east-node-4', 'z2'],
      ].map(([name, zone]) => ({
        name,
        labels: {
          'kubernetes.io/hostname': name,
          'kubernetes.io/os': 'linux',
          'topology.kubernetes.io/region': 'r1',
          'topology.kubernetes.io/zone': zone,
        },
      })),
    )
    expect(objects.filter(({ kind }) => kind !== 'Node')).toEqual([
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ns' } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web', namespace: 'ns', labels: { app: 'web' } },
        spec: {
          replicas: 3,
          selector: { matchLabels: { app: 'web' } },
          template: {
            metadata: { labels: { app: 'web' }, annotations: { 'sandbox.waypost.dev/ready': 'false' } },
            spec: {
              containers: [
                {
                  name: 'web',
                  image: 'web:latest',
                  ports: [
                    { name: 'http', containerPort: 80, protocol: 'TCP' },
                    { containerPort: 53, protocol: 'UDP' },
                  ],
                },
              ],
            },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata: {
          name: 'web',
          namespace: 'ns',
          labels: { app: 'web' },
          annotations: { 'sandbox.waypost.dev/load-balancer': 'hostname' },
        },
        spec: {
          type: 'LoadBalancer',
          selector: { app: 'web' },
          ipFamilies: ['IPv4', 'IPv6'],
          ipFamilyPolicy: 'RequireDualStack',
          ports: [
            { name: 'port-1', port: 80, targetPort: 'http', protocol: 'TCP' },
            { name: 'dns', port: 53, targetPort: 53, protocol: 'UDP' },
          ],
        },
      },
      {
        apiVersion: 'networking.k8s.io/v1',
        kind: 'Ingress',
        metadata: {
          name: 'site',
          namespace: 'ns',
          annotations: { 'sandbox.waypost.dev/ip-families': 'IPv4,IPv6' },
        },
        spec: {
          rules: [
            {
              host: 'www.example.com',
              http: {
                paths: [
                  {
                    path: '/',
                    pathType: 'Prefix',
                    backend: { service: { name: 'web', port: { number: 80 } } },
                  },
                ],
              },
            },
          ],
        },
      },
    ])
  })

  it('leaves region and zone labels off the Nodes of a cluster that has none', () => {
    const [node] = manifestsOf(world({ clusters: [{ name: 'east' }] }), new Map()).get('east') ?? []

    expect(node?.metadata.labels).toEqual({
      'kubernetes.io/hostname': 'east-node-1',
      'kubernetes.io/os': 'linux',
    })
  })

  it('puts a service into its own clusters only', () => {
    const two = world({
      clusters: [{ name: 'east' }, { name: 'west' }],
      services: [{ namespace: 'ns', name: 'web', clusters: ['west'] }],
    })

    const kinds = (cluster: string) =>
      manifestsOf(two, new Map())
        .get(cluster)
        ?.map(({ kind }) => kind)

    expect(kinds('east')).toEqual(['Node'])
    expect(kinds('west')).toEqual(['Node', 'Namespace', 'Deployment', 'Service'])
  })

  it('leaves node ports out where a cluster has more ports than it has of these', () => {
    const asked = (services: number) =>
      manifestsOf(generateWorld({ clusters: 1, services }), new Map())
        .get('cluster-0001')
        ?.filter(({ kind }) => kind === 'Service')
        .map(
          ({ spec }) => (spec as { allocateLoadBalancerNodePorts?: boolean }).allocateLoadBalancerNodePorts,
        )

    expect(new Set(asked(2000))).toEqual(new Set([undefined]))
    expect(new Set(asked(2001))).toEqual(new Set([false]))
  })

  it('an empty world joins its clusters and has neither Domain nor records', () => {
    const empty = emptyWorld()
    const names = empty.clusters.map(({ name }) => name)

    const kinds = manifestsOf(empty, allAccess(names))
      .get('host')
      ?.map(({ kind }) => kind)

    expect(kinds).toEqual([
      'Namespace',
      'KubeFedConfig',
      ...names.flatMap(() => ['Secret', 'KubeFedCluster']),
    ])
  })

  it('every federation object of the default world passes the schema and rules of its kind', () => {
    const made = defaultWorld()
    const host = manifestsOf(made, realisticAccess(made.clusters.map(({ name }) => name))).get('host') ?? []

    const problems = host.flatMap((object) => {
      const kind = KINDS.find(
        ({ definition }) =>
          definition.kind === object.kind &&
          `${definition.group}/${definition.version}` === object.apiVersion,
      )
      const parsed = kind?.parse(object)
      return parsed?.kind === 'rejected' ? parsed.problems : []
    })

    expect(problems).toEqual([])
    expect(host.filter(({ apiVersion }) => apiVersion.includes('kubefed.io'))).toHaveLength(6)
  })
})

function realisticAccess(names: readonly string[]): ReadonlyMap<string, MemberAccess> {
  const caPem = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'
  return new Map(names.map((name) => [name, { apiEndpoint: 'https://127.0.0.1:6443', token: 't', caPem }]))
}
