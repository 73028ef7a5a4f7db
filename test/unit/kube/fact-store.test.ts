import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ClusterIndex, ObjectKey } from '../../../src/api/keys.ts'
import { FactStore } from '../../../src/kube/fact-store.ts'
import type { Delta, MemberState } from '../../../src/kube/types.ts'

const key = (name: string): ObjectKey => `shop/${name}` as ObjectKey
const cluster = (index: number): ClusterIndex => index as ClusterIndex

function delta(
  index: number,
  state: MemberState,
  content: {
    readonly upserts?: Record<string, number>
    readonly deletes?: readonly string[]
    readonly atMs?: number
  } = {},
): Delta<number> {
  const { upserts = {}, deletes = [], atMs = 0 } = content
  return {
    cluster: cluster(index),
    kind: 'Thing',
    state,
    atMs,
    upserts: Object.entries(upserts).map(([name, value]) => [key(name), value] as const),
    deletes: deletes.map(key),
  }
}

describe('FactStore', () => {
  test('holds a key once, with a column for each cluster', () => {
    const store = new FactStore<number>()

    store.apply(delta(0, 'listing', { upserts: { web: 10 } }))
    store.apply(delta(2, 'listing', { upserts: { web: 12, other: 2 } }))

    expect([
      store.get(key('web'), cluster(0)),
      store.get(key('web'), cluster(1)),
      store.get(key('web'), cluster(2)),
    ]).toEqual([10, undefined, 12])
    expect([store.size, [...store.keys()]]).toEqual([2, ['shop/web', 'shop/other']])
    expect(store.row(key('web'))).toEqual([10, undefined, 12])
    expect(Object.fromEntries(store.entries(cluster(2)))).toEqual({ 'shop/web': 12, 'shop/other': 2 })
  })

  test('tells the keys of a delta, after the change, then the state', () => {
    const store = new FactStore<number>()
    const told: unknown[] = []
    store.onKey((changed, index) => told.push([changed, index, store.get(changed, index)]))
    store.onState((index, state) => told.push([index, state]))

    store.apply(delta(1, 'listing', { upserts: { web: 1 } }))
    store.apply(delta(1, 'synced', { upserts: { shop: 2 }, deletes: ['web', 'never-there'] }))
    store.apply(delta(1, 'synced'))

    expect(told).toEqual([
      ['shop/web', 1, 1],
      [1, 'listing'],
      ['shop/web', 1, undefined],
      ['shop/shop', 1, 2],
      [1, 'synced'],
    ])
  })

  test('a key that was deleted and made again in one delta is told once, with what it is now', () => {
    const store = new FactStore<number>()
    store.apply(delta(0, 'synced', { upserts: { web: 1 } }))
    const told: unknown[] = []
    store.onKey((changed, index) => told.push(store.get(changed, index)))

    store.apply(delta(0, 'synced', { deletes: ['web'], upserts: { web: 2 } }))

    expect(told).toEqual([2])
  })

  test('a stale cluster keeps what it has; a gone one has nothing, and its keys are told', () => {
    const store = new FactStore<number>()
    store.apply(delta(0, 'synced', { upserts: { web: 1 } }))
    store.apply(delta(1, 'synced', { upserts: { web: 2, only: 3 } }))
    const told: unknown[] = []
    store.onKey((changed) => told.push(changed))

    store.apply(delta(1, 'stale'))
    expect([store.get(key('web'), cluster(1)), store.isSynced(cluster(1)), told]).toEqual([2, false, []])
    store.apply(delta(1, 'gone'))

    expect([store.get(key('web'), cluster(1)), store.size, store.state(cluster(1)), told]).toEqual([
      undefined,
      1,
      undefined,
      ['shop/web', 'shop/only'],
    ])
  })

  test('knows since when a state holds, and when it last heard of the cluster', () => {
    const store = new FactStore<number>()

    store.apply(delta(0, 'listing', { atMs: 10 }))
    store.apply(delta(0, 'synced', { atMs: 20 }))
    store.apply(delta(0, 'synced', { atMs: 30 }))
    expect(store.state(cluster(0))).toEqual({ state: 'synced', sinceMs: 20, lastEventAtMs: 30 })
    store.apply(delta(0, 'stale', { atMs: 120 }))
    expect(store.state(cluster(0))).toEqual({ state: 'stale', sinceMs: 120, lastEventAtMs: 30 })
    store.apply(delta(0, 'stale', { atMs: 150, upserts: { web: 1 } }))

    expect(store.state(cluster(0))).toEqual({ state: 'stale', sinceMs: 120, lastEventAtMs: 150 })
  })

  test('a listener that throws stops neither the change nor the other listeners', () => {
    const store = new FactStore<number>()
    const told: unknown[] = []
    store.onKey(() => {
      throw new Error('first')
    })
    store.onKey((changed) => told.push(changed))
    store.onState((_, state) => told.push(state))

    expect(() => store.apply(delta(0, 'synced', { upserts: { a: 1, b: 2 } }))).toThrow('first')

    expect(told).toEqual(['shop/a', 'shop/b', 'synced'])
    expect(store.size).toBe(2)
  })

  test('a subscription ends when its function is called, and only that one', () => {
    const store = new FactStore<number>()
    let calls = 0
    const listener = (): void => void (calls += 1)
    const end = store.onKey(listener)
    store.onKey(listener)

    end()
    end()
    store.apply(delta(0, 'synced', { upserts: { web: 1 } }))

    expect(calls).toBe(1)
  })
})

