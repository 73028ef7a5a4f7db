import { describe, expect, it } from 'vitest'
import { schemaValidator } from '../../../../../src/sandbox/apiserver/crd/validator.ts'
import type { StructuralSchema } from '../../../../../src/sandbox/apiserver/crd/structural.ts'
import { problemMessage } from '../../../../../src/sandbox/apiserver/model/status.ts'

function problems(schema: StructuralSchema, value: unknown): readonly string[] {
  const root: StructuralSchema = { type: 'object', properties: { v: schema } }
  return schemaValidator(root)({ v: value }).map((problem) => `${problem.field}: ${problemMessage(problem)}`)
}

/** Each was asked of a kube-apiserver 1.36. */
const CASES: readonly {
  readonly schema: StructuralSchema
  readonly value: unknown
  readonly want: readonly string[]
}[] = [
  {
    schema: { type: 'string' },
    value: [],
    want: ['v: Invalid value: "array": v in body must be of type string: "array"'],
  },
  {
    schema: { type: 'string' },
    value: 1.5,
    want: ['v: Invalid value: "number": v in body must be of type string: "number"'],
  },
  {
    schema: { type: 'integer' },
    value: 2.5,
    want: [
      'v: Invalid value: "number": v in body must be of type integer: "number"',
      '<nil>: Invalid value: "": Checked value must be of type integer (default format) in v',
    ],
  },
  {
    schema: { type: 'integer', format: 'int64' },
    value: 2.5,
    want: [
      'v: Invalid value: "float64": v in body must be of type int64: "float64"',
      '<nil>: Invalid value: "": Checked value must be of type integer with format int64 in v',
    ],
  },
  {
    schema: { type: 'integer', format: 'int32' },
    value: 2.5,
    want: [
      'v: Invalid value: "float64": v in body must be of type int32: "float64"',
      '<nil>: Invalid value: "": Checked value must be of type integer with format int32 in v',
    ],
  },
  {
    schema: { type: 'integer', format: 'int32' },
    value: 3e9,
    want: ['<nil>: Invalid value: "": Checked value must be of type integer with format int32 in v'],
  },
  { schema: { type: 'string', nullable: true }, value: null, want: [] },
  {
    schema: { type: 'string', nullable: true, enum: ['a'] },
    value: null,
    want: ['v: Unsupported value: null: supported values: "a"'],
  },
  {
    schema: { type: 'integer', enum: [1, 2] },
    value: 3,
    want: ['v: Unsupported value: 3: supported values: "1", "2"'],
  },
  { schema: { type: 'string', enum: [] }, value: 'x', want: [] },
  {
    schema: { type: 'string', minLength: 5, enum: ['p', 'q'] },
    value: 'zz',
    want: [
      'v: Invalid value: "zz": v in body should be at least 5 chars long',
      'v: Unsupported value: "zz": supported values: "p", "q"',
    ],
  },
  {
    schema: { type: 'number', minimum: 0, exclusiveMinimum: true },
    value: 0,
    want: ['v: Invalid value: 0: v in body should be greater than 0'],
  },
  {
    schema: { type: 'number', maximum: 9, exclusiveMaximum: true },
    value: 9,
    want: ['v: Invalid value: 9: v in body should be less than 9'],
  },
  {
    schema: { type: 'number', multipleOf: 2 },
    value: 3,
    want: ['v: Invalid value: 3: v in body should be a multiple of 2'],
  },
  {
    schema: { type: 'array', minItems: 2, items: { type: 'string' } },
    value: [],
    want: ['v: Invalid value: 0: v in body should have at least 2 items'],
  },
  {
    schema: { type: 'object', minProperties: 1 },
    value: {},
    want: ['v: Invalid value: 0: v in body should have at least 1 properties'],
  },
  {
    schema: { type: 'object', maxProperties: 1, additionalProperties: true },
    value: { a: 1, b: 2 },
    want: ['v: Too many: 2: must have at most 1 item'],
  },
  {
    schema: { type: 'string', not: { enum: ['z'] } },
    value: 'z',
    want: ['<nil>: Invalid value: "": "v" must not validate the schema (not)'],
  },
  {
    schema: { type: 'object', anyOf: [{ required: ['x'] }, { required: ['y'] }] },
    value: {},
    want: ['v.x: Required value', '<nil>: Invalid value: "": "v" must validate at least one schema (anyOf)'],
  },
  { schema: { type: 'string', pattern: '^[\\-a]+$' }, value: '-a', want: [] },
  {
    schema: { type: 'object', additionalProperties: { type: 'string', format: 'ipv4' } },
    value: { 'a/b': 'x' },
    want: ['v.a/b: Invalid value: "x": v.a/b in body must be of type ipv4: "x"'],
  },
]

const FORMATS = [
  {
    format: 'date-time',
    good: ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.5+01:00'],
    bad: ['2026-01-01', 'x'],
  },
  { format: 'date', good: ['2026-01-31'], bad: ['2026-13-01', '26-01-01'] },
  { format: 'duration', good: ['1h30m', '0', '-2s'], bad: ['1 hour', ''] },
  { format: 'ipv4', good: ['192.0.2.1'], bad: ['2001:db8::1', '300.0.0.1'] },
  { format: 'ipv6', good: ['2001:db8::1'], bad: ['192.0.2.1'] },
  { format: 'cidr', good: ['192.0.2.0/24', '2001:db8::/32'], bad: ['192.0.2.0', '192.0.2.0/33'] },
  { format: 'hostname', good: ['a.example.com'], bad: ['_x_', '-a'] },
  { format: 'uri', good: ['https://example.com/x', '/path'], bad: ['::'] },
  { format: 'uuid', good: ['00000000-0000-4000-8000-000000000001'], bad: ['x'] },
  { format: 'mac', good: ['00:00:5e:00:53:01'], bad: ['00:00'] },
  { format: 'byte', good: ['AA==', ''], bad: ['%', 'A'] },
  { format: 'email', good: ['a@example.com'], bad: ['a'] },
  { format: 'unheard-of', good: ['anything'], bad: [] },
]

describe('schemaValidator', () => {
  it.each(CASES)('$schema of $value', ({ schema, value, want }) => {
    expect(problems(schema, value).toSorted()).toEqual(want.toSorted())
  })

  it.each(FORMATS)('format $format', ({ format, good, bad }) => {
    const schema = { type: 'string', format }

    expect(good.flatMap((value) => problems(schema, value))).toEqual([])
    expect(bad.map((value) => problems(schema, value))).toEqual(
      bad.map((value) => [
        `v: Invalid value: ${JSON.stringify(value)}: v in body must be of type ${format}: ${JSON.stringify(value)}`,
      ]),
    )
  })

  it('a schema that cannot be compiled refuses instead of throwing', () => {
    expect(problems({ type: 'odd' }, 1)[0]).toContain('the schema cannot be used')
  })
})
