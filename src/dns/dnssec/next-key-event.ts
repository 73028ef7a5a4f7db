import type { KeyTimes, TimedKey } from './key-times.ts'

/** What a time of a key brings about; sync is about its CDS and CDNSKEY records. */
export type KeyEvent = 'published' | 'active' | 'inactive' | 'deleted' | 'synced' | 'unsynced'

/** All that the times of some keys bring about at one instant; at least one. */
export interface NextKeyEvents<K extends TimedKey> {
  readonly atSeconds: number
  readonly events: readonly { readonly key: K; readonly event: KeyEvent }[]
}

const EVENTS: readonly (readonly [KeyEvent, keyof KeyTimes])[] = [
  ['published', 'publishSeconds'],
  ['active', 'activateSeconds'],
  ['synced', 'syncPublishSeconds'],
  ['unsynced', 'syncDeleteSeconds'],
  ['inactive', 'inactiveSeconds'],
  ['deleted', 'deleteSeconds'],
]

/**
 * Find the next instant at which a time of a key comes, and all that comes then, in order of keys; undefined: no key has a time ahead. Times
 * that a key no longer reaches, since it is deleted by then, bring about nothing.
 * @param nowSeconds - Unix time; what comes at it has come
 */
export function nextKeyEvents<K extends TimedKey>(
  keys: readonly K[],
  nowSeconds: number,
): NextKeyEvents<K> | undefined {
  const ahead = keys.flatMap((key) => aheadOf(key, nowSeconds))
  if (ahead.length === 0) return undefined
  const atSeconds = ahead.reduce((least, { seconds }) => Math.min(least, seconds), Number.POSITIVE_INFINITY)
  const next = ahead.filter(({ seconds }) => seconds === atSeconds)
  return { atSeconds, events: next.map(({ key, event }) => ({ key, event })) }
}

interface Ahead<K> {
  readonly key: K
  readonly event: KeyEvent
  readonly seconds: number
}

function aheadOf<K extends TimedKey>(key: K, nowSeconds: number): readonly Ahead<K>[] {
  const { deleteSeconds = Number.POSITIVE_INFINITY } = key.times
  return EVENTS.flatMap(([event, time]) => {
    const seconds = key.times[time]
    if (seconds === undefined || seconds <= nowSeconds) return []
    return event === 'deleted' || seconds < deleteSeconds ? [{ key, event, seconds }] : []
  })
}
