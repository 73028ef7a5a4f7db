import { describe, expect, it } from 'vitest'
import { createKeyQueue, type KeyQueue } from '../../../../../src/core/discovery/claims/key-queue.ts'

interface Watched {
  readonly queue: KeyQueue<string, string>
  wakes: number
  closed: number
}

/** Taken keys with `!` behind urgent ones. */
function watched(): Watched {
  const seen: { wakes: number; closed: number } = { wakes: 0, closed: 0 }
  const queue = createKeyQueue<string, string>({
    say: (key, urgent) => (urgent ? `${key}!` : key),
    wake: () => {
      seen.wakes += 1
    },
    closed: () => {
      seen.closed += 1
    },
  })
  return Object.assign(seen, { queue })
}

function change(queue: KeyQueue<string, string>, ...keys: readonly string[]): void {
  for (const key of keys) queue.add(key.replace('!', ''), key.endsWith('!'))
  queue.announce()
}

describe('a key queue', () => {
  it('gives each key once, in the order of first change', () => {
    const { queue } = watched()
    change(queue, 'a', 'b', 'a', 'c', 'b')

    expect(queue.size).toBe(3)
    expect(queue.take(9, 0)).toEqual(['a', 'b', 'c'])
    expect(queue.take(9, 0)).toEqual([])
  })

  it('gives urgent keys first; a key that becomes urgent moves ahead, and stays so', () => {
    const { queue } = watched()
    change(queue, 'a', 'b', 'c!', 'b!', 'b')

    expect(queue.take(9, 0)).toEqual(['c!', 'b!', 'a'])
  })

  it('gives at most what is asked for and keeps the rest', () => {
    const { queue } = watched()
    change(queue, 'a', 'b', 'c!')

    expect(queue.take(2, 0)).toEqual(['c!', 'a'])
    expect(queue.take(0, 0)).toEqual([])
    expect(queue.take(2, 0)).toEqual(['b'])
  })

  it('wakes when keys become ready while none were, not while some wait', () => {
    const seen = watched()
    change(seen.queue, 'a')
    change(seen.queue, 'b')
    expect(seen.wakes).toBe(1)

    seen.queue.take(1, 0)
    change(seen.queue, 'c')
    expect(seen.wakes).toBe(1)

    seen.queue.take(9, 0)
    change(seen.queue, 'd')
    expect(seen.wakes).toBe(2)
  })

  it('does not wake when nothing changed', () => {
    const seen = watched()
    change(seen.queue)

    expect(seen.wakes).toBe(0)
  })

  it('wakes for a new key while only delayed ones wait', () => {
    const seen = watched()
    change(seen.queue, 'a')
    seen.queue.take(1, 0)
    seen.queue.again(['a'], 100)
    change(seen.queue, 'b')

    expect(seen.wakes).toBe(2)
  })

  it('offers a key again at its time, not before, and says when that is', () => {
    const { queue } = watched()
    queue.again(['a', 'b'], 100)
    queue.again(['c'], 50)

    expect([queue.size, queue.delayed, queue.nextAtMs()]).toEqual([0, 3, 50])
    expect(queue.take(9, 49)).toEqual([])
    expect(queue.take(9, 50)).toEqual(['c'])
    expect(queue.nextAtMs()).toBe(100)
    expect(queue.take(9, 200)).toEqual(['a', 'b'])
    expect([queue.delayed, queue.nextAtMs()]).toEqual([0, undefined])
  })

  it('a change does not bring a delayed key forward, but may make it urgent', () => {
    const { queue } = watched()
    queue.again(['a', 'b'], 100)
    change(queue, 'b!', 'c')

    expect(queue.take(9, 99)).toEqual(['c'])
    expect(queue.take(9, 100)).toEqual(['b!', 'a'])
  })

  it('a key changed meanwhile and offered again waits, urgent as it was', () => {
    const { queue } = watched()
    change(queue, 'a!', 'b')
    queue.again(['a', 'b'], 100)

    expect(queue.take(9, 99)).toEqual([])
    expect(queue.take(9, 100)).toEqual(['a!', 'b'])
  })

  it('of two times the later counts', () => {
    const { queue } = watched()
    queue.again(['a'], 100)
    queue.again(['a'], 200)
    queue.again(['a'], 50)

    expect(queue.take(9, 199)).toEqual([])
    expect(queue.take(9, 200)).toEqual(['a'])
    expect(queue.take(9, 999)).toEqual([])
  })

  it('offers again as urgent when asked to', () => {
    const { queue } = watched()
    queue.again(['a'], 1, true)

    expect(queue.take(9, 1)).toEqual(['a!'])
  })

  it('holds nothing after close', () => {
    const seen = watched()
    change(seen.queue, 'a')
    seen.queue.again(['b'], 1)
    seen.queue.close()
    seen.queue.again(['c'], 1)

    expect(seen.closed).toBe(1)
    expect(seen.queue.take(9, 99)).toEqual([])
    expect([seen.queue.size, seen.queue.delayed]).toEqual([0, 0])
  })
})
