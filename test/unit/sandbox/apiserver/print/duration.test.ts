import { describe, expect, it } from 'vitest'
import { ageOf, humanDuration } from '../../../../../src/sandbox/apiserver/print/duration.ts'

const S = 1_000
const M = 60 * S
const H = 60 * M
const D = 24 * H

describe('humanDuration', () => {
  it.each([
    { in: -2 * S, want: '<invalid>' },
    { in: -1 * S, want: '0s' },
    { in: 0, want: '0s' },
    { in: 119 * S, want: '119s' },
    { in: 2 * M, want: '2m' },
    { in: 3 * M + 25 * S, want: '3m25s' },
    { in: 10 * M + 5 * S, want: '10m' },
    { in: 179 * M, want: '179m' },
    { in: 3 * H, want: '3h' },
    { in: 7 * H + 59 * M, want: '7h59m' },
    { in: 8 * H + 30 * M, want: '8h' },
    { in: 47 * H, want: '47h' },
    { in: 2 * D, want: '2d' },
    { in: 2 * D + 3 * H, want: '2d3h' },
    { in: 8 * D + 3 * H, want: '8d' },
    { in: 729 * D, want: '729d' },
    { in: 730 * D, want: '2y' },
    { in: 3 * 365 * D + 40 * D, want: '3y40d' },
    { in: 9 * 365 * D + 40 * D, want: '9y' },
  ])('$in ms is $want', ({ in: durationMs, want }) => {
    expect(humanDuration(durationMs)).toBe(want)
  })
})

describe('ageOf', () => {
  it('is unknown without a timestamp', () => {
    expect(ageOf(undefined, 0)).toBe('<unknown>')
    expect(ageOf('soon', 0)).toBe('<unknown>')
    expect(ageOf('1970-01-01T00:00:10Z', 15 * S)).toBe('5s')
  })
})
