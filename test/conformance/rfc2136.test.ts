import { describe, expect, it } from 'vitest'
import { outcomeOf, updateZone, type UpdateShape } from '../support/update-message.ts'

const zone = updateZone(
  'example.',
  [
    'example. 60 IN SOA ns1.example. hostmaster.example. 100 60 15 1209600 15',
    'example. 3600 IN NS ns1.example.',
    'example. 300 IN MX 10 mail.example.',
    'ns1.example. 3600 IN A 192.0.2.53',
    'www.example. 300 IN A 192.0.2.1',
    'www.example. 300 IN A 192.0.2.2',
    'www.example. 60 IN TXT "hello"',
    'alias.example. 300 IN CNAME www.example.',
    'deep.below.example. 300 IN A 192.0.2.3',
    'mail.example. 300 IN MX 10 Mail.EXAMPLE.',
  ],
  ['child.example.'],
)
const twoServers = updateZone('example.', [
  'example. 60 IN SOA ns1.example. hostmaster.example. 100 60 15 1209600 15',
  'example. 3600 IN NS ns1.example.',
  'example. 3600 IN NS ns2.example.',
])
const SOA_REST = '60 15 1209600 15'

interface Row {
  /** `section: claim` */
  readonly name: string
  readonly in: UpdateShape
  /** A response code, or the names that change with all that they say then. */
  readonly want: string | object
  readonly zone?: typeof zone
}

const adds = (line: string): UpdateShape => ({ updates: [line] })
const needs = (line: string): UpdateShape => ({
  prerequisites: [line],
  updates: ['new.example. 60 IN A 192.0.2.9'],
})
const DONE = { 'new.example.': ['60 A 192.0.2.9'] }

const ZONE_SECTION: readonly Row[] = [
  { name: '3.1.1: no zone is FORMERR', in: { zone: [] }, want: 'FORMERR' },
  {
    name: '3.1.1: two zones are FORMERR',
    in: { zone: ['example. IN SOA', 'example. IN SOA'] },
    want: 'FORMERR',
  },
  { name: '3.1.1: a type other than SOA is FORMERR', in: { zone: ['example. IN A'] }, want: 'FORMERR' },
  {
    name: '3.1.1: a zone that is not ours is NOTAUTH',
    in: { zone: ['example.com. IN SOA'] },
    want: 'NOTAUTH',
  },
  {
    name: '3.1.1: a name inside our zone is no zone',
    in: { zone: ['www.example. IN SOA'] },
    want: 'NOTAUTH',
  },
  { name: '3.1.1: our zone in another class is NOTAUTH', in: { zone: ['example. CH SOA'] }, want: 'NOTAUTH' },
  { name: '3.1.1: the zone is named in any case', in: { zone: ['eXample. IN SOA'] }, want: {} },
  { name: '3.4.2.5: nothing asked for is NOERROR', in: {}, want: {} },
]

