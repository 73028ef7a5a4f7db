import * as z from 'zod'
import { isDnsLabel, tryDomainName } from '../../dns/names.ts'
import { AppError } from '../../errors.ts'

/** The context and server name of the cluster that holds the federation's own objects; no member may be called so. */
export const HOST_CLUSTER = 'host'

/** A sandbox: which clusters there are and what runs in them. Complete: every default is filled in. */
export interface World {
  /** Name of the Domain object; absent together with `domain`: no Domain is made. */
  readonly federation?: string
  /** Lower case, without the trailing dot. */
  readonly domain?: string
  readonly clusters: readonly WorldCluster[]
  readonly services: readonly WorldService[]
  readonly ingresses: readonly WorldIngress[]
  readonly records: readonly WorldRecord[]
}

export interface WorldCluster {
  readonly name: string
  /** Absent: no Node carries a region label. */
  readonly region?: string
  /** Empty: no Node carries a zone label. */
  readonly zones: readonly string[]
  /** Nodes in each zone, or altogether when there is no zone. */
  readonly nodes: number
  /** Labels of the KubeFedCluster. */
  readonly labels: Readonly<Record<string, string>>
  /** Dual stack: Services that ask for IPv6 get it. */
  readonly ipv6: boolean
}

export interface WorldPort {
  readonly name?: string
  readonly port: number
  readonly targetPort?: number | string
  readonly protocol: 'TCP' | 'UDP' | 'SCTP'
}

/** A Service and the Deployment behind it. */
export interface WorldService {
  readonly namespace: string
  readonly name: string
  /** Names of members, in the world's order. */
  readonly clusters: readonly string[]
  readonly replicas: number
  readonly ports: readonly WorldPort[]
  readonly type: 'ClusterIP' | 'NodePort' | 'LoadBalancer'
  /** Absent: as the cluster does by itself (one family, IPv4). */
  readonly ipFamilies?: readonly ('IPv4' | 'IPv6')[]
  /** False: its Pods run but are never ready. */
  readonly ready: boolean
  /** How the load balancer answers; `address` is the default. */
  readonly loadBalancer: 'address' | 'hostname' | 'none'
}

export interface WorldIngress {
  readonly namespace: string
  readonly name: string
  readonly clusters: readonly string[]
  readonly hosts: readonly string[]
  /** Name of the Service behind it. */
  readonly service: string
  /** Of its load balancer; absent: IPv4 alone. */
  readonly ipFamilies?: readonly ('IPv4' | 'IPv6')[]
}

/** A ServiceDNSRecord (no `hosts`) or IngressDNSRecord (`hosts`); the other fields are those of its spec. */
export interface WorldRecord {
  readonly namespace: string
  readonly name: string
  readonly domainRef?: string
  readonly recordTTL?: number
  readonly dnsPrefix?: string
  readonly externalName?: string
  readonly allowServiceWithoutEndpoints?: boolean
  readonly hosts?: readonly string[]
}

export class WorldError extends AppError {
  /** @param fields - `file` or what else was read, `path` inside it, `reason`, `action` */
  constructor(fields: {
    readonly file: string
    readonly path: string
    readonly reason: string
    readonly action: string
  }) {
    super('world is not usable', { code: 'WORLD_INVALID', fields })
  }
}

const label = z.string().refine(isDnsLabel, {
  error: 'must be a DNS label: at most 63 lower-case letters, digits and inner hyphens',
})
const host = z.string().refine((text) => tryDomainName(text) !== undefined, {
  error: 'must be a domain name such as www.example.com',
})
const port = z.int().min(1).max(65_535)
const families = z
  .array(z.enum(['IPv4', 'IPv6']))
  .min(1)
  .max(2)
const count = (max: number) => z.int().min(0).max(max)

const clusterSchema = z.strictObject({
  name: label.refine((name) => name !== HOST_CLUSTER, {
    error: `"${HOST_CLUSTER}" is the host cluster's own name; choose another`,
  }),
  region: z.string().min(1).exactOptional(),
  zones: z.array(z.string().min(1)).max(100).default([]),
  nodes: count(100).default(1),
  labels: z.record(z.string(), z.string()).default({}),
  ipv6: z.boolean().default(true),
})

const portSchema = z.strictObject({
  name: label.exactOptional(),
  port,
  targetPort: z.union([port, label]).exactOptional(),
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).default('TCP'),
})

const placed = { namespace: label, name: label, clusters: z.array(z.string()).exactOptional() }

const serviceSchema = z.strictObject({
  ...placed,
  replicas: count(10_000).default(2),
  ports: z
    .array(portSchema)
    .min(1)
    .default([{ name: 'http', port: 80, protocol: 'TCP' }]),
  type: z.enum(['ClusterIP', 'NodePort', 'LoadBalancer']).default('LoadBalancer'),
  ipFamilies: families.exactOptional(),
  ready: z.boolean().default(true),
  loadBalancer: z.enum(['address', 'hostname', 'none']).default('address'),
})

