import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { difference, isEmptySet, pathsOf } from '../../../../../src/sandbox/apiserver/fields/field-set.ts'
import { setOfObject, withNamedFields } from '../../../../../src/sandbox/apiserver/fields/object-set.ts'
import { applyConflict } from '../../../../../src/sandbox/apiserver/ownership/conflict.ts'
import {
  NO_OWNERS,
  entriesOf,
  isReset,
  parseOwners,
} from '../../../../../src/sandbox/apiserver/ownership/owners.ts'
import { ownersAfterUpdate } from '../../../../../src/sandbox/apiserver/ownership/update.ts'
import { RULES, objects } from '../fields/fixtures.ts'
import {
  LATER,
  NOTHING,
  TIME,
  TRACKING,
  afterApply,
  afterUpdate,
  ignoring,
  ownedBy,
  tryApply,
} from './fixtures.ts'

describe('updates', () => {
  it('set fields are the writer’s, removed ones nobody’s, equal ones stay', () => {
    const one = afterUpdate(NOTHING, 'one', { text: 'a', count: 1, on: true })
    const two = afterUpdate(one, 'two', { text: 'b', on: true, labels: { x: '1' } })

    expect(ownedBy(two.owners)).toEqual({
      'one Update': { 'f:on': {} },
      'two Update': { 'f:text': {}, 'f:labels': { '.': {}, 'f:x': {} } },
    })
  })

  it('a change of nothing keeps owners and times', () => {
    const one = afterUpdate(NOTHING, 'one', { text: 'a' })
    const again = ownersAfterUpdate(TRACKING, one.owners, {
      manager: 'two',
      old: one.object,
      next: { text: 'a' },
      time: LATER,
    })

    expect(again).toEqual(one.owners)
  })

  it('places that an endpoint does not write are not owned through it', () => {
    const owners = ownersAfterUpdate(ignoring('inner'), NO_OWNERS, {
      manager: 'one',
      old: {},
      next: { text: 'a', inner: { a: '1' } },
      time: TIME,
    })

    expect(ownedBy(owners)).toEqual({ 'one Update': { 'f:text': {} } })
  })

  it('a manager without name is unknown', () => {
    expect(ownedBy(afterUpdate(NOTHING, '', { text: 'a' }).owners)).toEqual({
      'unknown Update': { 'f:text': {} },
    })
  })

  it('owners of a version that is served no more are forgotten', () => {
    const entries = [
      { ...entriesOf(afterUpdate(NOTHING, 'one', { text: 'a' }).owners.values())?.[0], apiVersion: 'v0' },
    ]
    const owners = parseOwners(entries) ?? NO_OWNERS
    const next = afterUpdate({ object: { text: 'a' }, owners }, 'two', { text: 'a', count: 1 })

    expect(ownedBy(next.owners)).toEqual({ 'two Update': { 'f:count': {} } })
  })

  it('the oldest of more than ten updaters are laid together', () => {
    let state = NOTHING
    for (let count = 0; count < 13; count += 1) {
      const free = { ...(state.object as { free?: object }).free, [`k${count}`]: 1 }
      state = afterUpdate(state, `m${String(count).padStart(2, '0')}`, { free })
    }

    expect(state.owners.size).toBe(10)
    expect(Object.keys(ownedBy(state.owners))).toContain('ancient-changes Update')
  })
})

describe('applies', () => {
  it('a conflict names each field and its owner', () => {
    const one = afterApply(afterUpdate(NOTHING, 'up', { text: 'a' }), 'one', { config: { count: 1 } })
    const result = tryApply(one, 'two', { config: { text: 'b', count: 2 } })
    const status = result.kind === 'conflict' ? applyConflict(result.conflicts).status : undefined

    expect(status).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message:
        'Apply failed with 2 conflicts: conflicts with "one":\n- .count\nconflicts with "up" using v1:\n- .text',
      details: {
        causes: [
          { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.count' },
          { reason: 'FieldManagerConflict', message: 'conflict with "up" using v1', field: '.text' },
        ],
      },
    })
  })

  it('force takes, equal values are shared', () => {
    const one = afterApply(NOTHING, 'one', { config: { text: 'a', count: 1 } })
    const two = afterApply(one, 'two', { config: { text: 'b', count: 1 }, force: true })

    expect(two.object).toEqual({ text: 'b', count: 1 })
    expect(ownedBy(two.owners)).toEqual({
      'one Apply': { 'f:count': {} },
      'two Apply': { 'f:count': {}, 'f:text': {} },
    })
  })

  it('what is named no more goes unless it is another’s or nobody’s', () => {
    const start = afterUpdate(NOTHING, 'up', { labels: { theirs: '1' } })
    const one = afterApply(start, 'one', {
      config: { labels: { mine: '1', both: '1' }, items: [{ port: 1 }] },
    })
    const two = afterApply(one, 'two', { config: { labels: { both: '1' } } })
    const less = afterApply(two, 'one', { config: { text: 'a' } })

    expect(less.object).toEqual({ labels: { theirs: '1', both: '1' }, text: 'a' })
  })

  it('an item that another has changed stays, without what was this applier’s', () => {
    const one = afterApply(NOTHING, 'one', { config: { items: [{ port: 1 }, { port: 2, name: '1' }] } })
    const two = afterApply(one, 'two', { config: { items: [{ port: 2 }] } })
    const less = afterApply(two, 'one', { config: {} })

    expect(less.object).toEqual({ items: [{ port: 2 }] })
  })

  it('the time of an applier moves with the object alone', () => {
    const one = afterApply(NOTHING, 'one', { config: { text: 'a' } })
    const same = afterApply(one, 'one', { config: { text: 'a' }, time: LATER })
    const more = afterApply(one, 'one', { config: { text: 'b' }, time: LATER })

    expect([same, more].map(({ owners }) => [...owners.values()].map(({ time }) => time))).toEqual([
      [TIME],
      [LATER],
    ])
  })
})

