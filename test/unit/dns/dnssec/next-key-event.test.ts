import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planKeys, type KeyTimes, type TimedKey } from '../../../../src/dns/dnssec/key-times.ts'
import { nextKeyEvents } from '../../../../src/dns/dnssec/next-key-event.ts'

interface Named extends TimedKey {
  readonly name: string
}

const key = (name: string, times: KeyTimes, flags = 256): Named => ({
  ...{ name, times, flags },
  algorithm: 13,
  publicKey: new Uint8Array(0),
})
const ALL: KeyTimes = {
  publishSeconds: 10,
  activateSeconds: 20,
  syncPublishSeconds: 30,
  syncDeleteSeconds: 40,
  inactiveSeconds: 50,
  deleteSeconds: 60,
}

function words(keys: readonly Named[], nowSeconds: number): string | undefined {
  const next = nextKeyEvents(keys, nowSeconds)
  return (
    next && `${next.atSeconds}: ${next.events.map((each) => `${each.key.name} ${each.event}`).join(', ')}`
  )
}

describe('nextKeyEvents', () => {
  it.each<{ name: string; in: readonly [readonly Named[], number]; want: string | undefined }>([
    { name: 'no keys have nothing ahead', in: [[], 0], want: undefined },
    {
      name: 'a key without times has nothing ahead',
      in: [[key('a', {})], 0],
      want: undefined,
    },
    { name: 'the first time ahead comes next', in: [[key('a', ALL)], 0], want: '10: a published' },
    { name: 'what comes now has come', in: [[key('a', ALL)], 10], want: '20: a active' },
    { name: 'CDS records come by their times', in: [[key('a', ALL)], 20], want: '30: a synced' },
    { name: 'CDS records go by their times', in: [[key('a', ALL)], 39], want: '40: a unsynced' },
    { name: 'a key ends signing', in: [[key('a', ALL)], 40], want: '50: a inactive' },
    { name: 'a key goes', in: [[key('a', ALL)], 50], want: '60: a deleted' },
    { name: 'after the last time there is nothing', in: [[key('a', ALL)], 60], want: undefined },
    {
      name: 'what comes at one instant is told together, key by key',
      in: [[key('old', { inactiveSeconds: 20 }), key('new', ALL)], 15],
      want: '20: old inactive, new active',
    },
    {
      name: 'times that a key does not live to see are none',
      in: [[key('a', { ...ALL, deleteSeconds: 20 })], 10],
      want: '20: a deleted',
    },
    {
      name: 'a key that is deleted has nothing ahead',
      in: [[key('a', { ...ALL, deleteSeconds: 5 })], 7],
      want: undefined,
    },
  ])('$name', ({ in: [keys, nowSeconds], want }) => {
    expect(words(keys, nowSeconds)).toBe(want)
  })
})

describe('properties', () => {
  const seconds = fc.integer({ min: 0, max: 20 })
  const times: fc.Arbitrary<KeyTimes> = fc.record(
    {
      ...{ publishSeconds: seconds, activateSeconds: seconds, inactiveSeconds: seconds },
      ...{ deleteSeconds: seconds, syncPublishSeconds: seconds, syncDeleteSeconds: seconds },
    },
    { requiredKeys: [] },
  )
  const keys = fc.array(
    fc.tuple(times, fc.constantFrom(256, 257)).map(([each, flags]) => key('k', each, flags)),
    { maxLength: 4 },
  )

  it('until the next event every key is used as it is now', () => {
    fc.assert(
      fc.property(keys, seconds, (given, nowSeconds) => {
        const atSeconds = nextKeyEvents(given, nowSeconds)?.atSeconds ?? 25

        expect(atSeconds).toBeGreaterThan(nowSeconds)
        for (let at = nowSeconds; at < atSeconds; at += 1)
          expect(planKeys(given, at)).toEqual(planKeys(given, nowSeconds))
      }),
    )
  })
})
