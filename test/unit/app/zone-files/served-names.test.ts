import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changesBetween } from '../../../../src/app/zone-changes.ts'
import { NAMES_AT_ONCE, ServedNames } from '../../../../src/app/zone-files/served-names.ts'
import { parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import type { NameChange, RecordSet } from '../../../../src/dns/records.ts'
import { packNames } from '../../../../src/dns/zone-file/packed-names.ts'

const ORIGIN = parseDomainName('example.com')
type Names = ReadonlyMap<DomainName, readonly RecordSet[]>

const set = fc.record({
  type: fc.constantFrom(1, 16),
  ttlSeconds: fc.constantFrom(30, 60),
  rdata: fc.array(fc.uint8Array({ minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 2 }),
})
const owner = fc.constantFrom('a.example.com', 'b.example.com', 'c.b.example.com')
const sets = fc.array(set, { minLength: 1, maxLength: 2 })
/** A zone has its origin, whatever else. */
const names: fc.Arbitrary<Names> = fc
  .tuple(sets, fc.dictionary(owner, sets))
  .map(([apex, others]) => [...Object.entries(others), ['example.com', apex] as const])
  .map((said) => new Map(said.map(([name, own]) => [parseDomainName(name), own])))

/** What is to change, as data; which of two names is told of first says nothing. */
function byName(changes: readonly NameChange[]): readonly unknown[] {
  return changes.toSorted((left, right) => (left.name < right.name ? -1 : 1)).map(plain)
}

function plain({ name, answer, urgent }: NameChange): unknown {
  return { name, urgent, sets: answer?.kind === 'records' ? answer.sets : undefined }
}

describe('the names of a zone that is read again', () => {
  it('change as the contents differ, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(names, { maxLength: 5 }), (contents) => {
        const served = new ServedNames(ORIGIN)
        let before: Names = new Map()
        for (const now of contents) {
          const changes = [...served.replace(packNames(now))].flatMap(({ found }) => found)

          expect(byName(changes)).toEqual(byName(changesBetween(before, now, ORIGIN)))
          expect(served.apex).toEqual(now.get(ORIGIN) ?? [])
          before = now
        }
      }),
    )
  })

  it('leave answers that were published as they were: others hold on to them', () => {
    fc.assert(
      fc.property(names, names, (before, now) => {
        const served = new ServedNames(ORIGIN)
        const first = packNames(before)
        const published = [...served.replace(first)].flatMap(({ found }) => found)
        const said = published.map(plain)

        for (const _step of served.replace(packNames(now)));
        first.fill(0) // it is nobody's any more

        expect(published.map(plain)).toEqual(said)
      }),
    )
  })

  it('are looked at in steps, so that nothing else waits for long', () => {
    const many = (count: number): Names =>
      new Map(
        Array.from({ length: count }, (_, i) => [
          parseDomainName(`n${i}.example.com`),
          [{ type: 1, ttlSeconds: 60, rdata: [Uint8Array.of(1, 2, 3, 4)] }],
        ]),
      )
    const served = new ServedNames(ORIGIN)

    const first = [...served.replace(packNames(many(2 * NAMES_AT_ONCE + 1)))]
    const second = [...served.replace(packNames(many(1)))]

    expect(first.map(({ found, isFull }) => [found.length, isFull])).toEqual([
      [NAMES_AT_ONCE, true],
      [NAMES_AT_ONCE, true],
      [1, false],
      [0, true], // whether any are gone
      [0, true],
      [0, false],
    ])
    expect(second.map(({ found }) => found.length)).toEqual([0, NAMES_AT_ONCE - 1, NAMES_AT_ONCE, 1])
  })
})
