import { isKeySigningKey, type PublicKey } from './dnskey.ts'

/** When a key is used, in Unix seconds, as BIND's tools write it; absent: not set. */
export interface KeyTimes {
  readonly publishSeconds?: number
  readonly activateSeconds?: number
  readonly inactiveSeconds?: number
  readonly deleteSeconds?: number
  readonly syncPublishSeconds?: number
  readonly syncDeleteSeconds?: number
}

/** A key with its times. */
export interface TimedKey extends PublicKey {
  readonly times: KeyTimes
}

/** What the keys of a zone are used for at one moment. */
export interface KeyPlan<K extends TimedKey> {
  /** In the DNSKEY set. */
  readonly published: readonly K[]
  /** Sign DNSKEY, CDS and CDNSKEY. Empty: the zone is not signed. */
  readonly keySigners: readonly K[]
  /** Sign every other set. Empty exactly when keySigners is. */
  readonly zoneSigners: readonly K[]
  /** The parent is asked to point at them (RFC 7344, 4). */
  readonly synced: readonly K[]
  /** A key that should sign no more goes on because none took its place: a set without a signature would be no answer at all. */
  readonly isOverdue: boolean
}

type Phase = 'unused' | 'published' | 'active' | 'retired'

/**
 * Decide what each key is used for, by its times as dnssec-settime writes them: published from Publish (from the start, where only
 * Activate is set), signing from Activate until Inactive, gone at Delete. Every algorithm signs all (RFC 4035, 2.2): where one has both
 * kinds of keys, SEP keys sign the keys and the others the rest; where it has one kind, that one signs all.
 */
export function planKeys<K extends TimedKey>(keys: readonly K[], nowSeconds: number): KeyPlan<K> {
  const phases = new Map(keys.map((key) => [key, phaseOf(key.times, nowSeconds)]))
  const inPhase = (phase: Phase): readonly K[] => keys.filter((key) => phases.get(key) === phase)
  const active = inPhase('active')
  const retired = inPhase('retired')
  const signers = [...new Set(keys.map(({ algorithm }) => algorithm))].map((algorithm) => {
    const isOf = (key: K): boolean => key.algorithm === algorithm
    return signersOf(active.filter(isOf), retired.filter(isOf))
  })
  const keySigners = signers.flatMap((each) => each.keys)
  const zoneSigners = signers.flatMap((each) => each.zone)
  return {
    published: keys.filter((key) => isPublished(key.times, nowSeconds)),
    keySigners,
    zoneSigners,
    synced: keys.filter((key) => isSynced(key.times, nowSeconds)),
    isOverdue: [keySigners, zoneSigners].some(
      (all) => all.length > 0 && !all.some((key) => active.includes(key)),
    ),
  }
}

/** Of one algorithm. Retired keys sign where no active one can: the keys that the parent points at before any other. */
function signersOf<K extends TimedKey>(
  active: readonly K[],
  retired: readonly K[],
): { readonly keys: readonly K[]; readonly zone: readonly K[] } {
  const isZoneKey = (key: K): boolean => !isKeySigningKey(key)
  const keys = firstNotEmpty([
    active.filter(isKeySigningKey),
    retired.filter(isKeySigningKey),
    active.filter(isZoneKey),
    retired.filter(isZoneKey),
  ])
  const zone = firstNotEmpty([
    active.filter(isZoneKey),
    active.filter(isKeySigningKey),
    retired.filter(isZoneKey),
    retired.filter(isKeySigningKey),
  ])
  return { keys, zone }
}

function firstNotEmpty<T>(lists: readonly (readonly T[])[]): readonly T[] {
  return lists.find((list) => list.length > 0) ?? []
}

function phaseOf(times: KeyTimes, nowSeconds: number): Phase {
  if (isPast(times.deleteSeconds, nowSeconds)) return 'unused'
  const published = isPublished(times, nowSeconds)
  if (!isPast(times.activateSeconds, nowSeconds)) return published ? 'published' : 'unused'
  if (!isPast(times.inactiveSeconds, nowSeconds)) return 'active'
  return published ? 'retired' : 'unused'
}

function isPublished(
  { publishSeconds, activateSeconds, deleteSeconds }: KeyTimes,
  nowSeconds: number,
): boolean {
  if (isPast(deleteSeconds, nowSeconds)) return false
  return publishSeconds === undefined ? activateSeconds !== undefined : publishSeconds <= nowSeconds
}

function isSynced(times: KeyTimes, nowSeconds: number): boolean {
  const { syncPublishSeconds, syncDeleteSeconds } = times
  return (
    isPublished(times, nowSeconds) &&
    isPast(syncPublishSeconds, nowSeconds) &&
    !isPast(syncDeleteSeconds, nowSeconds)
  )
}

function isPast(seconds: number | undefined, nowSeconds: number): boolean {
  return seconds !== undefined && seconds <= nowSeconds
}
