import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { evaluateUpdate } from '../../../../src/dns/update/evaluate-update.ts'
import { standingDenial } from '../../../../src/dns/update/standing-rules.ts'
import type { UpdateZone } from '../../../../src/dns/update/types.ts'
import {
  ALL_ALLOWED,
  outcomeOf,
  recordLine,
  updateMessage,
  updateZone,
} from '../../../support/update-message.ts'

const SOA = 'example. 60 IN SOA ns1.example. hostmaster.example. 100 60 15 1209600 15'
const zone = updateZone('example.', [
  SOA,
  'example. 3600 IN NS ns1.example.',
  'www.example. 300 IN A 192.0.2.1',
])
const standing = { deniesZone: () => undefined, deniesChange: standingDenial }

describe('what nobody may change', () => {
  it.each([
    { name: 'a signature', in: 'www.example. 0 ANY RRSIG', want: 'REFUSED' },
    { name: 'a key', in: 'example. 60 IN DNSKEY 256 3 13 aGVsbG8=', want: 'REFUSED' },
    { name: 'a denial', in: 'www.example. 60 IN NSEC a.example. A', want: 'REFUSED' },
    {
      name: 'the SOA',
      in: 'example. 60 IN SOA ns1.example. hostmaster.example. 101 60 15 1209600 15',
      want: 'REFUSED',
    },
    { name: 'a name server of the zone', in: 'example. 60 IN NS ns2.example.', want: 'REFUSED' },
    { name: 'a wildcard that delegates', in: '*.example. 60 IN NS ns2.example.', want: 'REFUSED' },
    { name: 'a wildcard with a DNAME', in: '*.example. 60 IN DNAME www.example.', want: 'REFUSED' },
  ])('$name', ({ in: line, want }) => {
    expect(outcomeOf({ updates: [line] }, zone, standing)).toBe(want)
  })

  it.each([
    { name: 'what RFC 2136 lets pass in silence', in: 'example. 0 ANY NS', want: {} },
    { name: 'all of the origin but SOA and NS', in: 'example. 0 ANY ANY', want: {} },
    {
      name: 'a delegation',
      in: 'sub.example. 60 IN NS ns2.example.',
      want: { 'sub.example.': ['60 NS ns2.example.'] },
    },
    {
      name: 'who vouches for a delegation',
      in: 'sub.example. 60 IN DS 1 13 2 abcd',
      want: { 'sub.example.': ['60 DS 1 13 2 abcd'] },
    },
    { name: 'a wildcard', in: '*.example. 60 IN A 192.0.2.9', want: { '*.example.': ['60 A 192.0.2.9'] } },
  ])('but: $name', ({ in: line, want }) => {
    expect(outcomeOf({ updates: [line] }, zone, standing)).toEqual(want)
  })
})

describe('what could not be served afterwards', () => {
  const long = (count: number) =>
    Array.from({ length: count }, (_, i) => `big.example. 60 IN TXT "${String(i).padStart(250, 'x')}"`)
  const held = updateZone('example.', [SOA, ...long(240)])

  it('is refused: more than a message holds', () => {
    expect(outcomeOf({ updates: long(250).slice(240) }, held)).toBe('REFUSED')
  })

  it('is refused: more than a name holds', () => {
    const spf = Array.from(
      { length: 40 },
      (_, i) => `big.example. 60 IN SPF "${String(i).padStart(250, 'y')}"`,
    )

    expect(outcomeOf({ updates: spf }, held)).toBe('REFUSED')
  })

  it('but what makes it less is done', () => {
    expect(outcomeOf({ updates: ['big.example. 0 ANY TXT'] }, held)).toEqual({ 'big.example.': [] })
  })
})

it('a message full of records of one name reads what is there twice, not once for each', () => {
  const updates = Array.from({ length: 2_500 }, (_, i) => `big.example. 60 IN A 10.0.${i >> 8}.${i & 255}`)
  const held = updateZone('example.', [
    SOA,
    ...updates.slice(0, 1_000).map((line) => line.replace('10.0', '10.1')),
  ])
  let reads = 0
  const counted: UpdateZone = {
    ...held,
    at(name) {
      reads += 1
      return held.at(name)
    },
  }

  const outcome = evaluateUpdate(updateMessage({ updates }), { zone: () => counted, policy: ALL_ALLOWED })

  expect(outcome).toMatchObject({ kind: 'changes', changes: [{ name: 'big.example.' }] })
  expect(reads).toBe(2)
})

/** A zone as the pseudocode of RFC 2136, 3.4.2.7 has it: a list of records. */
interface Row {
  readonly name: string
  readonly type: string
  readonly rdata: string
}

const NAMES = ['example.', 'a.example.', 'b.example.']
const DATA: Readonly<Record<string, readonly string[]>> = {
  A: ['192.0.2.1', '192.0.2.2', '192.0.2.3'],
  NS: ['ns1.example.', 'ns2.example.'],
  CNAME: ['x.example.', 'y.example.'],
  SOA: [99, 100, 101, 102].map((serial) => `ns1.example. hostmaster.example. ${serial} 60 15 1209600 15`),
}

const rows = fc
  .record({ name: fc.constantFrom(...NAMES), type: fc.constantFrom(...Object.keys(DATA)) })
  .chain(({ name, type }) =>
    fc.constantFrom(...(DATA[type] ?? [])).map((rdata): Row => ({ name, type, rdata })),
  )