interface Model {
  readonly facts: Map<string, number>
  readonly known: Set<number>
}

const NAMES = ['a', 'b', 'c', 'd']

/** Commands: deltas of any state and content for any of four clusters. */
class Apply implements fc.Command<Model, FactStore<number>> {
  readonly index: number
  readonly state: MemberState
  readonly upserts: Record<string, number>
  readonly deletes: readonly string[]

  constructor(
    index: number,
    state: MemberState,
    upserts: Record<string, number>,
    deletes: readonly string[],
  ) {
    this.index = index
    this.state = state
    this.upserts = upserts
    this.deletes = deletes
  }

  check = (): boolean => true

  run(model: Model, store: FactStore<number>): void {
    const before = new Map(model.facts)
    if (this.state === 'gone') {
      for (const name of NAMES) model.facts.delete(`${this.index} ${name}`)
      model.known.delete(this.index)
    } else {
      for (const name of this.deletes) model.facts.delete(`${this.index} ${name}`)
      for (const [name, value] of Object.entries(this.upserts))
        model.facts.set(`${this.index} ${name}`, value)
      model.known.add(this.index)
    }
    const told = new Set<string>()
    const end = store.onKey((changed, index) => told.add(`${index} ${changed.slice(5)}`))
    const content = this.state === 'gone' ? {} : { upserts: this.upserts, deletes: this.deletes }

    store.apply(delta(this.index, this.state, content))

    end()
    for (const name of NAMES) {
      for (let i = 0; i < 4; i += 1) {
        const place = `${i} ${name}`
        assert.equal(store.get(key(name), cluster(i)), model.facts.get(place))
        assert.equal(store.held(cluster(i), key(name)), model.facts.get(place))
        if (before.get(place) !== model.facts.get(place)) assert(told.has(place), `${place} changed untold`)
      }
    }
    assert.equal(
      store.size,
      NAMES.filter((name) => [...model.facts.keys()].some((place) => place.endsWith(name))).length,
    )
    assert.equal(store.state(cluster(this.index)) !== undefined, model.known.has(this.index))
    const heldKeys = [...store.heldKeys(cluster(this.index))].sort()
    assert.deepEqual(heldKeys, NAMES.filter((name) => model.facts.has(`${this.index} ${name}`)).map(key))
  }

  toString = (): string =>
    `${this.state} ${this.index} ${JSON.stringify(this.upserts)} -${this.deletes.join()}`
}

describe('any sequence of deltas', () => {
  test('the store holds what a plain map would, and tells every change', () => {
    const name = fc.constantFrom(...NAMES)
    const apply = fc
      .tuple(
        fc.nat(3),
        fc.constantFrom<MemberState>('listing', 'synced', 'stale', 'gone'),
        fc.dictionary(name, fc.nat(3), { maxKeys: 3 }),
        fc.array(name, { maxLength: 2 }),
      )
      .map((parts) => new Apply(...parts))
    fc.assert(
      fc.property(fc.commands([apply], { maxCommands: 30 }), (commands) => {
        const setUp = () => ({
          model: { facts: new Map(), known: new Set<number>() },
          real: new FactStore<number>(),
        })
        expect(() => fc.modelRun(setUp, commands)).not.toThrow()
      }),
      { numRuns: 300 },
    )
  })
})
