import type { IngressDNSStatus, ServiceDNSStatus } from '../../api/dns-status.ts'
import type { Federations } from '../../controllers/federations.ts'
import type { Member } from '../../controllers/member-clusters.ts'
import { statusOf, type Sessions } from '../../controllers/ports.ts'
import type { Address } from '../../dns/address.ts'
import type { DomainName } from '../../dns/names.ts'
import type { NameChange } from '../../dns/records.ts'
import type { ClusterAccess } from '../../kube/access.ts'
import type { Connection } from '../../kube/connection.ts'
import { Fleet } from '../../kube/fleet.ts'
import { ObjectClient } from '../../kube/objects.ts'
import { ROOT } from '../../nameserver/server.ts'
import type { ZoneWriter } from '../../nameserver/types.ts'
import type { Lookup } from '../../resolver/host-addresses.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { createEmbeddedWriter } from '../../writers/embedded/embedded-writer.ts'
import type { OriginKeys } from '../../writers/embedded/key-sets.ts'
import { createDiscovery, type Discovery } from './discovery.ts'
import { createHostCluster, HOST, type HostStores } from './host-cluster.ts'
import { kubeReport, workReport } from './log-reports.ts'
import { createMemberRegistry } from './member-registry.ts'
import { createMemberStores, memberWatches, type MemberStores } from './member-stores.ts'
import { createReporting } from '../reporting/reporting.ts'
import { StaticDataBook } from '../static-data/static-data-book.ts'
import { recordObjects } from '../updates/record-objects.ts'
import { ZoneRecordsBook } from '../updates/zone-records-book.ts'
import { ZoneUpdates } from '../updates/zone-updates.ts'
import type { ZoneFactsSource } from '../zone-facts/zone-facts.ts'
import { createStartGate } from './start-gate.ts'
import { createZones } from './zones.ts'

export interface ControlPlaneOptions {
  readonly host: ClusterAccess
  /** Where KubeFedClusters, their Secrets and Domains live. */
  readonly namespace: string
  readonly zones: ZoneWriter
  /** Of signed zones. */
  readonly keys?: OriginKeys
  /** What Domains tell of their zones; absent: their names alone. */
  readonly zoneFacts?: ZoneFactsSource
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
  readonly host: Connection
  readonly fleet: Fleet
  readonly discovery: Discovery
  /** Answers RFC 2136 UPDATE. */
  readonly updates: Pick<ZoneUpdates, 'handle'>
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
  const report = kubeReport(logger, (cluster) => reporting.member(cluster))
  const stores = createMemberStores()
  const fleet = new Fleet({ watches: memberWatches(stores), clock, random, report })
  const serving = Promise.withResolvers<void>()
  let isServing = false
  let hostUp = false

  const host = createHostCluster({
    ...{ access: options.host, namespace, clock, random, report },
    onSession: (up) => {
      hostUp = up
      gate.review()
    },
  })
  const registry = createMemberRegistry({
    ...{ host: host.stores, stores, fleet, clock, random, logger },
    workReport: workReport(logger, () => gate.review()),
    moved: () => discovery.membersMoved(),
    report: (name) => reporting.member(name),
  })
  const { members } = registry
  const discovery = createDiscovery({
    ...{ namespace, host: host.stores, stores, members, clock, random, logger },
    lookup: options.lookup,
    sessions: sessionsOf(fleet, clock),
    workReport: workReport(logger, () => serveWhenIdle()),
    federationChanged: (name, now) => {
      zones.set(name, now)
      staticData.set(name, now)
      book.review()
    },
    decided: (owner) => reporting.decided(owner),
  })
  const embedded = createEmbeddedWriter({
    ...{ ledger: discovery.ledger, zones: options.zones, clock, logger },
    ...(options.keys === undefined ? {} : { keys: options.keys }),
    ...(options.published === undefined ? {} : { published: options.published }),
  })
  const zones = createZones({ embedded, ledger: discovery.ledger, addresses: options.nameServerAddresses })
  const { ledger } = discovery
  const scopes = (origin: DomainName) => scopesOf(discovery.federations, origin)
  const staticData = new StaticDataBook({
    ...{ namespace, ledger, scopes },
    zoneOf: (name) => embedded.zoneOf(name),
    created: (domain) => host.stores.domains.get(domain, HOST)?.metadata.creationTimestamp,
    told: (owner) => reporting.decided(owner),
  })
  const isAboveStatic = (origin: DomainName, name: DomainName) => staticData.isAbove(origin, name)
  const book = new ZoneRecordsBook({
    ...{ namespace, ledger, scopes, isAboveStatic },
    get: (key) => host.stores.zoneRecords.get(key, HOST),
    told: (owner) => reporting.decided(owner),
  })
  const updates = new ZoneUpdates({
    ...{ book, ledger, embedded, scopes, isAboveStatic, clock, logger },
    objects: recordObjects(new ObjectClient(host.connection.transport), namespace),
    isReady: () => isServing,
  })
  const reporting = createReporting({
    ...{ namespace, host, stores, members, fleet, discovery, clock, random, logger },
    ...{ zoneRecords: book, staticData },
    serial: (domain) => embedded.serial(domain),
    ...(options.zoneFacts === undefined ? {} : { zoneFacts: options.zoneFacts }),
  })

