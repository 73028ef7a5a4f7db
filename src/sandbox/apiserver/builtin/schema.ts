import { fieldsOf, isFields, listOf, textOf } from '../model/values.ts'
import type { MergeRule, MergeSchema } from '../resource/resource.ts'
import { OPENAPI_SCHEMAS } from './openapi-schemas.ts'

const PREFIX = '#/components/schemas/'

/** A schema of the built-in kinds, as the OpenAPI document has it. */
export interface Schema {
  readonly type?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema
  readonly items?: Schema
  readonly required?: readonly string[]
  readonly enum?: readonly string[]
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly $ref?: string
  readonly [extension: string]: unknown
}

/** A schema with the name of the definition it came from, where it has one. */
export interface NamedSchema {
  readonly name: string
  readonly schema: Schema
}

let definitions: Readonly<Record<string, Schema>> | undefined

/** All definitions by name. Parsed at the first use: 115 KB, about a millisecond. */
export function builtinDefinitions(): Readonly<Record<string, Schema>> {
  definitions ??= JSON.parse(`{${OPENAPI_SCHEMAS.join(',')}}`) as Readonly<Record<string, Schema>>
  return definitions
}

/** The definition of a name; throws for names that were not recorded. */
export function definition(name: string): NamedSchema {
  const schema = builtinDefinitions()[name]
  if (schema === undefined) throw new Error(`no recorded schema ${name}`)
  return { name, schema }
}

/** Follow references: fields point to definitions by `$ref`, or by `allOf` of one where they add a default. */
export function resolved(schema: Schema): NamedSchema {
  const reference = schema.$ref ?? schema.allOf?.[0]?.$ref
  return typeof reference === 'string' ? definition(reference.slice(PREFIX.length)) : { name: '', schema }
}

/** The definitions that a schema refers to, directly. */
export function referencesOf(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(referencesOf)
  if (!isFields(value)) return []
  const reference = value['$ref']
  const own =
    typeof reference === 'string' && reference.startsWith(PREFIX) ? [reference.slice(PREFIX.length)] : []
  return [...own, ...Object.values(value).flatMap(referencesOf)]
}

/** The merge rules of a definition, for strategic merge patches. */
export function mergeSchemaOf(name: string): MergeSchema {
  return mergeSchema(definition(name).schema)
}

function mergeSchema(schema: Schema): MergeSchema {
  const field = (name: string): Schema | undefined => schema.properties?.[name] ?? schema.additionalProperties
  return {
    rule: (name) => mergeRule(schema.properties?.[name]),
    inner: (name) => {
      const found = field(name)
      if (found === undefined) return undefined
      const { schema: inner } = resolved(found)
      return mergeSchema(
        inner.type === 'array' && inner.items !== undefined ? resolved(inner.items).schema : inner,
      )
    },
  }
}

function mergeRule(schema: Schema | undefined): MergeRule | undefined {
  const strategies = textOf(schema?.['x-kubernetes-patch-strategy']).split(',')
  if (strategies.includes('merge')) {
    const key = textOf(schema?.['x-kubernetes-patch-merge-key'])
    return key === '' ? { strategy: 'merge' } : { strategy: 'merge', key }
  }
  return strategies.includes('replace') ? { strategy: 'replace' } : undefined
}

/** Group, version and kind that a definition is the schema of. */
export function kindsOf(schema: Schema): readonly Readonly<Record<string, unknown>>[] {
  return listOf(schema['x-kubernetes-group-version-kind']).map(fieldsOf)
}
