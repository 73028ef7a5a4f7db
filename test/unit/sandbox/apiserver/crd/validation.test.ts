import { describe, expect, it } from 'vitest'
import type { KubeObject } from '../../../../../src/api/object.ts'
import { crdProblems } from '../../../../../src/sandbox/apiserver/crd/validation.ts'
import { defaultCrd } from '../../../../../src/sandbox/apiserver/crd/definition.ts'
import { problemMessage } from '../../../../../src/sandbox/apiserver/model/status.ts'
import { withValueAt } from '../../../../../src/sandbox/apiserver/model/values.ts'
import { THING_CRD } from '../test-cluster.ts'

function told(crd: KubeObject, old?: KubeObject): readonly string[] {
  return crdProblems(defaultCrd(crd), old === undefined ? undefined : defaultCrd(old)).map(
    (problem) => `${problem.field}: ${problemMessage(problem)}`,
  )
}

/** The CRD with one more field in its spec. */
function withField(schema: unknown): KubeObject {
  return withVersion({ schema: { openAPIV3Schema: { type: 'object', properties: { f: schema } } } })
}

function withVersion(change: Record<string, unknown>): KubeObject {
  const [version] = (THING_CRD['spec'] as { versions: Record<string, unknown>[] }).versions
  return withValueAt(THING_CRD, ['spec', 'versions'], [{ ...version, ...change }])
}

const AT = 'spec.validation.openAPIV3Schema.properties[f]'

describe('crdProblems', () => {
  it('a good CRD has none', () => {
    expect(told(THING_CRD)).toEqual([])
  })

  it.each([
    {
      name: 'another name',
      in: withValueAt(THING_CRD, ['metadata', 'name'], 'x'),
      want: ['metadata.name: Invalid value: "x": must be spec.names.plural+"."+spec.group'],
    },
    {
      name: 'no scope',
      in: withValueAt(THING_CRD, ['spec', 'scope'], undefined),
      want: ['spec.scope: Required value'],
    },
    {
      name: 'no kind',
      in: withValueAt(THING_CRD, ['spec', 'names', 'kind'], undefined),
      want: [
        'spec.names.singular: Required value',
        'spec.names.kind: Required value',
        'spec.names.listKind: Required value',
      ],
    },
    {
      name: 'no schema',
      in: withVersion({ schema: undefined }),
      want: ['spec.versions[0].schema.openAPIV3Schema: Required value'],
    },
    {
      name: 'a column without path and of an unknown type',
      in: withVersion({ additionalPrinterColumns: [{ name: 'A', type: 'odd' }] }),
      want: [
        'spec.additionalPrinterColumns[0].type: Invalid value: "odd": must be one of boolean,date,integer,number,string',
        'spec.additionalPrinterColumns[0].JSONPath: Required value',
      ],
    },
    {
      name: 'a field without type',
      in: withField({}),
      want: [`${AT}.type: Required value: must not be empty for specified object fields`],
    },
    {
      name: 'items without type',
      in: withField({ type: 'array', items: {} }),
      want: [`${AT}.items.type: Required value: must not be empty for specified array items`],
    },
    {
      name: 'a list without items',
      in: withField({ type: 'array' }),
      want: [`${AT}.items: Required value: must be specified`],
    },
    {
      name: 'an unknown type',
      in: withField({ type: 'odd' }),
      want: [
        `${AT}.type: Unsupported value: "odd": supported values: "array", "boolean", "integer", "number", "object", "string"`,
      ],
    },
    {
      name: 'a pattern that is none',
      in: withField({ type: 'string', pattern: '(' }),
      want: [`${AT}.pattern: Invalid value: "(": must be a valid regular expression, but isn't`],
    },
    {
      name: 'a reference',
      in: withField({ type: 'object', $ref: '#/x' }),
      want: [`${AT}.$ref: Forbidden: $ref is not supported`],
    },
    {
      name: 'both kinds of properties',
      in: withField({
        type: 'object',
        properties: { a: { type: 'string' } },
        additionalProperties: { type: 'string' },
      }),
      want: [
        `${AT}.additionalProperties: Forbidden: additionalProperties and properties are mutual exclusive`,
      ],
    },
    {
      name: 'a keyed list without keys',
      in: withField({ type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'map' }),
      want: [
        `${AT}.x-kubernetes-list-map-keys: Required value: must not be empty if x-kubernetes-list-type is map`,
      ],
    },
    {
      name: 'a default of another type',
      in: withField({ type: 'string', default: 5 }),
      want: [`${AT}.default: Invalid value: "integer":  in body must be of type string: "integer"`],
    },
    {
      name: 'an embedded object without fields',
      in: withField({ type: 'object', 'x-kubernetes-embedded-resource': true }),
      want: [
        `${AT}.properties: Required value: must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields`,
      ],
    },
  ])('$name', ({ in: crd, want }) => {
    expect(told(crd)).toEqual(want)
  })

  it('what versions have alike is told once, what differs by version', () => {
    const [version] = (THING_CRD['spec'] as { versions: Record<string, unknown>[] }).versions
    const bad = { openAPIV3Schema: { type: 'object', properties: { f: {} } } }
    const two = (schema: unknown) =>
      withValueAt(
        THING_CRD,
        ['spec', 'versions'],
        [
          { ...version, schema: bad },
          { ...version, name: 'v2', storage: false, schema },
        ],
      )

    expect(told(two(bad))).toEqual([
      `${AT}.type: Required value: must not be empty for specified object fields`,
    ])
    expect(told(two(version?.['schema']))).toEqual([
      'spec.versions[0].schema.openAPIV3Schema.properties[f].type: Required value: must not be empty for specified object fields',
    ])
  })

  it('names and scope never change, and a version objects are stored in may not go', () => {
    const old = { ...THING_CRD, status: { storedVersions: ['v0', 'v1'] } }
    const changed = withValueAt(
      withValueAt(THING_CRD, ['spec', 'scope'], 'Cluster'),
      ['spec', 'names', 'kind'],
      'Other',
    )

    expect(told(changed, old)).toEqual([
      'spec.scope: Invalid value: "Cluster": field is immutable',
      'spec.names.kind: Invalid value: "Other": field is immutable',
      'status.storedVersions[0]: Invalid value: "v0": missing from spec.versions; must remove it from status.storedVersions',
    ])
  })
})
