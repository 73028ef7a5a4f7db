import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inVersion2, publishedSchema } from '../../../../../src/sandbox/apiserver/openapi/published.ts'

const KIND = { group: 'g.example.com', version: 'v1', kind: 'Thing' }

describe('publishedSchema', () => {
  it('of a kind that takes anything is nothing but an object in version 2', () => {
    const schema = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { spec: {} } }

    expect(publishedSchema(schema, KIND, 'v2')).toEqual({
      type: 'object',
      'x-kubernetes-group-version-kind': [KIND],
    })
  })

  it('leaves the schema of the CRD as it is', () => {
    const schema = { type: 'object', properties: { spec: { 'x-kubernetes-int-or-string': true } } }
    const before = JSON.stringify(schema)
    publishedSchema(schema, KIND, 'v3')

    expect(JSON.stringify(schema)).toBe(before)
  })

  it('in version 2 says nothing that version 2 does not know, however fields are called', () => {
    const names = fc.constantFrom('default', 'nullable', 'oneOf', 'type', 'items', 'properties', 'x')
    const { schema } = fc.letrec((tie) => ({
      schema: fc.record(
        {
          type: fc.constantFrom('object', 'array', 'string'),
          description: fc.constant('words'),
          default: fc.constant('d'),
          nullable: fc.boolean(),
          oneOf: fc.constant([]),
          properties: fc.dictionary(names, tie('schema'), { maxKeys: 3 }),
          items: tie('schema'),
        },
        { requiredKeys: ['type'] },
      ),
    }))
    fc.assert(
      fc.property(schema, (given) => {
        const made = publishedSchema({ type: 'object', properties: { spec: given } }, KIND, 'v2')

        expect(forbiddenIn(made)).toEqual([])
      }),
    )
  })
})

describe('inVersion2', () => {
  it.each([
    {
      name: 'a reference with a default stands for itself',
      v3: { description: 'Words.', default: {}, allOf: [{ $ref: '#/components/schemas/a.B' }] },
      v2: { description: 'Words.', $ref: '#/definitions/a.B' },
    },
    {
      name: 'a value of two types is text',
      v3: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
      v2: { format: 'int-or-string', type: 'string' },
    },
    {
      name: 'fields may be called like keywords',
      v3: {
        properties: {
          default: { type: 'string', default: '' },
          allOf: { type: 'array', items: { $ref: '#/components/schemas/a.B' } },
        },
      },
      v2: {
        properties: {
          default: { type: 'string' },
          allOf: { type: 'array', items: { $ref: '#/definitions/a.B' } },
        },
      },
    },
  ])('$name', ({ v3, v2 }) => {
    expect(inVersion2(v3)).toEqual(v2)
  })
})

/** Keywords of version 3 in a schema, wherever they stand. */
function forbiddenIn(schema: unknown): readonly string[] {
  const { properties = {}, items, ...rest } = schema as { properties?: object; items?: unknown } // a schema
  return [
    ...Object.keys(rest).filter((name) => ['default', 'nullable', 'oneOf'].includes(name)),
    ...Object.values(properties).flatMap(forbiddenIn),
    ...(items === undefined ? [] : forbiddenIn(items)),
  ]
}
