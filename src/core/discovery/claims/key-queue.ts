import { createDueTimes } from './due-times.ts'
import type { KeyFeed } from '../types.ts'

/** What a feed is made of. */
export interface KeyQueueOptions<K, T> {
  /** What a key says when it is taken. */
  readonly say: (key: K, urgent: boolean) => T
  /** Called when keys become ready while none were. */
  readonly wake?: (() => void) | undefined
  readonly closed: () => void
}

/** A feed, seen from the side that fills it. */
export interface KeyQueue<K, T> extends KeyFeed<K, T> {
  /** Queue a changed key. Wakes nobody: that is for the end of the change. */
  add(key: K, urgent: boolean): void
  /** Wake the consumer if keys have become ready while none were. */
  announce(): void
}

interface Delay {
  readonly atMs: number
  urgent: boolean
}

/**
 * A queue of changed keys: each at most once, urgent ones first, else in the order of their first change. Keys offered
 * again wait for their time, and a change in the meantime does not bring them forward.
 */
export function createKeyQueue<K, T>(options: KeyQueueOptions<K, T>): KeyQueue<K, T> {
  const urgentKeys = new Set<K>()
  const otherKeys = new Set<K>()
  const delays = new Map<K, Delay>()
  const dueTimes = createDueTimes<K>()
  let announced = 0
  let isOpen = true

  const size = (): number => urgentKeys.size + otherKeys.size
  const makeReady = (key: K, urgent: boolean): void => {
    if (urgent) {
      otherKeys.delete(key)
      urgentKeys.add(key)
    } else if (!urgentKeys.has(key)) otherKeys.add(key)
  }
  const makeDueReady = (nowMs: number): void => {
    for (const key of dueTimes.takeDue(nowMs)) {
      const delay = delays.get(key)
      if (delay === undefined || delay.atMs > nowMs) continue // a later time was asked for after this one
      delays.delete(key)
      makeReady(key, delay.urgent)
    }
  }
  const delayUntil = (key: K, atMs: number, urgent: boolean): void => {
    const waiting = delays.get(key)
    const wasUrgent = urgentKeys.delete(key) || waiting?.urgent === true
    otherKeys.delete(key)
    if (waiting === undefined || waiting.atMs < atMs) dueTimes.add(key, atMs)
    delays.set(key, { atMs: Math.max(atMs, waiting?.atMs ?? atMs), urgent: urgent || wasUrgent })
  }

  return {
    get size() {
      return size()
    },
    get delayed() {
      return delays.size
    },
    add(key, urgent) {
      const delay = delays.get(key)
      if (delay === undefined) makeReady(key, urgent)
      else delay.urgent ||= urgent
    },
    announce() {
      const ready = size()
      const isNew = announced === 0 && ready > 0
      announced = ready
      if (isNew) options.wake?.()
    },
    take(max, nowMs) {
      makeDueReady(nowMs)
      const taken: T[] = []
      for (const keys of [urgentKeys, otherKeys]) {
        for (const key of keys) {
          if (taken.length >= max) break
          keys.delete(key)
          taken.push(options.say(key, keys === urgentKeys))
        }
      }
      announced = size()
      return taken
    },
    again(keys, atMs, urgent = false) {
      if (!isOpen) return
      for (const key of keys) delayUntil(key, atMs, urgent)
      announced = size()
    },
    nextAtMs: () => dueTimes.next(),
    close() {
      urgentKeys.clear()
      otherKeys.clear()
      delays.clear()
      dueTimes.clear()
      isOpen = false
      options.closed()
    },
  }
}
