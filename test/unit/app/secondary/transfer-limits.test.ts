import { describe, expect, it } from 'vitest'
import { transferLimits } from '../../../../src/app/secondary/transfer-limits.ts'

const MIB = 1024 * 1024

describe('transferLimits', () => {
  it.each([
    {
      name: 'a small heap takes what half of it holds',
      heap: 512 * MIB,
      want: { records: 335_544, octets: 128 * MIB },
    },
    { name: 'a usual one too', heap: 4_288 * MIB, want: { records: 2_810_183, octets: 512 * MIB } },
    {
      name: 'a large one no more than any zone has',
      heap: 64_000 * MIB,
      want: { records: 5_000_000, octets: 512 * MIB },
    },
  ])('$name', ({ heap, want }) => {
    expect(transferLimits(heap)).toEqual(want)
  })
})
