import assert from 'node:assert/strict'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { objectKey, ownerKey, type OwnerKey } from '../../../../src/api/keys.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { rankOf } from '../../../../src/core/discovery/rank.ts'
import { addressAnswer } from '../../../../src/core/discovery/records.ts'
import type { Feed, Ledger, NameClass, Owner } from '../../../../src/core/discovery/types.ts'
import { type DomainName, parseDomainName } from '../../../../src/dns/names.ts'
import { type Answer, type NameChange, sameAnswer } from '../../../../src/dns/records.ts'
import { addresses } from './shard-builders.ts'

const NAMES = ['a', 'b', 'c'].map((label) => parseDomainName(`${label}.example.com`))
const ANSWERS: readonly Answer[] = ['192.0.2.1', '192.0.2.2'].map((text) =>
  addressAnswer(30, { a: addresses(text), aaaa: [] }),
)
const CLASSES: readonly NameClass[] = ['canonical', 'external', 'open']
const OWNERS: readonly Owner[] = ['p', 'q', 'r', 's'].map((name, i) => {
  const key = objectKey('ns', name)
  const creationTimestamp = `2026-01-0${(i % 2) + 1}T00:00:00Z`
  return { key: ownerKey('Kind', key), rank: rankOf({ nameClass: 'external', creationTimestamp, key }) }
})

interface Claimed {
  readonly owner: Owner
  readonly answer: Answer
  readonly strength: number
}

/** For each name: who has it, and all claims. Told in the simplest way that the rules allow. */
class Model {
  readonly claims = new Map<DomainName, Map<OwnerKey, Claimed>>()
  readonly present = new Map<DomainName, OwnerKey>()
  /** What each consumer has been told, and which names may still come. */
  readonly consumers: {
    readonly feed: Feed
    readonly told: Map<DomainName, Answer | undefined>
    readonly delayed: Map<DomainName, number>
  }[] = []
  nowMs = 0

  claimsOf(name: DomainName): Map<OwnerKey, Claimed> {
    const known = this.claims.get(name) ?? new Map<OwnerKey, Claimed>()
    this.claims.set(name, known)
    return known
  }

  /** The strongest class; in it the present owner, else the oldest. */
  settle(name: DomainName): void {
    const all = [...this.claimsOf(name).values()]
    const strongest = Math.min(...all.map(({ strength }) => strength))
    const peers = all.filter(({ strength }) => strength === strongest)
    const stays = peers.find(({ owner }) => owner.key === this.present.get(name))
    const [oldest] = peers.toSorted((x, y) => (x.owner.rank < y.owner.rank ? -1 : 1))
    const winner = stays ?? oldest
    if (winner === undefined) this.present.delete(name)
    else this.present.set(name, winner.owner.key)
  }

  answerOf(name: DomainName): Answer | undefined {
    const owner = this.present.get(name)
    return owner === undefined ? undefined : this.claims.get(name)?.get(owner)?.answer
  }
}

type Command = fc.Command<Model, Ledger>

function check(model: Model, ledger: Ledger): void {
  for (const name of NAMES) {
    expect(ledger.get(name)?.owner).toEqual(model.present.get(name))
    expect(sameAnswer(ledger.get(name)?.answer, model.answerOf(name))).toBe(true)
  }
  for (const { key } of OWNERS) {
    const mine = NAMES.filter((name) => model.claims.get(name)?.has(key))
    expect(ledger.owned(key)).toEqual(mine.filter((name) => model.present.get(name) === key))
    expect(ledger.conflicts(key)).toEqual(
      mine.flatMap((name) => {
        const winner = model.present.get(name)
        return winner === key ? [] : [{ name, winner }]
      }),
    )
  }
  expect(ledger.size).toBe(model.present.size)
}

class Put implements Command {
  readonly owner: Owner
  readonly name: DomainName
  readonly answer: Answer | undefined
  readonly nameClass: NameClass

  constructor(owner: Owner, name: DomainName, said: { answer: Answer | undefined; nameClass: NameClass }) {
    this.owner = owner
    this.name = name
    this.answer = said.answer
    this.nameClass = said.nameClass
  }

  check(): boolean {
    return true
  }

