import type { NodeFacts } from '../api/facts.ts'
import type { ClusterIndex, ObjectKey } from '../api/keys.ts'
import { reconcileMember, type Member, type MemberClustersDeps } from '../controllers/member-clusters.ts'
import type { Address } from '../dns/address.ts'
import type { NameChange } from '../dns/records.ts'
import { describeError } from '../errors.ts'
import type { ClusterAccess } from '../kube/access.ts'
import { clusterAccess } from '../kube/cluster-access.ts'
import { Fleet } from '../kube/fleet.ts'
import type { KubeReport } from '../kube/watched.ts'
import { ROOT } from '../nameserver/server.ts'
import type { ZoneWriter } from '../nameserver/types.ts'
import type { Lookup } from '../resolver/host-addresses.ts'
import type { Clock } from '../runtime/clock.ts'
import { defaultQueueOptions, WorkQueue } from '../runtime/queue.ts'
import { runWorker, type Worker, type WorkReport } from '../runtime/worker.ts'
import type { Logger } from '../telemetry/logger.ts'
import { createEmbeddedWriter } from '../writers/embedded/embedded-writer.ts'
import { createDiscovery, type Discovery } from './discovery.ts'
import { createHostCluster, HOST, hostObjects, type HostStores } from './host-cluster.ts'
import { createMemberStores, memberWatches, type MemberStores } from './member-stores.ts'
import { createReporting } from './reporting/reporting.ts'
import { createStartGate } from './start-gate.ts'
import { createZones } from './zones.ts'

export interface ControlPlaneOptions {
  readonly host: ClusterAccess
  /** Where KubeFedClusters, their Secrets and Domains live. */
  readonly namespace: string
  readonly zones: ZoneWriter
  /** Where our own server answers: glue of Domains that name no servers. */
  readonly nameServerAddresses: readonly Address[]
  readonly lookup: Lookup
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** Members are waited for this long at the start (5 s, DESIGN 5.10). */
  readonly firstListTimeoutMs?: number
  /** Names that were just swapped in. */
  readonly published?: (changes: readonly NameChange[]) => void
}

export interface ControlPlane {
  readonly members: ReadonlyMap<string, Member>
  readonly stores: MemberStores
  readonly fleet: Fleet
  readonly discovery: Discovery
  /** Resolves when every record has been decided once and its names are answered. */
  readonly serving: Promise<void>
  readonly isServing: boolean
  start(): void
  stop(): Promise<void>
}

const FIRST_LIST_TIMEOUT_MS = 5_000

