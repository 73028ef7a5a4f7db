import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeSchemaOf } from '../../../../../src/sandbox/apiserver/builtin/schema.ts'
import { StatusError } from '../../../../../src/sandbox/apiserver/model/status.ts'
import { applyStrategicPatch } from '../../../../../src/sandbox/apiserver/patch/strategic.ts'

const POD = mergeSchemaOf('io.k8s.api.core.v1.Pod')
const SERVICE = mergeSchemaOf('io.k8s.api.core.v1.Service')

const CASES = [
  {
    name: 'lists with a merge key merge item by item, in the order of the patch',
    schema: POD,
    current: {
      spec: {
        containers: [
          { name: 'a', image: '1' },
          { name: 'b', image: '1' },
        ],
      },
    },
    patch: {
      spec: {
        containers: [
          { name: 'c', image: '1' },
          { name: 'b', image: '2' },
        ],
      },
    },
    want: {
      spec: {
        containers: [
          { name: 'c', image: '1' },
          { name: 'a', image: '1' },
          { name: 'b', image: '2' },
        ],
      },
    },
  },
  {
    name: 'lists without one are replaced',
    schema: POD,
    current: { spec: { containers: [{ name: 'a', command: ['x', 'y'] }] } },
    patch: { spec: { containers: [{ name: 'a', command: ['z'] }] } },
    want: { spec: { containers: [{ name: 'a', command: ['z'] }] } },
  },
  {
    name: 'lists of plain values with strategy merge are sets',
    schema: POD,
    current: { metadata: { finalizers: ['a', 'b'] } },
    patch: { metadata: { finalizers: ['b', 'c'] } },
    want: { metadata: { finalizers: ['a', 'b', 'c'] } },
  },
  {
    name: 'null removes a field',
    schema: POD,
    current: { metadata: { labels: { a: '1', b: '2' } } },
    patch: { metadata: { labels: { a: null } } },
    want: { metadata: { labels: { b: '2' } } },
  },
  {
    name: '$patch: delete removes an item',
    schema: POD,
    current: { spec: { volumes: [{ name: 'a' }, { name: 'b' }] } },
    patch: { spec: { volumes: [{ name: 'a', $patch: 'delete' }] } },
    want: { spec: { volumes: [{ name: 'b' }] } },
  },
  {
    name: '$patch: replace replaces an object',
    schema: POD,
    current: { spec: { securityContext: { runAsUser: 1, fsGroup: 2 } } },
    patch: { spec: { securityContext: { $patch: 'replace', runAsUser: 3 } } },
    want: { spec: { securityContext: { runAsUser: 3 } } },
  },
  {
    name: '$patch: replace in a list replaces the list',
    schema: POD,
    current: { spec: { volumes: [{ name: 'a' }, { name: 'b' }] } },
    patch: { spec: { volumes: [{ name: 'c' }, { $patch: 'replace' }] } },
    want: { spec: { volumes: [{ name: 'c' }] } },
  },
  {
    name: '$patch: delete empties an object',
    schema: POD,
    current: { spec: { securityContext: { runAsUser: 1 } } },
    patch: { spec: { securityContext: { $patch: 'delete' } } },
    want: { spec: { securityContext: {} } },
  },
  {
    name: '$retainKeys drops the other fields',
    schema: POD,
    current: { spec: { volumes: [{ name: 'a', emptyDir: {} }] } },
    patch: {
      spec: { volumes: [{ $retainKeys: ['name', 'secret'], name: 'a', secret: { secretName: 's' } }] },
    },
    want: { spec: { volumes: [{ name: 'a', secret: { secretName: 's' } }] } },
  },
  {
    name: '$setElementOrder orders what it names and keeps the rest in place',
    schema: POD,
    current: { spec: { containers: [{ name: 'a' }, { name: 'x' }, { name: 'b' }] } },
    patch: { spec: { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }], containers: [] } },
    want: { spec: { containers: [{ name: 'x' }, { name: 'b' }, { name: 'a' }] } },
  },
  {
    name: '$setElementOrder of plain values',
    schema: POD,
    current: { metadata: { finalizers: ['a', 'b'] } },
    patch: { metadata: { '$setElementOrder/finalizers': ['c', 'b', 'a'], finalizers: ['c'] } },
    want: { metadata: { finalizers: ['c', 'b', 'a'] } },
  },
  {
    name: '$deleteFromPrimitiveList removes values',
    schema: POD,
    current: { metadata: { finalizers: ['a', 'b'] } },
    patch: { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } },
    want: { metadata: { finalizers: ['b'] } },
  },
  {
    name: 'service ports merge by port',
    schema: SERVICE,
    current: { spec: { ports: [{ port: 80, nodePort: 30_000 }] } },
    patch: {
      spec: {
        ports: [
          { port: 80, name: 'http' },
          { port: 443, name: 'tls' },
        ],
      },
    },
    want: {
      spec: {
        ports: [
          { port: 80, nodePort: 30_000, name: 'http' },
          { port: 443, name: 'tls' },
        ],
      },
    },
  },
  {
    name: 'nulls in what is new are not kept',
    schema: POD,
    current: {},
    patch: {
      spec: { containers: [{ name: 'a', image: null, env: [{ name: 'X', value: null }] }] },
    },
    want: { spec: { containers: [{ name: 'a', env: [{ name: 'X' }] }] } },
  },
]

describe('applyStrategicPatch', () => {
  it.each(CASES)('$name', ({ schema, current, patch, want }) => {
    expect(applyStrategicPatch(current, patch, schema)).toEqual(want)
  })

  it.each([
    { name: 'a patch that is no object', patch: [] },
    { name: 'an unknown directive', patch: { $patch: 'odd' } },
    {
      name: 'a directive to merge an item',
      patch: { spec: { containers: [{ name: 'a', $patch: 'merge' }] } },
    },
    { name: 'an item without its merge key', patch: { spec: { containers: [{ image: 'a' }] } } },
    { name: 'an item that is no object', patch: { spec: { containers: ['a'] } } },
    { name: 'keys to retain that are no list', patch: { spec: { $retainKeys: 'a' } } },
  ])('refuses $name', ({ patch }) => {
    expect(() => applyStrategicPatch({}, patch, POD)).toThrow(StatusError)
  })
})

describe('properties', () => {
  const container = fc.record({ name: fc.constantFrom('a', 'b', 'c'), image: fc.constantFrom('1', '2') })
  const pod = fc.record({
    spec: fc.record({ containers: fc.uniqueArray(container, { selector: ({ name }) => name }) }),
  })

  it('a patch applied twice is a patch applied once, and every item of it is there', () => {
    fc.assert(
      fc.property(pod, pod, (current, patch) => {
        const once = applyStrategicPatch(current, patch, POD) as typeof pod extends fc.Arbitrary<infer T>
          ? T
          : never

        expect(applyStrategicPatch(once, patch, POD)).toEqual(once)
        for (const item of patch.spec.containers) expect(once.spec.containers).toContainEqual(item)
      }),
    )
  })
})
