import { describe, expect, it } from 'vitest'
import { objectKey, ownerKey } from '../../../../src/api/keys.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { rankOf } from '../../../../src/core/discovery/rank.ts'
import { IN_ORDER } from '../../../../src/core/discovery/selection/plan-selection.ts'
import type { Address } from '../../../../src/dns/address.ts'
import { parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import type { Answer, Selection } from '../../../../src/dns/records.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'
import { createEmbeddedWriter } from '../../../../src/writers/embedded/embedded-writer.ts'
import type { FileZoneSettings, ZoneSettings } from '../../../../src/writers/embedded/zone-records.ts'
import { address, changesOf } from '../../../support/dns-lines.ts'
import { setsOf } from '../../../support/dns-map-view.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { RecordingZones } from './recording-zones.ts'

const name = parseDomainName
const origin = name('example.com')
const www = name('www.example.com')
const inner = name('sub.example.com')
const below = name('www.sub.example.com')
const settings: ZoneSettings = {
  origin,
  nameServers: [name('ns1.example.com')],
  negativeTtlSeconds: 15,
  maxAnswers: 8,
}
const [apex] = changesOf([
  'example.com 60 SOA ns.example.com host.example.com 1 2 3 4 15',
  'example.com 60 NS ns.example.com',
])
const file: FileZoneSettings = {
  origin,
  apex: apex?.answer?.kind === 'records' ? apex.answer.sets : [],
  serial: 'file',
}

const ips = (count: number): readonly Address[] =>
  Array.from({ length: count }, (_, i) => address(`192.0.2.${i}`))
const addresses = (count: number, select?: Selection): Answer => ({
  kind: 'addresses',
  ttlSeconds: 30,
  a: ips(count),
  aaaa: [],
  ...(select === undefined ? {} : { select }),
})
const records = (count: number): Answer => ({ kind: 'records', sets: setsOf(addresses(count)) })

function setUp(recordsInTurn = false) {
  const ledger = createLedger()
  const clock = new ManualClock()
  const zones = new RecordingZones()
  const embedded = createEmbeddedWriter({ ledger, zones, clock, logger: silentLogger, recordsInTurn })
  const key = objectKey('shop', 'web')
  const owner = {
    key: ownerKey('ServiceDNSRecord', key),
    rank: rankOf({ nameClass: 'canonical', creationTimestamp: '', key }),
  }
  const say = (at: DomainName, answer: Answer): void => {
    ledger.put(owner, [{ name: at, answer, urgent: false }])
    embedded.flush()
  }
  /** What is stored of the order of a name's addresses. */
  const stored = (at: DomainName): Selection | undefined => {
    const answer = zones.names.get(at)
    return answer === undefined || answer.kind === 'alias' ? undefined : answer.select
  }
  return { ledger, clock, zones, embedded, say, stored }
}

const turned = (most: number): Selection => ({ most, rotate: true })

describe('the order of a name', () => {
  it.each<{
    name: string
    zone: ZoneSettings | FileZoneSettings | undefined
    in: Answer
    want: Selection | undefined
  }>([
    {
      name: 'is in turn, with as many as the zone says',
      zone: { ...settings, maxAnswers: 3 },
      in: addresses(2),
      want: turned(3),
    },
    {
      name: 'is in turn with all of them for 0',
      zone: { ...settings, maxAnswers: 0 },
      in: addresses(20),
      want: turned(0),
    },
    { name: 'is in turn with 8 in a zone that says nothing', zone: file, in: addresses(2), want: turned(8) },
    { name: 'is in turn with 8 in no zone', zone: undefined, in: addresses(2), want: turned(8) },
    { name: 'is none of one address', zone: settings, in: addresses(1), want: undefined },
    { name: 'is its own where it has one', zone: settings, in: addresses(2, IN_ORDER), want: IN_ORDER },
    { name: 'is that of the file for what a file says', zone: file, in: records(2), want: undefined },
    { name: 'is that of the file for records in any zone', zone: settings, in: records(2), want: undefined },
    {
      name: "may be another one for a federation's names in a file's zone",
      zone: { ...file, maxAnswers: 4 },
      in: addresses(2),
      want: turned(4),
    },
  ])('$name', ({ zone, in: answer, want }) => {
    const { embedded, say, stored } = setUp()
    if (zone !== undefined) embedded.declare(zone)

    say(www, answer)

    expect(stored(www)).toEqual(want)
  })

  it('is in turn for what files say, all of it, on request', () => {
    const { embedded, say, stored } = setUp(true)
    const [two] = changesOf(['example.com 60 A 192.0.2.1', 'example.com 60 A 192.0.2.2'])
    const more = two?.answer?.kind === 'records' ? two.answer.sets : []
    embedded.declare({ ...file, apex: [...file.apex, ...more] })

    say(www, records(20))
    say(below, records(1))
    say(inner, addresses(20))

    expect([stored(origin), stored(www), stored(below), stored(inner)]).toEqual([
      turned(0),
      turned(0),
      undefined,
      turned(8),
    ])
  })

  it('is that of the zone at its origin too, where a record publishes addresses', () => {
    const { embedded, say, stored } = setUp()
    embedded.declare({ ...settings, maxAnswers: 3 })

    say(origin, addresses(5))
    expect(stored(origin)).toEqual(turned(3))
    say(origin, addresses(5, IN_ORDER))
    expect(stored(origin)).toEqual(IN_ORDER)
  })

  it('is that of the innermost zone', () => {
    const { embedded, say, stored } = setUp()
    embedded.declare({ ...settings, maxAnswers: 3 })
    embedded.declare({ ...settings, origin: inner, maxAnswers: 5 })

    say(www, addresses(9))
    say(below, addresses(9))

    expect([stored(www), stored(below)]).toEqual([turned(3), turned(5)])
  })
})

describe('another order of a zone', () => {
  it('comes to names that are there, without another serial', () => {
    const { embedded, say, stored, zones } = setUp()
    embedded.declare(settings)
    say(www, addresses(9))
    say(below, addresses(1))
    zones.lines.splice(0)

    embedded.declare({ ...settings, maxAnswers: 2 })

    expect([stored(www), stored(below)]).toEqual([turned(2), undefined])
    expect(zones.lines.filter((line) => !line.startsWith(origin))).toHaveLength(1) // what has no order is let alone
  })

  it('is that of a zone within, from its beginning to its end', () => {
    const { embedded, say, stored } = setUp()
    embedded.declare({ ...settings, maxAnswers: 3 })
    say(below, addresses(9))

    embedded.declare({ ...settings, origin: inner, maxAnswers: 5 })
    expect(stored(below)).toEqual(turned(5))
    embedded.remove(inner)

    expect(stored(below)).toEqual(turned(3))
  })

  it('comes to very many names bit by bit, and to none after the end', () => {
    const { embedded, ledger, stored, clock } = setUp()
    embedded.declare(settings)
    const many = Array.from({ length: 5_000 }, (_, i) => name(`n${i}.example.com`))
    const owner = { key: ownerKey('ServiceDNSRecord', objectKey('shop', 'many')), rank: 'z' }
    ledger.put(
      owner,
      many.map((at) => ({ name: at, answer: addresses(2), urgent: false })),
    )
    embedded.flush()
    const done = (): number => many.filter((at) => stored(at)?.most === 2).length

    embedded.declare({ ...settings, maxAnswers: 2 })
    const atOnce = done()
    embedded.close()
    clock.advance(1_000)

    expect(atOnce).toBeGreaterThan(0)
    expect(atOnce).toBeLessThan(many.length)
    expect([done(), clock.pending]).toEqual([atOnce, 0])
  })

  it('comes to all of them in the end, and not over what they say meanwhile', () => {
    const { embedded, ledger, stored, clock, zones } = setUp()
    embedded.declare(settings)
    const many = Array.from({ length: 5_000 }, (_, i) => name(`n${i}.example.com`))
    const owner = { key: ownerKey('ServiceDNSRecord', objectKey('shop', 'many')), rank: 'z' }
    ledger.put(
      owner,
      many.map((at) => ({ name: at, answer: addresses(2), urgent: false })),
    )
    embedded.flush()

    embedded.declare({ ...settings, maxAnswers: 1 })
    ledger.put(
      owner,
      many.slice(0, 10).map((at) => ({ name: at, urgent: true })),
    )
    embedded.flush()
    for (let i = 0; i < 5; i += 1) clock.advance(0)

    expect(many.slice(0, 10).some((at) => zones.names.has(at))).toBe(false)
    expect(many.slice(10).every((at) => stored(at)?.most === 1)).toBe(true)
  })
})
