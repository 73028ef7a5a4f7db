import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { objectKey, ownerKey } from '../../../../src/api/keys.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { rankOf } from '../../../../src/core/discovery/rank.ts'
import type { Owner } from '../../../../src/core/discovery/types.ts'
import { tryAddress } from '../../../../src/dns/address.ts'
import { parseDomainName, wireName, type DomainName } from '../../../../src/dns/names.ts'
import { sameAnswer, type Answer, type NameChange } from '../../../../src/dns/records.ts'
import { silentLogger, type Logger } from '../../../../src/telemetry/logger.ts'
import { orderOf } from '../../../../src/writers/embedded/answer-order.ts'
import { createEmbeddedWriter } from '../../../../src/writers/embedded/embedded-writer.ts'
import { nextSerial, originAnswer, type ZoneSettings } from '../../../../src/writers/embedded/zone-records.ts'
import { stepArbitrary, worldArbitrary } from '../../../support/arbitrary-world.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { WorldDriver } from '../../core/discovery/drive-world.ts'
import { RecordingZones, wordsOf } from './recording-zones.ts'

const NS = 2
const SOA = 6
const A = 1
const AAAA = 28

const name = parseDomainName
const origin = name('example.com')
const global = name('web.shop.fed.svc.example.com')
const region = name('web.shop.fed.svc.r1.example.com')
const zone = name('web.shop.fed.svc.z1.r1.example.com')
const prefix = name('www.example.com')

const addresses = (...texts: readonly string[]): Answer => ({
  kind: 'addresses',
  ttlSeconds: 30,
  a: texts.filter((text) => !text.includes(':')).map((text) => tryAddress(text)!), // literals
  aaaa: texts.filter((text) => text.includes(':')).map((text) => tryAddress(text)!),
})
const alias = (target: DomainName): Answer => ({ kind: 'alias', ttlSeconds: 30, target })
const says = (at: DomainName, answer?: Answer): NameChange => ({
  name: at,
  urgent: false,
  ...(answer === undefined ? {} : { answer }),
})
const settings: ZoneSettings = {
  origin,
  nameServers: [name('ns1.example.com')],
  negativeTtlSeconds: 15,
  maxAnswers: 8,
}

function ownerOf(text: string): Owner {
  const key = objectKey('shop', text)
  return {
    key: ownerKey('ServiceDNSRecord', key),
    rank: rankOf({ nameClass: 'canonical', creationTimestamp: '', key }),
  }
}
const web = ownerOf('web')

function setUp(ledger = createLedger()) {
  const clock = new ManualClock()
  const zones = new RecordingZones()
  const published: string[] = []
  const errors: string[] = []
  const logger: Logger = { ...silentLogger, error: (_, message) => errors.push(message) }
  const embedded = createEmbeddedWriter({
    ...{ ledger, zones, clock, logger },
    published: (changes) => published.push(...changes.map((change) => change.name)),
  })
  return { clock, zones, ledger, embedded, published, errors }
}

/** The serial of a zone as published, read out of its SOA. */
function publishedSerial(zones: RecordingZones, at: DomainName): number | undefined {
  const answer = zones.names.get(at)
  const soa = answer?.kind === 'records' ? answer.sets.find(({ type }) => type === SOA) : undefined
  const [rdata] = soa?.rdata ?? []
  return rdata === undefined
    ? undefined
    : new DataView(rdata.buffer, rdata.byteOffset + rdata.length - 20, 4).getUint32(0)
}

function typesAt(zones: RecordingZones, at: DomainName): readonly number[] {
  const answer = zones.names.get(at)
  return answer?.kind === 'records' ? answer.sets.map(({ type }) => type) : []
}

