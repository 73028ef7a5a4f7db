import { META_REFERENCE, resolveDefinition } from '../builtin/types.ts'
import { typeRulesOf } from '../fields/type-rules.ts'
import type { TypeRules, TypeSchema } from '../fields/type-rules.ts'
import type { StructuralSchema } from './structural.ts'

const TYPE_META: Readonly<Record<string, TypeSchema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: META_REFERENCE,
}

/** How the values of a custom resource merge and are owned: by its schema, metadata as that of built-in kinds. */
export function customTypes(schema: StructuralSchema): TypeRules {
  return typeRulesOf(withTypeMeta(schemaOf(schema)), resolveDefinition)
}

function withTypeMeta(schema: TypeSchema): TypeSchema {
  return { ...schema, properties: { ...schema.properties, ...TYPE_META } }
}

/** Objects inside an object have metadata too. */
function schemaOf(schema: StructuralSchema): TypeSchema {
  const { properties, additionalProperties, items, ...rest } = schema
  const made: TypeSchema = {
    ...rest,
    ...(properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(properties).map(([name, inner]) => [name, schemaOf(inner)]),
          ),
        }),
    ...(additionalProperties === undefined
      ? {}
      : {
          additionalProperties:
            typeof additionalProperties === 'boolean' ? additionalProperties : schemaOf(additionalProperties),
        }),
    ...(items === undefined ? {} : { items: schemaOf(items) }),
  }
  return schema['x-kubernetes-embedded-resource'] === true ? withTypeMeta(made) : made
}