const PREREQUISITES: readonly Row[] = [
  { name: '2.4.4: ANY ANY, the name is in use', in: needs('www.example. 0 ANY ANY'), want: DONE },
  { name: '3.2.1: ANY ANY, it is not: NXDOMAIN', in: needs('nothing.example. 0 ANY ANY'), want: 'NXDOMAIN' },
  {
    name: '2.4.4: an empty non-terminal is not in use',
    in: needs('below.example. 0 ANY ANY'),
    want: 'NXDOMAIN',
  },
  { name: '2.4.1: ANY type, the set exists', in: needs('www.example. 0 ANY A'), want: DONE },
  { name: '3.2.1: ANY type, it does not: NXRRSET', in: needs('www.example. 0 ANY AAAA'), want: 'NXRRSET' },
  { name: '1.1.4: aliases are not followed', in: needs('alias.example. 0 ANY A'), want: 'NXRRSET' },
  { name: '2.4.5: NONE ANY, the name is not in use', in: needs('nothing.example. 0 NONE ANY'), want: DONE },
  { name: '2.4.5: nor is an empty non-terminal', in: needs('below.example. 0 NONE ANY'), want: DONE },
  { name: '3.2.2: NONE ANY, it is: YXDOMAIN', in: needs('www.example. 0 NONE ANY'), want: 'YXDOMAIN' },
  { name: '2.4.3: NONE type, there is no such set', in: needs('www.example. 0 NONE AAAA'), want: DONE },
  { name: '3.2.2: NONE type, there is: YXRRSET', in: needs('www.example. 0 NONE A'), want: 'YXRRSET' },
  {
    name: '2.4.2: the whole set, in any order',
    in: {
      prerequisites: ['www.example. 0 IN A 192.0.2.2', 'www.example. 0 IN A 192.0.2.1'],
      updates: ['new.example. 60 IN A 192.0.2.9'],
    },
    want: DONE,
  },
  { name: '3.2.3: a part of the set: NXRRSET', in: needs('www.example. 0 IN A 192.0.2.1'), want: 'NXRRSET' },
  {
    name: '3.2.3: more than the set: NXRRSET',
    in: { prerequisites: ['1', '2', '3'].map((n) => `www.example. 0 IN A 192.0.2.${n}`) },
    want: 'NXRRSET',
  },
  {
    name: '3.2.3: a set that is not there: NXRRSET',
    in: needs('new.example. 0 IN A 192.0.2.1'),
    want: 'NXRRSET',
  },
  {
    name: '1.1.2: names in data are compared without case',
    in: needs('mail.example. 0 IN MX 10 mAIL.example.'),
    want: DONE,
  },
  {
    name: '1.1.2: other data is compared as it is',
    in: needs('www.example. 0 IN TXT "Hello"'),
    want: 'NXRRSET',
  },
  { name: '3.2.1: class ANY with a TTL: FORMERR', in: needs('www.example. 1 ANY A'), want: 'FORMERR' },
  {
    name: '3.2.1: class ANY with data: FORMERR',
    in: needs('www.example. 0 ANY A 192.0.2.1'),
    want: 'FORMERR',
  },
  { name: '3.2.2: class NONE with a TTL: FORMERR', in: needs('new.example. 1 NONE A'), want: 'FORMERR' },
  {
    name: '3.2.2: class NONE with data: FORMERR',
    in: needs('new.example. 0 NONE A 192.0.2.1'),
    want: 'FORMERR',
  },
  {
    name: "3.2.3: the zone's class with a TTL: FORMERR",
    in: needs('www.example. 300 IN A 192.0.2.1'),
    want: 'FORMERR',
  },
  { name: '3.2.3: another class: FORMERR', in: needs('www.example. 0 CH A'), want: 'FORMERR' },
  {
    name: '3.2.3: data that cannot be of its type: FORMERR',
    in: needs('www.example. 0 IN MX'),
    want: 'FORMERR',
  },
  { name: '3.2: a name outside of the zone: NOTZONE', in: needs('example.com. 0 ANY ANY'), want: 'NOTZONE' },
  {
    name: '3.2: a name in a zone below: NOTZONE',
    in: needs('www.child.example. 0 NONE ANY'),
    want: 'NOTZONE',
  },
  {
    name: '3.2.5: sets by value are compared after all else',
    in: { prerequisites: ['new.example. 0 IN A 192.0.2.1', 'www.example. 0 NONE ANY'] },
    want: 'YXDOMAIN',
  },
  {
    name: '3.2: one that does not hold is enough',
    in: {
      prerequisites: ['www.example. 0 ANY A', 'www.example. 0 NONE A'],
      updates: ['www.example. 0 ANY ANY'],
    },
    want: 'YXRRSET',
  },
]

