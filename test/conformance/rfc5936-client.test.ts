import { describe, expect, it } from 'vitest'
import { shownStep, transferOf, type ResponseShape } from '../support/received-transfers.ts'

const soa = (serial: number): string =>
  `example. 60 IN SOA ns1.example. hostmaster.example. ${serial} 60 15 1209600 15`
const QUESTION = 'example AXFR'
const NS = 'example. 60 IN NS ns1.example.'
const GLUE = 'ns1.example. 60 IN A 192.0.2.53'
const SHOWN_SOA = 'example. 60 SOA ns1.example. hostmaster.example. 5 60 15 1209600 15'
const WHOLE = {
  whole: 5,
  names: ['example. 60 NS ns1.example.', SHOWN_SOA, 'ns1.example. 60 A 192.0.2.53'],
}

interface Row {
  readonly name: string
  readonly in: readonly ResponseShape[]
  readonly want: unknown
}

const one = (answers: readonly string[], more: Partial<ResponseShape> = {}): readonly ResponseShape[] => [
  { question: QUESTION, answers, ...more },
]

const ACCEPTED: readonly Row[] = [
  { name: '2.2: one message, from SOA to SOA', in: one([soa(5), NS, GLUE, soa(5)]), want: WHOLE },
  {
    name: '2.2: one record in each message, the question in the first only',
    in: [soa(5), NS, GLUE, soa(5)].map((record, i) => ({
      ...(i === 0 ? { question: QUESTION } : {}),
      answers: [record],
    })),
    want: WHOLE,
  },
  {
    name: '2.2.2: or in each',
    in: [[soa(5), NS], [GLUE], [soa(5)]].map((answers) => ({ question: QUESTION, answers })),
    want: WHOLE,
  },
  {
    name: '2.2: a message without records is no end',
    in: [...one([soa(5), NS]), { answers: [] }, { answers: [GLUE, soa(5)] }],
    want: WHOLE,
  },
  { name: '2.2: nothing but SOA', in: one([soa(5), soa(5)]), want: { whole: 5, names: [SHOWN_SOA] } },
  { name: '2.2: the end is still to come', in: one([soa(5), NS, GLUE]), want: 'more' },
  { name: '3: the same record twice is one', in: one([soa(5), NS, GLUE, NS, GLUE, soa(5)]), want: WHOLE },
  {
    name: '3.5: what a delegation hides is taken along',
    in: one([
      soa(5),
      'sub.example. 60 IN NS ns.sub.example.',
      'ns.sub.example. 60 IN A 192.0.2.7',
      'x.sub.example. 60 IN TXT "x"',
      soa(5),
    ]),
    want: {
      whole: 5,
      names: [
        SHOWN_SOA,
        'ns.sub.example. 60 A 192.0.2.7',
        'sub.example. 60 NS ns.sub.example.',
        'x.sub.example. 60 TXT "x"',
      ],
    },
  },
  {
    name: 'RFC 2181, 5.2: a set has one TTL',
    in: one([soa(5), 'www.example. 60 IN A 192.0.2.1', 'www.example. 30 IN A 192.0.2.2', soa(5)]),
    want: { whole: 5, names: [SHOWN_SOA, 'www.example. 30 A 192.0.2.1', 'www.example. 30 A 192.0.2.2'] },
  },
  {
    name: 'RFC 2181, 8: a TTL with its topmost bit set counts as 0',
    in: one([soa(5), 'www.example. 2147483648 IN A 192.0.2.1', soa(5)]),
    want: { whole: 5, names: [SHOWN_SOA, 'www.example. 0 A 192.0.2.1'] },
  },
  {
    name: 'RFC 3597: a type that is not known',
    in: one([soa(5), 'www.example. 60 IN TYPE65280 \\# 3 abcdef', soa(5)]),
    want: { whole: 5, names: [SHOWN_SOA, 'www.example. 60 TYPE65280 \\# 3 abcdef'] },
  },
]

