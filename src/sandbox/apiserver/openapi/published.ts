import { isFields, listOf } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import { TYPE_META } from './descriptions/metadata.ts'

/** Any part of a document. */
export type Json = Readonly<Record<string, unknown>>

export type OpenApiVersion = 'v2' | 'v3'

/** Where each version of OpenAPI keeps schemas. */
export const REFERENCE: Readonly<Record<OpenApiVersion, string>> = {
  v2: '#/definitions/',
  v3: '#/components/schemas/',
}

export const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'
const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }]
/** What version 2 cannot say. */
const NOT_IN_V2 = new Set(['default', 'nullable', 'oneOf', 'anyOf', 'allOf', 'not'])
/** What says the shape of a value: left out in version 2 where the value may have another. */
const SHAPE = new Set(['type', 'properties', 'items', 'additionalProperties'])

/**
 * The schema of a custom resource as a server publishes it. What every object has is described by the server, whatever its CRD says.
 * @param schema - structural, of the CRD's version
 */
export function publishedSchema(
  schema: Json,
  kind: { readonly group: string; readonly version: string; readonly kind: string },
  version: OpenApiVersion,
): Json {
  const named = { 'x-kubernetes-group-version-kind': [kind] }
  if (version === 'v2' && schema['x-kubernetes-preserve-unknown-fields'] === true)
    return { type: 'object', ...named }
  const { properties, ...rest } = published(schema, version)
  return { ...rest, properties: { ...(properties as Json | undefined), ...typeMeta(version) }, ...named } // of a structural schema
}

function published(schema: Json, version: OpenApiVersion): Json {
  const made: Fields = {}
  for (const [keyword, value] of Object.entries(schema)) {
    if (saidIn(version, schema, keyword)) made[keyword] = publishedKeyword(keyword, value, version)
  }
  if (version === 'v3' && isIntOrString(schema)) made['anyOf'] ??= INT_OR_STRING
  const shapeless = version === 'v2' && isLoose(schema)
  return schema['x-kubernetes-embedded-resource'] === true && !shapeless ? embedded(made, version) : made
}

function publishedKeyword(keyword: string, value: unknown, version: OpenApiVersion): unknown {
  if (keyword === 'properties') return eachSchema(value, (schema) => published(schema, version))
  const nested = keyword === 'items' || keyword === 'additionalProperties'
  return nested && isFields(value) ? published(value, version) : value
}

function saidIn(version: OpenApiVersion, schema: Json, keyword: string): boolean {
  return version === 'v3' || !(NOT_IN_V2.has(keyword) || (SHAPE.has(keyword) && isLoose(schema)))
}

function isLoose(schema: Json): boolean {
  return schema['nullable'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true
}

function isIntOrString(schema: Json): boolean {
  return schema['x-kubernetes-int-or-string'] === true && schema['allOf'] === undefined
}

/** A whole object inside another: it has kind, apiVersion and metadata, too. */
function embedded(schema: Json, version: OpenApiVersion): Json {
  const required = listOf(schema['required'])
  return {
    ...schema,
    required: [...required, ...['kind', 'apiVersion'].filter((name) => !required.includes(name))],
    properties: { ...(schema['properties'] as Json | undefined), ...typeMeta(version) }, // of a structural schema
  }
}

function typeMeta(version: OpenApiVersion): Json {
  const metadata = { $ref: `${REFERENCE[version]}${OBJECT_META}` }
  return {
    apiVersion: { description: TYPE_META.apiVersion, type: 'string' },
    kind: { description: TYPE_META.kind, type: 'string' },
    metadata: {
      description: TYPE_META.metadata,
      ...(version === 'v2' ? metadata : { allOf: [metadata] }),
    },
  }
}

/**
 * A schema of version 3, of a built-in kind, in the words of version 2: references stand for themselves, and a value of two types is
 * described as text.
 */
export function inVersion2(schema: Json): Json {
  const { allOf, oneOf, default: _, ...rest } = schema
  const made: Fields = {}
  for (const [keyword, value] of Object.entries(rest)) made[keyword] = keywordInVersion2(keyword, value)
  if (oneOf !== undefined) made['type'] = 'string'
  const [reference] = listOf(allOf)
  return isFields(reference) ? { ...made, ...inVersion2(reference) } : made
}

function keywordInVersion2(keyword: string, value: unknown): unknown {
  if (keyword === '$ref' && typeof value === 'string') return value.replace(REFERENCE.v3, REFERENCE.v2)
  if (keyword === 'properties') return eachSchema(value, inVersion2)
  const nested = keyword === 'items' || keyword === 'additionalProperties'
  return nested && isFields(value) ? inVersion2(value) : value
}

/** The schemas of an object's fields; a field may be called like any keyword. */
function eachSchema(properties: unknown, change: (schema: Json) => Json): unknown {
  if (!isFields(properties)) return properties
  const changed = Object.entries(properties).map(([name, schema]) => [
    name,
    isFields(schema) ? change(schema) : schema,
  ])
  return Object.fromEntries(changed) as unknown
}
