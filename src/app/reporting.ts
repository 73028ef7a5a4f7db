import { ownerKey, splitKey, type OwnerKey } from '../api/keys.ts'
import { kubeFedClusterKind } from '../api/kubefed-cluster.ts'
import { controlPlaneSettings } from '../api/kubefed-config.ts'
import type { Member } from '../controllers/member-clusters.ts'
import type { WriteReport } from '../controllers/plan-status.ts'
import { statusOf } from '../controllers/ports.ts'
import { createClusterReporter } from '../controllers/report-cluster.ts'
import { createRecordReporter } from '../controllers/report-record.ts'
import type { ProbeResult } from '../core/clusters/health.ts'
import type { DomainName } from '../dns/names.ts'
import { AppError, describeError } from '../errors.ts'
import { EventRecorder, type NewEvent } from '../kube/event-recorder.ts'
import type { Fleet } from '../kube/fleet.ts'
import { checkHealth, type ClusterHealth } from '../kube/health.ts'
import { KubeError } from '../kube/kube-error.ts'
import { ObjectClient } from '../kube/objects.ts'
import { runAsyncWorker, type AsyncWorker } from '../runtime/async-worker.ts'
import type { Clock } from '../runtime/clock.ts'
import { defaultQueueOptions, WorkQueue } from '../runtime/queue.ts'
import type { WorkFailure, WorkReport } from '../runtime/worker.ts'
import { WriteLimiter } from '../runtime/write-limiter.ts'
import type { Logger } from '../telemetry/logger.ts'
import { endpointOwner, writeEndpoint } from '../writers/dnsendpoint/dnsendpoint-writer.ts'
import type { Discovery } from './discovery.ts'
import { HOST, type HostCluster } from './host-cluster.ts'
import { endpointObjects } from './host-writes.ts'
import type { MemberStores } from './member-stores.ts'
import { createRecordPlans, domainOwner } from './record-plans.ts'
import { createReportMarks } from './report-marks.ts'

export interface ReportingOptions {
  readonly namespace: string
  readonly host: HostCluster
  readonly stores: MemberStores
  readonly members: ReadonlyMap<string, Member>
  readonly fleet: Fleet
  readonly discovery: Discovery
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  serial(domain: DomainName): number | undefined
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
  const { host, clock, random, logger, discovery } = options
  const objects = new ObjectClient(host.connection.transport, new WriteLimiter())
  const queueOptions = { clock, random, ...defaultQueueOptions }
  const statusQueue = new WorkQueue<OwnerKey>(queueOptions)
  const endpointQueue = new WorkQueue<OwnerKey>(queueOptions)
  const clusterQueue = new WorkQueue<string>(queueOptions)
  const written = new Map<OwnerKey, WriteReport>()
  const plans = createRecordPlans({ ...options, host: host.stores, written })
  const events = new EventRecorder({ objects, clock, random, component: 'waypost' })
  const endpoints = endpointObjects(objects, (key) => host.stores.endpoints.get(key, HOST))
  const workers: AsyncWorker[] = []

  const writeStatus = createRecordReporter({
    clock,
    plan: plans.status,
    async write({ metadata, kind }, patch, signal) {
      const definition = plans.definition(`${kind}/` as OwnerKey) // the kind is all that is looked at
      if (definition === undefined) return
      const { namespace = '', name } = metadata
      await ignoringGone(objects.patchStatus(definition, { namespace, name }, { status: patch, signal }))
    },
    tell: ({ apiVersion, kind, metadata }, event) => {
      events.record(eventOn({ apiVersion, kind, metadata }, event))
    },
  })

  const writeOneEndpoint = async (owner: OwnerKey, signal: AbortSignal): Promise<void> => {
    const plan = plans.endpoint(owner)
    if (plan === 'later') return
    try {
      await writeEndpoint(owner, plan, { objects: endpoints, signal })
      note(owner, plan === undefined ? undefined : { ok: true })
    } catch (error) {
      if (!signal.aborted && !isRace(error)) note(owner, failedWrite(error))
      throw error
    }
  }
  const note = (owner: OwnerKey, report: WriteReport | undefined): void => {
    const before = written.get(owner)
    if (report === undefined) written.delete(owner)
    else written.set(owner, report)
    if (JSON.stringify(before) !== JSON.stringify(report)) statusQueue.add(owner, 'all')
  }

  const reportCluster = createClusterReporter({
    clock,
    member: (name) => options.members.get(name),
    read(member) {
      const object = host.stores.clusters.get(member.key, HOST)
      return { version: object?.metadata.resourceVersion ?? '', status: statusOf(object) }
    },
    watches({ name }) {
      const session = options.fleet.get(name)?.session
      const missing = (session?.missing ?? []).map(({ kind, state }) => `${kind} (${state})`)
      return { up: session?.up ?? false, missing: missing.join(', ') }
    },
    probe: async ({ name }, signal) => probeResult(await probe(name, signal)),
    settings: () => settings(),
    async write({ key }, status, signal) {
      await ignoringGone(
        objects.patchStatus(kubeFedClusterKind.definition, splitKey(key), { status, signal }),
      )
    },
    tell({ key }, { reason, message }, good) {
      const { group, version, kind } = kubeFedClusterKind.definition
      const metadata = host.stores.clusters.get(key, HOST)?.metadata ?? splitKey(key)
      events.record(
        eventOn(
          { apiVersion: `${group}/${version}`, kind, metadata },
          { type: good ? 'Normal' : 'Warning', reason, message },
        ),
      )
    },
  })
  const probe = (name: string, signal: AbortSignal): Promise<ClusterHealth> | undefined => {
    const connection = options.fleet.get(name)
    return connection === undefined
      ? undefined
      : checkHealth(connection.transport, settings().probeTimeoutMs, signal)
  }
  const settings = () => {
    const [first] = host.stores.configs.entries(HOST)
    const config = first?.[1]
    return controlPlaneSettings(config?.kind === 'ok' ? config.value.asked.spec : undefined)
  }

