import { z } from 'zod'
import type { StructuralSchema } from './resource-definition.ts'

type Json = { readonly [field: string]: unknown }

const INT32 = { min: -(2 ** 31), max: 2 ** 31 - 1 }

/**
 * The structural schema that a zod schema says.
 * zod's OpenAPI form differs from a structural schema in three ways, put right here: open objects say `additionalProperties: {}` beside `properties`,
 * unknown values have no type, and integers carry the bounds of what JavaScript can count instead of a format.
 * @throws Error for what a structural schema cannot express (a union, a reference): a mistake in `src/api`, found by its tests
 */
export function structuralSchema(schema: z.ZodType): StructuralSchema {
  return convert(z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }), '')
}

function convert(node: Json, path: string): StructuralSchema {
  for (const word of ['$ref', 'anyOf', 'oneOf', 'allOf', 'not']) {
    if (word in node) throw new Error(`a structural schema cannot say ${word} (at ${path || 'the root'})`)
  }
  if (node['type'] === undefined) return { ...described(node), 'x-kubernetes-preserve-unknown-fields': true }
  if (node['type'] === 'integer') return integer(node)
  if (node['type'] === 'array') return { ...node, items: convert(node['items'] as Json, `${path}[]`) }
  if (node['type'] === 'object') return object(node, path)
  return node // a leaf: string, number or boolean, with its limits
}

function described(node: Json): StructuralSchema {
  return typeof node['description'] === 'string' ? { description: node['description'] } : {}
}

function integer(node: Json): StructuralSchema {
  const { minimum, maximum, ...rest } = node as {
    readonly minimum?: number
    readonly maximum?: number
    readonly type: 'integer'
  }
  const isInt32 = minimum === INT32.min && maximum === INT32.max
  return {
    format: isInt32 ? 'int32' : 'int64',
    ...rest,
    ...(minimum === undefined || minimum <= INT32.min ? {} : { minimum }),
    ...(maximum === undefined || isInt32 || maximum >= Number.MAX_SAFE_INTEGER ? {} : { maximum }),
  }
}

function object(node: Json, path: string): StructuralSchema {
  const { properties, additionalProperties, ...rest } = node as {
    readonly properties?: Readonly<Record<string, Json>>
    readonly additionalProperties?: Json
    readonly type: 'object'
  }
  const fields = Object.entries(properties ?? {})
  if (fields.length > 0) {
    const converted = fields.map(([name, field]) => [name, convert(field, `${path}.${name}`)] as const)
    const open =
      additionalProperties === undefined ? {} : { 'x-kubernetes-preserve-unknown-fields': true as const }
    return { ...rest, properties: Object.fromEntries(converted), ...open }
  }
  if (additionalProperties === undefined) return rest
  if (Object.keys(additionalProperties).length === 0) {
    return { ...rest, 'x-kubernetes-preserve-unknown-fields': true }
  }
  return { ...rest, additionalProperties: convert(additionalProperties, `${path}.*`) }
}
