import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitsSelector, type LabelSelector } from '../../../../../src/sandbox/cloud/shapes.ts'
import {
  generatedName,
  generatedSuffix,
  templateHash,
} from '../../../../../src/sandbox/cloud/workloads/names.ts'

describe('names', () => {
  it('are the same for the same seed, and others when they are taken', () => {
    const first = generatedName('web', 'seed', () => false)

    expect(generatedName('web', 'seed', () => false)).toBe(first)
    expect(generatedName('web', 'seed', (name) => name === first)).not.toBe(first)
  })

  it('the hash of a template does not depend on the order of its fields', () => {
    const one = {
      metadata: { labels: { a: '1', b: '2' } },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    }
    const other = {
      spec: { containers: [{ image: 'i', name: 'c' }] },
      metadata: { labels: { b: '2', a: '1' } },
    }

    expect(templateHash(one)).toBe(templateHash(other))
    expect(templateHash({ ...one, more: true })).not.toBe(templateHash(one))
  })
})

describe('fitsSelector', () => {
  const labels = { app: 'web', tier: 'front' }
  const cases: readonly { name: string; in: LabelSelector | undefined; want: boolean }[] = [
    { name: 'nothing said fits nothing', in: {}, want: false },
    { name: 'no selector fits nothing', in: undefined, want: false },
    { name: 'every pair', in: { matchLabels: { app: 'web', tier: 'front' } }, want: true },
    { name: 'one pair that differs', in: { matchLabels: { app: 'web', tier: 'back' } }, want: false },
    { name: 'In', in: { matchExpressions: [{ key: 'app', operator: 'In', values: ['web'] }] }, want: true },
    {
      name: 'In, absent',
      in: { matchExpressions: [{ key: 'x', operator: 'In', values: ['web'] }] },
      want: false,
    },
    {
      name: 'NotIn',
      in: { matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['web'] }] },
      want: false,
    },
    {
      name: 'NotIn, absent',
      in: { matchExpressions: [{ key: 'x', operator: 'NotIn', values: ['web'] }] },
      want: true,
    },
    { name: 'Exists', in: { matchExpressions: [{ key: 'app', operator: 'Exists' }] }, want: true },
    {
      name: 'DoesNotExist',
      in: { matchExpressions: [{ key: 'app', operator: 'DoesNotExist' }] },
      want: false,
    },
    {
      name: 'pairs and expressions together',
      in: { matchLabels: { app: 'web' }, matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
      want: false,
    },
  ]
  it.each(cases)('$name', ({ in: selector, want }) => {
    expect(fitsSelector(selector, labels)).toBe(want)
  })
})

describe('properties', () => {
  it('a generated name is a DNS label for every base that is one', () => {
    const base = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    fc.assert(
      fc.property(base, fc.string(), (text, seed) => {
        expect(generatedName(text, seed, () => false)).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
      }),
    )
  })

  it('a suffix has the length asked for', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 20 }), (seed, length) => {
        expect(generatedSuffix(seed, length)).toMatch(
          new RegExp(`^[bcdfghjklmnpqrstvwxz2456789]{${length}}$`),
        )
      }),
    )
  })
})
