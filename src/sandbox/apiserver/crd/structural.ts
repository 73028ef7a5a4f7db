import { decodeMetadata } from '../builtin/decode.ts'
import { copyOf, isFields, setField } from '../model/values.ts'
import type { Fields } from '../model/values.ts'

/** A structural schema: OpenAPI v3 as CRDs carry it. */
export interface StructuralSchema {
  readonly type?: string
  readonly format?: string
  readonly properties?: Readonly<Record<string, StructuralSchema>>
  readonly additionalProperties?: StructuralSchema | boolean
  readonly items?: StructuralSchema
  readonly required?: readonly string[]
  readonly default?: unknown
  readonly nullable?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-embedded-resource'?: boolean
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map'
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly [keyword: string]: unknown
}

/**
 * Remove fields that a schema does not specify.
 * @param unknown - collects the paths of what went: `spec.ports[0].foo`
 * @param path - of `value`; empty for the object itself, whose kind, apiVersion and metadata stay
 */
export function prune(schema: StructuralSchema, value: unknown, unknown: string[], path = ''): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined
      ? value
      : value.map((item: unknown, index) => prune(items, item, unknown, `${path}[${index}]`))
  }
  if (!isFields(value)) return value
  const embedded = path === '' || schema['x-kubernetes-embedded-resource'] === true
  const result: Fields = {}
  for (const name of Object.keys(value)) {
    const at = path === '' ? name : `${path}.${name}`
    if (embedded && isTypeMeta(name)) setField(result, name, value[name])
    else if (embedded && name === 'metadata')
      setField(result, name, path === '' ? value[name] : prunedMetadata(value[name], unknown, path))
    else {
      const kept = pruneField(schema, name, value[name], { unknown, path: at })
      if (kept.keep) setField(result, name, kept.value)
      else unknown.push(at)
    }
  }
  return result
}

function isTypeMeta(name: string): boolean {
  return name === 'apiVersion' || name === 'kind'
}

function prunedMetadata(metadata: unknown, unknown: string[], path: string): unknown {
  const decoded = decodeMetadata(metadata, 'embedded metadata')
  unknown.push(...decoded.unknown.map((words) => `${path}.${/"(.*)"/.exec(words)?.[1] ?? ''}`))
  return decoded.metadata
}

function pruneField(
  schema: StructuralSchema,
  name: string,
  value: unknown,
  place: { readonly unknown: string[]; readonly path: string },
): { readonly keep: boolean; readonly value?: unknown } {
  const property =
    schema.properties !== undefined && Object.hasOwn(schema.properties, name)
      ? schema.properties[name]
      : undefined
  const { additionalProperties } = schema
  const inner = property ?? (isFields(additionalProperties) ? additionalProperties : undefined)
  if (inner !== undefined) return { keep: true, value: prune(inner, value, place.unknown, place.path) }
  const keep = additionalProperties === true || schema['x-kubernetes-preserve-unknown-fields'] === true
  return { keep, value }
}

/** Fill defaults, outside in; nulls of fields that are not nullable count as absent, and go. Returns a new value. */
export function fillDefaults(schema: StructuralSchema, value: unknown): unknown {
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined ? value : value.map((item: unknown) => fillDefaults(items, item))
  }
  if (!isFields(value)) return value
  const result: Fields = {}
  for (const name of Object.keys(value)) {
    const inner = innerSchema(schema, name)
    const item = value[name]
    if (item === null && inner !== undefined && inner.nullable !== true && !keepsAnything(inner)) continue
    setField(result, name, inner === undefined ? item : fillDefaults(inner, item))
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined || Object.hasOwn(result, name)) continue
    setField(result, name, fillDefaults(property, copyOf(property.default)))
  }
  return result
}

function innerSchema(schema: StructuralSchema, name: string): StructuralSchema | undefined {
  if (schema.properties !== undefined && Object.hasOwn(schema.properties, name))
    return schema.properties[name]
  return isFields(schema.additionalProperties) ? schema.additionalProperties : undefined
}

/** A field without a type takes null too. */
function keepsAnything(schema: StructuralSchema): boolean {
  return schema['x-kubernetes-preserve-unknown-fields'] === true && schema.type === undefined
}

/** Every schema below one, with its path in the schema document. */
export function eachSchema(
  schema: StructuralSchema,
  path: string,
  visit: (schema: StructuralSchema, path: string) => void,
): void {
  visit(schema, path)
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (isFields(property)) eachSchema(property, `${path}.properties[${name}]`, visit)
  }
  if (isFields(schema.additionalProperties)) {
    eachSchema(schema.additionalProperties, `${path}.additionalProperties`, visit)
  }
  if (isFields(schema.items)) eachSchema(schema.items, `${path}.items`, visit)
}