describe('order inside one publish', () => {
  const cases: readonly {
    readonly name: string
    readonly before: readonly NameChange[]
    readonly in: readonly NameChange[]
    readonly want: readonly string[]
  }[] = [
    {
      name: 'targets come before aliases to them, and aliases before aliases to those',
      before: [],
      in: [
        says(prefix, alias(zone)),
        says(zone, alias(region)),
        says(region, alias(global)),
        says(global, addresses('192.0.2.1')),
      ],
      want: [
        `${global} -> 192.0.2.1`,
        `${region} -> alias ${global}`,
        `${zone} -> alias ${region}`,
        `${prefix} -> alias ${zone}`,
      ],
    },
    {
      name: 'an address that leaves goes first among the address sets',
      before: [says(global, addresses('192.0.2.1', '192.0.2.2'))],
      in: [says(region, addresses('192.0.2.3')), { ...says(global, addresses('192.0.2.1')), urgent: true }],
      want: [`${global} -> 192.0.2.1`, `${region} -> 192.0.2.3`],
    },
    {
      name: 'an alias is withdrawn before its target, however urgent that is',
      before: [says(global, addresses('192.0.2.1')), says(region, alias(global)), says(zone, alias(region))],
      in: [{ ...says(global), urgent: true }, says(region), says(zone)],
      want: [`${zone} -> withdrawn`, `${region} -> withdrawn`, `${global} -> withdrawn`],
    },
    {
      name: 'an alias that gets another target moves before the old target goes',
      before: [
        says(global, addresses('192.0.2.1')),
        says(region, addresses('192.0.2.2')),
        says(zone, alias(region)),
      ],
      in: [{ ...says(region), urgent: true }, says(zone, alias(global))],
      want: [`${zone} -> alias ${global}`, `${region} -> withdrawn`],
    },
    {
      name: 'a loop of aliases is published all the same',
      before: [],
      in: [says(region, alias(zone)), says(zone, alias(region))],
      want: [`${zone} -> alias ${region}`, `${region} -> alias ${zone}`],
    },
  ]
  for (const row of cases) {
    it(row.name, () => {
      const { ledger, embedded, zones } = setUp()
      ledger.put(web, row.before)
      embedded.flush()
      zones.lines.splice(0)

      ledger.put(web, row.in)
      embedded.flush()

      expect(zones.lines).toEqual(row.want)
    })
  }

  it('moves the serial last, when the content stands', () => {
    const { ledger, embedded, zones } = setUp()
    embedded.declare(settings)
    zones.lines.splice(0)

    ledger.put(web, [says(region, alias(global)), says(global, addresses('192.0.2.1'))])
    embedded.flush()

    expect(zones.lines.at(-1)).toBe(`${origin} -> types ${SOA} ${NS}`)
  })
})

describe('a zone', () => {
  it('has SOA and NS at its own name, in the state of the server', () => {
    const { embedded, zones } = setUp()

    embedded.declare(settings)
    expect(zones.states.get(origin)).toBe('loading')
    embedded.setState('serving')

    expect(typesAt(zones, origin)).toEqual([SOA, NS])
    expect(zones.states.get(origin)).toBe('serving')
    embedded.declare({ ...settings, origin: name('fed') })
    expect(zones.states.get(name('fed'))).toBe('serving')
  })

  it('carries addresses of its own name beside SOA and NS, whichever came first', () => {
    const { embedded, ledger, zones } = setUp()
    ledger.put(web, [says(origin, addresses('192.0.2.1', '2001:db8::1'))])
    embedded.flush()
    expect(wordsOf(zones.names.get(origin))).toBe('192.0.2.1 2001:db8::1')

    embedded.declare(settings)
    expect(typesAt(zones, origin)).toEqual([SOA, NS, A, AAAA])
    ledger.put(web, [says(origin, addresses('2001:db8::2'))])
    embedded.flush()
    expect(typesAt(zones, origin)).toEqual([SOA, NS, AAAA])
    ledger.drop(web.key)
    embedded.flush()

    expect(typesAt(zones, origin)).toEqual([SOA, NS])
  })

  it('leaves out an alias at its own name, which cannot stand beside SOA and NS', () => {
    const { embedded, ledger, zones } = setUp()
    embedded.declare(settings)

    ledger.put(web, [says(origin, alias(global)), says(global, addresses('192.0.2.1'))])
    embedded.flush()

    expect(typesAt(zones, origin)).toEqual([SOA, NS])
  })

  it('is gone when removed, and its own name says again what the ledger holds', () => {
    const { embedded, ledger, zones } = setUp()
    embedded.declare(settings)
    ledger.put(web, [says(origin, addresses('192.0.2.1'))])
    embedded.flush()

    embedded.remove(origin)

    expect(zones.states.has(origin)).toBe(false)
    expect(wordsOf(zones.names.get(origin))).toBe('192.0.2.1')
    expect(embedded.serial(origin)).toBeUndefined()
    embedded.remove(origin)
    embedded.remove(name('never.example'))
  })

  it('withdraws its own name when removed and nobody says anything of it', () => {
    const { embedded, zones } = setUp()
    embedded.declare(settings)

    embedded.remove(origin)

    expect(zones.names.has(origin)).toBe(false)
  })
})

