import { openDnsClient, type DnsClient } from '../../../support/dns-client.ts'
import { askUdp } from '../../../support/dns-exchange.ts'
import { updateOctets } from '../../../support/update-message.ts'
import type { Cluster } from '../cluster.ts'
import { startFleet } from '../fleet.ts'
import { until } from '../process.ts'
import { NAMESPACE } from './accounts.ts'
import { auditFlags, readAudit, type Audited } from './audit.ts'
import { startGrantedController, type GrantedController } from './controller.ts'
import { joinMember, make, prepareHost, serveNginx, setAddress } from './set-up.ts'

const MEMBER = 'europe-west1-b'
const MCDNS = '/apis/multiclusterdns.kubefed.io/v1alpha1'

/** Names that are published: of a Service and of an Ingress. */
export const NAMES = { nginx: 'nginx.web.myfederation.svc.example.com', shop: 'shop.example.com' } as const
/** Addresses of both; the first at the start. */
export const ADDRESSES = ['192.0.2.1', '192.0.2.2'] as const

/** Where the objects are: the first group in the host, the others in the member. */
export const PATHS = {
  records: `${MCDNS}/namespaces/web/servicednsrecords`,
  ingressRecords: `${MCDNS}/namespaces/web/ingressdnsrecords`,
  domain: `${MCDNS}/namespaces/${NAMESPACE}/domains/myfederation`,
  cluster: `/apis/core.kubefed.io/v1beta1/namespaces/${NAMESPACE}/kubefedclusters/${MEMBER}`,
  zoneRecords: `/apis/waypost.dev/v1alpha1/namespaces/${NAMESPACE}/zonerecords`,
  endpoints: '/apis/externaldns.k8s.io/v1alpha1/namespaces/web/dnsendpoints',
  events: '/api/v1/namespaces/web/events',
  service: '/api/v1/namespaces/web/services/nginx',
  slice: '/apis/discovery.k8s.io/v1/namespaces/web/endpointslices/nginx-1',
  ingresses: '/apis/networking.k8s.io/v1/namespaces/web/ingresses',
  node: '/api/v1/nodes/node-1',
} as const

/** Old enough not to stream lists, and with the admission plugin that asks for rights on owners. */
const STRICTER = [
  '--feature-gates=WatchList=false',
  '--enable-admission-plugins=OwnerReferencesPermissionEnforcement',
]
/** Taken away in hardened clusters; they would hide that the member's own role grants the same. */
const PUBLIC = ['system:public-info-viewer', 'system:discovery']

/** An object of the host as it is looked at. */
export interface Stored {
  readonly metadata: { readonly generation?: number }
  readonly spec?: { readonly endpoints?: readonly unknown[]; readonly apiEndpoint?: string }
  readonly status?: {
    readonly observedGeneration?: number
    readonly zones?: readonly string[]
  }
}

/**
 * A host and a member whose audit logs are kept, one Service, one Ingress, and a controller that may do what deploy/manifests
 * grants: on servers that ask for more than usual ones do.
 */
export class GrantedWorld {
  readonly host: Cluster
  readonly member: Cluster
  readonly kubeconfig: string
  readonly controller: GrantedController
  readonly #dns: DnsClient
  readonly #port: number

