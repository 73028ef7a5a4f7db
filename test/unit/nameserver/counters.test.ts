import { describe, expect, it } from 'vitest'
import {
  COUNTER,
  COUNTER_NAMES,
  CounterRow,
  createCounters,
  sumCounters,
} from '../../../src/nameserver/counters.ts'

const BADVERS_OPT = [0, 0, 41, 4, 208, 1, 0, 0, 0, 0, 0]

function response(flags: number, rcode: number, ...tail: readonly number[]): Uint8Array {
  return Uint8Array.from([0, 1, 0x80 | flags, rcode, 0, 0, 0, 0, 0, 0, 0, tail.length > 0 ? 1 : 0, ...tail])
}

/** What was counted, zeros left out. */
function counted(memory: SharedArrayBuffer): Record<string, number> {
  return Object.fromEntries(Object.entries(sumCounters(memory)).filter(([, count]) => count !== 0))
}

describe('counters', () => {
  it.each([
    { name: 'an answer', octets: response(4, 0), want: { responses_noerror: 1 } },
    { name: 'a truncated answer', octets: response(6, 0), want: { responses_noerror: 1, truncated: 1 } },
    { name: 'a format error', octets: response(0, 1), want: { responses_formerr: 1, malformed: 1 } },
    { name: 'a failure', octets: response(0, 2), want: { responses_servfail: 1 } },
    { name: 'a denial', octets: response(4, 3), want: { responses_nxdomain: 1 } },
    { name: 'what is not implemented', octets: response(0, 4), want: { responses_notimp: 1 } },
    { name: 'a refusal', octets: response(0, 5), want: { responses_refused: 1 } },
    {
      name: 'a version of EDNS that is not known',
      octets: response(0, 0, ...BADVERS_OPT),
      want: { responses_badvers: 1 },
    },
    { name: 'no response', octets: new Uint8Array(0), want: { dropped: 1 } },
  ])('counts $name', ({ octets, want }) => {
    const memory = createCounters(1)

    new CounterRow(memory, 0).response(octets, 0, octets.length)

    expect(counted(memory)).toEqual(want)
  })

  it('adds the rows of all workers', () => {
    const memory = createCounters(3)

    for (const row of [0, 1, 2]) new CounterRow(memory, row).add(COUNTER.queries_udp)
    new CounterRow(memory, 2).add(COUNTER.queries_tcp)

    expect(counted(memory)).toEqual({ queries_udp: 3, queries_tcp: 1 })
  })

  it('has a place of its own for every name', () => {
    expect(new Set(Object.values(COUNTER)).size).toBe(COUNTER_NAMES.length)
    expect(Math.max(...Object.values(COUNTER))).toBe(COUNTER_NAMES.length - 1)
  })
})