const PRESCAN: readonly Row[] = [
  {
    name: '3.4.1: a name outside of the zone: NOTZONE',
    in: adds('www.example.com. 60 IN A 192.0.2.9'),
    want: 'NOTZONE',
  },
  {
    name: '3.4.1: a name in a zone below: NOTZONE',
    in: adds('child.example. 60 IN A 192.0.2.9'),
    want: 'NOTZONE',
  },
  { name: '3.4.1: a class that has no meaning: FORMERR', in: adds('www.example. 0 CH A'), want: 'FORMERR' },
  ...['ANY', 'AXFR', 'IXFR', 'TYPE253', 'TYPE254', 'TSIG', 'OPT']
    .filter((type) => type !== 'OPT')
    .map((type) => ({
      name: `3.4.1.2: adding ${type}: FORMERR`,
      in: adds(`www.example. 60 IN ${type}`),
      want: 'FORMERR',
    })),
  ...['ANY', 'AXFR', 'IXFR', 'TYPE253', 'TYPE254'].map((type) => ({
    name: `3.4.1.2: removing one record of ${type}: FORMERR`,
    in: adds(`www.example. 0 NONE ${type}`),
    want: 'FORMERR',
  })),
  ...['AXFR', 'IXFR', 'TYPE253', 'TYPE254'].map((type) => ({
    name: `3.4.1.2: removing the set of ${type}: FORMERR`,
    in: adds(`www.example. 0 ANY ${type}`),
    want: 'FORMERR',
  })),
  { name: '3.4.1.2: class ANY with a TTL: FORMERR', in: adds('www.example. 60 ANY A'), want: 'FORMERR' },
  {
    name: '3.4.1.2: class NONE with a TTL: FORMERR',
    in: adds('www.example. 60 NONE A 192.0.2.1'),
    want: 'FORMERR',
  },
  {
    name: '3.4.1.2: class ANY with data: FORMERR',
    in: adds('www.example. 0 ANY A 192.0.2.1'),
    want: 'FORMERR',
  },
  {
    name: '3.4.1: data that is none of its type: FORMERR',
    in: adds('www.example. 60 IN A'),
    want: 'FORMERR',
  },
  { name: '3.4.1: as when it is removed', in: adds('www.example. 0 NONE MX'), want: 'FORMERR' },
  {
    name: 'RFC 2181, 8: a TTL of more than 31 bits: FORMERR',
    in: adds('www.example. 2147483648 IN A 192.0.2.9'),
    want: 'FORMERR',
  },
  {
    name: '3.7: what cannot be, at the end, undoes what could',
    in: { updates: ['new.example. 60 IN A 192.0.2.9', 'www.example. 0 ANY AXFR'] },
    want: 'FORMERR',
  },
]

