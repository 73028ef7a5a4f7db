import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineSplitter } from '../../../src/kube/line-splitter.ts'

/** Lines of a stream cut into chunks, and how many were too long. */
function split(
  chunks: readonly Buffer[],
  maxBytes = 1000,
): { lines: string[]; tooLong: number; pending: number } {
  const splitter = new LineSplitter(maxBytes)
  const lines: string[] = []
  let tooLong = 0
  for (const chunk of chunks) {
    splitter.push(
      chunk,
      (line) => lines.push(line),
      () => (tooLong += 1),
    )
  }
  return { lines, tooLong, pending: splitter.pendingBytes }
}

/** Cut bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const at = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...at].map((from, i) => bytes.subarray(from, at[i] ?? bytes.length))
}

describe('LineSplitter', () => {
  test.each([
    { name: 'whole lines', chunks: ['a\nb\n'], want: { lines: ['a', 'b'], pending: 0 } },
    { name: 'a line over three chunks', chunks: ['a', 'b', 'c\n'], want: { lines: ['abc'], pending: 0 } },
    {
      name: 'a line that has not ended is kept back',
      chunks: ['a\nrest'],
      want: { lines: ['a'], pending: 4 },
    },
    { name: 'empty lines are nothing', chunks: ['\n\na\n\n'], want: { lines: ['a'], pending: 0 } },
    {
      name: 'only a newline ends a line',
      chunks: ['a\u2028b\u2029c\u0085d\re\n'],
      want: { lines: ['a\u2028b\u2029c\u0085d\re'], pending: 0 },
    },
  ])('$name', ({ chunks, want }) => {
    const { lines, pending } = split(chunks.map((chunk) => Buffer.from(chunk)))

    expect({ lines, pending }).toEqual(want)
  })

  test('a line beyond the limit is skipped once and the next one is read', () => {
    const chunks = ['ok\n', 'x'.repeat(8), 'x'.repeat(8), 'x\nfine\n'].map((chunk) => Buffer.from(chunk))

    expect(split(chunks, 10)).toEqual({ lines: ['ok', 'fine'], tooLong: 1, pending: 0 })
  })

  test('memory for a line that never ends is bounded by the limit', () => {
    const chunks = Array.from({ length: 100 }, () => Buffer.alloc(1000, 'x'))

    expect(split(chunks, 5000)).toEqual({ lines: [], tooLong: 1, pending: 0 })
  })

  test('wherever the stream is cut, the lines are the same', () => {
    const line = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .filter((text) => text !== '' && !text.includes('\n'))
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 10 }),
        fc.array(fc.nat(), { maxLength: 15 }),
        (lines, places) => {
          const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''))

          expect(split(cut(bytes, places))).toEqual({ lines, tooLong: 0, pending: 0 })
        },
      ),
    )
  })
})
