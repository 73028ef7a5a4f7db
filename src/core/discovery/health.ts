import type { EndpointFacts } from '../../api/facts.ts'
import type { DomainName } from '../../dns/names.ts'
import { hasTargets } from './answers/addresses.ts'
import type { IngressShard, Shard, Targets } from './types.ts'

/** What is held of a shard. The unknown ones carry what it was when last seen. Stored as a byte: append only. */
export const VERDICT = {
  none: 0,
  fit: 1,
  unfit: 2,
  absent: 3,
  unknownFit: 4,
  unknownUnfit: 5,
  unknownAbsent: 6,
  unknownNever: 7,
} as const
export type VerdictCode = (typeof VERDICT)[keyof typeof VERDICT]

/** Why it is held. Stored as a byte: append only. */
export const REASON = {
  notJudged: 0,
  endpointsReady: 1,
  endpointsServing: 2,
  endpointsNotRequired: 3,
  addressOnly: 4,
  noReadyEndpoints: 5,
  notFound: 6,
  deleting: 7,
  noAddress: 8,
  hostUnresolved: 9,
  sessionLost: 10,
  neverListed: 11,
} as const
export type ReasonCode = (typeof REASON)[keyof typeof REASON]

/** The side a shard is on when answers are made; unknown ones stand where they last stood. */
export type Side = 'fit' | 'unfit' | 'out'

export type ShardState = 'Fit' | 'Unfit' | 'Absent' | 'Unknown'

interface VerdictRow {
  readonly state: ShardState
  readonly lastKnown?: Exclude<ShardState, 'Unknown'>
  readonly side: Side
}

/** By VerdictCode. */
const VERDICTS: readonly VerdictRow[] = [
  { state: 'Unknown', side: 'out' },
  { state: 'Fit', side: 'fit' },
  { state: 'Unfit', side: 'unfit' },
  { state: 'Absent', side: 'out' },
  { state: 'Unknown', lastKnown: 'Fit', side: 'fit' },
  { state: 'Unknown', lastKnown: 'Unfit', side: 'unfit' },
  { state: 'Unknown', lastKnown: 'Absent', side: 'out' },
  { state: 'Unknown', side: 'out' },
]

/** What a verdict becomes when its shard is lost of sight, by VerdictCode. */
const OUT_OF_SIGHT: readonly VerdictCode[] = [7, 4, 5, 6, 4, 5, 6, 7]

/** By ReasonCode: the word for machines, the sentence for people. */
export const REASONS: readonly { readonly word: string; readonly message: string }[] = [
  { word: 'NotJudged', message: 'the cluster has not been looked at yet; nothing to do' },
  { word: 'EndpointsReady', message: 'at least one endpoint is ready; nothing to do' },
  {
    word: 'EndpointsServing',
    message: 'no endpoint is ready, but terminating ones still serve; wait for their successors to be ready',
  },
  {
    word: 'EndpointsNotRequired',
    message: 'published without regard to endpoints, as spec.allowServiceWithoutEndpoints asks',
  },
  {
    word: 'AddressOnly',
    message: 'no backend Service of the Ingress can be seen, so its address alone counts; nothing to do',
  },
  {
    word: 'NoReadyEndpoints',
    message:
      'no endpoint is ready; check the Pods and the selector of the Service in this cluster, or set spec.allowServiceWithoutEndpoints',
  },
  {
    word: 'NotFound',
    message: 'the cluster has no object of this namespace and name; create it there if it should serve',
  },
  { word: 'Deleting', message: 'the object is being deleted in this cluster; nothing to do' },
  {
    word: 'NoAddress',
    message:
      'its load balancer has no address; check that a Service is of type LoadBalancer and that the cluster gives out addresses',
  },
  {
    word: 'HostUnresolved',
    message:
      'the host name of its load balancer has no address now; check that name, addresses it had before are kept',
  },
  {
    word: 'SessionLost',
    message:
      'the cluster cannot be seen; what was last known stays. See the conditions of its KubeFedCluster, remove that if the cluster is gone for good',
  },
  {
    word: 'NeverListed',
    message:
      'the cluster has not been seen since it joined, so nothing of it is published; see the conditions of its KubeFedCluster',
  },
]

/** Words of a verdict; of `none` for a code out of range. */
export function describeVerdict(code: number): VerdictRow {
  return VERDICTS[code] ?? VERDICTS[VERDICT.none]! // the table has that row
}

