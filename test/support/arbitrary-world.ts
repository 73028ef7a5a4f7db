import fc from 'fast-check'
import type {
  OracleCluster,
  OracleIngress,
  OracleRecord,
  OracleService,
  OracleTarget,
  OracleWorld,
} from './oracle.ts'

/** Small sets, so that things meet: shared addresses, equal prefixes, several clusters in one zone. */
const CLUSTERS = ['c0', 'c1', 'c2', 'c3'] as const
const NAMESPACES = ['n1', 'n2'] as const
const NAMES = ['a', 'b'] as const
const HOSTNAMES = ['lb1.cloud.test', 'lb2.cloud.test'] as const
const ADDRESSES = [
  '192.0.2.1',
  '192.0.2.9',
  '192.0.2.10',
  '198.51.100.200',
  '203.0.113.7',
  '2001:db8::1',
  '2001:db8::a:1',
  '2001:db8:0:1::',
] as const

export const addressArbitrary = fc.constantFrom(...ADDRESSES)

const targetArbitrary: fc.Arbitrary<OracleTarget> = fc.oneof(
  { weight: 5, arbitrary: addressArbitrary.map((ip) => ({ ip })) },
  { weight: 1, arbitrary: fc.constantFrom(...HOSTNAMES).map((hostname) => ({ hostname })) },
)

const targetsArbitrary = fc.uniqueArray(targetArbitrary, {
  minLength: 0,
  maxLength: 3,
  selector: ({ ip, hostname }) => ip ?? hostname,
})

const placeArbitrary = fc
  .record({
    region: fc.option(fc.constantFrom('r1', 'r2'), { nil: undefined }),
    zones: fc.uniqueArray(fc.constantFrom('z1', 'z2', 'z3'), { maxLength: 2 }),
  })
  .map(({ region, zones }) => (region === undefined ? { zones } : { region, zones }))

const clusterArbitrary: fc.Arbitrary<OracleCluster> = fc
  .record({
    name: fc.constantFrom(...CLUSTERS),
    place: placeArbitrary,
    reachable: fc.boolean(),
  })
  .map(({ place, ...cluster }) => ({ ...cluster, ...place }))

const objectArbitrary = {
  namespace: fc.constantFrom(...NAMESPACES),
  name: fc.constantFrom(...NAMES),
  cluster: fc.constantFrom(...CLUSTERS),
  ingress: targetsArbitrary,
}

const serviceArbitrary: fc.Arbitrary<OracleService> = fc
  .record({
    ...objectArbitrary,
    ready: fc.constantFrom(0, 0, 1, 2),
    serving: fc.constantFrom(0, 0, 1),
    deleting: fc.constantFrom(false, false, false, true),
  })
  .map((service) => ({ ...service, serving: service.serving + service.ready }))

const ingressArbitrary: fc.Arbitrary<OracleIngress> = fc.record({
  ...objectArbitrary,
  backends: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 2 }),
  deleting: fc.constantFrom(false, false, false, true),
})

/** Two of the hosts meet a prefix name and a canonical one. */
const HOSTS = ['www.example.com', 'p1.example.com', 'a.n1.fed.svc.example.com'] as const

