import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readDnssecKeys, type DnssecKeys } from '../../../src/app/dnssec-keys.ts'
import { NO_KEY_STANDING, type KeyStanding } from '../../../src/app/zone-facts/key-standing.ts'
import { UsageError } from '../../../src/config/usage-error.ts'
import { createLedger } from '../../../src/core/discovery/ledger.ts'
import { parseDomainName, type DomainName } from '../../../src/dns/names.ts'
import { presentTime } from '../../../src/dns/rdata/time.ts'
import { typeName } from '../../../src/dns/rdata/type-names.ts'
import type { SigningZone } from '../../../src/nameserver/dnssec/signing-key.ts'
import { silentLogger, type LogFields, type Logger } from '../../../src/telemetry/logger.ts'
import { createEmbeddedWriter } from '../../../src/writers/embedded/embedded-writer.ts'
import { KSK, NEXT_ZSK, ZSK, type TestKey } from '../../support/dnssec-keys.ts'
import { TestStore } from '../../support/dns-store.ts'
import { ManualClock } from '../../support/manual-clock.ts'

const ORIGIN = parseDomainName('signed.test')
const LOOK_MS = 2_000
/** A key's day: short, as every look at the folder on the way takes its time. */
const DAY = 60

let path = ''
let clock: ManualClock
let keys: DnssecKeys
let lines: string[] = []
let signing: readonly SigningZone[] = []

const nowSeconds = (): number => clock.nowMs() / 1_000
const noting =
  (level: string) =>
  (fields: LogFields, message: string): void => {
    const parts = [level, fields['zone'], fields['keys'], message]
    lines.push(parts.filter((part) => typeof part === 'string').join(' '))
  }
const logger: Logger = { ...silentLogger, info: noting('info'), error: noting('error') }

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'waypost-keys-'))
  clock = new ManualClock(Date.UTC(2027, 0, 1))
  lines = []
  signing = []
})
afterEach(() => {
  keys.close()
  rmSync(path, { recursive: true })
})

/** Put a key into the folder, its times so many seconds from now on. */
function put({ file, publicText, privateText }: TestKey, times: Readonly<Record<string, number>>): void {
  const own = privateText.replaceAll(/^(?:Created|Publish|Activate|Inactive|Delete): \d+\n/gm, '')
  const written = Object.entries(times).map(
    ([name, seconds]) => `${name}: ${presentTime(nowSeconds() + seconds)}\n`,
  )
  writeFileSync(join(path, `${file}.key`), publicText)
  writeFileSync(join(path, `${file}.private`), own + written.join(''))
}

function remove({ file }: TestKey): void {
  for (const ending of ['key', 'private']) rmSync(join(path, `${file}.${ending}`))
}

function start(): DnssecKeys {
  keys = readDnssecKeys({ folder: path, clock, logger })
  keys.serve({ setSigning: (zones) => (signing = zones) })
  return keys
}

/** Who signs: `zone keySigners / zoneSigners`. */
function signers(): readonly string[] {
  const tags = (list: SigningZone['keySigners']): string => list.map(({ tag }) => tag).join(',')
  return signing.map(
    ({ origin, keySigners, zoneSigners }) => `${origin} ${tags(keySigners)} / ${tags(zoneSigners)}`,
  )
}

function standingOf(zone: DomainName): KeyStanding {
  expect(keys.standings).toBeDefined()
  return keys.standings?.of(zone) ?? NO_KEY_STANDING
}

function published(): readonly string[] {
  return keys.setsOf(ORIGIN).map(({ type, rdata }) => `${rdata.length} ${typeName(type)}`)
}

const ON = { Publish: -1, Activate: -1 }