  const gate = createStartGate({
    clock,
    firstListTimeoutMs: options.firstListTimeoutMs ?? FIRST_LIST_TIMEOUT_MS,
    hostComplete: () => hostUp && registry.idle,
    waitingFor: () => awaited({ members, fleet, stores }),
    open(missing) {
      if (missing.length > 0)
        logger.warn({ clusters: missing.join(', ') }, 'starting without clusters that have not listed')
      discovery.start()
      serveWhenIdle()
    },
    untold: untoldBy(host.stores),
    settle: () => reporting.settle(),
  })
  const serve = (): void => {
    if (isServing || !discovery.idle) return
    isServing = true
    discovery.ledger.settle()
    embedded.flush()
    embedded.setState('serving')
    options.zones.setState(ROOT, 'gone') // what is in no zone of ours is refused from now on
    serving.resolve()
  }
  const serveWhenIdle = (): void => {
    if (!isServing && gate.isOpen) setImmediate(serve)
  }
  const unsubscribe = [
    host.stores.zoneRecords.onKey((key) => book.look(key)),
    stores.nodes.onState((cluster) => {
      reporting.member(fleet.nameOf(cluster) ?? '')
      gate.review()
    }),
    fleet.onSession((cluster) => {
      discovery.sessionTurned(cluster)
      reporting.member(fleet.nameOf(cluster) ?? '')
      gate.review()
    }),
  ]

  return {
    ...{ members, stores, host: host.connection, fleet, discovery, updates, serving: serving.promise },
    get isServing() {
      return isServing
    },
    start() {
      registry.start()
      reporting.start()
      host.connection.start()
    },
    async stop() {
      gate.close()
      for (const end of unsubscribe) end()
      registry.stop()
      discovery.stop()
      embedded.close()
      await Promise.all([reporting.stop(), fleet.stop(), host.connection.stop()])
    },
  }
}

/** Suffixes of the names that federations publish in a zone; undefined: no Domain has it. */
function scopesOf(
  federations: Pick<Federations, 'all'>,
  origin: DomainName,
): readonly DomainName[] | undefined {
  const here = [...federations.all()].filter(({ domain }) => domain === origin)
  if (here.length === 0) return undefined
  return here.flatMap(({ topology }) => topology.scopes.map(({ suffix }) => suffix as DomainName)) // joined from checked labels
}

function sessionsOf(fleet: Fleet, clock: Clock): Sessions {
  return {
    live: (cluster) => fleet.isUp(cluster),
    lostSinceMs: (cluster) => fleet.at(cluster)?.session.sinceMs ?? clock.nowMs(),
  }
}

/** Members that can be connected and have not listed everything yet, Nodes among it. */
function awaited({ members, fleet, stores }: Pick<ControlPlane, 'members' | 'fleet' | 'stores'>): string[] {
  const isAwaited = ({ fingerprint, index }: Member): boolean =>
    fingerprint !== '' && !(fleet.isUp(index) && stores.nodes.isSynced(index))
  return [...members.values()].filter(isAwaited).map(({ name }) => name)
}

/** Members of which some record does not tell what was decided before; asked first when the host is complete, and kept. */
function untoldBy(host: HostStores): (names: readonly string[]) => readonly string[] {
  let told: ReadonlySet<string> | undefined
  return (names) => {
    const known = (told ??= toldMembers(host))
    return names.filter((name) => !known.has(name))
  }
}

/** Members of which every record tells what was decided before (DESIGN 5.12); none when there are no records. */
function toldMembers({ serviceRecords, ingressRecords }: HostStores): ReadonlySet<string> {
  let told: Set<string> | undefined
  for (const store of [serviceRecords, ingressRecords]) {
    for (const [, record] of store.entries(HOST)) {
      const names = (statusOf<ServiceDNSStatus | IngressDNSStatus>(record)?.dns ?? [])
        .filter(({ state }) => state !== undefined)
        .map(({ cluster }) => cluster)
      const before = told
      told = new Set(before === undefined ? names : names.filter((name) => before.has(name)))
    }
  }
  return told ?? new Set()
}
