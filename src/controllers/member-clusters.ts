import type { NodeFacts } from '../api/facts.ts'
import { objectKey, splitKey, type ClusterIndex, type ObjectKey } from '../api/keys.ts'
import type { KubeFedCluster, KubeFedClusterStatus } from '../api/kubefed-cluster.ts'
import { locate, type Locality } from '../core/discovery/locality.ts'
import { AppError, describeError } from '../errors.ts'
import type { ClusterAccess } from '../kube/access.ts'
import type { Outcome } from '../runtime/worker.ts'
import { invalid, statusOf, type Complaint, type HostObject, type HostObjects } from './ports.ts'

/** A registered cluster, as it stands. */
export interface Member {
  readonly name: string
  readonly key: ObjectKey
  readonly index: ClusterIndex
  readonly locality: Locality
  /** Its Nodes have not been listed yet: what they say of its place is still to come. */
  readonly awaitsNodes?: true
  /** Its KubeFedCluster or Secret cannot be used as they are. */
  readonly complaint?: Complaint
  /** Tells one access from another; never shown. */
  readonly fingerprint: string
}

/** The part of Fleet that this needs. */
export interface MemberFleet {
  add(name: string, access: ClusterAccess): ClusterIndex
  replace(name: string, access: ClusterAccess): void
  /** Its facts are dropped at once; connections are closed in the background. */
  remove(name: string): void
}

export interface MemberClustersDeps {
  readonly clusters: HostObjects<KubeFedCluster, KubeFedClusterStatus>
  /** The bearer token of a Secret; undefined: no such Secret, or no `token` in it. */
  token(secret: ObjectKey): string | undefined
  nodes(cluster: ClusterIndex): Iterable<NodeFacts>
  /** Whether these are all of them. */
  nodesListed(cluster: ClusterIndex): boolean
  /** Where the records' status says that a cluster was when they were decided last. */
  told(name: string): { readonly region?: string; readonly zones: readonly string[] } | undefined
  readonly fleet: MemberFleet
  /** @throws AppError that says what of the KubeFedCluster cannot be used */
  access(cluster: KubeFedCluster, token: string | undefined): ClusterAccess
  readonly members: Map<string, Member>
  /** A cluster came, went, or is somewhere else. */
  moved(): void
  /** Its status is to be looked at. */
  report(name: string): void
}

/**
 * Bring one member into or out of the fleet, and find out where it is. One that cannot be connected is a member all the
 * same: what it published before stays until its KubeFedCluster is deleted (DESIGN 5.3).
 */
export function reconcileMember(key: ObjectKey, deps: MemberClustersDeps): Outcome {
  const { name } = splitKey(key)
  const object = deps.clusters.get(key)
  const before = deps.members.get(name)
  if (object === undefined) return leave(name, before, deps)

  const wanted = accessOf(key, object, deps)
  const index = connect(name, before, wanted, deps)
  const locality = localityOf(object, index, before, deps)
  // Once they have been listed, what was seen stays, whatever becomes of the connection.
  const awaitsNodes = (before === undefined || before.awaitsNodes === true) && !deps.nodesListed(index)
  const member: Member = {
    ...{ name, key, index, locality },
    ...(awaitsNodes ? { awaitsNodes } : {}),
    fingerprint: wanted.kind === 'ok' ? wanted.fingerprint : (before?.fingerprint ?? ''),
    ...(wanted.kind === 'ok' ? {} : { complaint: wanted.complaint }),
  }
  deps.members.set(name, member)
  if (before === undefined || !samePlace(before.locality, locality)) deps.moved()
  deps.report(name)
  return {}
}

type Wanted =
  | { readonly kind: 'ok'; readonly access: ClusterAccess; readonly fingerprint: string }
  | { readonly kind: 'malformed'; readonly complaint: Complaint }

function accessOf(
  key: ObjectKey,
  object: HostObject<KubeFedCluster, KubeFedClusterStatus>,
  deps: MemberClustersDeps,
): Wanted {
  if (object.kind === 'rejected')
    return { kind: 'malformed', complaint: malformed(invalid(object.problems).message) }
  const cluster = object.value.asked
  const { namespace } = splitKey(key)
  const token = deps.token(objectKey(namespace, cluster.spec.secretRef.name))
  try {
    const fingerprint = JSON.stringify([cluster.spec, token])
    return { kind: 'ok', access: deps.access(cluster, token), fingerprint }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { kind: 'malformed', complaint: malformed(describeError(error)) }
  }
}

function malformed(message: string): Complaint {
  return { reason: 'MalformedClusterConfig', message }
}

/** Connect, or use other credentials. What cannot be used changes nothing of a connection that stands. */
function connect(
  name: string,
  before: Member | undefined,
  wanted: Wanted,
  { fleet }: MemberClustersDeps,
): ClusterIndex {
  if (before === undefined)
    return fleet.add(name, wanted.kind === 'ok' ? wanted.access : noAccess(wanted.complaint))
  if (wanted.kind === 'ok' && wanted.fingerprint !== before.fingerprint) fleet.replace(name, wanted.access)
  return before.index
}

/** Access that is always refused before anything is sent, until a usable one takes its place. */
function noAccess({ message }: Complaint): ClusterAccess {
  const refuse = (): never => {
    throw new AppError(message, { code: 'CLUSTER_CONFIG_MALFORMED', retry: 'backoff' })
  }
  return {
    server: 'https://127.0.0.1:1',
    skippedChecks: [],
    credentials: { get: () => Promise.resolve().then(refuse), drop: () => {} },
  }
}

/**
 * Where it is now; what was known before, by this process or by its status, stays where nothing newer is seen. A status that
 * could not be written, because the host was lost, may know less than the records: a region they have names in stays a region.
 */
function localityOf(
  object: HostObject<KubeFedCluster, KubeFedClusterStatus>,
  index: ClusterIndex,
  before: Member | undefined,
  deps: MemberClustersDeps,
): Locality {
  const status = statusOf(object)
  const known = before?.locality ?? (status?.region === undefined ? deps.told(object.metadata.name) : status)
  const { region = status?.region, zones = status?.zones ?? [] } = known ?? {}
  return locate({
    clusterLabels: object.metadata.labels ?? {},
    nodes: [...deps.nodes(index)],
    known: { zones, ...(region === undefined ? {} : { region }) },
  })
}

function samePlace(left: Locality, right: Locality): boolean {
  return left.region === right.region && left.zones.join() === right.zones.join()
}

function leave(name: string, before: Member | undefined, deps: MemberClustersDeps): Outcome {
  deps.members.delete(name)
  if (before === undefined) return {}
  deps.fleet.remove(name)
  deps.moved()
  deps.report(name)
  return {}
}
