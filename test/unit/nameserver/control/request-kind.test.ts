import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { controlKindOf } from '../../../../src/nameserver/control/request-kind.ts'
import { queryBytes } from '../../../support/dns-query.ts'

describe('controlKindOf', () => {
  it.each([
    { name: 'AXFR', in: { ask: 'example.com AXFR' }, want: 'transfer' },
    { name: 'IXFR of the root', in: { ask: '. IXFR' }, want: 'transfer' },
    { name: 'NOTIFY, whatever it says', in: { opcode: 4 }, want: 'notify' },
    { name: 'UPDATE, whatever it says', in: { opcode: 5, tail: [1, 2, 3] }, want: 'update' },
    { name: 'a usual query', in: { ask: 'example.com SOA' }, want: undefined },
    { name: 'a query for another meta type', in: { ask: 'example.com ANY' }, want: undefined },
    {
      name: 'AXFR with two questions',
      in: { ask: 'example.com AXFR', counts: [2, 0, 0, 0] as const },
      want: undefined,
    },
    { name: 'a query without a question', in: {}, want: undefined },
    { name: 'an opcode that nobody knows', in: { opcode: 6, ask: 'example.com AXFR' }, want: undefined },
  ])('$name', ({ in: shape, want }) => {
    expect(controlKindOf(queryBytes(shape))).toBe(want)
  })

  it('stops for any octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 12, maxLength: 80 }), (octets) => {
        expect([undefined, 'transfer', 'notify', 'update']).toContain(controlKindOf(octets))
      }),
    )
  })
})
