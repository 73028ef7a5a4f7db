import { isFields, listOf, textOf } from '../model/values.ts'
import { protobufMessage } from '../protobuf/writer.ts'
import type { ProtobufField } from '../protobuf/writer.ts'
import type { Json } from './published.ts'
import type { OpenApiV2, PatchOperation } from './v2.ts'

/** What kubectl asks for; the form of gnostic's `openapi.v2.Document`. */
export const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

/** A document of version 2 as kubectl takes it, less what limits values (lengths, patterns and the like), which it does not read. */
export function openApiV2Protobuf({ swagger, info, paths, definitions }: OpenApiV2): Uint8Array {
  const items = Object.entries(paths).map(([path, { patch }]): ProtobufField => [
    2,
    named(path, pathItem(patch)),
  ])
  const schemas = Object.entries(definitions).map(([name, schema]): ProtobufField => [
    1,
    named(name, schemaOf(schema)),
  ])
  const about = protobufMessage([
    [1, info.title],
    [2, info.version],
  ])
  return protobufMessage([
    [1, swagger],
    [2, about],
    [8, protobufMessage(items)],
    [9, protobufMessage(schemas)],
  ])
}

/** NamedPathItem, NamedSchema: a name and a message. */
function named(name: string, value: Uint8Array): Uint8Array {
  return protobufMessage([
    [1, name],
    [2, value],
  ])
}

function pathItem(patch: PatchOperation): Uint8Array {
  const operation = protobufMessage([
    ...patch.parameters.map(({ name, type }): ProtobufField => [8, parameter(textOf(name), textOf(type))]),
    ...extensions(patch as unknown as Json, 13), // its extension is one of its fields
  ])
  return protobufMessage([[8, operation]])
}

/** ParametersItem { Parameter { NonBodyParameter { QueryParameterSubSchema } } } */
function parameter(name: string, type: string): Uint8Array {
  const query = protobufMessage([
    [2, 'query'],
    [4, name],
    [6, type],
  ])
  return protobufMessage([[1, protobufMessage([[2, protobufMessage([[3, query]])]])]])
}

function schemaOf(schema: Json): Uint8Array {
  const texts: readonly (readonly [number, string])[] = [
    [1, '$ref'],
    [2, 'format'],
    [3, 'title'],
    [4, 'description'],
  ]
  const { additionalProperties, items, properties, type } = schema
  return protobufMessage([
    ...texts.flatMap(([number, keyword]): ProtobufField[] => textField(number, schema[keyword])),
    ...listOf(schema['required']).flatMap((name) => textField(19, name)),
    ...listOf(schema['enum']).map((value): ProtobufField => [20, protobufMessage([[2, yaml(value)]])]),
    ...(isFields(additionalProperties)
      ? [[21, protobufMessage([[1, schemaOf(additionalProperties)]])] as const]
      : []),
    ...textField(22, typeof type === 'string' ? protobufMessage([[1, type]]) : undefined),
    ...(isFields(items) ? [[23, protobufMessage([[1, schemaOf(items)]])] as const] : []),
    ...(isFields(properties) ? [[25, propertiesOf(properties)] as const] : []),
    ...extensions(schema, 31),
  ])
}

function propertiesOf(properties: Json): Uint8Array {
  return protobufMessage(
    Object.entries(properties).flatMap(([name, schema]): ProtobufField[] =>
      isFields(schema) ? [[1, named(name, schemaOf(schema))]] : [],
    ),
  )
}

function textField(number: number, value: unknown): ProtobufField[] {
  return typeof value === 'string' || value instanceof Uint8Array ? [[number, value]] : []
}

/** NamedAny { Any { yaml } }, for each field of an extension's name. */
function extensions(fields: Json, number: number): readonly ProtobufField[] {
  return Object.entries(fields)
    .filter(([name]) => name.startsWith('x-'))
    .map(([name, value]) => [number, named(name, protobufMessage([[2, yaml(value)]]))])
}

/** JSON is YAML. */
function yaml(value: unknown): string {
  return `${JSON.stringify(value)}\n`
}
