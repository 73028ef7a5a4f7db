import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../../src/api/object.ts'
import { Store, storeKey } from '../../../../../src/sandbox/apiserver/store/store.ts'
import type { StoredEvent } from '../../../../../src/sandbox/apiserver/store/store.ts'

const BUCKET = 'things'

function thing(name: string, value: number, namespace = 'a'): KubeObject {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace }, value }
}

function put(store: Store, object: KubeObject): KubeObject {
  const { namespace = '', name } = object.metadata
  return store.put(BUCKET, storeKey(namespace, name), object)
}

function remove(store: Store, name: string, namespace = 'a'): void {
  const key = storeKey(namespace, name)
  const last = store.get(BUCKET, key)
  if (last !== undefined) store.remove(BUCKET, key, last)
}

describe('Store', () => {
  it('stamps every change with the next revision and freezes it', () => {
    const store = new Store(10)

    const first = put(store, thing('x', 1))
    const second = put(store, thing('x', 2))

    expect([first, second].map((object) => object.metadata.resourceVersion)).toEqual(['2', '3'])
    expect(store.revision).toBe(3)
    expect(Object.isFrozen(second.metadata)).toBe(true)
  })

  it('orders objects by key, as bytes: a-b before a/, a/ before a0', () => {
    const store = new Store(10)
    for (const namespace of ['a0', 'a', 'a-b']) put(store, thing('x', 1, namespace))

    const keys = store.snapshot(BUCKET, '')?.objects.map((object) => object.metadata.namespace)

    expect(keys).toEqual(['a-b', 'a', 'a0'])
  })

  it('tells listeners of later changes only, in order, with the object before', () => {
    const store = new Store(10)
    put(store, thing('x', 1))
    const seen: StoredEvent[] = []
    const stop = store.subscribe(BUCKET, (event) => seen.push(event))

    put(store, thing('x', 2))
    remove(store, 'x')
    stop()
    put(store, thing('x', 3))

    expect(seen.map((event) => [event.type, event.revision, event.old?.['value']])).toEqual([
      ['MODIFIED', 3, 1],
      ['DELETED', 4, 2],
    ])
    expect(seen[1]?.object.metadata.resourceVersion).toBe('4')
  })

  it('delivers what a listener writes after what it was told', () => {
    const store = new Store(10)
    const seen: (readonly [string, number])[] = []
    store.subscribe(BUCKET, (event) => {
      if (event.object.metadata.name === 'x') put(store, thing('y', 1))
    })
    store.subscribe(BUCKET, (event) => seen.push([event.object.metadata.name, event.revision]))

    put(store, thing('x', 1))

    expect(seen).toEqual([
      ['x', 2],
      ['y', 3],
    ])
  })

  it('does not tell a listener again what was there when it subscribed', () => {
    const store = new Store(10)
    const seen: string[] = []
    store.subscribe(BUCKET, (event) => {
      if (event.object.metadata.name !== 'x') return
      put(store, thing('y', 1))
      store.subscribe(BUCKET, (later) => seen.push(later.object.metadata.name))
    })

    put(store, thing('x', 1))
    put(store, thing('z', 1))

    expect(seen).toEqual(['z'])
  })

  it('keeps at least as many changes as asked, and says from where on', () => {
    const store = new Store(3)
    for (let value = 0; value < 20; value += 1) put(store, thing('x', value))

    const floor = store.floor(BUCKET)

    expect(store.revision - floor).toBeGreaterThanOrEqual(3)
    expect(store.since(BUCKET, floor)?.length).toBe(store.revision - floor)
    expect(store.since(BUCKET, floor - 1)).toBeUndefined()
    expect(store.snapshot(BUCKET, '', floor - 1)).toBeUndefined()
    expect(store.snapshot(BUCKET, '', floor)?.objects).toHaveLength(1)
  })

  it('forgets all history when compacted, also of buckets that are still empty', () => {
    const store = new Store(10)
    put(store, thing('x', 1))

    store.compact()

    expect(store.since(BUCKET, 1)).toBeUndefined()
    expect(store.since('empty', 1)).toBeUndefined()
    expect(store.since(BUCKET, store.revision)).toEqual([])
  })
})

describe('properties', () => {
  const step = fc.record({
    kind: fc.constantFrom('put', 'put', 'remove'),
    name: fc.constantFrom('a', 'b', 'c', 'd'),
    namespace: fc.constantFrom('n', 'm'),
  })

  it('a snapshot of any revision still kept is what was there then', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 70 }),
        (steps, historySize) => {
          const store = new Store(historySize)
          const past = new Map<number, readonly KubeObject[]>([[store.revision, []]])
          for (const [index, { kind, name, namespace }] of steps.entries()) {
            if (kind === 'put') put(store, thing(name, index, namespace))
            else remove(store, name, namespace)
            past.set(store.revision, store.snapshot(BUCKET, '')?.objects ?? [])
          }

          for (const [revision, objects] of past) {
            const snapshot = store.snapshot(BUCKET, '', revision)
            if (revision >= store.floor(BUCKET)) expect(snapshot?.objects).toEqual(objects)
            else expect(snapshot).toBeUndefined()
          }
        },
      ),
    )
  })

  it('events since a revision lead from its snapshot to the present', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.nat(40), (steps, cut) => {
        const store = new Store(100)
        for (const [index, { kind, name, namespace }] of steps.entries()) {
          if (kind === 'put') put(store, thing(name, index, namespace))
          else remove(store, name, namespace)
        }
        const from = Math.min(store.revision, 1 + cut)
        const state = new Map(
          store
            .snapshot(BUCKET, '', from)
            ?.objects.map((object) => [
              storeKey(object.metadata.namespace ?? '', object.metadata.name),
              object,
            ]),
        )

        for (const { type, object } of store.since(BUCKET, from) ?? []) {
          const key = storeKey(object.metadata.namespace ?? '', object.metadata.name)
          if (type === 'DELETED') state.delete(key)
          else state.set(key, object)
        }

        expect(new Set(state.values())).toEqual(new Set(store.snapshot(BUCKET, '')?.objects))
      }),
    )
  })
})
