import type { ClusterIndex, ObjectKey, OwnerKey } from '../api/keys.ts'
import { BackendIndex } from '../controllers/backend-index.ts'
import { createFederations, type Federation, type Federations } from '../controllers/federations.ts'
import type { Member } from '../controllers/member-clusters.ts'
import type { HostObject, Sessions } from '../controllers/ports.ts'
import { publishIngress, type IngressState } from '../controllers/publish-ingress.ts'
import { publishService, type ServiceState } from '../controllers/publish-service.ts'
import { createResolvedHosts, parseHostUser } from '../controllers/resolved-hosts.ts'
import { toldBy } from '../controllers/restore.ts'
import { createLedger } from '../core/discovery/ledger.ts'
import { emptyHostsMemory, emptyMemory, restoreMemory } from '../core/discovery/memory.ts'
import type { Ledger } from '../core/discovery/types.ts'
import { createHostResolver, type Lookup } from '../resolver/host-addresses.ts'
import type { Clock } from '../runtime/clock.ts'
import { defaultQueueOptions, WorkQueue } from '../runtime/queue.ts'
import { runWorker, type Worker, type WorkReport } from '../runtime/worker.ts'
import type { Logger } from '../telemetry/logger.ts'
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
  const { host, stores, members, clock, sessions, logger } = options
  const queueOptions = { clock, random: options.random, ...defaultQueueOptions }
  const serviceQueue = new WorkQueue<ObjectKey, ClusterIndex>(queueOptions)
  const ingressQueue = new WorkQueue<ObjectKey, ClusterIndex>(queueOptions)
  // After a start records come in no order: until all have been decided, the oldest has a name, not the first to come.
  const ledger = createLedger({ loading: true })
  const backends = new BackendIndex()
  const services = new Map<ObjectKey, ServiceState>()
  const ingresses = new Map<ObjectKey, IngressState>()
  const workers: Worker[] = []
  const serviceRecords = hostObjects(host.serviceRecords)
  const ingressRecords = hostObjects(host.ingressRecords)
  const reports = { mark: options.decided }

  const resolver = createHostResolver({
    ...{ lookup: options.lookup, clock, logger },
    changed: (users) => {
      for (const { kind, key, cluster } of users.map(parseHostUser)) {
        const queue = kind === 'service' ? serviceQueue : ingressQueue
        queue.add(key, cluster)
      }
    },
  })
  const hosts = createResolvedHosts(resolver)
  const indexOf = (cluster: string): ClusterIndex | undefined => members.get(cluster)?.index
  const federations = createFederations({
    namespace: options.namespace,
    domains: hostObjects(host.domains),
    places: () =>
      [...members.values()].map(({ index, locality: { region, zones } }) => ({
        index,
        zones,
        ...(region === undefined ? {} : { region }),
      })),
    changed: (name, now) => {
      options.federationChanged(name, now)
      for (const key of host.serviceRecords.keys()) {
        const record = serviceRecords.get(key)
        if (record?.kind !== 'ok' || record.value.asked.spec.domainRef === name) serviceQueue.add(key, 'all')
      }
      for (const key of host.ingressRecords.keys()) ingressQueue.add(key, [])
    },
  })

  const common = {
    sessions,
    hosts,
    ledger,
    reports,
    clock,
    services: stores.services,
    endpoints: stores.endpoints,
  }
  const publishOneService = (key: ObjectKey, dirty: Parameters<typeof publishService>[1]) =>
    publishService(key, dirty, {
      ...common,
      records: serviceRecords,
      federations,
      states: services,
      restore: (status, topology) => restoreMemory(emptyMemory(topology), toldBy(status, indexOf)),
    })
  const publishOneIngress = (key: ObjectKey, dirty: Parameters<typeof publishIngress>[1]) =>
    publishIngress(key, dirty, {
      ...common,
      records: ingressRecords,
      federations,
      ingresses: stores.ingresses,
      states: ingresses,
      members: () => [...members.values()].map(({ index }) => index),
      backends: (record, of) => backends.set(record, of),
      restore: (status) => restoreMemory(emptyHostsMemory(), toldBy(status, indexOf)),
    })

  const memberChanged = (key: ObjectKey, cluster: ClusterIndex): void => {
    if (host.serviceRecords.row(key) !== undefined) serviceQueue.add(key, cluster)
    for (const record of backends.recordsOf(key)) ingressQueue.add(record, cluster)
  }
  const unsubscribe = [
    stores.services.onKey(memberChanged),
    stores.endpoints.onKey(memberChanged),
    stores.ingresses.onKey((key, cluster) => {
      if (host.ingressRecords.row(key) !== undefined) ingressQueue.add(key, cluster)
    }),
    host.serviceRecords.onKey((key) => {
      if (asksAnew(serviceRecords.get(key), services.get(key))) serviceQueue.add(key, [])
    }),
    host.ingressRecords.onKey((key) => {
      if (asksAnew(ingressRecords.get(key), ingresses.get(key))) ingressQueue.add(key, [])
    }),
    host.domains.onKey((key) => federations.refresh(key)),
  ]

  return {
    ledger,
    federations,
    services,
    ingresses,
    start() {
      federations.refresh('all')
      const run = { clock, report: options.workReport }
      workers.push(
        runWorker(serviceQueue, publishOneService, run),
        runWorker(ingressQueue, publishOneIngress, run),
      )
    },
    membersMoved() {
      if (workers.length === 0) return
      federations.refresh('all')
      for (const key of host.ingressRecords.keys()) ingressQueue.add(key, 'all')
    },
    sessionTurned(cluster) {
      for (const key of host.serviceRecords.keys()) serviceQueue.add(key, cluster)
      for (const key of host.ingressRecords.keys()) ingressQueue.add(key, cluster)
    },
    get idle() {
      return serviceQueue.size + serviceQueue.processing + ingressQueue.size + ingressQueue.processing === 0
    },
    stop() {
      for (const stop of unsubscribe) stop()
      for (const worker of workers) worker.stop()
      serviceQueue.close()
      ingressQueue.close()
      resolver.close()
    },
  }
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
