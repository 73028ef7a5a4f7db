import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ClusterIndex, ObjectKey } from '../../../src/api/keys.ts'
import { EndpointStore } from '../../../src/kube/endpoint-store.ts'
import type { SliceFacts } from '../../../src/kube/projections/endpoint-slice.ts'
import type { MemberState } from '../../../src/kube/types.ts'

const key = (name: string): ObjectKey => `shop/${name}` as ObjectKey
const A = 0 as ClusterIndex
const B = 1 as ClusterIndex

function slice(service: string | undefined, ready: number, family: SliceFacts['family'] = 'a'): SliceFacts {
  return {
    service: service === undefined ? undefined : key(service),
    family,
    ready,
    serving: ready + 1,
    terminating: 0,
  }
}

class Bench {
  readonly store = new EndpointStore()
  readonly told: string[] = []

  constructor() {
    this.store.onKey((service, cluster) => this.told.push(`${service} in ${cluster}`))
  }

  put(
    cluster: ClusterIndex,
    slices: Record<string, SliceFacts>,
    deletes: readonly string[] = [],
    state: MemberState = 'synced',
  ): this {
    const upserts = Object.entries(slices).map(([name, facts]) => [key(name), facts] as const)
    this.store.apply({ cluster, kind: 'EndpointSlice', state, atMs: 0, upserts, deletes: deletes.map(key) })
    return this
  }

  ready(service: string, cluster = A): number {
    return this.store.get(key(service), cluster).ready
  }
}

describe('EndpointStore', () => {
  test('sums the slices of a Service, cluster by cluster', () => {
    const bench = new Bench()

    bench.put(A, { 'web-1': slice('web', 2), 'web-2': slice('web', 3), 'other-1': slice('other', 7) })
    bench.put(B, { 'web-1': slice('web', 1) })

    expect(bench.store.get(key('web'), A)).toEqual({ ready: 5, serving: 7, terminating: 0 })
    expect([bench.ready('web', B), bench.ready('other'), bench.ready('none')]).toEqual([1, 7, 0])
  })

  test('equal sums notify nobody', () => {
    const bench = new Bench().put(A, { 'web-1': slice('web', 2), 'web-2': slice('web', 3) })
    bench.told.length = 0

    bench.put(A, { 'web-1': slice('web', 3), 'web-2': slice('web', 2) })
    expect(bench.told).toEqual([])
    bench.put(A, { 'web-1': slice('web', 4) })

    expect(bench.told).toEqual(['shop/web in 0'])
  })

  test('an endpoint of a dual-stack Service counts once', () => {
    const bench = new Bench().put(A, { 'web-4': slice('web', 3, 'a'), 'web-6': slice('web', 3, 'aaaa') })
    expect(bench.ready('web')).toBe(3)
    bench.told.length = 0

    bench.put(A, { 'web-6': slice('web', 2, 'aaaa') }) // fewer than the other family: no news
    expect([bench.ready('web'), bench.told]).toEqual([3, []])
    bench.put(A, { 'web-4': slice('web', 0, 'a') })

    expect(bench.ready('web')).toBe(2)
  })

  test('a slice that moves to another Service leaves the first', () => {
    const bench = new Bench().put(A, { x: slice('web', 2) })

    bench.put(A, { x: slice('shop', 2) })

    expect([bench.ready('web'), bench.ready('shop'), bench.store.size]).toEqual([0, 2, 1])
  })

  test('a slice without a Service is held, and counts for nobody', () => {
    const bench = new Bench().put(A, { lonely: slice(undefined, 2) })

    expect([bench.store.size, bench.told, bench.store.held(A, key('lonely'))]).toEqual([
      0,
      [],
      slice(undefined, 2),
    ])
  })

  test('the last slice takes the Service along; a slice without endpoints does not', () => {
    const bench = new Bench().put(A, { x: slice('web', 2), y: slice('web', 0) })

    bench.put(A, {}, ['x'])
    expect([bench.ready('web'), bench.store.size]).toEqual([0, 1])
    bench.put(A, {}, ['y', 'never-there'])

    expect(bench.store.size).toBe(0)
  })

  test('a cluster that is gone takes its slices along, and its Services are told', () => {
    const bench = new Bench().put(A, { x: slice('web', 2) }).put(B, { x: slice('web', 3) })
    bench.told.length = 0

    bench.put(A, {}, [], 'gone')

    expect([bench.ready('web', A), bench.ready('web', B), bench.told]).toEqual([0, 3, ['shop/web in 0']])
    expect([[...bench.store.heldKeys(A)], bench.store.state(A)]).toEqual([[], undefined])
  })

  test('whatever comes and goes, the sum is that of the slices that are there, and every change is told', () => {
    const names = fc.constantFrom('1', '2', '3', '4')
    const services = fc.constantFrom('web', 'shop', undefined)
    const families = fc.constantFrom<SliceFacts['family']>('a', 'aaaa', 'other')
    const change = fc.tuple(
      fc.dictionary(names, fc.tuple(services, fc.nat(3), families), { maxKeys: 3 }),
      fc.array(names, { maxLength: 2 }),
    )
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const bench = new Bench()
        const there = new Map<string, SliceFacts>()
        for (const [upserts, deletes] of changes) {
          const before = { web: bench.ready('web'), shop: bench.ready('shop') }
          bench.told.length = 0
          const slices = Object.fromEntries(
            Object.entries(upserts).map(([name, [service, ready, family]]) => [
              name,
              slice(service, ready, family),
            ]),
          )
          for (const name of deletes) there.delete(name)
          for (const [name, facts] of Object.entries(slices)) there.set(name, facts)

          bench.put(A, slices, deletes)

          for (const service of ['web', 'shop'] as const) {
            const ready = bench.ready(service)
            expect(ready).toBe(naive([...there.values()], key(service)))
            expect(ready !== before[service] && !bench.told.includes(`shop/${service} in 0`)).toBe(false)
          }
        }
      }),
    )
  })
})

/** Ready endpoints of the family that has most. */
function naive(slices: readonly SliceFacts[], service: ObjectKey): number {
  const of = (family: SliceFacts['family']): number =>
    slices
      .filter((one) => one.service === service && one.family === family)
      .reduce((sum, { ready }) => sum + ready, 0)
  return Math.max(of('a'), of('aaaa'), of('other'))
}
