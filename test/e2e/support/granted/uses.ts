import { until } from '../process.ts'
import { change, conditionOf, make, setAddress } from './set-up.ts'
import { ADDRESSES, NAMES, PATHS, type GrantedWorld } from './world.ts'

/** Something that the controller does with a right, told apart from not doing it. */
export interface Use {
  /** The behaviour that stops without the right. */
  readonly behaviour: string
  /** What makes the controller do it. */
  cause(world: GrantedWorld): Promise<unknown>
  /** Whether it was done. */
  isDone(world: GrantedWorld): Promise<boolean>
}

let turn = 0
/** Another value each time. */
const next = (): number => (turn += 1)
/** What the last cause is to lead to. */
let wanted = ''

/** A change of an object of the host is told in its status. */
function toldIn(path: string, patch: (value: number) => object): Omit<Use, 'behaviour'> {
  return {
    cause: ({ host }) => change(host.api, path, patch(next())),
    isDone: async (world) => {
      const object = await world.read(path)
      return object?.metadata.generation === object?.status?.observedGeneration
    },
  }
}

const ZONE: Omit<Use, 'behaviour'> = {
  cause: ({ member }) =>
    change(member.api, PATHS.node, {
      metadata: { labels: { 'topology.kubernetes.io/zone': `zone-${next()}` } },
    }),
  isDone: async (world) =>
    (await world.read(PATHS.cluster))?.status?.zones?.includes(`zone-${turn}`) === true,
}

async function hasEndpoints(world: GrantedWorld): Promise<boolean> {
  const { spec } = (await world.read(`${PATHS.endpoints}/service-nginx`)) ?? {}
  return (spec?.endpoints?.length ?? 0) > 0
}

/** What is written into the host, by the right that it needs. */
export const WRITES: Readonly<Record<string, Use>> = {
  'patch domains/status of multiclusterdns.kubefed.io': {
    behaviour: 'a Domain tells that it is in force',
    ...toldIn(PATHS.domain, (defaultTTL) => ({ defaultTTL })),
  },
  'patch servicednsrecords/status of multiclusterdns.kubefed.io': {
    behaviour: 'a ServiceDNSRecord tells what is published',
    ...toldIn(`${PATHS.records}/nginx`, (recordTTL) => ({ spec: { recordTTL } })),
  },
  'patch ingressdnsrecords/status of multiclusterdns.kubefed.io': {
    behaviour: 'an IngressDNSRecord tells what is published',
    ...toldIn(`${PATHS.ingressRecords}/shop`, (recordTTL) => ({ spec: { recordTTL } })),
  },
  'patch zonerecords/status of waypost.dev': {
    behaviour: 'ZoneRecords tell what is published',
    ...toldIn(`${PATHS.zoneRecords}/by-hand`, (ttl) => ({
      spec: { records: [{ name: 'hand.example.com.', type: 'A', ttl, rdata: ['192.0.2.9'] }] },
    })),
  },
  'create zonerecords of waypost.dev': {
    behaviour: 'what an update brings is stored where nothing was stored before',
    async cause(world) {
      await world.host.api.delete(`${PATHS.zoneRecords}/example.com`)
      await world.update(`host-${next()}`)
    },
    isDone: (world) => world.update(`host-${turn}`),
  },
  'patch zonerecords of waypost.dev': {
    behaviour: 'what an update brings is stored',
    cause: (world) => world.update(`host-${next()}`),
    isDone: (world) => world.update(`host-${turn}`),
  },
  'patch kubefedclusters/status of core.kubefed.io': {
    behaviour: 'a KubeFedCluster tells how it is',
    ...ZONE,
  },
  'create dnsendpoints of externaldns.k8s.io': {
    behaviour: 'a DNSEndpoint that somebody deletes is made again',
    cause: ({ host }) => host.api.delete(`${PATHS.endpoints}/service-nginx`),
    isDone: hasEndpoints,
  },
  'patch dnsendpoints of externaldns.k8s.io': {
    behaviour: 'a DNSEndpoint that somebody changes is repaired',
    cause: ({ host }) => change(host.api, `${PATHS.endpoints}/service-nginx`, { spec: { endpoints: [] } }),
    isDone: hasEndpoints,
  },
  'delete dnsendpoints of externaldns.k8s.io': {
    behaviour: 'a DNSEndpoint of ours whose record is gone is removed',
    cause: ({ host }) =>
      make(host.api, PATHS.endpoints, {
        ...{ apiVersion: 'externaldns.k8s.io/v1alpha1', kind: 'DNSEndpoint' },
        metadata: {
          ...{ name: 'service-gone', namespace: 'web' },
          labels: { 'app.kubernetes.io/managed-by': 'waypost' },
        },
        spec: { endpoints: [] },
      }),
    isDone: async (world) => (await world.read(`${PATHS.endpoints}/service-gone`)) === undefined,
  },
  'create events': {
    behaviour: 'what turns is told in an event',
    cause: (world) => world.makeRecord(`lost-${next()}`, 'nowhere'),
    isDone: async (world) => (await world.eventsAbout('DomainNotFound', `lost-${turn}`)).length > 0,
  },
}