/** Watch host and members, decide, answer, report: the whole controller but for its sockets. */
export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { namespace, clock, random, logger } = options
  const report = kubeReport(logger)
  const stores = createMemberStores()
  const members = new Map<string, Member>()
  const fleet = new Fleet({ watches: memberWatches(stores), clock, random, report })
  const memberQueue = new WorkQueue<ObjectKey>({ clock, random, ...defaultQueueOptions })
  const serving = Promise.withResolvers<void>()
  let isServing = false
  let hostUp = false
  /** A member that is just being connected is in neither the queue nor `members`. */
  let isReconciling = false
  let told: ReadonlySet<string> | undefined

  const host = createHostCluster({
    ...{ access: options.host, namespace, clock, random, report },
    onSession: (up) => {
      hostUp = up
      gate.review()
    },
  })
  const discovery = createDiscovery({
    ...{ namespace, host: host.stores, stores, members, clock, random, logger },
    lookup: options.lookup,
    sessions: {
      live: (cluster) => fleet.isUp(cluster),
      lostSinceMs: (cluster) => fleet.at(cluster)?.session.sinceMs ?? clock.nowMs(),
    },
    workReport: workReport(logger, () => serveWhenIdle()),
    federationChanged: (name, now) => zones.set(name, now),
    decided: (owner) => reporting.decided(owner),
  })
  const embedded = createEmbeddedWriter({
    ...{ ledger: discovery.ledger, zones: options.zones, clock, logger },
    ...(options.published === undefined ? {} : { published: options.published }),
  })
  const zones = createZones({ embedded, ledger: discovery.ledger, addresses: options.nameServerAddresses })
  const reporting = createReporting({
    ...{ namespace, host, stores, members, fleet, discovery, clock, random, logger },
    serial: (domain) => embedded.serial(domain),
  })
  const workers: Worker[] = []

  const gate = createStartGate({
    clock,
    firstListTimeoutMs: options.firstListTimeoutMs ?? FIRST_LIST_TIMEOUT_MS,
    hostComplete: () => hostUp && memberQueue.size === 0 && !isReconciling,
    waitingFor: () =>
      [...members.values()].filter((member) => isAwaited(member, fleet, stores)).map(({ name }) => name),
    open(missing) {
      if (missing.length > 0)
        logger.warn({ clusters: missing.join(', ') }, 'starting without clusters that have not listed')
      discovery.start()
      serveWhenIdle()
    },
    untold(names) {
      told ??= toldMembers(host.stores)
      return names.filter((name) => !told!.has(name)) // set above
    },
    settle: () => reporting.settle(),
  })
  const serveWhenIdle = (): void => {
    if (isServing || !gate.isOpen) return
    setImmediate(() => {
      if (isServing || !discovery.idle) return
      isServing = true
      discovery.ledger.settle()
      embedded.flush()
      embedded.setState('serving')
      options.zones.setState(ROOT, 'gone') // what is in no zone of ours is refused from now on
      serving.resolve()
    })
  }
  const reconcile = (key: ObjectKey) => {
    isReconciling = true
    try {
      return reconcileMember(key, memberDeps)
    } finally {
      isReconciling = false
    }
  }
  const memberDeps: MemberClustersDeps = {
    clusters: hostObjects(host.stores.clusters),
    token: (secret) => host.stores.secrets.get(secret, HOST)?.token,
    nodes: (cluster) => nodesOf(stores, cluster),
    fleet: {
      add: (name, access) => fleet.add(name, access),
      replace: (name, access) => fleet.replace(name, access),
      remove(name) {
        fleet.remove(name).catch((error: unknown) => {
          const fields = { cluster: name, err: describeError(error) }
          logger.warn(fields, 'connections of a removed cluster did not close')
        })
      },
    },
    access: clusterAccess,
    members,
    moved: () => discovery.membersMoved(),
    report: (name) => reporting.member(name),
  }

  const unsubscribe = [
    host.stores.clusters.onKey((key) => memberQueue.add(key, 'all')),
    host.stores.secrets.onKey(() => {
      for (const key of host.stores.clusters.keys()) memberQueue.add(key, 'all')
    }),
    stores.nodes.onKey((_, cluster) => {
      const member = members.get(fleet.nameOf(cluster) ?? '')
      if (member !== undefined) memberQueue.add(member.key, 'all')
    }),
    stores.nodes.onState(() => gate.review()),
    fleet.onSession((cluster) => {
      discovery.sessionTurned(cluster)
      reporting.member(fleet.nameOf(cluster) ?? '')
      gate.review()
    }),
  ]

  return {
    ...{ members, stores, fleet, discovery, serving: serving.promise },
    get isServing() {
      return isServing
    },
    start() {
      workers.push(
        runWorker(memberQueue, reconcile, { clock, report: workReport(logger, () => gate.review()) }),
      )
      reporting.start()
      host.connection.start()
    },
    async stop() {
      gate.close()
      for (const end of unsubscribe) end()
      for (const worker of workers) worker.stop()
      memberQueue.close()
      discovery.stop()
      embedded.close()
      await Promise.all([reporting.stop(), fleet.stop(), host.connection.stop()])
    },
  }
}

/** A member that can be connected and has not listed everything yet, Nodes among it. */
function isAwaited(member: Member, fleet: Fleet, stores: MemberStores): boolean {
  if (member.fingerprint === '') return false
  return !fleet.isUp(member.index) || !stores.nodes.isSynced(member.index)
}

/** Members of which every record tells what was decided before (DESIGN 5.12); none when there are no records. */
function toldMembers({ serviceRecords, ingressRecords }: HostStores): ReadonlySet<string> {
  let told: Set<string> | undefined
  for (const store of [serviceRecords, ingressRecords]) {
    for (const [, record] of store.entries(HOST)) {
      const status = record.kind === 'ok' ? record.value.status : undefined
      const names = (status?.dns ?? [])
        .filter(({ state }) => state !== undefined)
        .map(({ cluster }) => cluster)
      const before = told
      told = new Set(before === undefined ? names : names.filter((name) => before.has(name)))
    }
  }
  return told ?? new Set()
}

function* nodesOf(stores: MemberStores, cluster: ClusterIndex): IterableIterator<NodeFacts> {
  for (const [, facts] of stores.nodes.entries(cluster)) yield facts
}

function workReport(logger: Logger, done: () => void): WorkReport<ObjectKey> {
  return {
    succeeded: done,
    failed(key, { error, delayMs }) {
      logger.error({ component: 'worker', key, err: describeError(error), delayMs }, 'reconcile failed')
      done()
    },
  }
}

function kubeReport(logger: Logger): KubeReport {
  return {
    state: (at, state, reason) => logger.debug({ ...at, state, reason }, 'watch state changed'),
    failed(at, { error, failures, delayMs }) {
      const fields = { ...at, failures, delayMs, err: describeError(error) }
      // The first failure is news; the rest of an outage is in the conditions of its KubeFedCluster.
      if (failures === 1) logger.warn(fields, 'watch failed')
      else logger.debug(fields, 'watch failed again')
    },
    malformed: (at, problem, key) =>
      logger.warn({ ...at, key, problem }, 'object cannot be read and is left as it was'),
    listenerFailed: (at, error) =>
      logger.error({ ...at, err: describeError(error) }, 'change could not be handled'),
  }
}
