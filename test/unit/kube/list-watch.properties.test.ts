import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ServiceFacts } from '../../../src/api/facts.ts'
import { ListWatch } from '../../../src/kube/list-watch.ts'
import { serviceProjection } from '../../../src/kube/projections/service.ts'
import { Turns } from '../../../src/kube/turns.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { rawService } from '../../support/raw-objects.ts'
import { SimulatedApi } from '../../support/simulated-api.ts'
import { CLUSTER, RecordingReport, RecordingStore } from '../../support/watch-bench.ts'

/** What may happen to a server and the way to it. Time passes between any two of these. */
type Happening =
  | { readonly kind: 'put'; readonly name: string; readonly ip: string; readonly uid: string }
  | { readonly kind: 'remove'; readonly name: string }
  | { readonly kind: 'end'; readonly how: 'cleanly' | 'broken' }
  | { readonly kind: 'compact' | 'bookmark' | 'garble' | 'heal' }
  | { readonly kind: 'streams'; readonly on: boolean }
  | { readonly kind: 'refuse'; readonly code: NonNullable<SimulatedApi['refusal']> }
  | { readonly kind: 'wait'; readonly ms: number }

/** Removed by nobody, whatever happens. */
const STABLE = 'stable'

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('put' as const),
      name: fc.constantFrom('a', 'b', 'c', 'd', STABLE),
      ip: fc.nat(9).map((n) => `192.0.2.${n}`),
      uid: fc.constantFrom('u1', 'u2'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('remove' as const), name: fc.constantFrom('a', 'b', 'c', 'd') }),
  },
  fc.record({
    kind: fc.constant('end' as const),
    how: fc.constantFrom('cleanly' as const, 'broken' as const),
  }),
  fc.record({
    kind: fc.constantFrom('compact' as const, 'bookmark' as const, 'garble' as const, 'heal' as const),
  }),
  fc.record({ kind: fc.constant('streams' as const), on: fc.boolean() }),
  fc.record({
    kind: fc.constant('refuse' as const),
    code: fc.constantFrom(
      'hang' as const,
      'KUBE_UNAUTHORIZED' as const,
      'KUBE_NOT_FOUND' as const,
      'KUBE_SERVER_ERROR' as const,
      'KUBE_UNREACHABLE' as const,
    ),
  }),
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(10, 1_000, 6_000, 31_000, 95_000),
    }),
  },
)

class Bench {
  readonly clock = new ManualClock(0)
  readonly api = new SimulatedApi(this.clock)
  readonly sink = new RecordingStore<ServiceFacts>()
  readonly report = new RecordingReport()
  readonly watch = new ListWatch<ServiceFacts>({
    spec: { resource: { group: '', version: 'v1', plural: 'services' }, projection: serviceProjection },
    sink: this.sink,
    cluster: CLUSTER,
    transport: this.api,
    clock: this.clock,
    random: () => 0.5,
    turns: new Turns({ clock: this.clock, places: 1 }),
    ready: () => Promise.resolve(),
    report: this.report,
  })

  constructor() {
    this.put(STABLE, '192.0.2.1', 'u')
  }

  put(name: string, ip: string, uid: string): void {
    this.api.put(name, (resourceVersion) => rawService(name, ip, { uid, resourceVersion }))
  }

  async do(one: Happening): Promise<void> {
    switch (one.kind) {
      case 'put':
        this.put(one.name, one.ip, one.uid)
        break
      case 'remove':
        this.api.remove(one.name)
        break
      case 'end':
        this.api.end(one.how)
        break
      case 'heal':
        this.api.refusal = undefined
        break
      case 'streams':
        this.api.streams = one.on
        break
      case 'refuse':
        this.api.refusal = one.code
        break
      case 'wait':
        this.clock.advance(one.ms)
        break
      default:
        this.api[one.kind]()
    }
    await settled()
  }

  /** The server is well again, and ends its watches now and then as servers do. */
  async heal(): Promise<void> {
    this.api.refusal = undefined
    for (let i = 0; i < 4; i += 1) {
      for (let j = 0; j < 70; j += 1) {
        this.clock.advance(1_000)
        if (j % 30 === 0) this.api.bookmark()
        await settled()
      }
      this.api.end('cleanly')
      await settled()
    }
    for (let j = 0; j < 70; j += 1) {
      this.clock.advance(1_000)
      await settled()
    }
  }

  /** Addresses by key, as held. */
  held(): Record<string, string> {
    const entries = Object.entries(this.sink.content(CLUSTER))
    return Object.fromEntries(entries.map(([key, { a }]) => [key, a.join()]))
  }

  /** The same, as the server has them. */
  there(): Record<string, string> {
    const ipOf = (raw: unknown): string =>
      (raw as { status: { loadBalancer: { ingress: { ip: string }[] } } }).status.loadBalancer.ingress[0]
        ?.ip ?? ''
    return Object.fromEntries([...this.api.objects].map(([name, raw]) => [`shop/${name}`, ipOf(raw)]))
  }
}

/** Let promises that are ready run. */
async function settled(): Promise<void> {
  for (let i = 0; i < 3; i += 1) await new Promise((resolve) => setImmediate(resolve))
}

describe('whatever happens to a server and the way to it', () => {
  test('the sink is equal to it once it is well again, and never lost what was there all the time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 25 }), async (happenings) => {
        const bench = new Bench()
        bench.watch.start()
        await settled()
        for (const one of happenings) await bench.do(one)

        await bench.heal()
        bench.watch.stop()

        expect(bench.watch.member).toBe('synced')
        expect(bench.held()).toEqual(bench.there())
        const deleted = bench.sink.deltas.all.flatMap(({ deletes, upserts }) =>
          deletes.filter((key) => !upserts.some(([upserted]) => upserted === key)),
        )
        expect(deleted).not.toContain(`shop/${STABLE}`)
        expect(bench.report.count('listener')).toBe(0)
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('after stop nothing is emitted, reported or asked, and no timer waits', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { maxLength: 10 }),
        fc.array(happening, { maxLength: 10 }),
        async (before, after) => {
          const bench = new Bench()
          bench.watch.start()
          for (const one of before) await bench.do(one)

          bench.watch.stop()
          const seen = [bench.sink.deltas.all.length, bench.report.happenings.all.length]
          for (const one of after) await bench.do(one)
          await settled()

          expect([bench.sink.deltas.all.length, bench.report.happenings.all.length]).toEqual(seen)
          expect(bench.clock.pending).toBe(0)
        },
      ),
      { numRuns: 100 },
    )
  }, 60_000)
})
