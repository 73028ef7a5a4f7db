import { describe, expect, test } from 'vitest'
import type { KubeObject } from '../../../../src/api/object.ts'
import { kindProjection } from '../../../../src/kube/projections/kind.ts'
import { outputProjection } from '../../../../src/kube/projections/output.ts'

const metadata = {
  name: 'r',
  namespace: 'shop',
  uid: 'u1',
  resourceVersion: '5',
  generation: 2,
  labels: { a: 'b' },
  creationTimestamp: '2026-11-20T00:00:00Z',
}

describe('kindProjection', () => {
  const projection = kindProjection('Record', (raw) => {
    const { spec } = raw as { spec?: unknown }
    return spec === 'good'
      ? { kind: 'ok', value: { spec } }
      : { kind: 'rejected', problems: ['spec: is not good'] }
  })

  test('keeps what the parser gives and the metadata, without managedFields', () => {
    const raw = { metadata: { ...metadata, managedFields: [{ manager: 'kubectl' }] }, spec: 'good' }

    expect(projection.project(raw)).toEqual({
      key: 'shop/r',
      facts: { kind: 'ok', metadata, value: { spec: 'good' } },
    })
  })

  test('keeps what the parser rejects with its problems: a condition belongs on it', () => {
    expect(projection.project({ metadata, spec: 'bad' })).toEqual({
      key: 'shop/r',
      facts: { kind: 'rejected', metadata, problems: ['spec: is not good'] },
    })
  })

  test('is the same while uid and version are', () => {
    const facts = (change: object) => {
      const projected = projection.project({ metadata: { ...metadata, ...change }, spec: 'good' })
      if ('error' in projected) throw new Error(projected.error)
      return projected.facts
    }

    expect(projection.same(facts({}), facts({ labels: {} }))).toBe(true)
    expect(projection.same(facts({}), facts({ resourceVersion: '6' }))).toBe(false)
    expect(projection.same(facts({}), facts({ uid: 'u2' }))).toBe(false)
    expect(projection.uid?.(facts({}))).toBe('u1')
  })

  test('an object without a name is an error', () => {
    expect(projection.project({ metadata: {}, spec: 'good' })).toEqual({ error: 'has no name' })
  })
})

describe('outputProjection', () => {
  const projection = outputProjection('DNSEndpoint', (object: KubeObject) => JSON.stringify(object['spec']))

  test('keeps version and digest, nothing else', () => {
    expect(projection.project({ metadata, spec: { endpoints: [] } })).toEqual({
      key: 'shop/r',
      facts: { resourceVersion: '5', digest: '{"endpoints":[]}' },
    })
  })

  test('an object without version is an error', () => {
    expect(projection.project({ metadata: { name: 'r', namespace: 'shop' } })).toEqual({
      key: 'shop/r',
      error: 'metadata.resourceVersion is missing',
    })
  })
})