  run(model: Model, ledger: Ledger): void {
    const { owner, name, answer, nameClass } = this
    const strength = CLASSES.indexOf(nameClass)
    if (answer === undefined) model.claimsOf(name).delete(owner.key)
    else model.claimsOf(name).set(owner.key, { owner, answer, strength })
    model.settle(name)
    ledger.put(owner, [
      answer === undefined ? { name, urgent: false } : { name, answer, urgent: false, nameClass },
    ])
    check(model, ledger)
  }

  toString(): string {
    return `put(${this.owner.key}, ${this.name}, ${JSON.stringify(this.answer)}, ${this.nameClass})`
  }
}

class Drop implements Command {
  readonly owner: Owner

  constructor(owner: Owner) {
    this.owner = owner
  }

  check(): boolean {
    return true
  }

  run(model: Model, ledger: Ledger): void {
    for (const name of NAMES) {
      model.claimsOf(name).delete(this.owner.key)
      model.settle(name)
    }
    ledger.drop(this.owner.key)
    check(model, ledger)
  }

  toString(): string {
    return `drop(${this.owner.key})`
  }
}

class Open implements Command {
  readonly from: 'now' | 'everything'

  constructor(from: 'now' | 'everything') {
    this.from = from
  }

  check(model: Readonly<Model>): boolean {
    return model.consumers.length < 3
  }

  run(model: Model, ledger: Ledger): void {
    const told = new Map(NAMES.map((name) => [name, this.from === 'now' ? model.answerOf(name) : undefined]))
    model.consumers.push({ feed: ledger.open(this.from), told, delayed: new Map() })
  }

  toString(): string {
    return `open(${this.from})`
  }
}

/** Take some changes, and offer every second one again for later, as a writer does whose write failed. */
class Take implements Command {
  readonly which: number
  readonly max: number
  readonly fails: boolean

  constructor(which: number, max: number, fails: boolean) {
    this.which = which
    this.max = max
    this.fails = fails
  }

  check(model: Readonly<Model>): boolean {
    return model.consumers.length > 0
  }

  run(model: Model): void {
    const { feed, told, delayed } = model.consumers[this.which % model.consumers.length]! // checked above
    model.nowMs += 10
    const changes: readonly NameChange[] = feed.take(this.max, model.nowMs)
    assert.equal(new Set(changes.map(({ name }) => name)).size, changes.length, 'each name once')
    assert.ok(changes.length <= this.max, 'at most as many as asked for')
    for (const [i, { name, answer }] of changes.entries()) {
      assert.ok((delayed.get(name) ?? 0) <= model.nowMs, 'not before its time')
      assert.ok(sameAnswer(answer, model.answerOf(name)), 'what the name says now')
      delayed.delete(name)
      if (this.fails && i % 2 === 0) {
        delayed.set(name, model.nowMs + 25)
        feed.again([name], model.nowMs + 25)
      } else told.set(name, answer)
    }
  }

  toString(): string {
    return `take(${this.which}, ${this.max}, ${this.fails ? 'half fail' : 'all well'})`
  }
}

const commands = fc.commands<Model, Ledger>(
  [
    fc
      .tuple(
        fc.constantFrom(...OWNERS),
        fc.constantFrom(...NAMES),
        fc.record({
          answer: fc.option(fc.constantFrom(...ANSWERS), { nil: undefined }),
          nameClass: fc.constantFrom(...CLASSES),
        }),
      )
      .map((parts) => new Put(...parts)),
    fc.constantFrom(...OWNERS).map((owner) => new Drop(owner)),
    fc.constantFrom('now' as const, 'everything' as const).map((from) => new Open(from)),
    fc.tuple(fc.nat(2), fc.nat(3), fc.boolean()).map((parts) => new Take(...parts)),
  ],
  { maxCommands: 40 },
)

describe('the ledger against a model', () => {
  it('has the owners, conflicts and answers of the model, and no consumer misses a change', () => {
    fc.assert(
      fc.property(commands, (steps) => {
        const model = new Model()
        const ledger = createLedger()
        fc.modelRun(() => ({ model, real: ledger }), steps)

        for (const { feed, told } of model.consumers) {
          const last = model.nowMs + 1_000
          for (const { name, answer } of feed.take(Number.POSITIVE_INFINITY, last)) told.set(name, answer)
          for (const name of NAMES) expect(sameAnswer(told.get(name), model.answerOf(name))).toBe(true)
          expect([feed.size, feed.delayed, feed.nextAtMs()]).toEqual([0, 0, undefined])
        }
      }),
      { numRuns: 500 },
    )
  })
})