/** Words of a reason; of `NotJudged` for a code out of range. */
export function describeReason(code: number): { readonly word: string; readonly message: string } {
  return REASONS[code] ?? REASONS[REASON.notJudged]! // the table has that row
}

/** The side that a verdict puts a shard on. */
export function sideOf(code: number): Side {
  return describeVerdict(code).side
}

/** What was held of a shard before. */
export interface ShardPast {
  readonly verdict: number
  readonly targets: Targets | undefined
}

export interface Judgement {
  readonly verdict: VerdictCode
  readonly reason: ReasonCode
  readonly targets: Targets | undefined
  /** When it began, where that is not now. */
  readonly sinceMs?: number
}

/** Of a cluster that is no member any more. */
export const LEFT: Judgement = { verdict: VERDICT.none, reason: REASON.notJudged, targets: undefined }
const ABSENT: Judgement = { verdict: VERDICT.absent, reason: REASON.notFound, targets: undefined }
const DELETING: Judgement = { verdict: VERDICT.absent, reason: REASON.deleting, targets: undefined }

/**
 * Judge one cluster's Service by the first row of DESIGN 5.2 that fits: gone or without address, readiness (one ready
 * endpoint is enough, or a serving one when none is ready), else what was held before.
 * Judging the same shard again after itself gives the same.
 */
export function judgeService(
  shard: Shard,
  past: ShardPast,
  spec: { readonly allowWithoutEndpoints: boolean },
): Judgement {
  if (shard.kind !== 'present') return shard.kind === 'absent' ? ABSENT : judgeUnknown(shard, past)
  const reason = spec.allowWithoutEndpoints
    ? REASON.endpointsNotRequired
    : reasonOfEndpoints([shard.endpoints])
  return judgeSeen(shard.service, reason, past)
}

/** As judgeService, for an Ingress: one fit backend Service is enough; when none can be seen, its address alone decides. */
export function judgeIngress(shard: IngressShard, past: ShardPast): Judgement {
  if (shard.kind !== 'present') return shard.kind === 'absent' ? ABSENT : judgeUnknown(shard, past)
  const reason = shard.backends.length === 0 ? REASON.addressOnly : reasonOfEndpoints(shard.backends)
  return judgeSeen(shard.ingress, reason, past)
}

interface SeenFacts extends Targets {
  readonly hosts: readonly DomainName[]
  readonly deleting: boolean
}

/** Restored targets do not say which host they came from; they are taken for this one's. */
function isOfSameBalancer(known: Targets, { hosts }: SeenFacts): boolean {
  return known.hosts === undefined || known.hosts.some((host) => hosts.includes(host))
}

function judgeSeen(facts: SeenFacts, reason: ReasonCode, past: ShardPast): Judgement {
  if (facts.deleting) return DELETING
  const verdict = reason === REASON.noReadyEndpoints ? VERDICT.unfit : VERDICT.fit
  if (hasTargets(facts)) return { verdict, reason, targets: facts }
  if (facts.hosts.length === 0) {
    return { verdict: VERDICT.absent, reason: REASON.noAddress, targets: undefined }
  }
  // A look-up that gives nothing is no proof that the load balancer is gone: the addresses it had stand in.
  if (past.targets === undefined || !isOfSameBalancer(past.targets, facts)) {
    return { verdict: VERDICT.absent, reason: REASON.hostUnresolved, targets: undefined }
  }
  return {
    verdict,
    reason: verdict === VERDICT.fit ? REASON.hostUnresolved : reason,
    targets: past.targets,
  }
}

function judgeUnknown(
  shard: { readonly last?: SeenFacts; readonly sinceMs: number },
  past: ShardPast,
): Judgement {
  const verdict = OUT_OF_SIGHT[past.verdict] ?? VERDICT.unknownNever
  const known = sideOf(verdict) !== 'out'
  const newer = shard.last !== undefined && hasTargets(shard.last) ? shard.last : past.targets
  return {
    verdict,
    reason: verdict === VERDICT.unknownNever ? REASON.neverListed : REASON.sessionLost,
    targets: known ? newer : undefined,
    sinceMs: shard.sinceMs,
  }
}

function reasonOfEndpoints(backends: readonly EndpointFacts[]): ReasonCode {
  if (backends.some((endpoints) => endpoints.ready > 0)) return REASON.endpointsReady
  if (backends.some((endpoints) => endpoints.serving > 0)) return REASON.endpointsServing
  return REASON.noReadyEndpoints
}
