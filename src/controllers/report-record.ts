import { isDeepStrictEqual } from 'node:util'
import type { Condition } from '../api/conditions.ts'
import type { OwnerKey } from '../api/keys.ts'
import type { ObjectMeta } from '../api/object.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Outcome } from '../runtime/worker.ts'

/** A record's status as it stands in the host cluster and as it should be. */
export interface StatusPlan {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly before: StatusWithConditions | undefined
  readonly now: StatusWithConditions
}

export interface StatusWithConditions {
  readonly conditions?: readonly Condition[] | undefined
  readonly [field: string]: unknown
}

/** Something to tell on an object. */
export interface RecordEvent {
  readonly type: 'Normal' | 'Warning'
  readonly reason: string
  readonly message: string
}

export interface ReportRecordDeps {
  readonly clock: Clock
  /** Pure: undefined when the record is gone, or has not been decided yet. */
  plan(owner: OwnerKey, standing: StatusWithConditions | undefined): StatusPlan | undefined
  /** Merge into `status` of the object. */
  write(plan: StatusPlan, patch: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<void>
  tell(plan: StatusPlan, event: RecordEvent): void
}

/** At most one write a second and object (DESIGN 5.12). */
export const WRITE_INTERVAL_MS = 1_000

interface LastWrite {
  readonly atMs: number
  /** The version that was read when it was written: while that is still what is read, the write has not come back. */
  readonly readVersion: string
  readonly status: StatusWithConditions
}

/** Write a record's status where it differs, and tell of conditions that turned. */
export function createRecordReporter(
  deps: ReportRecordDeps,
): (owner: OwnerKey, signal: AbortSignal) => Promise<Outcome> {
  const lastWrites = new Map<OwnerKey, LastWrite>()
  return async (owner, signal) => {
    const last = lastWrites.get(owner)
    const dueMs = (last?.atMs ?? Number.NEGATIVE_INFINITY) + WRITE_INTERVAL_MS
    if (deps.clock.nowMs() < dueMs) return { againAtMs: dueMs }
    const plan = deps.plan(owner, undefined)
    if (plan === undefined) {
      lastWrites.delete(owner)
      return {}
    }
    const version = plan.metadata.resourceVersion ?? ''
    const pending = last?.readVersion === version ? last.status : undefined
    if (pending === undefined) lastWrites.delete(owner) // it has come back, and its second is over
    const current = pending === undefined ? plan : (deps.plan(owner, pending) ?? plan)
    const patch = statusPatch(current.before, current.now)
    if (patch === undefined) return {}
    await deps.write(current, patch, signal)
    lastWrites.set(owner, { atMs: deps.clock.nowMs(), readVersion: version, status: current.now })
    for (const event of turned(current.before?.conditions ?? [], current.now.conditions ?? [])) {
      deps.tell(current, event)
    }
    return {}
  }
}

/** A JSON merge patch (RFC 7396) from one status to another; undefined when they say the same. */
export function statusPatch(
  before: StatusWithConditions | undefined,
  now: StatusWithConditions,
): Readonly<Record<string, unknown>> | undefined {
  const patch: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(now)) {
    if (value !== undefined && !isDeepStrictEqual(before?.[field], value))
      patch[field] = replacing(before?.[field], value)
  }
  for (const [field, value] of Object.entries(before ?? {})) {
    if (value !== undefined && now[field] === undefined) patch[field] = null
  }
  return Object.keys(patch).length === 0 ? undefined : patch
}

/** What a merge has to be given for an object to become this one: fields that it had, and has no more, as null. */
function replacing(before: unknown, now: unknown): unknown {
  if (!isObject(before) || !isObject(now)) return now
  const gone = Object.keys(before).filter((field) => now[field] === undefined)
  return { ...now, ...Object.fromEntries(gone.map((field) => [field, null])) }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Condition types whose True is good news; of the others True is bad. */
const GOOD = new Set(['Ready', 'DNSEndpointWritten', 'Signed', 'TransferAllowed', 'ZoneFile'])
/** Reasons for which a good condition, though True, wants somebody to act. */
const TROUBLES = new Set(['KeysMissing', 'KeysExpired', 'KeysUnreadable'])
/** Reasons that may be meant: that a condition begins with one of them is not told. */
const MEANT = new Set(['NoKeys', 'KeysNotActive'])

/** Conditions that came to another status or reason: one event each. A first good state is told, a first "no fault" is not. */
function turned(before: readonly Condition[], now: readonly Condition[]): readonly RecordEvent[] {
  return now.flatMap((condition): readonly RecordEvent[] => {
    const old = before.find(({ type }) => type === condition.type)
    if (old?.status === condition.status && old.reason === condition.reason) return []
    const fine = (condition.status === 'True') === GOOD.has(condition.type) && !TROUBLES.has(condition.reason)
    if (old === undefined && (fine || MEANT.has(condition.reason)) && condition.type !== 'Ready') return []
    return [{ type: fine ? 'Normal' : 'Warning', reason: condition.reason, message: condition.message }]
  })
}
