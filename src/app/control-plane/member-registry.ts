import type { ServiceDNSStatus } from '../../api/dns-status.ts'
import type { NodeFacts } from '../../api/facts.ts'
import type { ClusterIndex, ObjectKey } from '../../api/keys.ts'
import {
  reconcileMember,
  type Member,
  type MemberClustersDeps,
  type MemberFleet,
} from '../../controllers/member-clusters.ts'
import { statusOf } from '../../controllers/ports.ts'
import { describeError } from '../../errors.ts'
import { clusterAccess } from '../../kube/cluster-access.ts'
import type { Fleet } from '../../kube/fleet.ts'
import type { Clock } from '../../runtime/clock.ts'
import { defaultQueueOptions, WorkQueue } from '../../runtime/queue.ts'
import { runWorker, type Outcome, type Worker, type WorkReport } from '../../runtime/worker.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { HOST, hostObjects, type HostStores } from './host-cluster.ts'
import type { MemberStores } from './member-stores.ts'

export interface MemberRegistryOptions {
  readonly host: Pick<HostStores, 'clusters' | 'secrets' | 'serviceRecords'>
  readonly stores: Pick<MemberStores, 'nodes'>
  readonly fleet: Pick<Fleet, 'add' | 'replace' | 'remove' | 'nameOf'>
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly workReport: WorkReport<ObjectKey>
  /** A cluster came, went, or is somewhere else. */
  readonly moved: () => void
  /** Its status is to be looked at. */
  readonly report: (name: string) => void
}

/** The members there are: KubeFedClusters, their Secrets and Nodes, brought into the fleet and out of it. */
export interface MemberRegistry {
  readonly members: ReadonlyMap<string, Member>
  /** No KubeFedCluster waits to be looked at, or is being looked at. */
  readonly idle: boolean
  start(): void
  stop(): void
}

/** Follow the stores. Nothing is connected before start(), and before Secrets and records have been listed. */
export function createMemberRegistry(options: MemberRegistryOptions): MemberRegistry {
  const { host, stores, fleet, clock, random } = options
  const members = new Map<string, Member>()
  const queue = new WorkQueue<ObjectKey>({ clock, random, ...defaultQueueOptions })
  const deps = memberDeps(options, members)
  let worker: Worker | undefined
  /** A member that is just being connected is in neither the queue nor `members`. */
  let isReconciling = false

  const reconcile = (key: ObjectKey): Outcome => {
    isReconciling = true
    try {
      return reconcileMember(key, deps)
    } finally {
      isReconciling = false
    }
  }
  const unsubscribe = [
    host.clusters.onKey((key) => queue.add(key, 'all')),
    host.secrets.onKey(() => {
      for (const key of host.clusters.keys()) queue.add(key, 'all')
    }),
    stores.nodes.onKey((_, cluster) => {
      const member = members.get(fleet.nameOf(cluster) ?? '')
      if (member !== undefined) queue.add(member.key, 'all')
    }),
    stores.nodes.onState((cluster) => {
      const member = members.get(fleet.nameOf(cluster) ?? '')
      if (member?.awaitsNodes === true) queue.add(member.key, 'all') // there may be none, and no key then
    }),
  ]
  return {
    members,
    get idle() {
      return queue.size === 0 && !isReconciling
    },
    start() {
      const begin = (): void => {
        worker ??= runWorker(queue, reconcile, { clock, report: options.workReport })
      }
      // Before that a Secret that has not come looks like one that is missing, and records do not tell where members were.
      const needed = [host.secrets, host.serviceRecords]
      const review = (): void => {
        if (needed.every((store) => store.isSynced(HOST))) begin()
      }
      for (const store of needed) unsubscribe.push(store.onState(review))
      review()
    },
    stop() {
      for (const end of unsubscribe) end()
      worker?.stop()
      queue.close()
    },
  }
}

function memberDeps(options: MemberRegistryOptions, members: Map<string, Member>): MemberClustersDeps {
  const { host, stores, moved, report } = options
  return {
    clusters: hostObjects(host.clusters),
    token: (secret) => host.secrets.get(secret, HOST)?.token,
    nodes: (cluster) => nodesOf(stores, cluster),
    nodesListed: (cluster) => stores.nodes.isSynced(cluster),
    told: placesTold(host.serviceRecords),
    fleet: memberFleet(options),
    access: clusterAccess,
    ...{ members, moved, report },
  }
}

/** Read once, when first asked: afterwards members know more than any status. */
function placesTold(records: HostStores['serviceRecords']): MemberClustersDeps['told'] {
  let told: Map<string, { readonly region?: string; readonly zones: readonly string[] }> | undefined
  return (name) => {
    if (told === undefined) {
      told = new Map()
      for (const [, record] of records.entries(HOST)) {
        for (const { cluster, region, zones = [] } of statusOf<ServiceDNSStatus>(record)?.dns ?? []) {
          if (region !== undefined && !told.has(cluster)) told.set(cluster, { region, zones })
        }
      }
    }
    return told.get(name)
  }
}

function memberFleet({ fleet, logger }: MemberRegistryOptions): MemberFleet {
  return {
    add: (name, access) => fleet.add(name, access),
    replace: (name, access) => fleet.replace(name, access),
    remove(name) {
      fleet.remove(name).catch((error: unknown) => {
        const fields = { cluster: name, err: describeError(error) }
        logger.warn(fields, 'connections of a removed cluster did not close')
      })
    },
  }
}

function* nodesOf(
  { nodes }: Pick<MemberStores, 'nodes'>,
  cluster: ClusterIndex,
): IterableIterator<NodeFacts> {
  for (const [, facts] of nodes.entries(cluster)) yield facts
}
