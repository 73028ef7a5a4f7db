import type { IngressDNSStatus, ServiceDNSStatus } from '../../api/dns-status.ts'
import type { ClusterIndex, ObjectKey, OwnerKey } from '../../api/keys.ts'
import { BackendIndex } from '../../controllers/backend-index.ts'
import {
  createFederations,
  type Federation,
  type Federations,
  type Place,
} from '../../controllers/federations.ts'
import type { Member } from '../../controllers/member-clusters.ts'
import type { HostObject, Sessions } from '../../controllers/ports.ts'
import {
  publishIngress,
  type IngressState,
  type PublishIngressDeps,
} from '../../controllers/publish-ingress.ts'
import {
  publishService,
  type PublishServiceDeps,
  type ServiceState,
} from '../../controllers/publish-service.ts'
import { createResolvedHosts, parseHostUser, type ResolvedHosts } from '../../controllers/resolved-hosts.ts'
import { toldBy } from '../../controllers/restore.ts'
import { createLedger } from '../../core/discovery/ledger.ts'
import {
  emptyHostsMemory,
  emptyMemory,
  restoreMemory,
  restoreServiceMemory,
  type ToldRecord,
} from '../../core/discovery/memory.ts'
import type { Ledger } from '../../core/discovery/types.ts'
import { createHostResolver, type HostResolver, type Lookup } from '../../resolver/host-addresses.ts'
import type { Clock } from '../../runtime/clock.ts'
import { defaultQueueOptions, WorkQueue } from '../../runtime/queue.ts'
import { runWorker, type Worker, type WorkReport } from '../../runtime/worker.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { hostObjects, type HostStores } from './host-cluster.ts'
import type { MemberStores } from './member-stores.ts'

export interface DiscoveryOptions {
  readonly namespace: string
  readonly host: HostStores
  readonly stores: MemberStores
  readonly members: ReadonlyMap<string, Member>
  readonly sessions: Sessions
  readonly lookup: Lookup
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly workReport: WorkReport<ObjectKey>
  /** A Domain is in force, or no more. */
  readonly federationChanged: (name: string, now: Federation | undefined) => void
  /** An owner was decided anew. */
  readonly decided: (owner: OwnerKey) => void
}

/** From stores to the ledger: gather, decide, apply (DESIGN 4), for both kinds of record. */
export interface Discovery {
  readonly ledger: Ledger
  readonly federations: Federations
  readonly services: ReadonlyMap<ObjectKey, ServiceState>
  readonly ingresses: ReadonlyMap<ObjectKey, IngressState>
  /** Begin to decide: each record once, then as it changes. */
  start(): void
  /** Members came, went, or are somewhere else. */
  membersMoved(): void
  /** What a member shows may be another thing now: look at all records. */
  sessionTurned(cluster: ClusterIndex): void
  readonly idle: boolean
  stop(): void
}

/** Wire stores, controllers and ledger. Nothing is decided before start(). */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  return new RecordDiscovery(options)
}

class RecordDiscovery implements Discovery {
  // After a start records come in no order: until all have been decided, the oldest has a name, not the first to come.
  readonly ledger = createLedger({ loading: true })
  readonly services = new Map<ObjectKey, ServiceState>()
  readonly ingresses = new Map<ObjectKey, IngressState>()
  readonly federations: Federations
  readonly #options: DiscoveryOptions
  readonly #serviceRecords: PublishServiceDeps['records']
  readonly #ingressRecords: PublishIngressDeps['records']
  readonly #serviceQueue: WorkQueue<ObjectKey, ClusterIndex>
  readonly #ingressQueue: WorkQueue<ObjectKey, ClusterIndex>
  readonly #backends = new BackendIndex()
  readonly #resolver: HostResolver
  readonly #unsubscribe: readonly (() => void)[]
  readonly #workers: Worker[] = []

  constructor(options: DiscoveryOptions) {
    const { host, clock, random, lookup, logger } = options
    this.#options = options
    this.#serviceRecords = hostObjects(host.serviceRecords)
    this.#ingressRecords = hostObjects(host.ingressRecords)
    this.#serviceQueue = new WorkQueue({ clock, random, ...defaultQueueOptions })
    this.#ingressQueue = new WorkQueue({ clock, random, ...defaultQueueOptions })
    this.#resolver = createHostResolver({ lookup, clock, logger, changed: (users) => this.#resolved(users) })
    this.federations = createFederations({
      namespace: options.namespace,
      domains: hostObjects(host.domains),
      places: () => [...options.members.values()].map(placeOf),
      changed: (name, now, before) => this.#federationChanged(name, now, before),
    })
    this.#unsubscribe = this.#follow()
  }