const REFUSED: readonly Row[] = [
  { name: '2.2.1: another id', in: one([soa(5)], { header: { id: 8 } }), want: 'not a reply' },
  { name: '2.2.1: no response', in: one([soa(5)], { header: { response: false } }), want: 'not a reply' },
  { name: '2.2.1: another opcode', in: one([soa(5)], { header: { opcode: 4 } }), want: 'not a reply' },
  { name: '2.2.1: REFUSED', in: one([], { header: { rcode: 5 } }), want: 'refused 5' },
  {
    name: '2.2.1: an error in a later message',
    in: [...one([soa(5), NS]), { header: { rcode: 2 }, answers: [] }],
    want: 'refused 2',
  },
  { name: '2.2.1: TC', in: one([soa(5)], { header: { truncated: true } }), want: 'truncated' },
  {
    name: '2.2.2: no question in the first message',
    in: [{ answers: [soa(5), NS, soa(5)] }],
    want: 'other question',
  },
  {
    name: '2.2.2: the question of another zone',
    in: [{ question: 'example.com AXFR', answers: [soa(5), soa(5)] }],
    want: 'other question',
  },
  {
    name: '2.2.2: of another type',
    in: [{ question: 'example IXFR', answers: [soa(5), soa(5)] }],
    want: 'other question',
  },
  {
    name: '2.2.2: of another zone, later',
    in: [...one([soa(5)]), { question: 'other AXFR', answers: [] }],
    want: 'other question',
  },
  { name: '2.2: a first record that is no SOA', in: one([NS, soa(5)]), want: 'no SOA first' },
  {
    name: '2.2: the SOA of another zone',
    in: one(['sub.example. 60 IN SOA ns1.example. h.example. 5 1 1 1 1', soa(5)]),
    want: 'SOA inside',
  },
  { name: '2.2: an end with another serial', in: one([soa(5), NS, soa(6)]), want: 'SOA changed meanwhile' },
  {
    name: '2.2: a SOA inside the zone',
    in: one([soa(5), 'sub.example. 60 IN SOA ns1.example. h.example. 5 1 1 1 1', soa(5)]),
    want: 'SOA inside',
  },
  { name: '2.2: records behind the end', in: one([soa(5), NS, soa(5), GLUE]), want: 'records after the end' },
  {
    name: '3.5: a name outside of the zone',
    in: one([soa(5), 'www.example.com. 60 IN A 192.0.2.1', soa(5)]),
    want: 'record outside the zone',
  },
  {
    name: '3.5: a name above the zone',
    in: one([soa(5), '. 60 IN NS ns1.example.', soa(5)]),
    want: 'record outside the zone',
  },
  {
    name: '2.2: another class',
    in: one([soa(5), 'www.example. 60 CH A 192.0.2.1', soa(5)]),
    want: 'record of another class',
  },
  {
    name: '2.2: a type that is no data',
    in: one([soa(5), 'www.example. 60 IN TYPE250 \\# 1 00', soa(5)]),
    want: 'record of no data type',
  },
  {
    name: 'RFC 4035, 2.2: signatures, which are not served here',
    in: one([
      soa(5),
      'example. 60 IN RRSIG SOA 13 1 60 20270101000000 20260101000000 7 example. aGVsbG8=',
      soa(5),
    ]),
    want: 'signed by its primary',
  },
  {
    name: 'RFC 1035: data that is none of its type',
    in: one([soa(5), 'www.example. 60 IN A', soa(5)]),
    want: 'malformed data',
  },
]

describe.each([
  { title: 'what is taken', rows: ACCEPTED },
  { title: 'what is not', rows: REFUSED },
])('RFC 5936, as a client: $title', ({ rows }) => {
  it.each(rows)('$name', ({ in: messages, want }) => {
    expect(shownStep(transferOf(messages))).toEqual(want)
  })
})