const UPDATES: readonly Row[] = [
  { name: '2.5.1: a name that was not there', in: adds('new.example. 60 IN A 192.0.2.9'), want: DONE },
  {
    name: 'RFC 3597: of a type that is not known',
    in: adds('new.example. 60 IN TYPE666 \\# 2 abcd'),
    want: { 'new.example.': ['60 TYPE666 \\# 2 abcd'] },
  },
  {
    name: '2.5.1: one more record; the set takes its TTL (RFC 2181, 5.2)',
    in: adds('www.example. 60 IN A 192.0.2.3'),
    want: { 'www.example.': ['60 A 192.0.2.1', '60 A 192.0.2.2', '60 A 192.0.2.3', '60 TXT "hello"'] },
  },
  { name: '2.5.1: a duplicate is ignored', in: adds('www.example. 300 IN A 192.0.2.1'), want: {} },
  {
    name: '3.4.2.2: a duplicate with another TTL replaces it',
    in: adds('www.example. 60 IN A 192.0.2.1'),
    want: { 'www.example.': ['60 A 192.0.2.1', '60 A 192.0.2.2', '60 TXT "hello"'] },
  },
  {
    name: '3.4.2.2: names in data make no difference by their case',
    in: adds('mail.example. 300 IN MX 10 mail.example.'),
    want: { 'mail.example.': ['300 MX 10 mail.example.'] },
  },
  {
    name: '3.4.2.2: a CNAME beside other data is ignored',
    in: adds('www.example. 60 IN CNAME new.example.'),
    want: {},
  },
  {
    name: '3.4.2.2: other data beside a CNAME is ignored',
    in: adds('alias.example. 60 IN A 192.0.2.9'),
    want: {},
  },
  {
    name: '3.4.2.2: a CNAME replaces a CNAME',
    in: adds('alias.example. 60 IN CNAME new.example.'),
    want: { 'alias.example.': ['60 CNAME new.example.'] },
  },
  {
    name: '3.4.2: in order: what is removed first makes room',
    in: { updates: ['www.example. 0 ANY ANY', 'www.example. 60 IN CNAME new.example.'] },
    want: { 'www.example.': ['60 CNAME new.example.'] },
  },
  {
    name: '3.4.2: in order: what is added before is in the way',
    in: { updates: ['new.example. 60 IN A 192.0.2.9', 'new.example. 60 IN CNAME www.example.'] },
    want: DONE,
  },
  {
    name: '3.4.2.2: a SOA with a later serial replaces the SOA',
    in: adds(`example. 60 IN SOA ns2.example. hostmaster.example. 101 ${SOA_REST}`),
    want: {
      'example.': [
        '3600 NS ns1.example.',
        `60 SOA ns2.example. hostmaster.example. 101 ${SOA_REST}`,
        '300 MX 10 mail.example.',
      ],
    },
  },
  {
    name: '3.4.2.2: with the same serial it is ignored',
    in: adds(`example. 60 IN SOA ns2.example. hostmaster.example. 100 ${SOA_REST}`),
    want: {},
  },
  {
    name: '3.6: with an earlier one too',
    in: adds(`example. 60 IN SOA ns2.example. hostmaster.example. 99 ${SOA_REST}`),
    want: {},
  },
  {
    name: '3.6: earlier by RFC 1982: half the circle ahead',
    in: adds(`example. 60 IN SOA ns2.example. hostmaster.example. 2147483748 ${SOA_REST}`),
    want: {},
  },
  {
    name: '3.4.2.2: a SOA where there is none is ignored',
    in: adds(`www.example. 60 IN SOA ns2.example. hostmaster.example. 101 ${SOA_REST}`),
    want: {},
  },
  {
    name: '2.5.2: ANY type removes the set',
    in: adds('www.example. 0 ANY A'),
    want: { 'www.example.': ['60 TXT "hello"'] },
  },
  {
    name: '2.5.2: of a name in the compressed types, too',
    in: adds('alias.example. 0 ANY CNAME'),
    want: { 'alias.example.': [] },
  },
  { name: '2.5.2: a set that is not there is ignored', in: adds('www.example. 0 ANY AAAA'), want: {} },
  {
    name: '2.5.3: ANY ANY removes all sets',
    in: adds('www.example. 0 ANY ANY'),
    want: { 'www.example.': [] },
  },
  { name: '2.5.3: a name that is not there is ignored', in: adds('nothing.example. 0 ANY ANY'), want: {} },
  {
    name: '2.5.4: NONE type rdata removes one record',
    in: adds('www.example. 0 NONE A 192.0.2.1'),
    want: { 'www.example.': ['300 A 192.0.2.2', '60 TXT "hello"'] },
  },
  {
    name: '2.5.4: a record that is not there is ignored',
    in: adds('www.example. 0 NONE A 192.0.2.7'),
    want: {},
  },
  {
    name: '2.5.4: the last record takes the set along',
    in: { updates: ['www.example. 0 NONE A 192.0.2.1', 'www.example. 0 NONE A 192.0.2.2'] },
    want: { 'www.example.': ['60 TXT "hello"'] },
  },
  {
    name: '3.4.2.3: ANY ANY at the origin leaves SOA and NS',
    in: adds('example. 0 ANY ANY'),
    want: { 'example.': ['3600 NS ns1.example.', `60 SOA ns1.example. hostmaster.example. 100 ${SOA_REST}`] },
  },
  { name: '3.4.2.3: ANY SOA at the origin is ignored', in: adds('example. 0 ANY SOA'), want: {} },
  { name: '3.4.2.3: ANY NS at the origin is ignored', in: adds('example. 0 ANY NS'), want: {} },
  {
    name: '3.4.2.4: NONE SOA is ignored',
    in: adds(`example. 0 NONE SOA ns1.example. hostmaster.example. 100 ${SOA_REST}`),
    want: {},
  },
  { name: '3.4.2.4: the only name server stays', in: adds('example. 0 NONE NS ns1.example.'), want: {} },
  {
    name: '3.4.2.4: one of two goes, the other stays',
    zone: twoServers,
    in: { updates: ['example. 0 NONE NS ns1.example.', 'example. 0 NONE NS ns2.example.'] },
    want: { 'example.': ['3600 NS ns2.example.', `60 SOA ns1.example. hostmaster.example. 100 ${SOA_REST}`] },
  },
  {
    name: '3.4.2.4: removed and added again is no change',
    in: { updates: ['www.example. 0 NONE A 192.0.2.1', 'www.example. 300 IN A 192.0.2.1'] },
    want: {},
  },
  { name: '1.1.3: a wildcard is a name like any other', in: adds('*.example. 0 ANY ANY'), want: {} },
]

