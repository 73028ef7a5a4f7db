import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDurationMs } from '../../../src/api/duration.ts'

const rows = [
  { name: 'seconds', in: '20s', want: 20_000 },
  { name: 'several units', in: '1h2m3s4ms', want: 3_723_004 },
  { name: 'a fraction', in: '1.5s', want: 1_500 },
  { name: 'a fraction without leading digit', in: '.5s', want: 500 },
  { name: 'microseconds, with either mu', in: '1µs1μs', want: 0.002 },
  { name: 'a bare zero', in: '0', want: 0 },
  { name: 'minutes, not milliseconds with a tail', in: '5m', want: 300_000 },
  { name: 'no unit', in: '20', want: undefined },
  { name: 'nothing', in: '', want: undefined },
  { name: 'a sign', in: '-1s', want: undefined },
  { name: 'a space', in: '1m 30s', want: undefined },
  { name: 'another unit', in: '1d', want: undefined },
  { name: 'a tail', in: '1sx', want: undefined },
]

describe('parseDurationMs', () => {
  it.each(rows)('$name', (row) => {
    expect(parseDurationMs(row.in)).toBe(row.want)
  })

  it('reads the sum of its parts, whatever was read before', () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(59), fc.nat(59), fc.string(), (h, m, s, noise) => {
        parseDurationMs(noise)

        expect(parseDurationMs(`${h}h${m}m${s}s`)).toBe(((h * 60 + m) * 60 + s) * 1000)
      }),
    )
  })
})