  get idle(): boolean {
    const queues = [this.#serviceQueue, this.#ingressQueue]
    return queues.every(({ size, processing }) => size + processing === 0)
  }

  start(): void {
    const { clock, workReport: report } = this.#options
    this.federations.refresh('all')
    const hosts = createResolvedHosts(this.#resolver)
    const service = this.#serviceDeps(hosts)
    const ingress = this.#ingressDeps(hosts)
    this.#workers.push(
      runWorker(this.#serviceQueue, (key, dirty) => publishService(key, dirty, service), { clock, report }),
      runWorker(this.#ingressQueue, (key, dirty) => publishIngress(key, dirty, ingress), { clock, report }),
    )
  }

  membersMoved(): void {
    if (this.#workers.length === 0) return
    this.federations.refresh('all')
    for (const key of this.#ingressRecords.keys()) this.#ingressQueue.add(key, 'all')
  }

  sessionTurned(cluster: ClusterIndex): void {
    for (const key of this.#serviceRecords.keys()) this.#serviceQueue.add(key, cluster)
    for (const key of this.#ingressRecords.keys()) this.#ingressQueue.add(key, cluster)
  }

  stop(): void {
    for (const stop of this.#unsubscribe) stop()
    for (const worker of this.#workers) worker.stop()
    this.#serviceQueue.close()
    this.#ingressQueue.close()
    this.#resolver.close()
  }

  #follow(): readonly (() => void)[] {
    const { host, stores } = this.#options
    const memberChanged = (key: ObjectKey, cluster: ClusterIndex): void => this.#memberChanged(key, cluster)
    return [
      stores.services.onKey(memberChanged),
      stores.endpoints.onKey(memberChanged),
      stores.ingresses.onKey((key, cluster) => {
        if (host.ingressRecords.row(key) !== undefined) this.#ingressQueue.add(key, cluster)
      }),
      host.serviceRecords.onKey((key) => {
        if (asksAnew(this.#serviceRecords.get(key), this.services.get(key))) this.#serviceQueue.add(key, [])
      }),
      host.ingressRecords.onKey((key) => {
        if (asksAnew(this.#ingressRecords.get(key), this.ingresses.get(key))) this.#ingressQueue.add(key, [])
      }),
      host.domains.onKey((key) => this.federations.refresh(key)),
    ]
  }

  /** A Service of a member, or its endpoints. */
  #memberChanged(key: ObjectKey, cluster: ClusterIndex): void {
    if (this.#options.host.serviceRecords.row(key) !== undefined) this.#serviceQueue.add(key, cluster)
    for (const record of this.#backends.recordsOf(key)) this.#ingressQueue.add(record, cluster)
  }

  #resolved(users: readonly string[]): void {
    for (const { kind, key, cluster } of users.map(parseHostUser)) {
      const queue = kind === 'service' ? this.#serviceQueue : this.#ingressQueue
      queue.add(key, cluster)
    }
  }

  #federationChanged(name: string, now: Federation | undefined, before: Federation | undefined): void {
    this.#options.federationChanged(name, now)
    const hasOtherNames = now?.topology !== before?.topology || now?.settings !== before?.settings
    if (now !== undefined && !hasOtherNames) return // static data: no record says anything else for it
    for (const key of this.#serviceRecords.keys()) {
      const record = this.#serviceRecords.get(key)
      const state = this.services.get(key)
      const isAsked = record?.kind !== 'ok' || record.value.asked.spec.domainRef === name
      const isThere = state?.kind === 'published' && state.settings.domainRef === name
      if (isAsked || isThere) this.#serviceQueue.add(key, 'all')
    }
    for (const key of this.#ingressRecords.keys()) this.#ingressQueue.add(key, []) // the TTL of its hosts may follow
  }

  #serviceDeps(hosts: ResolvedHosts): PublishServiceDeps {
    return {
      ...this.#commonDeps(hosts),
      records: this.#serviceRecords,
      states: this.services,
      restore: (status, topology) => restoreServiceMemory(emptyMemory(topology), this.#toldBy(status)),
    }
  }

  #ingressDeps(hosts: ResolvedHosts): PublishIngressDeps {
    return {
      ...this.#commonDeps(hosts),
      records: this.#ingressRecords,
      ingresses: this.#options.stores.ingresses,
      states: this.ingresses,
      members: () => [...this.#options.members.values()].map(({ index }) => index),
      backends: (record, of) => this.#backends.set(record, of),
      restore: (status) => restoreMemory(emptyHostsMemory(), this.#toldBy(status)),
    }
  }

  #commonDeps(hosts: ResolvedHosts) {
    const { sessions, clock, stores, decided } = this.#options
    const { federations, ledger } = this
    const { services, endpoints } = stores
    return { sessions, clock, services, endpoints, federations, ledger, hosts, reports: { mark: decided } }
  }

  #toldBy(status: ServiceDNSStatus | IngressDNSStatus | undefined): ToldRecord {
    return toldBy(status, (cluster) => this.#options.members.get(cluster)?.index)
  }
}

function placeOf({ index, locality: { region, zones } }: Member): Place {
  return { index, zones, ...(region === undefined ? {} : { region }) }
}

/** False when nothing but the status of a published record moved: that is our own output, and comes back after each change. */
function asksAnew(
  object: HostObject<unknown> | undefined,
  state: ServiceState | IngressState | undefined,
): boolean {
  if (object?.kind !== 'ok' || state?.kind !== 'published' || state.complaint !== undefined) return true
  const { uid, generation } = object.metadata
  const { metadata } = state
  return generation === undefined || generation !== metadata.generation || uid !== metadata.uid
}
