import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ZoneRecordsSpec } from '../../../../src/api/zone-records.ts'
import { headName, partName, partOf, PARTS } from '../../../../src/app/updates/object-names.ts'
import { readRecords, type StoredObject } from '../../../../src/app/updates/stored-object.ts'
import {
  FOLD_BYTES,
  sizeBytes,
  StoredZone,
  type PlannedWrite,
} from '../../../../src/app/updates/stored-zone.ts'
import { parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import type { RecordSet } from '../../../../src/dns/records.ts'
import { linesOf } from '../../../support/received-transfers.ts'

const origin = parseDomainName('example.com')
const txt = (text: string): RecordSet => ({
  type: 16,
  ttlSeconds: 60,
  rdata: [Uint8Array.of(text.length, ...Buffer.from(text))],
})
const name = (label: string): DomainName => parseDomainName(`${label}.example.com`)

let version = 0
function object(objectName: string, spec: ZoneRecordsSpec): StoredObject {
  version += 1
  return {
    ...{ name: objectName, uid: objectName, resourceVersion: String(version), spec },
    ...{ creationTimestamp: '2026-01-01T00:00:00Z', generation: undefined },
    ...readRecords(spec, origin),
  }
}

/** Do a planned write, as an API server would. */
function store(zone: StoredZone, { name: objectName, spec }: PlannedWrite): void {
  const stored = object(objectName, spec)
  if (spec.part === undefined) zone.setHead(stored)
  else zone.setPart(spec.part, stored)
}

const update = (zone: StoredZone, changes: Readonly<Record<string, readonly RecordSet[]>>): PlannedWrite =>
  zone.planUpdate(Object.entries(changes).map(([label, sets]) => ({ name: name(label), sets })))

/** A zone whose head is above the size at which it is folded. */
function largeZone(): { readonly zone: StoredZone; readonly labels: readonly string[] } {
  const zone = new StoredZone(origin)
  const labels = Array.from({ length: 700 }, (_, i) => `host-${i}`)
  store(zone, update(zone, Object.fromEntries(labels.map((label) => [label, [txt(label.padEnd(160, 'x'))]]))))
  return { zone, labels }
}

describe('a small zone', () => {
  it('is one object, sorted by name and type, as text', () => {
    const zone = new StoredZone(origin)

    const planned = update(zone, {
      b: [txt('b')],
      a: [{ type: 1, ttlSeconds: 30, rdata: [Uint8Array.of(192, 0, 2, 1)] }, txt('a')],
    })

    expect(planned).toEqual({
      name: 'example.com',
      spec: {
        zone: 'example.com',
        records: [
          { name: 'a.example.com.', type: 'A', ttl: 30, rdata: ['192.0.2.1'] },
          { name: 'a.example.com.', type: 'TXT', ttl: 60, rdata: ['"a"'] },
          { name: 'b.example.com.', type: 'TXT', ttl: 60, rdata: ['"b"'] },
        ],
      },
    })
  })

  it('a name is replaced as a whole, the others stay as they were written', () => {
    const zone = new StoredZone(origin)
    const spec = {
      zone: 'example.com',
      records: [
        { name: 'A.example.com', type: 'txt', ttl: 60, rdata: ['one'] },
        { name: 'b.example.com.', type: 'TXT', ttl: 60, rdata: ['"b"'] },
      ],
    }
    zone.setHead(object('example.com', spec))

    expect(update(zone, { b: [txt('c')] }).spec.records).toEqual([
      spec.records[0],
      { name: 'b.example.com.', type: 'TXT', ttl: 60, rdata: ['"c"'] },
    ])
  })

  it('a name that goes leaves nothing behind', () => {
    const zone = new StoredZone(origin)
    store(zone, update(zone, { a: [txt('a')] }))

    expect(update(zone, { a: [] }).spec).toEqual({ zone: 'example.com', records: [] })
  })

  it('is not folded', () => {
    const zone = new StoredZone(origin)
    store(zone, update(zone, { a: [txt('a')] }))

    expect(zone.planFold()).toEqual([])
  })

  it('what cannot be read of it stays', () => {
    const zone = new StoredZone(origin)
    const broken = { name: 'x.example.com.', type: 'A', ttl: 60, rdata: ['none'] }
    zone.setHead(object('example.com', { zone: 'example.com', records: [broken] }))

    expect(update(zone, { a: [txt('a')] }).spec.records).toContainEqual(broken)
  })
})

describe('a large zone', () => {
  it('says the same after each write of a fold', () => {
    const { zone, labels } = largeZone()
    const before = labels.map((label) => zone.at(name(label)))

    for (const planned of zone.planFold()) {
      store(zone, planned)
      expect(labels.map((label) => zone.at(name(label)))).toEqual(before)
    }
  })

  it('is spread over parts, and its head is small again', () => {
    const { zone } = largeZone()
    const writes = zone.planFold()
    for (const planned of writes) store(zone, planned)

    expect(writes.map((planned) => planned.name)).toEqual([
      ...writes.slice(0, -1).map(({ spec }) => partName(origin, spec.part ?? -1)),
      'example.com',
    ])
    expect(writes).toHaveLength(PARTS + 1)
    expect(zone.head?.spec.records).toEqual([])
    expect(zone.planFold()).toEqual([])
  })

  it('an update is written to the head, and goes before what a part says', () => {
    const { zone } = largeZone()
    for (const planned of zone.planFold()) store(zone, planned)

    const planned = update(zone, { 'host-1': [txt('new')], 'host-2': [], unknown: [] })
    store(zone, planned)

    expect(planned.name).toBe('example.com')
    expect(sizeBytes(planned.spec)).toBeLessThan(2_000)
    expect(planned.spec.removed).toEqual(['host-2.example.com.'])
    expect(linesOf([[name('host-1'), zone.at(name('host-1'))]])).toEqual(['host-1.example.com. 60 TXT "new"'])
    expect(zone.at(name('host-2'))).toEqual([])
  })

  it('what was removed may come again', () => {
    const { zone } = largeZone()
    for (const planned of zone.planFold()) store(zone, planned)
    store(zone, update(zone, { 'host-2': [] }))

    const planned = update(zone, { 'host-2': [txt('again')] })

    expect(planned.spec.removed).toBeUndefined()
  })

  it('knows which parts it lacks: those in an older state than the head counts on', () => {
    const { zone } = largeZone()
    const writes = zone.planFold()
    const head = writes.at(-1)

    for (const planned of writes.slice(1)) store(zone, planned)

    expect(head?.spec.parts).toHaveLength(PARTS)
    expect(zone.missing).toEqual([writes[0]?.spec.part])
  })

  it('a part that the head does not list says nothing', () => {
    const zone = new StoredZone(origin)
    const part = partOf(name('a'))
    zone.setPart(
      part,
      object(partName(origin, part), {
        zone: 'example.com',
        part,
        revision: 1,
        records: [{ name: 'a.example.com.', type: 'TXT', ttl: 60, rdata: ['"old"'] }],
      }),
    )

    expect(zone.at(name('a'))).toEqual([])
  })

  it('names of parts are looked at when the head goes', () => {
    const { zone, labels } = largeZone()
    for (const planned of zone.planFold()) store(zone, planned)

    const touched = zone.setHead(undefined)

    expect([...touched].toSorted()).toEqual(labels.map(name).toSorted())
    expect(zone.at(name('host-1'))).toEqual([])
  })
})

describe('properties', () => {
  const changes = fc.dictionary(
    fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    fc.constantFrom<readonly RecordSet[]>([], [txt('one')], [txt('two'.padEnd(200, '.'))]),
  )

  it('after any updates and folds, stopped anywhere, a zone says what it was told last', () => {
    const step = fc.record({ changes, foldWrites: fc.nat(4) })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 8 }), (steps) => {
        const { zone } = largeZone()
        const told = new Map<string, readonly RecordSet[]>()
        for (const { changes: asked, foldWrites } of steps) {
          store(zone, update(zone, asked))
          for (const [label, sets] of Object.entries(asked)) told.set(label, sets)
          for (const planned of zone.planFold().slice(0, foldWrites)) store(zone, planned)
        }
        for (const planned of zone.planFold()) store(zone, planned)

        for (const [label, sets] of told) expect(zone.at(name(label))).toEqual(sets)
        expect(zone.at(name('host-7'))).toHaveLength(1)
        expect(sizeBytes(zone.head?.spec ?? { zone: '' })).toBeLessThan(FOLD_BYTES)
      }),
      { numRuns: 5 },
    )
  })
})

describe('names of objects', () => {
  it.each([
    { zone: 'example.com.', want: 'example.com' },
    { zone: 'a-b.example.com.', want: 'a-b.example.com' },
  ])('$zone is $want', ({ zone, want }) => {
    expect(headName(zone as DomainName)).toBe(want) // as its parser would give it
    expect(partName(zone as DomainName, 3)).toBe(`${want}.part-3`)
  })

  it.each([
    { zone: '_tcp.example.com.' },
    { zone: '.' },
    { zone: `${'a'.repeat(63)}.`.repeat(4).slice(0, 254) },
  ])('a zone that no object can be called like has a hash: $zone', ({ zone }) => {
    expect(headName(zone as DomainName)).toMatch(/^zone-[0-9a-f]{40}$/) // as its parser would give it
  })

  it('names are spread over all parts', () => {
    const parts = Array.from({ length: 500 }, (_, i) => partOf(name(`host-${i}`)))

    expect(new Set(parts).size).toBe(PARTS)
  })
})
