import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Blocks } from '../../../../src/nameserver/zone-store/blocks.ts'
import { MAX_BLOCK_BYTES, PAGE_BYTES } from '../../../../src/nameserver/zone-store/layout.ts'
import { Pages } from '../../../../src/nameserver/zone-store/pages.ts'

function newBlocks(pageCount: number): { blocks: Blocks; pages: Pages } {
  const words = new Int32Array((pageCount * PAGE_BYTES) / 4)
  const pages = new Pages(1, pageCount)
  return { blocks: new Blocks(words, pages), pages }
}

describe('Blocks', () => {
  it.each([
    { name: 'the smallest', bytes: 1 },
    { name: 'a name with one address', bytes: 104 },
    { name: 'an odd size', bytes: 1001 },
    { name: 'a whole page', bytes: MAX_BLOCK_BYTES },
  ])('gives $name, at a multiple of 8', ({ bytes }) => {
    const offset = newBlocks(4).blocks.allocate(bytes)

    expect(offset).toBeGreaterThanOrEqual(PAGE_BYTES)
    expect(offset % 8).toBe(0)
  })

  it('refuses more than a page', () => {
    expect(newBlocks(4).blocks.allocate(MAX_BLOCK_BYTES + 1)).toBe(-1)
  })

  it('refuses when the memory is full, and serves again when something was given back', () => {
    const { blocks } = newBlocks(2)
    const offset = blocks.allocate(MAX_BLOCK_BYTES)

    const full = blocks.allocate(8)
    blocks.retire(offset)

    expect(full).toBe(-1)
    expect(blocks.allocate(8)).toBe(offset)
  })

  it('lets a retired block rest while there is room elsewhere', () => {
    const { blocks } = newBlocks(64)
    const offset = blocks.allocate(104)
    blocks.retire(offset)

    const next = Array.from({ length: 1023 }, () => {
      const block = blocks.allocate(104)
      blocks.retire(block)
      return block
    })

    expect(next).not.toContain(offset)
  })

  it('does not grow when the same sizes come and go', () => {
    const { blocks, pages } = newBlocks(64)
    let block = blocks.allocate(104)
    for (let i = 0; i < 100_000; i += 1) {
      const fresh = blocks.allocate(104)
      blocks.retire(block)
      block = fresh
    }

    expect(pages.used).toBeLessThanOrEqual(5)
  })

  it('gives pages back when sizes change: what one size filled another can have', () => {
    const { blocks } = newBlocks(32)
    for (const bytes of [64, 128, 1024, 64, 8192]) {
      const held: number[] = []
      for (let block = blocks.allocate(bytes); block >= 0; block = blocks.allocate(bytes)) held.push(block)

      expect(held.length * bytes).toBeGreaterThan(30 * PAGE_BYTES * 0.85)
      for (const block of held) blocks.retire(block)
    }
  })

  it('never hands out octets that are in use', () => {
    const step = fc.record({
      take: fc.boolean(),
      bytes: fc.integer({ min: 1, max: 70_000 }),
      which: fc.nat(),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const { blocks } = newBlocks(8)
        const held: { offset: number; bytes: number }[] = []
        for (const { take, bytes, which } of steps) {
          const offset = take ? blocks.allocate(bytes) : -1
          if (offset >= 0) {
            for (const other of held) {
              expect(offset + bytes <= other.offset || other.offset + other.bytes <= offset).toBe(true)
            }
            expect(Math.floor(offset / PAGE_BYTES)).toBe(Math.floor((offset + bytes - 1) / PAGE_BYTES))
            held.push({ offset, bytes })
          }
          const back = take ? undefined : held.splice(which % Math.max(1, held.length), 1)[0]
          if (back !== undefined) blocks.retire(back.offset)
        }
      }),
    )
  })
})