/** What an admission plugin looks at; it refuses as if the DNSEndpoint itself might not be made. */
export const OWNED: Readonly<Record<string, Use>> = {
  'update servicednsrecords/finalizers of multiclusterdns.kubefed.io': {
    behaviour: 'a DNSEndpoint is owned by its ServiceDNSRecord',
    cause: (world) => world.makeRecord(`owner-${next()}`),
    isDone: async (world) => (await world.read(`${PATHS.endpoints}/service-owner-${turn}`)) !== undefined,
  },
  'update ingressdnsrecords/finalizers of multiclusterdns.kubefed.io': {
    behaviour: 'a DNSEndpoint is owned by its IngressDNSRecord',
    cause: (world) => world.makeIngressRecord(`owner-${next()}`),
    isDone: async (world) => (await world.read(`${PATHS.endpoints}/ingress-owner-${turn}`)) !== undefined,
  },
}

/**
 * `patch events`: an event that is said again is counted in the one that is there, at most once a minute. The record `twice`
 * must have been made, with a Domain that does not exist.
 */
export const COUNTED: Use = {
  behaviour: 'an event that is said again is counted',
  async cause({ host }) {
    const path = `${PATHS.records}/twice`
    await change(host.api, path, { spec: { domainRef: 'myfederation' } })
    await until(async () =>
      (await conditionOf(host.api, path, 'Ready')).includes('DomainNotFound') ? undefined : true,
    )
    await change(host.api, path, { spec: { domainRef: 'nowhere' } })
  },
  isDone: async (world) => ((await world.eventsAbout('DomainNotFound', 'twice'))[0]?.count ?? 0) > 1,
}

async function isDegraded({ host }: GrantedWorld): Promise<boolean> {
  const said = await conditionOf(host.api, `${PATHS.records}/nginx`, 'Degraded')
  return said.startsWith('True LastKnownGood')
}

/** The address at this path of the member becomes the other one, and the name says so. */
function moved(path: string, name: string): Omit<Use, 'behaviour'> {
  return {
    async cause(world) {
      wanted = (await world.says(name)) === ADDRESSES[0] ? ADDRESSES[1] : ADDRESSES[0]
      await setAddress(world.member.api, path, wanted)
    },
    isDone: async (world) => (await world.says(name)) === wanted,
  }
}

/** What is read of a member, by resource: what changes there arrives. */
export const READS: Readonly<Record<string, Use>> = {
  services: { behaviour: 'the address of a Service', ...moved(PATHS.service, NAMES.nginx) },
  ingresses: { behaviour: 'the address of an Ingress', ...moved(`${PATHS.ingresses}/shop`, NAMES.shop) },
  endpointslices: {
    behaviour: 'that a Service has no ready endpoint, or has one again',
    async cause(world) {
      const ready = await isDegraded(world)
      wanted = ready ? 'ready' : 'degraded'
      const endpoints = [{ addresses: ['10.0.0.1'], conditions: { ready } }]
      await change(world.member.api, PATHS.slice, { endpoints })
    },
    isDone: async (world) => (await isDegraded(world)) === (wanted === 'degraded'),
  },
  nodes: { behaviour: 'the zone of a Node', ...ZONE },
}
