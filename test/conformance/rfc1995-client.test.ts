import { describe, expect, it } from 'vitest'
import { namesOf, shownStep, transferOf, type ResponseShape } from '../support/received-transfers.ts'

const soa = (serial: number, more = ''): string =>
  `example. 60 IN SOA ns1.example. hostmaster.example. ${serial} 60 15 1209600 15${more}`
const NS = 'example. 60 IN NS ns1.example.'
const A1 = 'www.example. 60 IN A 192.0.2.1'
const A2 = 'www.example. 60 IN A 192.0.2.2'
const A3 = 'www.example. 60 IN A 192.0.2.3'
const have = { serial: 3, names: namesOf([soa(3), NS, A1]) }
const QUESTION = 'example IXFR'
const shownSoa = (serial: number): string =>
  `example. 60 SOA ns1.example. hostmaster.example. ${serial} 60 15 1209600 15`
const origin = (serial: number) => ({ 'example.': ['example. 60 NS ns1.example.', shownSoa(serial)] })

const one = (...answers: readonly string[]): readonly ResponseShape[] => [{ question: QUESTION, answers }]

interface Row {
  readonly name: string
  readonly in: readonly ResponseShape[]
  readonly want: unknown
  readonly have?: typeof have
}

const rows: readonly Row[] = [
  { name: '2: the same serial, as one SOA: nothing to do', in: one(soa(3)), want: 'current' },
  { name: '2: an earlier one too', in: one(soa(2)), want: 'current' },
  { name: '4: a later SOA alone: more is to come', in: one(soa(5)), want: 'more' },
  {
    name: '4: one increment',
    in: one(soa(5), soa(3), A1, soa(5), A2, soa(5)),
    want: { increment: 5, changes: { ...origin(5), 'www.example.': ['www.example. 60 A 192.0.2.2'] } },
  },
  {
    name: '4: increments one after another, the oldest first',
    in: one(soa(5), soa(3), soa(4), A2, soa(4), A1, soa(5), A3, soa(5)),
    want: {
      increment: 5,
      changes: {
        ...origin(5),
        'www.example.': ['www.example. 60 A 192.0.2.2', 'www.example. 60 A 192.0.2.3'],
      },
    },
  },
  {
    name: '4: one record in each message',
    in: [soa(5), soa(3), A1, soa(5), A2, soa(5)].map((record, i) => ({
      ...(i === 0 ? { question: QUESTION } : {}),
      answers: [record],
    })),
    want: { increment: 5, changes: { ...origin(5), 'www.example.': ['www.example. 60 A 192.0.2.2'] } },
  },
  {
    name: '4: a name that goes',
    in: one(soa(5), soa(3), A1, soa(5), soa(5)),
    want: { increment: 5, changes: { ...origin(5), 'www.example.': [] } },
  },
  {
    name: '4: another TTL: removed and added',
    in: one(soa(5), soa(3), A1, soa(5), A1.replace('60', '30'), soa(5)),
    want: { increment: 5, changes: { ...origin(5), 'www.example.': ['www.example. 30 A 192.0.2.1'] } },
  },
  {
    name: '4: nothing but the SOA',
    in: one(soa(5), soa(3), soa(5), soa(5)),
    want: { increment: 5, changes: origin(5) },
  },
  {
    name: '4: the whole zone in place of increments',
    in: one(soa(5), NS, A2, soa(5)),
    want: { whole: 5, names: ['example. 60 NS ns1.example.', shownSoa(5), 'www.example. 60 A 192.0.2.2'] },
  },
  {
    name: '4: an empty zone in place of increments',
    in: one(soa(5), soa(5)),
    want: { whole: 5, names: [shownSoa(5)] },
  },
  {
    name: 'RFC 1982: serials go round',
    have: { serial: 0xffff_ffff, names: namesOf([soa(0xffff_ffff), NS, A1]) },
    in: one(soa(1), soa(0xffff_ffff), A1, soa(1), A2, soa(1)),
    want: { increment: 1, changes: { ...origin(1), 'www.example.': ['www.example. 60 A 192.0.2.2'] } },
  },
  {
    name: '4: increments from another serial than ours',
    in: one(soa(5), soa(4), A1, soa(5), A2, soa(5)),
    want: 'SOA changed meanwhile',
  },
  { name: '4: increments that go back', in: one(soa(5), soa(3), A1, soa(2)), want: 'serials do not follow' },
  {
    name: '4: an increment that does not begin where the last ended',
    in: one(soa(6), soa(3), soa(4), A2, soa(5)),
    want: 'serials do not follow',
  },
  {
    name: '4: a record to remove that is not there',
    in: one(soa(5), soa(3), A2),
    want: 'increment does not fit',
  },
  {
    name: '4: a record to add that is there is there afterwards',
    in: one(soa(5), soa(3), soa(5), A1, A2, soa(5)),
    want: {
      increment: 5,
      changes: {
        ...origin(5),
        'www.example.': ['www.example. 60 A 192.0.2.1', 'www.example. 60 A 192.0.2.2'],
      },
    },
  },
  {
    name: '4: records behind the end',
    in: one(soa(5), soa(3), soa(5), soa(5), A1),
    want: 'records after the end',
  },
  {
    name: '4: a name outside of the zone, to be removed',
    in: one(soa(5), soa(3), 'www.other. 60 IN A 192.0.2.1'),
    want: 'record outside the zone',
  },
]

describe('RFC 1995, as a client', () => {
  it.each(rows)('$name', ({ in: messages, want, have: own = have }) => {
    expect(shownStep(transferOf(messages, { have: own }))).toEqual(want)
  })
})
