import { splitKey } from '../../api/keys.ts'
import { kubeFedClusterKind } from '../../api/kubefed-cluster.ts'
import { controlPlaneSettings, type ControlPlaneSettings } from '../../api/kubefed-config.ts'
import type { Member } from '../../controllers/member-clusters.ts'
import { statusOf } from '../../controllers/ports.ts'
import { createClusterReporter } from '../../controllers/report-cluster.ts'
import type { ProbeResult } from '../../core/clusters/health.ts'
import { describeError } from '../../errors.ts'
import type { Session } from '../../kube/connection.ts'
import type { EventRecorder } from '../../kube/event-recorder.ts'
import { checkHealth, type ClusterHealth } from '../../kube/health.ts'
import type { ObjectClient } from '../../kube/objects.ts'
import type { Clock } from '../../runtime/clock.ts'
import { HOST, type HostStores } from '../control-plane/host-cluster.ts'
import { ignoringGone } from './host-errors.ts'
import { eventOn } from './host-events.ts'

/** The part of the fleet that is reported on. */
export interface ReportedFleet {
  get(name: string):
    | {
        readonly session: Session
        readonly transport: Parameters<typeof checkHealth>[0] & { readonly denied: readonly string[] }
      }
    | undefined
}

export interface ClusterStatusOptions {
  readonly objects: Pick<ObjectClient, 'patchStatus'>
  readonly events: Pick<EventRecorder, 'record'>
  readonly host: Pick<HostStores, 'clusters' | 'configs'>
  readonly members: ReadonlyMap<string, Member>
  readonly fleet: ReportedFleet
  readonly clock: Clock
}

/** Probes one member when its time has come, and keeps its status. */
export function createClusterStatus(options: ClusterStatusOptions): ReturnType<typeof createClusterReporter> {
  const { objects, events, host, fleet, clock } = options
  const { definition } = kubeFedClusterKind
  return createClusterReporter({
    clock,
    member: (name) => options.members.get(name),
    read({ key }) {
      const object = host.clusters.get(key, HOST)
      return { version: object?.metadata.resourceVersion ?? '', status: statusOf(object) }
    },
    watches({ name }) {
      const connection = fleet.get(name)
      const session = connection?.session
      const missing = (session?.missing ?? []).map(({ kind, state }) => `${kind} (${state})`)
      const denied = connection?.transport.denied ?? []
      return { up: session?.up ?? false, missing: missing.join(', '), denied }
    },
    async probe({ name }, signal) {
      const transport = fleet.get(name)?.transport
      if (transport === undefined) return { kind: 'unreachable', message: 'the cluster is not connected' }
      return probeResult(await checkHealth(transport, settingsOf(host).probeTimeoutMs, signal))
    },
    settings: () => settingsOf(host),
    async write({ key }, status, signal) {
      await ignoringGone(objects.patchStatus(definition, splitKey(key), { status, signal }))
    },
    tell({ key }, { reason, message }, good) {
      const { group, version, kind } = definition
      const metadata = host.clusters.get(key, HOST)?.metadata ?? splitKey(key)
      const about = { apiVersion: `${group}/${version}`, kind, metadata }
      events.record(eventOn(about, { type: good ? 'Normal' : 'Warning', reason, message }))
    },
  })
}

/** Of the one KubeFedConfig, else the defaults. */
function settingsOf({ configs }: Pick<HostStores, 'configs'>): ControlPlaneSettings {
  const [first] = configs.entries(HOST)
  const config = first?.[1]
  return controlPlaneSettings(config?.kind === 'ok' ? config.value.asked.spec : undefined)
}

function probeResult(health: ClusterHealth): ProbeResult {
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