const ingressSchema = z.strictObject({
  ...placed,
  hosts: z.array(host).min(1),
  service: label.exactOptional(),
  ipFamilies: families.exactOptional(),
})

const recordSchema = z.strictObject({
  namespace: label,
  name: label,
  domainRef: label.exactOptional(),
  recordTTL: z.int().min(0).max(2_147_483_647).exactOptional(),
  dnsPrefix: z.string().min(1).exactOptional(),
  externalName: z.string().min(1).exactOptional(),
  allowServiceWithoutEndpoints: z.boolean().exactOptional(),
  hosts: z.array(host).min(1).exactOptional(),
})

const worldSchema = z.strictObject({
  federation: label.default('myfederation'),
  domain: host.default('example.com'),
  clusters: z.array(clusterSchema).min(1).max(10_000),
  services: z.array(serviceSchema).default([]),
  ingresses: z.array(ingressSchema).default([]),
  records: z.array(recordSchema).exactOptional(),
})

/** What a world file may hold; only `clusters` must be there. */
export type WorldInput = z.input<typeof worldSchema>
type WorldDraft = z.output<typeof worldSchema>

/**
 * Check a world and fill in its defaults: every cluster runs everything, every LoadBalancer Service has a
 * ServiceDNSRecord and every Ingress an IngressDNSRecord, unless `records` says otherwise.
 * @param source - the file's name, for errors
 * @throws WorldError naming the path of the first fault
 */
export function parseWorld(input: unknown, source = 'world'): World {
  const parsed = worldSchema.safeParse(input)
  if (!parsed.success) {
    const issue = parsed.error.issues[0]
    throw new WorldError({
      file: source,
      path: issue === undefined ? '' : pathText(issue.path),
      reason: issue === undefined ? 'not a world' : issue.message,
      action: 'correct the value at this path; docs/sandbox.md lists the fields',
    })
  }
  checkReferences(parsed.data, source)
  return completed(parsed.data)
}

function completed(draft: WorldDraft): World {
  const everywhere = draft.clusters.map((cluster) => cluster.name)
  const services = draft.services.map((service) => ({
    ...service,
    clusters: inOrder(everywhere, service.clusters),
  }))
  const ingresses = draft.ingresses.map((ingress) => ({
    ...ingress,
    clusters: inOrder(everywhere, ingress.clusters),
    service: ingress.service ?? ingress.name,
  }))
  return {
    ...draft,
    domain: draft.domain.toLowerCase().replace(/\.$/, ''),
    services,
    ingresses,
    records: draft.records ?? [
      ...services
        .filter((service) => service.type === 'LoadBalancer')
        .map(({ namespace, name }) => ({ namespace, name })),
      ...ingresses.map(({ namespace, name, hosts }) => ({ namespace, name, hosts })),
    ],
  }
}

function inOrder(everywhere: readonly string[], chosen: readonly string[] | undefined): readonly string[] {
  if (chosen === undefined) return everywhere
  const wanted = new Set(chosen)
  return everywhere.filter((name) => wanted.has(name))
}

function checkReferences(draft: WorldDraft, file: string): void {
  const action = 'name each thing once, and only clusters listed under clusters'
  const clusters = new Set<string>()
  for (const [index, cluster] of draft.clusters.entries()) {
    if (clusters.has(cluster.name))
      throw new WorldError({
        file,
        path: `clusters[${index}].name`,
        reason: `cluster "${cluster.name}" is listed twice`,
        action,
      })
    clusters.add(cluster.name)
  }
  for (const list of ['services', 'ingresses'] as const) checkPlaced(draft[list], { file, list, clusters })
  checkUnique(draft.records ?? [], { file, list: 'records' })
}

function checkPlaced(
  items: WorldDraft['services'] | WorldDraft['ingresses'],
  where: { readonly file: string; readonly list: string; readonly clusters: ReadonlySet<string> },
): void {
  checkUnique(items, where)
  for (const [index, item] of items.entries()) {
    const stray = (item.clusters ?? []).findIndex((name) => !where.clusters.has(name))
    if (stray >= 0) {
      throw new WorldError({
        file: where.file,
        path: `${where.list}[${index}].clusters[${stray}]`,
        reason: `there is no cluster "${item.clusters?.[stray] ?? ''}"`,
        action: `name one of: ${[...where.clusters].slice(0, 10).join(', ')}`,
      })
    }
  }
}

function checkUnique(
  items: readonly {
    readonly namespace: string
    readonly name: string
    readonly hosts?: readonly string[] | undefined
  }[],
  where: { readonly file: string; readonly list: string },
): void {
  const seen = new Set<string>()
  for (const [index, item] of items.entries()) {
    const isIngressRecord = where.list === 'records' && item.hosts !== undefined
    const key = `${isIngressRecord ? 'ingress ' : ''}${item.namespace}/${item.name}`
    if (seen.has(key)) {
      throw new WorldError({
        file: where.file,
        path: `${where.list}[${index}]`,
        reason: `${key} is listed twice`,
        action: 'give each namespace and name once',
      })
    }
    seen.add(key)
  }
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('')
}
