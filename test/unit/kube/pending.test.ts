import { describe, expect, test } from 'vitest'
import type { ClusterIndex, ObjectKey } from '../../../src/api/keys.ts'
import { Pending } from '../../../src/kube/pending.ts'
import type { Projection, Sink } from '../../../src/kube/types.ts'

interface Facts {
  readonly value: number
  readonly uid: string
}

const projection: Projection<Facts> = {
  kind: 'Thing',
  project: () => ({ error: 'not used here' }),
  same: (left, right) => left.value === right.value,
  uid: (facts) => facts.uid,
}

const web = 'shop/web' as ObjectKey

function newPending(held?: Facts): Pending<Facts> {
  const sink: Sink<Facts> = {
    apply: () => {},
    held: (_, key) => (key === web ? held : undefined),
    heldKeys: () => [],
  }
  return new Pending(sink, projection, 0 as ClusterIndex)
}

const one: Facts = { value: 1, uid: 'u' }
const two: Facts = { value: 2, uid: 'u' }

describe('Pending', () => {
  interface Case {
    readonly name: string
    readonly held?: Facts
    readonly does: (pending: Pending<Facts>) => void
    readonly want: { readonly upserts: readonly unknown[]; readonly deletes: readonly unknown[] }
  }

  test.each<Case>([
    { name: 'new facts', does: (p) => p.upsert(web, one), want: { upserts: [[web, one]], deletes: [] } },
    {
      name: 'equal facts are nothing',
      held: one,
      does: (p) => p.upsert(web, { ...one }),
      want: { upserts: [], deletes: [] },
    },
    {
      name: 'the last of several counts',
      does: (p) => {
        p.upsert(web, one)
        p.upsert(web, two)
      },
      want: { upserts: [[web, two]], deletes: [] },
    },
    {
      name: 'changed and changed back is nothing',
      held: one,
      does: (p) => {
        p.upsert(web, two)
        p.upsert(web, one)
      },
      want: { upserts: [], deletes: [] },
    },
    {
      name: 'a delete of what is held',
      held: one,
      does: (p) => p.delete(web),
      want: { upserts: [], deletes: [web] },
    },
    {
      name: 'a delete of what is not held is nothing',
      does: (p) => p.delete(web),
      want: { upserts: [], deletes: [] },
    },
    {
      name: 'made and deleted again is nothing',
      does: (p) => {
        p.upsert(web, one)
        p.delete(web)
      },
      want: { upserts: [], deletes: [] },
    },
    {
      name: 'deleted and made again is both, though facts are equal',
      held: one,
      does: (p) => {
        p.delete(web)
        p.upsert(web, one)
      },
      want: { upserts: [[web, one]], deletes: [web] },
    },
    {
      name: 'another uid is both',
      held: one,
      does: (p) => p.upsert(web, { ...one, uid: 'other' }),
      want: { upserts: [[web, { value: 1, uid: 'other' }]], deletes: [web] },
    },
  ])('$name', ({ held, does, want }) => {
    const pending = newPending(held)

    does(pending)

    expect(pending.isEmpty).toBe(want.upserts.length + want.deletes.length === 0)
    expect(pending.take()).toEqual(want)
    expect(pending.take()).toEqual({ upserts: [], deletes: [] })
  })
})