  /** @param own - takes what is to be ended, newest first, whatever comes of the rest */
  static async start(folder: string, own: (end: () => Promise<unknown>) => void): Promise<GrantedWorld> {
    const fleet = await startFleet({
      ...{ folder, members: [MEMBER] },
      apiServerFlags: (_, at) => [...auditFlags(at), ...STRICTER],
    })
    own(() => fleet.close())
    const { host } = fleet
    const member = fleet.members.get(MEMBER)! // it was asked for
    const { path: kubeconfig } = await prepareHost(host, folder)
    await fill(member)
    for (const name of PUBLIC)
      await member.api.delete(`/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${name}`)
    await joinMember(host.api, member)
    const controller = startGrantedController({ name: 'controller', folder, kubeconfig })
    own(() => controller.end())
    const dns = await openDnsClient((await controller.ready()).dns)
    own(() => Promise.resolve(dns.close()))
    const { port } = (await controller.ready()).dns
    const world = new GrantedWorld({ host, member, kubeconfig, controller, dns, port })
    await make(host.api, '/api/v1/namespaces', {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: 'web' },
    })
    await make(host.api, PATHS.zoneRecords, {
      apiVersion: 'waypost.dev/v1alpha1',
      kind: 'ZoneRecords',
      metadata: { name: 'by-hand', namespace: NAMESPACE },
      spec: { zone: 'example.com', records: [] },
    })
    await world.makeRecord('nginx')
    await world.makeIngressRecord('shop')
    return world
  }

  private constructor(parts: {
    readonly host: Cluster
    readonly member: Cluster
    readonly kubeconfig: string
    readonly controller: GrantedController
    readonly dns: DnsClient
    readonly port: number
  }) {
    this.host = parts.host
    this.member = parts.member
    this.kubeconfig = parts.kubeconfig
    this.controller = parts.controller
    this.#dns = parts.dns
    this.#port = parts.port
  }

  /** What a name is answered with, as `dig +short` has it, with commas between. */
  async says(name: string): Promise<string> {
    return (await this.#dns.short(name)).join()
  }

  /** Send an RFC 2136 UPDATE that adds a host. @returns whether it was done */
  async update(label: string): Promise<boolean> {
    const message = updateOctets({
      zone: ['example.com. IN SOA'],
      updates: [`${label}.example.com. 60 IN A 192.0.2.9`],
    })
    const reply = await askUdp(this.#port, message)
    return (reply[3]! & 15) === 0 // a reply has a header
  }

  /** An object of the host. */
  async read(path: string): Promise<Stored | undefined> {
    const { code, body } = await this.host.api.get(path)
    return code === 200 ? (body as unknown as Stored) : undefined // a type that the server knows
  }

  async eventsAbout(reason: string, name: string): Promise<readonly { readonly count?: number }[]> {
    const query = `fieldSelector=${encodeURIComponent(`reason=${reason},involvedObject.name=${name}`)}`
    const { body } = await this.host.api.get(`${PATHS.events}?${query}`)
    return body['items'] as readonly { readonly count?: number }[]
  }

  /** All that our ServiceAccounts asked of both servers so far. */
  audited(): readonly Audited[] {
    return [this.host, this.member].flatMap((cluster) => readAudit(cluster.folder))
  }

  async makeRecord(name: string, domainRef = 'myfederation'): Promise<void> {
    await make(this.host.api, PATHS.records, {
      apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
      kind: 'ServiceDNSRecord',
      metadata: { name, namespace: 'web' },
      spec: { domainRef },
    })
  }

  async makeIngressRecord(name: string): Promise<void> {
    await make(this.host.api, PATHS.ingressRecords, {
      apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
      kind: 'IngressDNSRecord',
      metadata: { name, namespace: 'web' },
      spec: { hosts: [`${name}.example.com`] },
    })
  }
}

/** What runs in the member: a Node, a Service and an Ingress. */
async function fill({ api }: Cluster): Promise<void> {
  await make(api, '/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/region': 'europe-west1' } },
  })
  await serveNginx(api, ADDRESSES[0])
  const backend = { service: { name: 'nginx', port: { number: 80 } } }
  await make(api, PATHS.ingresses, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop', namespace: 'web' },
    spec: { rules: [{ host: NAMES.shop, http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }] },
  })
  await setAddress(api, `${PATHS.ingresses}/shop`, ADDRESSES[0])
}

/** Wait until it is true. @throws after a while, with what was waited for */
export async function untilTrue(what: string, look: () => Promise<boolean>): Promise<void> {
  await until(async () => {
    if (!(await look())) throw new Error(`not so: ${what}`)
    return true
  })
}
