import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  DELETION_POLICIES,
  finalizersForDeletion,
  policyOfFinalizers,
} from '../../../../../src/sandbox/apiserver/model/deletion-policy.ts'
import type { DeletionPolicy } from '../../../../../src/sandbox/apiserver/model/deletion-policy.ts'

interface Row {
  readonly name: string
  readonly present?: readonly string[]
  readonly asked?: DeletionPolicy
  readonly byDefault?: DeletionPolicy | 'none'
  readonly want: readonly string[]
}

const ROWS: readonly Row[] = [
  { name: 'nothing said: Background, nothing holds it', want: [] },
  { name: 'Orphan is a finalizer', asked: 'Orphan', want: ['orphan'] },
  { name: 'Foreground is a finalizer', asked: 'Foreground', want: ['foregroundDeletion'] },
  { name: 'Background is none', asked: 'Background', want: [] },
  { name: 'a kind may orphan by default', byDefault: 'Orphan', want: ['orphan'] },
  { name: 'what is asked goes before the default', asked: 'Background', byDefault: 'Orphan', want: [] },
  { name: 'a finalizer that is there says the policy', present: ['orphan'], want: ['orphan'] },
  {
    name: 'what is asked goes before the finalizer',
    present: ['orphan'],
    asked: 'Foreground',
    want: ['foregroundDeletion'],
  },
  {
    name: 'a finalizer goes before the default',
    present: ['foregroundDeletion'],
    byDefault: 'Orphan',
    want: ['foregroundDeletion'],
  },
  {
    name: 'Background takes either away',
    present: ['foregroundDeletion', 'a/b'],
    asked: 'Background',
    want: ['a/b'],
  },
  { name: 'others come first', present: ['orphan', 'a/b'], want: ['a/b', 'orphan'] },
  { name: 'a kind without policies takes none', asked: 'Foreground', byDefault: 'none', want: [] },
  { name: 'and loses those that it has', present: ['orphan', 'a/b'], byDefault: 'none', want: ['a/b'] },
]

describe('finalizersForDeletion', () => {
  it.each(ROWS)('$name', ({ present = [], asked, byDefault, want }) => {
    expect(finalizersForDeletion(present, asked, byDefault)).toEqual(want)
  })

  const finalizers = fc.uniqueArray(fc.constantFrom('orphan', 'foregroundDeletion', 'a/b', 'c/d'))
  const policy = fc.option(fc.constantFrom(...DELETION_POLICIES), { nil: undefined })

  it('asked twice gives what asked once gave', () => {
    fc.assert(
      fc.property(
        finalizers,
        policy,
        fc.constantFrom(...DELETION_POLICIES, 'none' as const),
        (present, asked, byDefault) => {
          const once = finalizersForDeletion(present, asked, byDefault)

          // Background leaves no trace, so that a default of another kind would hold at the second request.
          const again =
            asked === undefined && byDefault !== 'none' ? (policyOfFinalizers(once) ?? 'Background') : asked
          expect(finalizersForDeletion(once, again, byDefault)).toEqual(once)
        },
      ),
    )
  })

  it('finalizers of others stay, in their order', () => {
    fc.assert(
      fc.property(finalizers, policy, (present, asked) => {
        const others = (names: readonly string[]) => names.filter((name) => name.includes('/'))

        expect(others(finalizersForDeletion(present, asked))).toEqual(others(present))
      }),
    )
  })
})
