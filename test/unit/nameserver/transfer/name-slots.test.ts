import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import type { Answer } from '../../../../src/dns/records.ts'
import { NameSlots, type Snapshot } from '../../../../src/nameserver/transfer/name-slots.ts'

const names = Array.from({ length: 6 }, (_, i) => parseDomainName(`n${i}.test`))
const answerOf = (ttlSeconds: number): Answer => ({ kind: 'addresses', ttlSeconds, a: [], aaaa: [] })
const written = (entries: Iterable<readonly [DomainName, Answer]>): readonly string[] =>
  [...entries]
    .map(([name, answer]) => `${name} ${answer.kind === 'addresses' ? answer.ttlSeconds : ''}`)
    .sort()

describe('NameSlots', () => {
  it('uses the room of names that are gone', () => {
    const slots = new NameSlots()
    slots.set(names[0]!, answerOf(1))
    slots.set(names[0]!, undefined)
    slots.set(names[1]!, answerOf(2))

    expect(slots.size).toBe(1)
    expect(slots.get(names[0]!)).toBeUndefined()
    expect(written(slots.snapshot())).toEqual(['n1.test. 2'])
  })

  it('counts about what a transfer takes', () => {
    const slots = new NameSlots()
    slots.set(names[0]!, {
      kind: 'records',
      sets: [{ type: 16, ttlSeconds: 1, rdata: [new Uint8Array(1_000)] }],
    })
    expect(slots.bytes).toBeGreaterThan(1_000)

    slots.set(names[0]!, undefined)

    expect(slots.bytes).toBe(0)
  })
})

describe('properties', () => {
  /** Change a name, begin a snapshot, or read some of one that is open. */
  const act = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('set' as const), name: fc.nat(5), ttl: fc.option(fc.nat(9)) }),
    },
    fc.record({ kind: fc.constant('snapshot' as const) }),
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant('read' as const), which: fc.nat(3), count: fc.nat(4) }),
    },
    fc.record({ kind: fc.constant('close' as const), which: fc.nat(3) }),
  )

  it('a snapshot gives what there was when it was taken, however names change while it is read', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const slots = new NameSlots()
        const model = new Map<DomainName, Answer>()
        const open: {
          readonly snapshot: Snapshot
          readonly entries: Iterator<readonly [DomainName, Answer]>
          readonly want: readonly string[]
          readonly got: (readonly [DomainName, Answer])[]
          isClosed: boolean
        }[] = []
        for (const step of acts) {
          if (step.kind === 'set') {
            const answer = step.ttl === null ? undefined : answerOf(step.ttl)
            slots.set(names[step.name]!, answer)
            if (answer === undefined) model.delete(names[step.name]!)
            else model.set(names[step.name]!, answer)
          } else if (step.kind === 'snapshot') {
            const snapshot = slots.snapshot()
            open.push({
              snapshot,
              entries: snapshot[Symbol.iterator](),
              want: written(model),
              got: [],
              isClosed: false,
            })
          } else {
            const reader = open[step.which]
            if (reader === undefined || reader.isClosed) continue
            if (step.kind === 'close') {
              reader.snapshot.close()
              reader.isClosed = true
            } else {
              for (let i = 0; i < step.count; i += 1) {
                const next = reader.entries.next()
                if (next.done !== true) reader.got.push(next.value)
              }
            }
          }
        }

        for (const { entries, got, want, isClosed } of open) {
          for (let next = entries.next(); next.done !== true; next = entries.next()) got.push(next.value)
          if (isClosed) expect(want).toEqual(expect.arrayContaining([...written(got)]))
          else expect(written(got)).toEqual(want)
        }
        expect(written(slots.snapshot())).toEqual(written(model))
      }),
      { numRuns: 500 },
    )
  })
})
