import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { planKeys, type KeyTimes, type TimedKey } from '../../../../src/dns/dnssec/key-times.ts'

interface Named extends TimedKey {
  readonly name: string
}

const key = (name: string, times: KeyTimes, flags = 256, algorithm = 13): Named => ({
  name,
  flags,
  algorithm,
  publicKey: new Uint8Array(0),
  times,
})
const ksk = (name: string, times: KeyTimes, algorithm = 13): Named => key(name, times, 257, algorithm)
const ON: KeyTimes = { publishSeconds: 0, activateSeconds: 0 }

function named(keys: readonly Named[], nowSeconds: number): Record<string, string | boolean> {
  const { published, keySigners, zoneSigners, synced, isOverdue } = planKeys(keys, nowSeconds)
  const names = (list: readonly Named[]): string => list.map(({ name }) => name).join(' ')
  return {
    published: names(published),
    keySigners: names(keySigners),
    zoneSigners: names(zoneSigners),
    ...(synced.length === 0 ? {} : { synced: names(synced) }),
    ...(isOverdue ? { isOverdue } : {}),
  }
}

const ROLL: readonly Named[] = [
  ksk('ksk', ON),
  key('old', { ...ON, inactiveSeconds: 200, deleteSeconds: 300 }),
  key('new', { publishSeconds: 100, activateSeconds: 200 }),
]
const KSK_ROLL: readonly Named[] = [
  ksk('old', {
    ...ON,
    syncPublishSeconds: 0,
    syncDeleteSeconds: 200,
    inactiveSeconds: 300,
    deleteSeconds: 300,
  }),
  ksk('new', { publishSeconds: 100, activateSeconds: 100, syncPublishSeconds: 200 }),
  key('zsk', ON),
]
const ALGORITHM_ROLL: readonly Named[] = [
  ksk('k13', { ...ON, inactiveSeconds: 300, deleteSeconds: 300 }),
  key('z13', { ...ON, inactiveSeconds: 400, deleteSeconds: 300 }),
  ksk('k15', { publishSeconds: 200, activateSeconds: 100 }, 15),
  key('z15', { publishSeconds: 200, activateSeconds: 100 }, 256, 15),
]

describe('planKeys', () => {
  it.each<{ name: string; keys: readonly Named[]; now: number; want: Record<string, string | boolean> }>([
    {
      name: 'no keys sign nothing',
      keys: [],
      now: 0,
      want: { published: '', keySigners: '', zoneSigners: '' },
    },
    {
      name: 'one SEP key signs all',
      keys: [ksk('csk', ON)],
      now: 0,
      want: { published: 'csk', keySigners: 'csk', zoneSigners: 'csk' },
    },
    {
      name: 'so does one without SEP',
      keys: [key('csk', ON)],
      now: 0,
      want: { published: 'csk', keySigners: 'csk', zoneSigners: 'csk' },
    },
    {
      name: 'of both kinds, each signs its own',
      keys: [ksk('ksk', ON), key('zsk', ON)],
      now: 0,
      want: { published: 'ksk zsk', keySigners: 'ksk', zoneSigners: 'zsk' },
    },
    {
      name: 'a key without times (dnssec-keygen -G) is not used',
      keys: [ksk('csk', {})],
      now: 9,
      want: { published: '', keySigners: '', zoneSigners: '' },
    },
    {
      name: 'where only Activate is set, the key is published at once',
      keys: [ksk('csk', { activateSeconds: 10 })],
      now: 9,
      want: { published: 'csk', keySigners: '', zoneSigners: '' },
    },
    {
      name: 'a zone with a published key and no active one is not signed',
      keys: [ksk('csk', { publishSeconds: 0, activateSeconds: 10 })],
      now: 9,
      want: { published: 'csk', keySigners: '', zoneSigners: '' },
    },
    {
      name: 'ZSK rollover: before',
      keys: ROLL,
      now: 99,
      want: { published: 'ksk old', keySigners: 'ksk', zoneSigners: 'old' },
    },
    {
      name: 'ZSK rollover: published ahead',
      keys: ROLL,
      now: 199,
      want: { published: 'ksk old new', keySigners: 'ksk', zoneSigners: 'old' },
    },
    {
      name: 'ZSK rollover: in turn',
      keys: ROLL,
      now: 200,
      want: { published: 'ksk old new', keySigners: 'ksk', zoneSigners: 'new' },
    },
    {
      name: 'ZSK rollover: done',
      keys: ROLL,
      now: 300,
      want: { published: 'ksk new', keySigners: 'ksk', zoneSigners: 'new' },
    },
    {
      name: 'KSK rollover: both sign the keys',
      keys: KSK_ROLL,
      now: 100,
      want: { published: 'old new zsk', keySigners: 'old new', zoneSigners: 'zsk', synced: 'old' },
    },
    {
      name: 'KSK rollover: the parent is asked for the new one',
      keys: KSK_ROLL,
      now: 200,
      want: { published: 'old new zsk', keySigners: 'old new', zoneSigners: 'zsk', synced: 'new' },
    },
    {
      name: 'KSK rollover: done',
      keys: KSK_ROLL,
      now: 300,
      want: { published: 'new zsk', keySigners: 'new', zoneSigners: 'zsk', synced: 'new' },
    },
    {
      name: 'algorithm rollover: a new one signs before it is published (RFC 6781, 4.1.4)',
      keys: ALGORITHM_ROLL,
      now: 100,
      want: { published: 'k13 z13', keySigners: 'k13 k15', zoneSigners: 'z13 z15' },
    },
    {
      name: 'algorithm rollover: every published algorithm signs all',
      keys: ALGORITHM_ROLL,
      now: 200,
      want: { published: 'k13 z13 k15 z15', keySigners: 'k13 k15', zoneSigners: 'z13 z15' },
    },
    {
      name: 'algorithm rollover: done',
      keys: ALGORITHM_ROLL,
      now: 300,
      want: { published: 'k15 z15', keySigners: 'k15', zoneSigners: 'z15' },
    },
    {
      name: 'the last key retired without a successor goes on, and that is told',
      keys: [ksk('csk', { ...ON, inactiveSeconds: 100 })],
      now: 100,
      want: { published: 'csk', keySigners: 'csk', zoneSigners: 'csk', isOverdue: true },
    },
    {
      name: 'a retired KSK goes on beside an active ZSK, which the parent does not point at',
      keys: [ksk('ksk', { ...ON, inactiveSeconds: 100 }), key('zsk', ON)],
      now: 100,
      want: { published: 'ksk zsk', keySigners: 'ksk', zoneSigners: 'zsk', isOverdue: true },
    },
    {
      name: 'a KSK takes over from a retired ZSK',
      keys: [ksk('ksk', ON), key('zsk', { ...ON, inactiveSeconds: 100 })],
      now: 100,
      want: { published: 'ksk zsk', keySigners: 'ksk', zoneSigners: 'ksk' },
    },
    {
      name: 'deleted keys are not used for anything: the zone is not signed any more',
      keys: [ksk('csk', { ...ON, inactiveSeconds: 100, deleteSeconds: 100 })],
      now: 100,
      want: { published: '', keySigners: '', zoneSigners: '' },
    },
  ])('$name', ({ keys, now, want }) => {
    expect(named(keys, now)).toEqual(want)
  })
})

