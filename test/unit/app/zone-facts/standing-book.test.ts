import { expect, it } from 'vitest'
import { NO_KEY_STANDING, type KeyStanding } from '../../../../src/app/zone-facts/key-standing.ts'
import { StandingBook } from '../../../../src/app/zone-facts/standing-book.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'

const ZONE = parseDomainName('example.com')
const OTHER = parseDomainName('example.net')
const SIGNED: KeyStanding = {
  ...NO_KEY_STANDING,
  ...{ known: ['13/1'], keySigners: ['13/1'], zoneSigners: ['13/1'] },
}

function setUp() {
  const book = new StandingBook()
  let changes = 0
  book.watch(() => (changes += 1))
  return { book, changes: () => changes }
}

it('knows what it was told, and that others have no keys', () => {
  const { book } = setUp()

  book.set(new Map([[ZONE, SIGNED]]), undefined)

  expect([book.of(ZONE), book.of(OTHER)]).toEqual([SIGNED, NO_KEY_STANDING])
})

it('a fault of the folder is one of every zone', () => {
  const { book } = setUp()

  book.set(new Map([[ZONE, SIGNED]]), 'broken')

  expect([book.of(ZONE).folderFault, book.of(OTHER).folderFault]).toEqual(['broken', 'broken'])
})

it('tells of what is something else than before, and of nothing more', () => {
  const { book, changes } = setUp()
  const seen = [
    [SIGNED, undefined],
    [{ ...SIGNED }, undefined],
    [{ ...SIGNED, isOverdue: true }, undefined],
    [{ ...SIGNED, isOverdue: true }, 'broken'],
  ] as const

  const counts = seen.map(([standing, fault]) => {
    book.set(new Map([[ZONE, standing]]), fault)
    return changes()
  })

  expect(counts).toEqual([1, 1, 2, 3])
})
