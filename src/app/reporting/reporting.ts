import { objectKey, ownerKey, type ObjectKey, type OwnerKey } from '../../api/keys.ts'
import { domainKind } from '../../api/domain.ts'
import type { Member } from '../../controllers/member-clusters.ts'
import type { WriteReport } from '../../controllers/status-input.ts'
import { createRecordReporter } from '../../controllers/report-record.ts'
import { tryDomainName, type DomainName } from '../../dns/names.ts'
import { describeError } from '../../errors.ts'
import type { RefusedTransfer } from '../../nameserver/transfer/transfer-handler.ts'
import { EventRecorder } from '../../kube/event-recorder.ts'
import { ObjectClient } from '../../kube/objects.ts'
import { runAsyncWorker, type AsyncWorker } from '../../runtime/async-worker.ts'
import type { Clock } from '../../runtime/clock.ts'
import { defaultQueueOptions, WorkQueue } from '../../runtime/queue.ts'
import type { Outcome, WorkReport } from '../../runtime/worker.ts'
import { WriteLimiter } from '../../runtime/write-limiter.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { endpointOwner } from '../../writers/dnsendpoint/dnsendpoint-writer.ts'
import type { Discovery } from '../control-plane/discovery.ts'
import { HOST, type HostStores } from '../control-plane/host-cluster.ts'
import type { MemberStores } from '../control-plane/member-stores.ts'
import { createClusterStatus, type ReportedFleet } from './cluster-status.ts'
import { createEndpointStatus, endpointObjects } from './endpoint-status.ts'
import { ignoringGone, isRace } from './host-errors.ts'
import { eventOn } from './host-events.ts'
import { refusalEvent } from './domain-conditions.ts'
import { domainOwner } from './domain-plans.ts'
import { identityOf } from './plan-parts.ts'
import { createRecordPlans } from './record-plans.ts'
import { createReportMarks, type ReportMarks } from './report-marks.ts'
import type { StaticDataBook } from '../static-data/static-data-book.ts'
import type { ZoneRecordsBook } from '../updates/zone-records-book.ts'
import type { ZoneFactsSource } from '../zone-facts/zone-facts.ts'

export interface ReportingOptions {
  readonly namespace: string
  readonly host: {
    readonly stores: HostStores
    readonly connection: { readonly transport: ConstructorParameters<typeof ObjectClient>[0] }
  }
  readonly stores: MemberStores
  readonly members: ReadonlyMap<string, Member>
  readonly fleet: ReportedFleet
  readonly discovery: Discovery
  readonly zoneRecords: Pick<ZoneRecordsBook, 'state'>
  readonly staticData?: Pick<StaticDataBook, 'state'>
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  serial(domain: DomainName): number | undefined
  /** Absent: nothing is told of zones besides their names. */
  readonly zoneFacts?: ZoneFactsSource
}

/** All that is written into the host: status, events, DNSEndpoints. Each has its own queue, and nothing waits for it. */
export interface Reporting {
  /** Probe members and report on them. */
  start(): void
  /** Members have listed, or had their time: what is decided is worth writing down from now on. */
  settle(): void
  /** An owner was decided anew. */
  decided(owner: OwnerKey): void
  /** A member came, went, or its watches turned. */
  member(name: string): void
  stop(): Promise<void>
}

/** Objects written at the same time; the limiter below caps the rate. */
const WRITERS = 8
/** Members probed at the same time: one that hangs holds one place for one timeout. */
const PROBERS = 64
const WRITE_TIMEOUT_MS = 30_000

/** Wire the reporters. Nothing runs before start(). */
export function createReporting(options: ReportingOptions): Reporting {
  return new HostReporting(options)
}

type Write<K> = (key: K, signal: AbortSignal) => Promise<Outcome | void>

class HostReporting implements Reporting {
  readonly #options: ReportingOptions
  readonly #statuses: WorkQueue<OwnerKey>
  readonly #endpoints: WorkQueue<OwnerKey>
  readonly #clusters: WorkQueue<string>
  readonly #objects: ObjectClient
  readonly #events: EventRecorder
  readonly #marks: ReportMarks
  readonly #unsubscribe: readonly (() => void)[]
  readonly #workers: AsyncWorker[] = []
  #endpointsListed: boolean

