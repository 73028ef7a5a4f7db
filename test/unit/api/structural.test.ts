import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { structuralSchema } from '../../../src/api/structural.ts'

describe('structuralSchema', () => {
  it.each([
    {
      name: 'an integer is int64, without the bounds of JavaScript',
      in: z.int(),
      want: { format: 'int64', type: 'integer' },
    },
    { name: 'an int32 is int32', in: z.int32(), want: { format: 'int32', type: 'integer' } },
    {
      name: 'bounds of its own stay',
      in: z
        .int()
        .min(0)
        .max(2 ** 31 - 1),
      want: { format: 'int64', type: 'integer', minimum: 0, maximum: 2_147_483_647 },
    },
    {
      name: 'an open object keeps unknown fields',
      in: z.looseObject({}),
      want: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
    {
      name: 'an open object with fields has no additionalProperties beside them',
      in: z.looseObject({ a: z.string() }),
      want: {
        type: 'object',
        required: ['a'],
        properties: { a: { type: 'string' } },
        'x-kubernetes-preserve-unknown-fields': true,
      },
    },
    {
      name: 'an unknown value keeps everything',
      in: z.unknown().describe('any'),
      want: { description: 'any', 'x-kubernetes-preserve-unknown-fields': true },
    },
    {
      name: 'a map',
      in: z.record(z.string(), z.int()),
      want: { type: 'object', additionalProperties: { format: 'int64', type: 'integer' } },
    },
    { name: 'an empty object', in: z.object({}), want: { type: 'object' } },
    { name: 'a list', in: z.array(z.boolean()), want: { type: 'array', items: { type: 'boolean' } } },
    { name: 'null beside a type', in: z.string().nullable(), want: { nullable: true, type: 'string' } },
  ])('$name', (row) => {
    expect(structuralSchema(row.in)).toEqual(row.want)
  })

  it('refuses what a structural schema cannot say', () => {
    expect(() => structuralSchema(z.object({ a: z.array(z.union([z.string(), z.int()])) }))).toThrow(
      'anyOf (at .a[])',
    )
  })
})