describe('readDnssecKeys', () => {
  it('signs at once with what the folder holds', () => {
    put(KSK, ON)
    put(ZSK, ON)

    start()

    expect(signers()).toEqual([`signed.test. ${KSK.tag} / ${ZSK.tag}`])
    expect(published()).toEqual(['2 DNSKEY'])
    expect(lines).toEqual([`info signed.test. 13/${KSK.tag},13/${ZSK.tag} zone is signed`])
  })

  it('without a folder signs nothing', () => {
    keys = readDnssecKeys({ folder: undefined, clock, logger })
    keys.serve({ setSigning: () => expect.unreachable() })
    keys.refresh()

    expect(keys.setsOf(ORIGIN)).toEqual([])
    expect(keys.standings).toBeUndefined()
    expect(clock.pending).toBe(0)
  })

  it('ends with a word on the file when the folder cannot be used at the start', () => {
    writeFileSync(join(path, 'a.key'), 'broken')

    const error = attempt(start)

    expect(error).toBeInstanceOf(UsageError)
    expect((error as UsageError).line).toMatch(
      /^--dnssec-keys: DNSSEC keys cannot be read \(file=.*a\.private\): ENOENT/,
    )
  })

  it('a rollover by time: published ahead, signing in turn, gone in the end', () => {
    put(KSK, ON)
    put(ZSK, { ...ON, Inactive: 2 * DAY, Delete: 3 * DAY })
    put(NEXT_ZSK, { Publish: DAY, Activate: 2 * DAY })
    start()
    const days = [0, 1, 2, 3].map((day) => {
      if (day > 0) clock.advance(DAY * 1_000)
      return [published()[0], signers()[0]?.split(' / ')[1]]
    })

    expect(days).toEqual([
      ['2 DNSKEY', String(ZSK.tag)],
      ['3 DNSKEY', String(ZSK.tag)],
      ['3 DNSKEY', String(NEXT_ZSK.tag)],
      ['2 DNSKEY', String(NEXT_ZSK.tag)],
    ])
  })

  it('CDS records come and go by their times', () => {
    put(KSK, { ...ON, SyncPublish: DAY, SyncDelete: 2 * DAY })
    start()
    const days = [0, 1, 2].map((day) => {
      if (day > 0) clock.advance(DAY * 1_000)
      return published()
    })

    expect(days).toEqual([['1 DNSKEY'], ['1 DNSKEY', '1 CDS', '1 CDNSKEY'], ['1 DNSKEY']])
  })

  it('takes up a key that is put into the folder, once it has settled', () => {
    put(KSK, ON)
    start()
    put(ZSK, ON)

    clock.advance(LOOK_MS)
    expect(signers()).toEqual([`signed.test. ${KSK.tag} / ${KSK.tag}`])
    clock.advance(LOOK_MS)

    expect(signers()).toEqual([`signed.test. ${KSK.tag} / ${ZSK.tag}`])
  })

  it('a broken key later is told of, and the keys read before go on', () => {
    put(KSK, ON)
    start()
    writeFileSync(join(path, `${KSK.file}.private`), 'broken')

    clock.advance(10 * LOOK_MS)

    expect(signers()).toEqual([`signed.test. ${KSK.tag} / ${KSK.tag}`])
    expect(lines.slice(1)).toEqual(['error folder of DNSSEC keys refused'])
  })

  it('keys of a signed zone that are gone from the folder go on, and that is told', () => {
    put(KSK, ON)
    start()
    remove(KSK)

    clock.advance(10 * LOOK_MS)

    expect(signers()).toEqual([`signed.test. ${KSK.tag} / ${KSK.tag}`])
    expect(lines.slice(1)).toEqual([
      `error signed.test. 13/${KSK.tag} keys of a signed zone are gone from their folder and go on signing: to end signing, take DS records out of the parent, then give the keys a Delete time`,
    ])
  })

  it('a key that others stand in for may go', () => {
    put(KSK, ON)
    put(ZSK, ON)
    start()
    remove(ZSK)

    clock.advance(2 * LOOK_MS)

    expect(signers()).toEqual([`signed.test. ${KSK.tag} / ${KSK.tag}`])
    expect(lines.filter((line) => line.startsWith('error'))).toEqual([])
  })

  it('signing ends with the Delete time of the last key', () => {
    put(KSK, { ...ON, Inactive: DAY, Delete: 2 * DAY })
    start()

    clock.advance(DAY * 1_000)
    expect(signers()).toEqual([`signed.test. ${KSK.tag} / ${KSK.tag}`])
    clock.advance(DAY * 1_000)

    expect([signers(), published()]).toEqual([[], []])
    expect(lines).toEqual([
      `info signed.test. 13/${KSK.tag} zone is signed`,
      `info signed.test. 13/${KSK.tag} zone is signed`,
      `error signed.test. 13/${KSK.tag} no key of the zone is active: retired ones go on signing; activate another, or take DS records out of the parent and delete them`,
      'info signed.test. zone is not signed',
    ])
  })

  it('tells how a zone stands, and of each change of it', () => {
    put(KSK, ON)
    put(ZSK, { ...ON, Inactive: DAY, Delete: 2 * DAY })
    start()
    const seen: unknown[] = []
    const look = (): void => {
      const { known, zoneSigners, next, missing, isOverdue, folderFault } = standingOf(ORIGIN)
      const ahead = next?.events.map(({ key, event }) => `${key} ${event}`) ?? []
      const troubles = [
        ...missing,
        ...(isOverdue ? ['overdue'] : []),
        ...(folderFault === undefined ? [] : ['fault']),
      ]
      seen.push([known.length, zoneSigners.join(), ahead.join(), troubles.join()])
    }
    keys.standings?.watch(look)
    look()
    const zsk = `13/${ZSK.tag}`
    const ksk = `13/${KSK.tag}`

    clock.advance(DAY * 1_000)
    clock.advance(DAY * 1_000)
    remove(KSK)
    clock.advance(2 * LOOK_MS)
    put(KSK, ON)
    clock.advance(2 * LOOK_MS)
    writeFileSync(join(path, 'a.key'), 'broken')
    clock.advance(2 * LOOK_MS)

    expect(seen).toEqual([
      [2, zsk, `${zsk} inactive`, ''],
      [2, ksk, `${zsk} deleted`, ''],
      [2, ksk, '', ''],
      [2, ksk, '', ksk],
      [2, ksk, '', ''],
      [2, ksk, '', 'fault'],
    ])
    expect(standingOf(parseDomainName('example.com'))).toMatchObject({ known: [], keySigners: [] })
  })

  it('tells that the last key is over its time', () => {
    put(KSK, { ...ON, Inactive: DAY })
    start()

    clock.advance(DAY * 1_000)

    expect(standingOf(ORIGIN)).toMatchObject({ keySigners: [`13/${KSK.tag}`], isOverdue: true })
  })

  it('what the keys say stands at the origin, with a new serial whenever it changes', () => {
    put(KSK, ON)
    const store = new TestStore()
    const ledger = createLedger()
    keys = readDnssecKeys({ folder: path, clock, logger })
    const embedded = createEmbeddedWriter({ ledger, zones: store.writer, keys, clock, logger })
    embedded.declare({
      origin: ORIGIN,
      nameServers: [parseDomainName('ns1.signed.test')],
      negativeTtlSeconds: 15,
      maxAnswers: 8,
    })
    embedded.setState('serving')
    keys.serve({ setSigning: () => {} })
    const serial = embedded.serial(ORIGIN) ?? 0
    put(ZSK, ON)

    clock.advance(2 * LOOK_MS)

    expect(store.ask('signed.test DNSKEY')?.answer).toHaveLength(2)
    expect(embedded.serial(ORIGIN)).toBeGreaterThan(serial)
    embedded.close()
  })
})

function attempt(act: () => unknown): unknown {
  try {
    return act()
  } catch (error) {
    keys = readDnssecKeys({ folder: undefined, clock, logger })
    return error
  }
}
