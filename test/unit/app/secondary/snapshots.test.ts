import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readSnapshot, snapshotText } from '../../../../src/app/secondary/snapshot-text.ts'
import { createSnapshots, snapshotName } from '../../../../src/app/secondary/snapshots.ts'
import { nameOfWire, parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import type { RecordSet } from '../../../../src/dns/records.ts'
import type { ZoneNames } from '../../../../src/dns/transfer-in/received.ts'
import { readPackedRecords } from '../../../../src/dns/zone-file/packed-zone.ts'
import { readZoneFile } from '../../../../src/dns/zone-file/read-zone-file.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'
import { wireNames } from '../../../support/arbitrary-dns.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { linesOf, namesOf } from '../../../support/received-transfers.ts'

const origin = parseDomainName('example')
const LINES = [
  'example. 60 IN SOA ns1.example. h.example. 7 60 10 600 15',
  'example. 60 IN NS ns1.example.',
  'ns1.example. 60 IN A 192.0.2.53',
]
const names = namesOf(LINES)

describe('as text', () => {
  it('is a master file, SOA first', () => {
    const text = [...snapshotText(origin, names)].join('')

    expect(text.split('\n')[1]).toBe('example. 60 IN SOA ns1.example. h.example. 7 60 10 600 15')
    expect(readZoneFile(text, origin).kind).toBe('zone')
  })

  it.each([
    { name: 'half a line', text: 'example. 60 IN SOA ns1.example. h.exam' },
    { name: 'nothing', text: '' },
    { name: 'a zone without SOA', text: 'example. 60 IN NS ns1.example.\n' },
    { name: 'the zone of somebody else', text: `${LINES[0]?.replace('example.', 'other.')}\n` },
  ])('cannot be read: $name', ({ text }) => {
    expect(readSnapshot(readPackedRecords(text, origin), origin)).toBeUndefined()
  })

  it('is what it was when it is read again: names of any octets, data of any type', () => {
    const sets = fc.record({
      type: fc.constantFrom(1, 16, 15, 65_280),
      ttlSeconds: fc.integer({ min: 0, max: 2 ** 31 - 1 }),
    })
    const data: Readonly<Record<number, readonly Uint8Array[]>> = {
      1: [Uint8Array.of(192, 0, 2, 1), Uint8Array.of(192, 0, 2, 2)],
      16: [Uint8Array.of(3, 0, 34, 92)],
      15: [Uint8Array.of(0, 10, 1, 64, 0)],
      65_280: [Uint8Array.of(), Uint8Array.of(1, 2)],
    }
    const zone = fc.array(fc.tuple(wireNames, sets), { maxLength: 6 }).map((entries): ZoneNames => {
      const own = entries
        .map(([wire, set]): readonly [DomainName, RecordSet] => {
          const name =
            wire.length > 200
              ? origin
              : nameOfWire(Uint8Array.from([...wire.slice(0, -1), 7, ...Buffer.from('example'), 0]))
          return [name, { ...set, rdata: data[set.type] ?? [] }]
        })
        .filter(([name]) => name !== origin)
      return new Map([...names, ...own.map(([name, set]) => [name, [set]] as const)])
    })
    fc.assert(
      fc.property(zone, (before) => {
        const after = readSnapshot(
          readPackedRecords([...snapshotText(origin, before)].join(''), origin),
          origin,
        )

        expect(linesOf(after ?? [])).toEqual(linesOf(before))
      }),
    )
  })
})

describe('in a folder', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'waypost-snapshots-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const open = (clock: ManualClock, at = folder) =>
    createSnapshots({ folder: at, clock, logger: silentLogger })

  it('is written a while after a change, and read with the time of its confirmation', async () => {
    const clock = new ManualClock()
    const snapshots = open(clock, join(folder, 'made', 'when', 'absent'))
    snapshots.changed(origin, () => names)

    clock.advance(5_000)
    await snapshots.close()
    const kept = await open(clock, join(folder, 'made', 'when', 'absent')).read(origin)

    expect(linesOf(kept?.names ?? [])).toEqual(linesOf(names))
    expect(kept?.confirmedMs).toBe(clock.nowMs())
  })

  it('many changes are written once, as they are then', async () => {
    const clock = new ManualClock()
    const snapshots = open(clock)
    let looks = 0
    for (let i = 0; i < 10; i += 1) {
      snapshots.changed(origin, () => {
        looks += 1
        return names
      })
    }

    clock.advance(5_000)
    await snapshots.close()

    expect(looks).toBe(1)
    expect(readdirSync(folder)).toEqual(['example.zone'])
  })

  it('a confirmation moves the time and writes nothing', async () => {
    const clock = new ManualClock()
    const snapshots = open(clock)
    snapshots.changed(origin, () => names)
    clock.advance(5_000)
    await Promise.resolve()
    clock.advance(60_000)
    snapshots.confirmed(origin)
    await snapshots.close()

    expect(statSync(join(folder, 'example.zone')).mtimeMs).toBe(clock.nowMs())
  })

  it('what waits is written when it is closed', async () => {
    const snapshots = open(new ManualClock())
    snapshots.changed(origin, () => names)

    await snapshots.close()

    expect(readFileSync(join(folder, 'example.zone'), 'latin1')).toContain('ns1.example. 60 IN A 192.0.2.53')
  })

  it('nothing is there at first', async () => {
    expect(await open(new ManualClock()).read(origin)).toBeUndefined()
  })

  it('what is broken is passed over', async () => {
    writeFileSync(join(folder, 'example.zone'), 'example. 60 IN SOA')

    expect(await open(new ManualClock()).read(origin)).toBeUndefined()
  })

  it('where nothing can be written, nothing fails', async () => {
    writeFileSync(join(folder, 'file'), '')
    const snapshots = open(new ManualClock(), join(folder, 'file'))
    snapshots.changed(origin, () => names)

    await expect(snapshots.close()).resolves.toBeUndefined()
  })
})

it.each([
  { name: 'example.com.', want: 'example.com.zone' },
  { name: '.', want: 'root.zone' },
  { name: 'a/../b\\046c.', want: 'a%2f..%2fb%5c046c.zone' },
  { name: '_sip.*.example.', want: '_sip.%2a.example.zone' },
])('the file of $name is $want', ({ name, want }) => {
  expect(snapshotName(name as DomainName)).toBe(want) // as its parser would give it
})