const asked = rows.chain((row) =>
  fc.constantFrom(
    { kind: 'add' as const, ...row },
    { kind: 'remove' as const, ...row },
    { kind: 'remove-set' as const, ...row },
    { kind: 'remove-name' as const, ...row },
  ),
)
type Asked = Row & { readonly kind: 'add' | 'remove' | 'remove-set' | 'remove-name' }

const START: readonly Row[] = [
  { name: 'example.', type: 'SOA', rdata: DATA['SOA']![1]! }, // the table has four
  { name: 'example.', type: 'NS', rdata: 'ns1.example.' },
]

function byPseudocode(start: readonly Row[], changes: readonly Asked[]): readonly Row[] {
  let zoneRows = start
  const at = (name: string) => zoneRows.filter((row) => row.name === name)
  const serial = ({ rdata }: Row) => Number(rdata.split(' ')[2])
  for (const { kind, name, type, rdata } of changes) {
    const isApexOnly = (row: Row) => row.name === 'example.' && (row.type === 'SOA' || row.type === 'NS')
    if (kind === 'add') {
      const held = at(name)
      if (
        type === 'CNAME' ? held.some((row) => row.type !== 'CNAME') : held.some((row) => row.type === 'CNAME')
      )
        continue
      const soa = held.find((row) => row.type === 'SOA')
      if (type === 'SOA' && (soa === undefined || serial(soa) >= serial({ name, type, rdata }))) continue
      const isSame = (row: Row) =>
        row.name === name && row.type === type && (type === 'CNAME' || type === 'SOA' || row.rdata === rdata)
      zoneRows = [...zoneRows.filter((row) => !isSame(row)), { name, type, rdata }]
    } else if (kind === 'remove-name') {
      zoneRows = zoneRows.filter((row) => row.name !== name || isApexOnly(row))
    } else if (kind === 'remove-set') {
      zoneRows = zoneRows.filter((row) => row.name !== name || row.type !== type || isApexOnly(row))
    } else {
      const isLastServer =
        type === 'NS' && name === 'example.' && at(name).filter((row) => row.type === 'NS').length === 1
      if (type === 'SOA' && name === 'example.') continue
      if (isLastServer) continue
      zoneRows = zoneRows.filter((row) => row.name !== name || row.type !== type || row.rdata !== rdata)
    }
  }
  return zoneRows
}

const asLine = ({ name, type, rdata }: Row): string => `${name} 60 IN ${type} ${rdata}`

function updateLine({ kind, name, type, rdata }: Asked): string {
  if (kind === 'add') return asLine({ name, type, rdata })
  if (kind === 'remove') return `${name} 0 NONE ${type} ${rdata}`
  return `${name} 0 ANY ${kind === 'remove-set' ? type : 'ANY'}`
}

function contentOf(rowsOfZone: readonly Row[]): object {
  return Object.fromEntries(
    NAMES.map((name) => [
      name,
      rowsOfZone
        .filter((row) => row.name === name)
        .map(({ type, rdata }) => `60 ${type} ${rdata}`)
        .sort(),
    ]),
  )
}

function zoneAfter(before: UpdateZone, updates: readonly string[]): object {
  const outcome = outcomeOf({ updates }, before)
  if (typeof outcome === 'string') return { outcome }
  const changed = new Map(Object.entries(outcome as Readonly<Record<string, readonly string[]>>)) // what outcomeOf() gives
  const untouched = updateZone('example.', START.map(asLine))
  return Object.fromEntries(
    NAMES.map((name) => {
      const lines = changed.get(name) ?? linesAt(untouched, name)
      return [name, lines.toSorted()]
    }),
  )
}

function linesAt(of: UpdateZone, name: string): readonly string[] {
  return START.filter((row) => row.name === name && of.at(parseDomainName(name)).length > 0).map(
    ({ type, rdata }) => `60 ${type} ${rdata}`,
  )
}

describe('properties', () => {
  it('the zone afterwards is what the pseudocode of RFC 2136, 3.4.2.7 makes of it', () => {
    const before = updateZone('example.', START.map(asLine))
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 12 }), (changes) => {
        expect(zoneAfter(before, changes.map(updateLine))).toEqual(contentOf(byPseudocode(START, changes)))
      }),
      { numRuns: 500 },
    )
  })

  it('an update made of records of any kind ends, and what it says of names is in the zone', () => {
    const record = fc.record({
      name: fc.constantFrom(...NAMES, 'other.').map((name) => recordLine(`${name} 0 IN A 192.0.2.1`).name),
      type: fc.oneof(fc.constantFrom(1, 2, 5, 6, 255, 252), fc.integer({ min: 0, max: 0xffff })),
      class: fc.constantFrom(1, 3, 254, 255),
      ttlSeconds: fc.constantFrom(0, 60, 0xffff_ffff),
      rdata: fc.uint8Array({ maxLength: 8 }),
    })
    const records = fc.array(record, { maxLength: 4 })
    fc.assert(
      fc.property(records, records, (answers, authority) => {
        const { questions } = updateMessage({})
        const outcome = evaluateUpdate(
          { questions, answers, authority },
          { zone: () => zone, policy: standing },
        )
        if (outcome.kind === 'changes')
          expect(outcome.changes.every(({ name }) => NAMES.includes(name))).toBe(true)
      }),
    )
  })
})