describe('originAnswer', () => {
  const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(51)}`
  const rows = [
    { name: 'a mailbox of the zone', in: 'example.com', want: 'hostmaster.example.com.' },
    { name: 'a mailbox of the root', in: '.', want: 'hostmaster.' },
    { name: "the zone's own name where a mailbox does not fit", in: long, want: `${long}.` },
  ]
  for (const row of rows) {
    it(`names ${row.name}`, () => {
      const at = name(row.in)
      const answer = originAnswer({ ...settings, origin: at, nameServers: [name('ns')] }, 7, {
        apex: undefined,
        order: orderOf(undefined, false),
      })
      const [soa] = answer.kind === 'records' ? answer.sets : []
      const afterMname = soa?.rdata[0]?.subarray(wireName(name('ns')).length) ?? new Uint8Array()

      expect(Buffer.from(afterMname.subarray(0, -20))).toEqual(Buffer.from(wireName(name(row.want))))
    })
  }

  it('wraps serials at 32 bits', () => {
    expect(nextSerial(2 ** 32 - 1, 0)).toBe(0)
    expect(nextSerial(5, 9_999)).toBe(9)
    expect(nextSerial(9, 9_999)).toBe(10)
  })
})

describe('serials', () => {
  it('begin at Unix time, and go on from there however often a second changes the zone', () => {
    const { embedded, ledger, zones, clock } = setUp()
    const startSeconds = Math.floor(clock.nowMs() / 1000)
    embedded.declare(settings)
    expect(embedded.serial(origin)).toBe(startSeconds)

    ledger.put(web, [says(global, addresses('192.0.2.1'))])
    embedded.flush()
    ledger.put(web, [says(global, addresses('192.0.2.2'))])
    embedded.flush()
    expect(publishedSerial(zones, origin)).toBe(startSeconds + 2)
    clock.advance(60_000)
    ledger.drop(web.key)
    embedded.flush()

    expect(publishedSerial(zones, origin)).toBe(startSeconds + 60)
    expect(embedded.serial(origin)).toBe(startSeconds + 60)
  })

  it('stand still while the zone does: equal settings, other zones, a flush with nothing to do', () => {
    const { embedded, ledger, zones } = setUp()
    embedded.declare(settings)
    const serial = embedded.serial(origin)
    const lines = zones.lines.length

    embedded.declare({ ...settings, nameServers: [...settings.nameServers] })
    embedded.flush()
    expect(zones.lines).toHaveLength(lines)
    ledger.put(web, [says(name('web.shop.other'), addresses('192.0.2.1'))])
    embedded.flush()

    expect(embedded.serial(origin)).toBe(serial)
  })

  it('move with the settings of the zone', () => {
    const { embedded, zones } = setUp()
    embedded.declare(settings)
    const serial = embedded.serial(origin)!

    embedded.declare({ ...settings, negativeTtlSeconds: 60 })

    expect(publishedSerial(zones, origin)).toBe(serial + 1)
  })

  it('of the innermost zone alone move with a name', () => {
    const { embedded, ledger } = setUp()
    const inner = name('svc.example.com')
    embedded.declare(settings)
    embedded.declare({ ...settings, origin: inner })
    const [outer, before] = [embedded.serial(origin), embedded.serial(inner)!]

    ledger.put(web, [says(name('a.svc.example.com'), addresses('192.0.2.1'))])
    embedded.flush()

    expect([embedded.serial(origin), embedded.serial(inner)]).toEqual([outer, before + 1])
  })

  it('never go back when a zone is removed and declared anew', () => {
    const { embedded, ledger } = setUp()
    embedded.declare(settings)
    for (const last of [1, 2, 3]) {
      ledger.put(web, [says(global, addresses(`192.0.2.${last}`))])
      embedded.flush()
    }
    const before = embedded.serial(origin)!

    embedded.remove(origin)
    embedded.declare(settings)

    expect(embedded.serial(origin)).toBeGreaterThan(before)
  })
})

describe('a full store', () => {
  it('is tried again every second, and nothing is lost', () => {
    const { embedded, ledger, zones, clock, published, errors } = setUp()
    embedded.declare(settings)
    zones.room = 2
    ledger.put(web, [
      says(global, addresses('192.0.2.1')),
      says(region, addresses('192.0.2.2')),
      says(zone, addresses('192.0.2.3')),
    ])
    embedded.flush()
    expect([...zones.names.keys()]).toEqual([origin, global])
    expect(published).toEqual([global])

    clock.advance(1_000)
    embedded.flush()
    expect(zones.names.size).toBe(2)
    zones.room = 9
    clock.advance(1_000)
    embedded.flush()

    expect(wordsOf(zones.names.get(zone))).toBe('192.0.2.3')
    expect(published).toEqual([global, region, zone])
    expect(errors).toHaveLength(1)
  })

  it('takes withdrawals at once, and gets the newest answer of a name that waited', () => {
    const { embedded, ledger, zones, clock } = setUp()
    zones.room = 1
    ledger.put(web, [says(global, addresses('192.0.2.1')), says(region, addresses('192.0.2.2'))])
    embedded.flush()
    ledger.put(web, [says(region, addresses('192.0.2.9')), says(global)])
    embedded.flush()
    expect([...zones.names.keys()]).toEqual([])

    clock.advance(1_000)
    embedded.flush()

    expect(wordsOf(zones.names.get(region))).toBe('192.0.2.9')
  })

  it('gets a zone that it had no room for: its SOA, its NS and its state', () => {
    const { embedded, zones, clock } = setUp()
    zones.room = 0
    embedded.declare(settings)
    embedded.setState('serving')
    expect(zones.states.size).toBe(0)

    zones.room = 1
    clock.advance(1_000)
    embedded.flush()

    expect(typesAt(zones, origin)).toEqual([SOA, NS])
    expect(zones.states.get(origin)).toBe('serving')
    expect(clock.pending).toBe(0)
  })
})

describe('when it runs', () => {
  it('publishes in the tick of the change, and tells of what it published', async () => {
    const { ledger, zones, published } = setUp()

    ledger.put(web, [says(global, addresses('192.0.2.1'))])
    ledger.put(web, [says(region, addresses('192.0.2.1'))])
    expect(zones.calls).toBe(0)
    await Promise.resolve()

    expect(zones.calls).toBe(1)
    expect(published).toEqual([global, region])
  })

  it('does nothing after close', async () => {
    const { embedded, ledger, zones, clock } = setUp()
    zones.room = 0
    ledger.put(web, [says(global, addresses('192.0.2.1'))])
    embedded.flush()
    zones.calls = 0
    ledger.put(web, [says(region, addresses('192.0.2.1'))])

    embedded.close()
    await Promise.resolve()
    embedded.flush()

    expect([zones.calls, clock.pending]).toEqual([0, 0])
  })
})

/** Without what outputs write in place of an alias, as our own server does not, and without the order that is the zone's. */
function plain(answer: Answer | undefined): Answer | undefined {
  if (answer?.kind === 'addresses') {
    const { kind, ttlSeconds, a, aaaa } = answer
    return { kind, ttlSeconds, a, aaaa }
  }
  if (answer?.kind !== 'alias') return answer
  const { kind, ttlSeconds, target } = answer
  return { kind, ttlSeconds, target }
}

describe('what outputs write in place of an alias', () => {
  const instead = (target: DomainName, ...texts: readonly string[]): Answer => {
    const { a, aaaa } = addresses(...texts) as Extract<Answer, { kind: 'addresses' }>
    return { kind: 'alias', ttlSeconds: 30, target, instead: { a, aaaa } }
  }

  function aliased() {
    const parts = setUp()
    parts.embedded.declare(settings)
    parts.ledger.put(web, [says(global, addresses('192.0.2.1')), says(region, instead(global, '192.0.2.1'))])
    parts.embedded.flush()
    parts.zones.lines.splice(0)
    parts.published.splice(0)
    return { ...parts, calls: parts.zones.calls, serial: parts.embedded.serial(origin) }
  }

  const silent: readonly { readonly name: string; readonly in: Answer }[] = [
    { name: 'other addresses', in: instead(global, '192.0.2.2') },
    { name: 'none', in: instead(global) },
    { name: 'the alias itself', in: alias(global) },
  ]
  for (const row of silent) {
    it(`is none of our zone: ${row.name} instead writes nothing and moves no serial`, () => {
      const { ledger, embedded, zones, published, calls, serial } = aliased()

      ledger.put(web, [says(region, row.in)])
      embedded.flush()

      expect([zones.calls, embedded.serial(origin), published]).toEqual([calls, serial, []])
    })
  }

  it('does not hide a change of target, of TTL, or of kind', () => {
    const { ledger, embedded, zones } = aliased()
    const flushed = (answer: Answer): readonly string[] => {
      ledger.put(web, [says(region, answer)])
      embedded.flush()
      return zones.lines.splice(0).filter((line) => line.startsWith(region))
    }

    expect(flushed(instead(prefix, '192.0.2.1'))).toHaveLength(1)
    expect(flushed({ ...alias(prefix), ttlSeconds: 5 } as Answer)).toHaveLength(1)
    expect(flushed(addresses('192.0.2.1'))).toHaveLength(1)
    expect(flushed({ ...alias(prefix), ttlSeconds: 5 } as Answer)).toHaveLength(1)
  })

  it('does not hide an alias that had no room', () => {
    const { ledger, embedded, zones, clock } = aliased()
    zones.room = zones.names.size
    ledger.put(web, [says(zone, instead(region, '192.0.2.1'))])
    embedded.flush()
    zones.room = Number.POSITIVE_INFINITY

    ledger.put(web, [says(zone, instead(region, '192.0.2.2'))])
    clock.advance(1_000)
    embedded.flush()

    expect(wordsOf(zones.names.get(zone))).toBe(`alias ${region} [192.0.2.2]`)
  })
})

describe('properties', () => {
  const walks = fc.array(fc.record({ step: stepArbitrary, flush: fc.boolean() }), { maxLength: 14 })

  it('no prefix of the published sequence leaves a dangling alias, however the world changes', () => {
    fc.assert(
      fc.property(worldArbitrary, walks, (first, walk) => {
        const driver = new WorldDriver()
        const { embedded, zones } = setUp(driver.ledger)
        let world = first
        driver.apply(world)
        embedded.flush()
        for (const { step, flush } of walk) {
          world = step(world)
          driver.apply(world)
          if (flush) embedded.flush()
        }
        embedded.flush()

        expect(zones.dangling).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('after any changes, with a store that fills up and empties, what is published is what the ledger says', () => {
    const rooms = fc.array(fc.record({ step: stepArbitrary, room: fc.nat(30) }), { maxLength: 10 })
    fc.assert(
      fc.property(worldArbitrary, rooms, (first, walk) => {
        const driver = new WorldDriver()
        const { embedded, zones, clock } = setUp(driver.ledger)
        let world = first
        driver.apply(world)
        for (const { step, room } of walk) {
          zones.room = room
          world = step(world)
          driver.apply(world)
          embedded.flush()
        }
        zones.room = Number.POSITIVE_INFINITY
        clock.advance(1_000)
        embedded.flush()

        const said = [...driver.ledger.names()].sort()
        expect([...zones.names.keys()].sort()).toEqual(said)
        for (const at of said) {
          expect(sameAnswer(plain(zones.names.get(at)), plain(driver.ledger.get(at)?.answer))).toBe(true)
        }
      }),
      { numRuns: 200 },
    )
  })
})
