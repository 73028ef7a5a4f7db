import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fateOf } from '../../../../../src/sandbox/apiserver/garbage/dependent-fate.ts'
import type { Fate, OwnerState } from '../../../../../src/sandbox/apiserver/garbage/dependent-fate.ts'

interface Row {
  readonly name: string
  readonly owners: readonly OwnerState[]
  readonly finalizers?: readonly string[]
  readonly hasDependents?: true
  readonly inCircle?: true
  readonly want: Fate
}

const STAY: Fate = { kind: 'stay' }
const BACKGROUND: Fate = { kind: 'delete', policy: 'Background', unblocks: false }

const ROWS: readonly Row[] = [
  { name: 'without owners it stays', owners: [], want: STAY },
  { name: 'with its owner it stays', owners: ['there'], want: STAY },
  { name: 'it goes with its only owner', owners: ['gone'], want: BACKGROUND },
  { name: 'it goes with the last of several', owners: ['gone', 'gone'], want: BACKGROUND },
  { name: 'it goes before an owner that waits', owners: ['waiting'], want: BACKGROUND },
  {
    name: 'one owner is there: it forgets those that are not',
    owners: ['gone', 'there', 'waiting'],
    want: { kind: 'forget', owners: ['0', '2'] },
  },
  { name: 'an owner that cannot be told keeps it', owners: ['unknown'], want: STAY },
  {
    name: 'an owner that cannot be told keeps its references, too',
    owners: ['unknown', 'there', 'gone'],
    want: STAY,
  },
  {
    name: 'with dependents of its own it goes in the foreground, as its owner does',
    owners: ['waiting', 'gone'],
    hasDependents: true,
    want: { kind: 'delete', policy: 'Foreground', unblocks: false },
  },
  {
    name: 'in a circle it stops to block first',
    owners: ['waiting'],
    hasDependents: true,
    inCircle: true,
    want: { kind: 'delete', policy: 'Foreground', unblocks: true },
  },
  {
    name: 'with dependents, and nobody who waits, it goes at once',
    owners: ['gone'],
    hasDependents: true,
    want: BACKGROUND,
  },
  {
    name: 'its own finalizer says how it goes: Orphan',
    owners: ['gone'],
    finalizers: ['orphan'],
    want: { kind: 'delete', policy: 'Orphan', unblocks: false },
  },
  {
    name: 'its own finalizer says how it goes: Foreground',
    owners: ['waiting'],
    finalizers: ['foregroundDeletion'],
    want: { kind: 'delete', policy: 'Foreground', unblocks: false },
  },
]

function fate({
  owners,
  finalizers = [],
  hasDependents = false,
  inCircle = false,
}: Omit<Row, 'name' | 'want' | 'hasDependents' | 'inCircle'> & {
  readonly hasDependents?: boolean
  readonly inCircle?: boolean
}): Fate {
  const seen = owners.map((state, index) => ({ uid: String(index), state }))
  return fateOf({ owners: seen, finalizers, hasDependents }, inCircle)
}

describe('fateOf', () => {
  it.each(ROWS)('$name', ({ want, ...row }) => {
    expect(fate(row)).toEqual(want)
  })
})

describe('fateOf, properties', () => {
  const owners = fc.array(fc.constantFrom<OwnerState>('there', 'waiting', 'gone', 'unknown'), {
    maxLength: 4,
  })

  it('is never deleted while an owner is there or cannot be told', () => {
    fc.assert(
      fc.property(owners, fc.boolean(), fc.boolean(), (states, hasDependents, inCircle) => {
        const kept = states.length === 0 || states.includes('there') || states.includes('unknown')

        expect(fate({ owners: states, hasDependents, inCircle }).kind === 'delete').toBe(!kept)
      }),
    )
  })

  it('does not depend on the order of owners', () => {
    fc.assert(
      fc.property(owners, fc.boolean(), (states, hasDependents) => {
        const there = fate({ owners: states, hasDependents })
        const back = fate({ owners: states.toReversed(), hasDependents })

        expect(back.kind).toBe(there.kind)
        if (there.kind === 'forget' && back.kind === 'forget')
          expect(back.owners.map((uid) => states.length - 1 - Number(uid)).toSorted((a, b) => a - b)).toEqual(
            there.owners.map(Number),
          )
      }),
    )
  })

  it('keeps the references of owners that are there', () => {
    fc.assert(
      fc.property(owners, (states) => {
        const decided = fate({ owners: states })
        const forgotten = decided.kind === 'forget' ? decided.owners : []

        expect(forgotten.every((uid) => states[Number(uid)] !== 'there')).toBe(true)
      }),
    )
  })
})