  constructor(options: ReportingOptions) {
    const { clock, random, host, discovery } = options
    const queueOptions = { clock, random, ...defaultQueueOptions }
    this.#options = options
    this.#statuses = new WorkQueue(queueOptions)
    this.#endpoints = new WorkQueue(queueOptions)
    this.#clusters = new WorkQueue(queueOptions)
    this.#objects = new ObjectClient(host.connection.transport, new WriteLimiter())
    this.#events = new EventRecorder({ objects: this.#objects, clock, random, component: 'waypost' })
    this.#marks = createReportMarks({
      ...{ ledger: discovery.ledger, clock },
      owner: (owner) => this.#look(owner),
      domains: () => this.#lookAtDomains(),
    })
    this.#endpointsListed = host.stores.endpoints.isSynced(HOST)
    this.#unsubscribe = this.#follow(host.stores)
    options.zoneFacts?.watch({
      changed: () => this.#marks.markDomains(),
      refused: (refusal) => this.#tellRefusal(refusal),
    })
  }

  start(): void {
    const { host, members, fleet, clock } = this.#options
    const report = createClusterStatus({
      ...{ objects: this.#objects, events: this.#events, host: host.stores, members, fleet, clock },
    })
    this.#run({ what: 'cluster status', queue: this.#clusters, write: report, concurrency: PROBERS })
  }

  settle(): void {
    const { host, clock } = this.#options
    const written = new Map<OwnerKey, WriteReport>()
    const plans = createRecordPlans({ ...this.#options, host: host.stores, written })
    const status = createRecordReporter({
      clock,
      plan: plans.status,
      write: async (plan, patch, signal) => {
        const definition = plans.definitionOf(plan)
        const { namespace = '', name } = plan.metadata
        if (definition === undefined) return
        const change = { status: patch, signal }
        await ignoringGone(this.#objects.patchStatus(definition, { namespace, name }, change))
      },
      tell: (plan, event) => this.#events.record(eventOn(plan, event)),
    })
    const endpoint = createEndpointStatus({
      objects: endpointObjects(this.#objects, (key) => host.stores.endpoints.get(key, HOST)),
      endpoint: plans.endpoint,
      written,
      isListed: () => this.#endpointsListed,
      changed: (owner) => this.#statuses.add(owner, 'all'),
    })
    this.#run({ what: 'status', queue: this.#statuses, write: status, concurrency: WRITERS })
    this.#run({ what: 'DNSEndpoint', queue: this.#endpoints, write: endpoint, concurrency: WRITERS })
  }

  decided(owner: OwnerKey): void {
    this.#marks.mark(owner)
  }

  member(name: string): void {
    this.#clusters.add(name, 'all')
  }

  async stop(): Promise<void> {
    for (const end of this.#unsubscribe) end()
    this.#marks.close()
    for (const queue of [this.#statuses, this.#endpoints, this.#clusters]) queue.close()
    await Promise.all([...this.#workers.map((worker) => worker.stop()), this.#events.stop()])
  }

  #look(owner: OwnerKey): void {
    this.#statuses.add(owner, 'all')
    this.#endpoints.add(owner, 'all')
  }

  #lookAtDomains(): void {
    for (const [key] of this.#options.host.stores.domains.entries(HOST))
      this.#statuses.add(domainOwner(key), 'all')
  }

  /** On the Domains whose zone it is, short names' zone included. */
  #tellRefusal(refusal: RefusedTransfer): void {
    const { namespace, discovery, host } = this.#options
    for (const { name, domain } of discovery.federations.all()) {
      if (domain !== refusal.zone && tryDomainName(name) !== refusal.zone) continue
      const metadata = host.stores.domains.get(objectKey(namespace, name), HOST)?.metadata
      if (metadata === undefined) continue
      this.#events.record(eventOn({ ...identityOf(domainKind.definition), metadata }, refusalEvent(refusal)))
    }
  }

  /** What a DNSEndpoint should be is looked at: that of its owner, if it has one. */
  #lookAtEndpoint(key: ObjectKey): void {
    const owner = endpointOwner(key)
    if (owner !== undefined) this.#endpoints.add(owner, 'all')
  }

  /** From now on it is known what is there, and what is not. */
  #endpointsAreListed({ endpoints, serviceRecords, ingressRecords }: HostStores): void {
    if (this.#endpointsListed) return
    this.#endpointsListed = true
    for (const key of serviceRecords.keys()) this.#endpoints.add(ownerKey('ServiceDNSRecord', key), 'all')
    for (const key of ingressRecords.keys()) this.#endpoints.add(ownerKey('IngressDNSRecord', key), 'all')
    for (const key of endpoints.keys()) this.#lookAtEndpoint(key)
  }

  /** Whoever changes an object that is written here, we ourselves included: what it should be is looked at once more. */
  #follow(stores: HostStores): readonly (() => void)[] {
    const { endpoints, domains, serviceRecords, ingressRecords, zoneRecords } = stores
    return [
      zoneRecords.onKey((key) => this.#statuses.add(ownerKey('ZoneRecords', key), 'all')),
      endpoints.onKey((key) => this.#lookAtEndpoint(key)),
      endpoints.onState((_, state) => {
        if (state === 'synced') this.#endpointsAreListed(stores)
      }),
      domains.onKey((key) => this.#statuses.add(domainOwner(key), 'all')),
      serviceRecords.onKey((key) => this.#statuses.add(ownerKey('ServiceDNSRecord', key), 'all')),
      ingressRecords.onKey((key) => this.#statuses.add(ownerKey('IngressDNSRecord', key), 'all')),
    ]
  }

  #run<K extends string>(work: {
    readonly what: string
    readonly queue: WorkQueue<K>
    readonly write: Write<K>
    readonly concurrency: number
  }): void {
    const { clock, logger } = this.#options
    const report: WorkReport<K> = {
      succeeded: () => {},
      failed(key, { error, delayMs }) {
        if (isRace(error)) return
        const fields = { component: 'reporting', queue: work.what, key, err: describeError(error), delayMs }
        logger.warn(fields, 'write into the host cluster failed')
      },
    }
    const { concurrency, queue } = work
    const run = { clock, timeoutMs: WRITE_TIMEOUT_MS, concurrency, report }
    this.#workers.push(runAsyncWorker(queue, (key, _, signal) => work.write(key, signal), run))
  }
}
