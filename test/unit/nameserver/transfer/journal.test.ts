import { describe, expect, it } from 'vitest'
import { Journal, type JournalEntry } from '../../../../src/nameserver/transfer/journal.ts'

const soa = { type: 6, ttlSeconds: 1, rdata: [] }
const step = (from: number, to: number, bytes = 1): JournalEntry => ({
  from,
  to,
  bytes,
  oldSoa: soa,
  newSoa: soa,
  changes: [],
})
const since = (journal: Journal, serial: number): readonly number[] | undefined =>
  journal.since(serial)?.map(({ to }) => to)

describe('Journal', () => {
  it('gives the steps that lead from a serial to the latest', () => {
    const journal = new Journal()
    for (const from of [1, 2, 3]) journal.add(step(from, from + 1), 100)

    expect(since(journal, 1)).toEqual([2, 3, 4])
    expect(since(journal, 3)).toEqual([4])
    expect(since(journal, 4)).toBeUndefined()
    expect(since(journal, 0)).toBeUndefined()
  })

  it('lets the oldest go when there is too much', () => {
    const journal = new Journal()
    for (const from of [1, 2, 3]) journal.add(step(from, from + 1, 40), 100)

    expect(since(journal, 1)).toBeUndefined()
    expect(since(journal, 2)).toEqual([3, 4])
    expect(journal.bytes).toBe(80)
  })

  it('holds nothing where one step is too much', () => {
    const journal = new Journal()
    journal.add(step(1, 2, 101), 100)

    expect(since(journal, 1)).toBeUndefined()
    expect(journal.bytes).toBe(0)
  })

  it('keeps an hour of steps at the most', () => {
    const journal = new Journal()
    for (let from = 0; from < 4_000; from += 1) journal.add(step(from, from + 1), Number.POSITIVE_INFINITY)

    expect(since(journal, 399)).toBeUndefined()
    expect(since(journal, 400)).toHaveLength(3_600)
  })

  it('has no gaps', () => {
    const journal = new Journal()
    journal.add(step(1, 2), 100)
    journal.add(step(5, 6), 100)

    expect(since(journal, 1)).toBeUndefined()
    expect(since(journal, 5)).toEqual([6])
  })
})