describe('entries', () => {
  const entry = {
    manager: 'm',
    operation: 'Update',
    apiVersion: 'v1',
    time: TIME,
    fieldsType: 'FieldsV1',
    fieldsV1: { 'f:a': {} },
    subresource: 'status',
  }

  it('what is written is read again', () => {
    expect(entriesOf((parseOwners([entry]) ?? NO_OWNERS).values())).toEqual([entry])
  })

  const bad = [
    { name: 'another operation', in: { ...entry, operation: 'Patch' } },
    { name: 'no version', in: { ...entry, apiVersion: '' } },
    { name: 'another type of fields', in: { ...entry, fieldsType: 'FieldsV2' } },
    { name: 'fields that are no tree', in: { ...entry, fieldsV1: { 'f:a': 1 } } },
    { name: 'no object', in: 'entry' },
  ]

  it.each(bad)('one with $name makes all invalid', ({ in: value }) => {
    expect(parseOwners([entry, value])).toBeUndefined()
  })

  it('an empty list and one empty entry ask to forget', () => {
    expect([[], [{}], [{}, {}], [entry], undefined, null].map(isReset)).toEqual([
      true,
      true,
      false,
      false,
      false,
      false,
    ])
  })

  it('are written appliers first, then by time, manager and version', () => {
    const names = [
      ['b', 'Update', TIME],
      ['a', 'Update', LATER],
      ['c', 'Apply', LATER],
      ['a', 'Update', TIME],
    ].map(([manager = '', operation = '', time = '']) => ({ ...entry, manager, operation, time }))
    const owners =
      parseOwners(names.map((one, index) => ({ ...one, subresource: String(index) }))) ?? NO_OWNERS

    expect(entriesOf(owners.values())?.map(({ manager, time }) => [manager, time])).toEqual([
      ['c', LATER],
      ['a', TIME],
      ['b', TIME],
      ['a', LATER],
    ])
  })
})

describe('properties', () => {
  const managers = fc.constantFrom('one', 'two', 'three')
  const step = fc.record({ manager: managers, config: objects, apply: fc.boolean() })
  const states = fc
    .array(step, { maxLength: 5 })
    .map((steps) =>
      steps.reduce(
        (state, { manager, config, apply }) =>
          apply ? afterApply(state, manager, { config, force: true }) : afterUpdate(state, manager, config),
        NOTHING,
      ),
    )

  it('applying twice is applying once', () => {
    fc.assert(
      fc.property(states, objects, (state, config) => {
        const once = afterApply(state, 'me', { config, force: true })
        const twice = tryApply(once, 'me', { config, time: LATER })

        expect(twice).toEqual({ kind: 'applied', object: undefined, owners: once.owners })
      }),
    )
  })

  it('nobody owns what is not there', () => {
    fc.assert(
      fc.property(states, (state) => {
        const there = withNamedFields(RULES, setOfObject(RULES, state.object))
        for (const { fields } of state.owners.values()) {
          const named = difference(fields, there)
          // Objects and lists may be owned as such, and an applier holds the empty list it asked for.
          expect(pathsOf(named).filter((path) => !isContainer(state.object, path))).toEqual([])
          expect(isEmptySet(fields)).toBe(false)
        }
      }),
    )
  })

  it('the order of two appliers who share nothing does not matter', () => {
    const split = fc.tuple(objects, objects).map(([left, right]) => {
      const { text, labels, set, items } = left
      const { count, inner, whole, free } = right
      return [defined({ text, labels, set, items }), defined({ count, inner, whole, free })] as const
    })
    fc.assert(
      fc.property(split, ([left, right]) => {
        const one = afterApply(afterApply(NOTHING, 'one', { config: left }), 'two', { config: right })
        const other = afterApply(afterApply(NOTHING, 'two', { config: right }), 'one', { config: left })

        expect(other.object).toEqual(one.object)
        expect(ownedBy(other.owners)).toEqual(ownedBy(one.owners))
      }),
    )
  })

  it('applying and then applying nothing is as before, where nobody else was there', () => {
    fc.assert(
      fc.property(objects, (config) => {
        const left = afterApply(afterApply(NOTHING, 'me', { config }), 'me', { config: {} })

        expect(setOfObject(RULES, left.object ?? {})).toEqual({})
        expect(left.owners.size).toBe(0)
      }),
    )
  })

  it('an apply that is refused would have changed something of another’s', () => {
    fc.assert(
      fc.property(states, objects, (state, config) => {
        const result = tryApply(state, 'me', { config })
        if (result.kind === 'applied') return
        const lost = result.conflicts.flatMap(({ fields }) => pathsOf(fields))

        expect(lost.length).toBeGreaterThan(0)
      }),
    )
  })
})

function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** True when a path leads to an object, a list, or to nothing at all of either. */
function isContainer(object: unknown, path: readonly string[]): boolean {
  let here = object
  for (const element of path) {
    if (typeof here !== 'object' || here === null) return false
    if (!element.startsWith('f:')) return true
    here = (here as Record<string, unknown>)[element.slice(2)]
  }
  return typeof here === 'object'
}