  const marks = createReportMarks({
    ...{ ledger: discovery.ledger, clock },
    owner(owner) {
      statusQueue.add(owner, 'all')
      endpointQueue.add(owner, 'all')
    },
    domains() {
      for (const [key] of host.stores.domains.entries(HOST)) statusQueue.add(domainOwner(key), 'all')
    },
  })
  const unsubscribe = [
    host.stores.endpoints.onKey((key) => {
      const owner = endpointOwner(key)
      if (owner !== undefined) endpointQueue.add(owner, 'all')
    }),
    host.stores.domains.onKey((key) => statusQueue.add(domainOwner(key), 'all')),
    // Whoever changes a status, we ourselves included: what it should be is looked at once more.
    host.stores.serviceRecords.onKey((key) => statusQueue.add(ownerKey('ServiceDNSRecord', key), 'all')),
    host.stores.ingressRecords.onKey((key) => statusQueue.add(ownerKey('IngressDNSRecord', key), 'all')),
  ]
  const report = <K extends string>(what: string): WorkReport<K> => ({
    succeeded: () => {},
    failed: (key, failure) => logFailure(logger, what, key, failure),
  })

  const run = { clock, timeoutMs: WRITE_TIMEOUT_MS }

  return {
    start() {
      workers.push(
        runAsyncWorker(clusterQueue, (name, _, signal) => reportCluster(name, signal), {
          ...run,
          concurrency: PROBERS,
          report: report('cluster status'),
        }),
      )
    },
    settle() {
      workers.push(
        runAsyncWorker(statusQueue, (owner, _, signal) => writeStatus(owner, signal), {
          ...run,
          concurrency: WRITERS,
          report: report('status'),
        }),
        runAsyncWorker(endpointQueue, (owner, _, signal) => writeOneEndpoint(owner, signal), {
          ...run,
          concurrency: WRITERS,
          report: report('DNSEndpoint'),
        }),
      )
    },
    decided: marks.mark,
    member: (name) => clusterQueue.add(name, 'all'),
    async stop() {
      for (const end of unsubscribe) end()
      marks.close()
      for (const queue of [statusQueue, endpointQueue, clusterQueue]) queue.close()
      await Promise.all([...workers.map((worker) => worker.stop()), events.stop()])
    },
  }
}

/** A status whose object is gone needs no writing. */
async function ignoringGone(write: Promise<unknown>): Promise<void> {
  try {
    await write
  } catch (error) {
    if (!(error instanceof KubeError && error.code === 'KUBE_NOT_FOUND' && error.reason === 'NotFound'))
      throw error
  }
}

/** Our picture was older than the object: the next try has the newer one, nobody needs to hear of it. */
function isRace(error: unknown): boolean {
  return (
    error instanceof KubeError && (error.code === 'KUBE_CONFLICT' || error.code === 'KUBE_ALREADY_EXISTS')
  )
}

function failedWrite(error: unknown): WriteReport {
  const reason = error instanceof AppError ? REASONS[error.code] : undefined
  return { ok: false, reason: reason ?? 'WriteFailed', message: describeError(error) }
}

const REASONS: Readonly<Record<string, string>> = {
  DNSENDPOINT_FOREIGN: 'ForeignObject',
  KUBE_FORBIDDEN: 'Forbidden',
  KUBE_NOT_FOUND: 'KindMissing',
  KUBE_INVALID: 'Refused',
}

function probeResult(health: ClusterHealth | undefined): ProbeResult {
  if (health === undefined) return { kind: 'unreachable', message: 'the cluster is not connected' }
  switch (health.kind) {
    case 'ready':
      return { kind: 'ready', ...(health.version === undefined ? {} : { kubernetesVersion: health.version }) }
    case 'not-ready':
      return { kind: 'not-ready', message: `/healthz answered ${health.httpStatus}: ${health.body}` }
    case 'refused':
      return {
        kind: 'not-ready',
        message: `the API server answered ${health.httpStatus}: check the token in the Secret of the cluster, and its rights`,
      }
    case 'unreachable':
      return { kind: 'unreachable', message: describeError(health.error) }
  }
}

function eventOn(
  object: {
    readonly apiVersion: string
    readonly kind: string
    readonly metadata: { readonly namespace?: string; readonly name: string; readonly uid?: string }
  },
  event: Pick<NewEvent, 'type' | 'reason' | 'message'>,
): NewEvent {
  const { namespace, name, uid } = object.metadata
  return {
    about: {
      ...{ apiVersion: object.apiVersion, kind: object.kind, name },
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
    ...event,
  }
}

function logFailure(logger: Logger, what: string, key: string, failure: WorkFailure): void {
  if (isRace(failure.error)) return
  logger.warn(
    { component: 'reporting', queue: what, key, err: describeError(failure.error), delayMs: failure.delayMs },
    'write into the host cluster failed',
  )
}
