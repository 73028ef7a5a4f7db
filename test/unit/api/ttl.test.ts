import { describe, expect, it } from 'vitest'
import { ttlSecondsOf } from '../../../src/api/ttl.ts'

describe('ttlSecondsOf', () => {
  it.each([
    { name: "the record's own", in: [30, 60], want: 30 },
    { name: "the Domain's default where the record says none", in: [undefined, 60], want: 60 },
    { name: '0 is none', in: [0, 60], want: 60 },
    { name: '180 where neither says one', in: [undefined, undefined], want: 180 },
    { name: "180 where the Domain's is 0", in: [0, 0], want: 180 },
  ])('$name', (row) => {
    expect(ttlSecondsOf(row.in[0], row.in[1])).toBe(row.want)
  })
})
