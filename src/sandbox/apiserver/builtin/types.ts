import { typeRulesOf } from '../fields/type-rules.ts'
import type { TypeRules, TypeSchema } from '../fields/type-rules.ts'
import { apiVersionOf } from '../resource/resource.ts'
import { definition, resolved } from './schema.ts'
import type { Schema } from './schema.ts'

const PREFIX = '#/components/schemas/'
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

/** How the values of a recorded definition merge and are owned. */
export function builtinTypes(name: string): TypeRules {
  return typeRulesOf({ $ref: `${PREFIX}${name}` }, resolveDefinition)
}

/** Where references of schemas lead, those of custom resources too: their metadata is typed. */
export function resolveDefinition(reference: string): { readonly name: string; readonly schema: TypeSchema } {
  return definition(reference.slice(PREFIX.length))
}

/** Metadata as a schema refers to it. */
export const META_REFERENCE: TypeSchema = { $ref: `${PREFIX}${META}` }

/**
 * A new object of a kind before anything is set: structs that are there by value, and the zero values of what is always written.
 * What a create sets is told by the difference to it.
 */
export function emptyOf(kind: {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly definition: string
  readonly zeros?: Readonly<Record<string, unknown>>
}): Readonly<Record<string, unknown>> {
  const { group, version } = kind
  return {
    ...emptyStruct(definition(kind.definition).schema),
    ...kind.zeros,
    kind: kind.kind,
    apiVersion: apiVersionOf(group, version),
  }
}

function emptyStruct(schema: Schema): Record<string, unknown> {
  const required = schema.required ?? []
  const result: Record<string, unknown> = {}
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const { schema: inner } = resolved(property)
    const isValue = property.default !== undefined && inner.properties !== undefined
    if (isValue) result[name] = emptyStruct(inner)
    else if (required.includes(name)) result[name] = property.default ?? null
  }
  return result
}