const recordArbitrary: fc.Arbitrary<OracleRecord> = fc.record(
  {
    kind: fc.constantFrom(
      'ServiceDNSRecord' as const,
      'ServiceDNSRecord' as const,
      'IngressDNSRecord' as const,
    ),
    namespace: fc.constantFrom(...NAMESPACES),
    name: fc.constantFrom(...NAMES),
    created: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
    recordTTL: fc.constantFrom(0, 30, 300),
    dnsPrefix: fc.constantFrom('p1', 'p2'),
    externalName: fc.constantFrom('a', 'b', 'x'),
    allowServiceWithoutEndpoints: fc.boolean(),
    whenAllUnhealthy: fc.constantFrom('LastKnownGood' as const, 'Empty' as const),
    hosts: fc.uniqueArray(fc.constantFrom(...HOSTS), { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ['kind', 'namespace', 'name', 'created', 'hosts'] },
)

const keyOf = (object: { kind?: string; namespace: string; name: string; cluster?: string }): string =>
  [object.kind, object.namespace, object.name, object.cluster].join('/')

const aliasAsArbitrary = fc.constantFrom(
  'Stable' as const,
  'Stable' as const,
  'CNAME' as const,
  'Addresses' as const,
)

/** A whole world; half of its clusters cannot be reached. */
export const worldArbitrary: fc.Arbitrary<OracleWorld> = fc.record({
  aliasAs: aliasAsArbitrary,
  federation: fc.constant('fed'),
  domain: fc.constant('example.com'),
  clusters: fc.uniqueArray(clusterArbitrary, { maxLength: 4, selector: ({ name }) => name }),
  services: fc.uniqueArray(serviceArbitrary, { maxLength: 8, selector: keyOf }),
  ingresses: fc.uniqueArray(ingressArbitrary, { maxLength: 4, selector: keyOf }),
  records: fc.uniqueArray(recordArbitrary, { maxLength: 5, selector: keyOf }),
  hostnames: fc.dictionary(fc.constantFrom(...HOSTNAMES), fc.uniqueArray(addressArbitrary, { maxLength: 2 })),
})

/** One thing that happens to a world. */
export type WorldStep = (world: OracleWorld) => OracleWorld

function putting<T>(list: readonly T[], item: T, key: (item: T) => string): readonly T[] {
  return [...list.filter((other) => key(other) !== key(item)), item]
}

function without<T>(list: readonly T[], at: number): readonly T[] {
  return list.length === 0 ? list : list.toSpliced(at % list.length, 1)
}

function named(step: WorldStep, words: string): WorldStep {
  return Object.assign(step, { toString: () => words })
}

/** Steps that change one object each. */
export const stepArbitrary: fc.Arbitrary<WorldStep> = fc.oneof(
  serviceArbitrary.map((service) =>
    named(
      (world) => ({ ...world, services: putting(world.services, service, keyOf) }),
      `service ${JSON.stringify(service)}`,
    ),
  ),
  ingressArbitrary.map((ingress) =>
    named(
      (world) => ({ ...world, ingresses: putting(world.ingresses ?? [], ingress, keyOf) }),
      `ingress ${JSON.stringify(ingress)}`,
    ),
  ),
  recordArbitrary.map((record) =>
    named(
      (world) => ({ ...world, records: putting(world.records, record, keyOf) }),
      `record ${JSON.stringify(record)}`,
    ),
  ),
  clusterArbitrary.map((cluster) =>
    named(
      (world) => ({ ...world, clusters: putting(world.clusters, cluster, ({ name }) => name) }),
      `cluster ${JSON.stringify(cluster)}`,
    ),
  ),
  fc.nat(20).map((at) =>
    named(
      (world) => ({
        ...world,
        clusters: world.clusters.map((cluster, i) =>
          i === at % world.clusters.length ? { ...cluster, reachable: !cluster.reachable } : cluster,
        ),
      }),
      `reachable? ${at}`,
    ),
  ),
  fc
    .tuple(fc.constantFrom('services', 'ingresses', 'records', 'clusters'), fc.nat(20))
    .map(([field, at]) =>
      named(
        (world) => ({ ...world, [field]: without<unknown>(world[field] ?? [], at) }),
        `remove ${field} ${at}`,
      ),
    ),
  aliasAsArbitrary.map((aliasAs) => named((world) => ({ ...world, aliasAs }), `aliasAs ${aliasAs}`)),
  fc
    .tuple(fc.constantFrom(...HOSTNAMES), fc.uniqueArray(addressArbitrary, { maxLength: 2 }))
    .map(([hostname, addresses]) =>
      named(
        (world) => ({ ...world, hostnames: { ...world.hostnames, [hostname]: addresses } }),
        `hostname ${hostname} ${addresses.join()}`,
      ),
    ),
)
