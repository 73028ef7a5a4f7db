import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { WriteLimiter } from '../../../src/runtime/write-limiter.ts'

describe('WriteLimiter', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('caps the writes under way per target, and no target waits for another', async () => {
    const limiter = new WriteLimiter({ concurrency: 2, perSecond: 100 })
    const begun: string[] = []
    const write = (name: string) => (): Promise<void> => {
      begun.push(name)
      return new Promise(() => {})
    }

    for (const name of ['a1', 'a2', 'a3']) void limiter.run('a', write(name))
    void limiter.run('b', write('b1'))
    await vi.advanceTimersByTimeAsync(0)

    expect(begun.sort()).toEqual(['a1', 'a2', 'b1'])
    expect(limiter.waiting('a')).toBe(1)
  })

  test('caps the writes begun in any second', async () => {
    const limiter = new WriteLimiter({ concurrency: 10, perSecond: 3 })
    let begun = 0
    const count = (): Promise<void> => {
      begun += 1
      return Promise.resolve()
    }

    const all = Promise.all(Array.from({ length: 7 }, () => limiter.run('a', count)))
    const seen: number[] = []
    for (const ms of [0, 999, 1, 1000]) {
      await vi.advanceTimersByTimeAsync(ms)
      seen.push(begun)
    }
    await all

    expect(seen).toEqual([3, 3, 6, 7])
  })

  test('gives back what the write gave, or its error', async () => {
    const limiter = new WriteLimiter()

    await expect(limiter.run('a', () => Promise.resolve('written'))).resolves.toBe('written')
    await expect(limiter.run('a', () => Promise.reject(new Error('refused')))).rejects.toThrow('refused')
  })

  test('a write whose signal aborts while it waits is never begun', async () => {
    const limiter = new WriteLimiter({ concurrency: 1, perSecond: 100 })
    const abort = new AbortController()
    let begun = false
    const first = Promise.withResolvers<void>()
    void limiter.run('a', () => first.promise)

    const waiting = limiter.run('a', () => Promise.resolve((begun = true)), abort.signal)
    abort.abort(new Error('no longer wanted'))

    await expect(waiting).rejects.toThrow('no longer wanted')
    first.resolve()
    await vi.advanceTimersByTimeAsync(10)
    expect(begun).toBe(false)
  })

  test('a target that is removed takes its waiting writes along', async () => {
    const limiter = new WriteLimiter({ concurrency: 1, perSecond: 100 })
    void limiter.run('a', () => new Promise(() => {}))
    const waiting = limiter.run('a', () => Promise.resolve())

    limiter.remove('a')

    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' })
    expect(limiter.waiting('a')).toBe(0)
  })
})
