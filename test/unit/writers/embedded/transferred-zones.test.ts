import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { isWithin, parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import { canonicalSets } from '../../../../src/dns/transfer/canonical.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'
import { createEmbeddedWriter } from '../../../../src/writers/embedded/embedded-writer.ts'
import type { ZoneSettings } from '../../../../src/writers/embedded/zone-records.ts'
import { stepArbitrary, worldArbitrary } from '../../../support/arbitrary-world.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { ModelSecondary, TestPrimary } from '../../../support/model-secondary.ts'
import { linesOf } from '../../../support/received-transfers.ts'
import { WorldDriver } from '../../core/discovery/drive-world.ts'
import { RecordingZones } from './recording-zones.ts'

const OUTER = parseDomainName('example.com')
const INNER = parseDomainName('r1.example.com')

function settingsOf(origin: DomainName, server: string): ZoneSettings {
  return { origin, nameServers: [parseDomainName(server)], negativeTtlSeconds: 15, maxAnswers: 8 }
}

function setUp(ledger = createLedger()) {
  const store = new RecordingZones()
  const primary = new TestPrimary()
  const clock = new ManualClock()
  const embedded = createEmbeddedWriter({
    ledger,
    zones: primary.zones.writer(store),
    clock,
    logger: silentLogger,
  })
  embedded.setState('serving')
  return { store, primary, clock, embedded }
}

/** What the store holds at names in a zone and in no other, without SOA. */
function storedIn(
  store: RecordingZones,
  origin: DomainName,
  others: readonly DomainName[],
): readonly string[] {
  const names = [...store.names].filter(
    ([name]) => isWithin(name, origin) && !others.some((other) => isWithin(name, other)),
  )
  return withoutSoa(linesOf(names.map(([name, answer]) => [name, canonicalSets(answer)])))
}

function withoutSoa(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => !line.includes(' SOA '))
}

describe('a zone declared inside another, to who has the other one alone', () => {
  it('moves the serial of the other one when it comes, changes and goes', () => {
    const { embedded, primary } = setUp()
    embedded.declare(settingsOf(OUTER, 'ns1.example.com'))
    const secondary = new ModelSecondary(primary, OUTER)
    const seen = (): readonly string[] => {
      secondary.sync()
      return secondary.lines.filter((line) => line.startsWith(INNER))
    }
    expect(seen()).toEqual([])

    embedded.declare(settingsOf(INNER, 'ns1.example.net'))
    expect(seen()).toEqual(['r1.example.com. 3600 NS ns1.example.net.'])
    embedded.declare(settingsOf(INNER, 'ns2.example.net'))
    expect(seen()).toEqual(['r1.example.com. 3600 NS ns2.example.net.'])
    embedded.remove(INNER)
    expect(seen()).toEqual([])

    expect(secondary.seen).toEqual(['whole', 'increment', 'increment', 'increment'])
  })
})

describe('properties', () => {
  it('a secondary that follows has what the store has, whatever happens, in a store that fills up and empties too', () => {
    const acts = fc.array(
      fc.record({
        step: stepArbitrary,
        room: fc.option(fc.nat(30)),
        sync: fc.boolean(),
        inner: fc.boolean(),
      }),
      { maxLength: 12 },
    )
    const kinds = new Set<string>()
    fc.assert(
      fc.property(worldArbitrary, acts, (first, walk) => {
        const driver = new WorldDriver()
        const { store, primary, clock, embedded } = setUp(driver.ledger)
        const outer = new ModelSecondary(primary, OUTER)
        const inner = new ModelSecondary(primary, INNER)
        embedded.declare(settingsOf(OUTER, 'ns1.example.com'))
        let world = first
        driver.apply(world)
        embedded.flush()
        for (const { step, room, sync, inner: hasInner } of walk) {
          store.room = room ?? Number.POSITIVE_INFINITY
          world = step(world)
          driver.apply(world)
          if (hasInner) embedded.declare(settingsOf(INNER, 'ns1.example.net'))
          else embedded.remove(INNER)
          embedded.flush()
          if (sync && primary.zones.zone(OUTER)?.commit() !== undefined) outer.sync()
        }
        store.room = Number.POSITIVE_INFINITY
        clock.advance(5_000)
        embedded.declare(settingsOf(INNER, 'ns1.example.net'))
        embedded.flush()
        outer.sync()
        inner.sync()

        const delegation = ['r1.example.com. 3600 NS ns1.example.net.']
        expect(withoutSoa(outer.lines)).toEqual([...storedIn(store, OUTER, [INNER]), ...delegation].sort())
        expect(withoutSoa(inner.lines)).toEqual(storedIn(store, INNER, []))
        expect([outer.serial, inner.serial]).toEqual([embedded.serial(OUTER), embedded.serial(INNER)])
        for (const kind of outer.seen) kinds.add(kind)
      }),
      { numRuns: 200 },
    )

    expect(kinds.has('increment')).toBe(true)
  })
})
