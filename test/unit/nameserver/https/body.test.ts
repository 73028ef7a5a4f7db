import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { readBody } from '../../../../src/nameserver/https/body.ts'

/** What a listener is told of pieces of these sizes, of which so many octets may be kept. */
async function told(sizes: readonly number[], bearable = Infinity): Promise<readonly string[]> {
  const lines: string[] = []
  let kept = 0
  const request = Readable.from(
    sizes.map((size) => Buffer.alloc(size, 1)),
    { objectMode: false },
  )
  readBody(request, {
    arrived: (sizeBytes) => {
      kept += sizeBytes
      return kept <= bearable
    },
    complete: (body) => lines.push(`complete ${body.length}`),
    tooLarge: () => lines.push('too large'),
  })
  await new Promise((resolve) => request.on('close', resolve))
  return lines
}

describe('readBody', () => {
  it.each([
    { name: 'nothing', sizes: [], want: ['complete 0'] },
    { name: 'one piece', sizes: [30], want: ['complete 30'] },
    { name: 'several', sizes: [30, 1, 40], want: ['complete 71'] },
    { name: 'as much as a message has', sizes: [65_000, 535], want: ['complete 65535'] },
    { name: 'one octet more, told once', sizes: [65_000, 536, 10, 70_000], want: ['too large'] },
  ])('$name', async ({ sizes, want }) => {
    expect(await told(sizes)).toEqual(want)
  })

  it('tells nothing of a body that may not be kept', async () => {
    expect(await told([30, 30, 30], 50)).toEqual([])
  })
})