describe('properties', () => {
  const seconds = fc.option(fc.integer({ min: 0, max: 10 }), { nil: undefined })
  const times = fc.record({
    publishSeconds: seconds,
    activateSeconds: seconds,
    inactiveSeconds: seconds,
    deleteSeconds: seconds,
    syncPublishSeconds: seconds,
    syncDeleteSeconds: seconds,
  }) as fc.Arbitrary<KeyTimes> // undefined stands for absent
  const keys = fc
    .array(fc.tuple(times, fc.constantFrom(256, 257), fc.constantFrom(13, 15)), { maxLength: 5 })
    .map((list) => list.map(([own, flags, algorithm], i) => key(`k${i}`, own, flags, algorithm)))

  it('a zone is signed whole or not at all, by every algorithm that has a key to sign with', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 0, max: 11 }), (all, now) => {
        const { keySigners, zoneSigners } = planKeys(all, now)
        const algorithms = (list: readonly Named[]): readonly number[] =>
          [...new Set(list.map(({ algorithm }) => algorithm))].sort((left, right) => left - right)
        expect(algorithms(keySigners)).toEqual(algorithms(zoneSigners))
      }),
    )
  })

  it('a key signs only from Activate to Delete, and is published only until Delete', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 0, max: 11 }), (all, now) => {
        const plan = planKeys(all, now)
        for (const { times: own } of [...plan.keySigners, ...plan.zoneSigners]) {
          expect(own.activateSeconds).toBeLessThanOrEqual(now)
          expect(own.deleteSeconds ?? now + 1).toBeGreaterThan(now)
        }
        for (const { times: own } of plan.published) expect(own.deleteSeconds ?? now + 1).toBeGreaterThan(now)
      }),
    )
  })

  it('while a key is active, the zone is signed', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 0, max: 11 }), (all, now) => {
        const isActive = ({
          times: { activateSeconds = 99, inactiveSeconds = 99, deleteSeconds = 99 },
        }: Named): boolean => activateSeconds <= now && inactiveSeconds > now && deleteSeconds > now
        if (all.some(isActive)) expect(planKeys(all, now).keySigners.length).toBeGreaterThan(0)
      }),
    )
  })

  it('the order of the keys decides nothing but the order of the lists', () => {
    fc.assert(
      fc.property(keys, fc.integer({ min: 0, max: 11 }), (all, now) => {
        const sorted = (plan: ReturnType<typeof named>): unknown =>
          Object.entries(plan).map(([field, value]) => [field, String(value).split(' ').sort()])
        expect(sorted(named([...all].reverse(), now))).toEqual(sorted(named(all, now)))
      }),
    )
  })
})