describe.each([
  { section: 'zone section', rows: ZONE_SECTION },
  { section: 'prerequisites', rows: PREREQUISITES },
  { section: 'prescan', rows: PRESCAN },
  { section: 'update section', rows: UPDATES },
])('RFC 2136, $section', ({ rows }) => {
  it.each(rows)('$name', ({ in: shape, want, zone: own = zone }) => {
    expect(outcomeOf(shape, own)).toEqual(want)
  })
})

describe('RFC 2136, permissions', () => {
  const nobody = { deniesZone: () => 'not you', deniesChange: () => undefined }
  const notWww = {
    deniesZone: () => undefined,
    deniesChange: ({ name }: { readonly name: string }) => (name === 'www.example.' ? 'not that' : undefined),
  }

  it.each([
    { name: '3.3.1: who may not is REFUSED', policy: nobody, in: adds('new.example. 60 IN A 192.0.2.9') },
    {
      name: '3.3.1: and learns nothing from prerequisites',
      policy: nobody,
      in: needs('www.example. 0 NONE ANY'),
    },
    {
      name: '3.3.1: a name that may not be changed is REFUSED',
      policy: notWww,
      in: adds('www.example. 0 ANY A'),
    },
    {
      name: '3.3.2: and nothing else of the message is done',
      policy: notWww,
      in: { updates: ['new.example. 60 IN A 192.0.2.9', 'www.example. 0 ANY A'] },
    },
  ])('$name', ({ in: shape, policy }) => {
    expect(outcomeOf(shape, zone, policy)).toBe('REFUSED')
  })

  it('3.2 goes before 3.3 for what the names are', () => {
    expect(
      outcomeOf({ ...needs('www.example. 0 NONE ANY'), updates: ['www.example. 0 ANY A'] }, zone, notWww),
    ).toBe('YXDOMAIN')
  })
})

describe('RFC 6672', () => {
  const own = updateZone('example.', [
    'example. 60 IN SOA ns1.example. hostmaster.example. 100 60 15 1209600 15',
    'old.example. 60 IN DNAME new.example.',
    'alias.example. 60 IN CNAME www.example.',
  ])

  it.each<Row>([
    {
      name: '5.2: a DNAME where a CNAME is is ignored',
      in: adds('alias.example. 60 IN DNAME new.example.'),
      want: {},
    },
    {
      name: '5.2: a CNAME where a DNAME is is ignored',
      in: adds('old.example. 60 IN CNAME www.example.'),
      want: {},
    },
    {
      name: '5.2: a DNAME replaces a DNAME',
      in: adds('old.example. 30 IN DNAME newer.example.'),
      want: { 'old.example.': ['30 DNAME newer.example.'] },
    },
    {
      name: '5.2: else it is added',
      in: adds('other.example. 30 IN DNAME newer.example.'),
      want: { 'other.example.': ['30 DNAME newer.example.'] },
    },
  ])('$name', ({ in: shape, want }) => {
    expect(outcomeOf(shape, own)).toEqual(want)
  })
})
