import type { KubeObject } from '../../../api/object.ts'
import { orderedMetadata } from '../model/metadata.ts'
import { badRequest } from '../model/status.ts'
import { isFields, setField } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { Decoded } from '../resource/resource.ts'
import { definition, resolved } from './schema.ts'
import type { NamedSchema, Schema } from './schema.ts'

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'
const MICRO_TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime'
const TIME_TEXT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)$/
const MICRO_TIME_TEXT = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{6})(Z|[+-]\d\d:\d\d)$/
const SCHEMA_PROPS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps'
const INT32_MAX = 2_147_483_647

interface Walk {
  readonly unknown: string[]
  /** Beginning of every error: `Service in version "v1" cannot be handled as a Service`. */
  readonly context: string
}

interface Place {
  /** `spec.ports[0].port`, for unknown fields. */
  readonly path: string
  /** `spec.ports.port`, for errors, as the real decoder names it. */
  readonly plainPath: string
  /** The struct that holds the value, without package. */
  readonly struct: string
}

/**
 * Decode an object of a built-in kind the way a typed decoder does: unknown fields go, nulls go, times are brought to UTC seconds,
 * empty optional maps and lists go.
 * @param name - of the kind's definition
 * @throws StatusError 400 on a value of another type
 */
export function decodeTyped(name: string, raw: KubeObject, context: string): Decoded {
  const walk: Walk = { unknown: [], context }
  const place: Place = { path: '', plainPath: '', struct: '' }
  const decoded = decodeValue(walk, definition(name), raw, place) as KubeObject // the definition of a kind is a struct
  const { apiVersion, kind, metadata, ...rest } = decoded
  return {
    object: { kind, apiVersion, metadata: orderedMetadata(metadata ?? {}), ...rest },
    unknown: walk.unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
  }
}

/** Decode metadata alone: custom resources have typed metadata too. */
export function decodeMetadata(
  raw: unknown,
  context: string,
): { readonly metadata: KubeObject['metadata']; readonly unknown: readonly string[] } {
  const walk: Walk = { unknown: [], context }
  const place: Place = { path: 'metadata', plainPath: 'metadata', struct: '' }
  const decoded = raw === undefined || raw === null ? {} : decodeValue(walk, definition(META), raw, place)
  return {
    metadata: orderedMetadata(decoded as Fields), // a struct
    unknown: walk.unknown.map((path) => `unknown field ${JSON.stringify(path)}`),
  }
}

function decodeValue(walk: Walk, named: NamedSchema, value: unknown, place: Place): unknown {
  const { schema } = named
  const nested = nestedSchema(named.name, value)
  if (nested !== undefined) return decodeValue(walk, nested, value, place)
  if (schema.format === 'int-or-string') {
    if (typeof value === 'string' || Number.isInteger(value)) return value
    throw mismatch(walk, value, place, 'intstr.IntOrString')
  }
  if (schema.oneOf !== undefined) {
    // A quantity: canonical text.
    if (typeof value === 'string') return value
    if (typeof value === 'number') return String(value)
    throw badRequest(
      `${walk.context}: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    )
  }
  switch (schema.type) {
    case 'string':
      return decodeString(walk, schema, value, place)
    case 'integer':
    case 'number':
      return decodeNumber(walk, schema, value, place)
    case 'boolean':
      if (typeof value === 'boolean') return value
      throw mismatch(walk, value, place, 'bool')
    case 'array':
      return decodeList(walk, schema, value, place)
    case 'object':
      return decodeObject(walk, named, value, place)
    case undefined:
    default:
      return value
  }
}

/** The parts of a CRD's schema that may be a schema or something else: as schemas they are typed too. */
function nestedSchema(name: string, value: unknown): NamedSchema | undefined {
  const isPart = name === `${SCHEMA_PROPS}OrArray` || name === `${SCHEMA_PROPS}OrBool`
  return isPart && typeof value !== 'boolean' && !Array.isArray(value) ? definition(SCHEMA_PROPS) : undefined
}

function decodeString(walk: Walk, schema: Schema, value: unknown, place: Place): string {
  if (typeof value !== 'string') throw mismatch(walk, value, place, 'string')
  if (schema.format === 'date-time') return decodeTime(walk, value, schema)
  if (
    schema.format === 'byte' &&
    !/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)
  ) {
    const good = /^[A-Za-z0-9+/]*/.exec(value)?.[0].length ?? 0
    throw badRequest(`${walk.context}: illegal base64 data at input byte ${good - (good % 4)}`)
  }
  return value
}

/** Zones become UTC; only micro times keep their fraction, and must have one. */
function decodeTime(walk: Walk, value: string, schema: Schema): string {
  const micro = schema === definition(MICRO_TIME).schema
  const match = (micro ? MICRO_TIME_TEXT : TIME_TEXT).exec(value)
  const atMs = match === null ? Number.NaN : Date.parse(`${match[1]}${match[3]}`)
  if (match === null || Number.isNaN(atMs)) {
    const layout = micro ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00'
    const shown = JSON.stringify(value)
    throw badRequest(`${walk.context}: parsing time ${shown} as "${layout}": cannot parse ${shown} as "2006"`)
  }
  return `${new Date(atMs).toISOString().slice(0, 19)}${micro ? match[2] : ''}Z`
}

function decodeNumber(walk: Walk, schema: Schema, value: unknown, place: Place): number {
  const type = schema.type === 'number' ? 'float64' : (schema.format ?? 'int64')
  if (typeof value !== 'number') throw mismatch(walk, value, place, type)
  if (schema.type === 'integer' && !Number.isInteger(value)) throw mismatch(walk, value, place, type)
  if (schema.format === 'int32' && Math.abs(value) > INT32_MAX) throw mismatch(walk, value, place, type)
  return value
}

function decodeList(walk: Walk, schema: Schema, value: unknown, place: Place): readonly unknown[] {
  const items = resolved(schema.items ?? {})
  if (!Array.isArray(value)) throw mismatch(walk, value, place, `[]${goType(items)}`)
  return value.map((item: unknown, index) => {
    if (item === null) return zeroOf(items.schema)
    return decodeValue(walk, items, item, { ...place, path: `${place.path}[${index}]` })
  })
}

function decodeObject(walk: Walk, named: NamedSchema, value: unknown, place: Place): Fields {
  if (!isFields(value)) throw mismatch(walk, value, place, goType(named))
  const { schema } = named
  if (schema.properties !== undefined) return decodeStruct(walk, named, value, place)
  const { additionalProperties } = schema
  if (additionalProperties === undefined) return value
  const inner = resolved(additionalProperties)
  const result: Fields = {}
  for (const name of Object.keys(value)) {
    const path = `${place.path}.${name}`
    const item = value[name]
    setField(
      result,
      name,
      item === null ? zeroOf(inner.schema) : decodeValue(walk, inner, item, { ...place, path }),
    )
  }
  return result
}

function decodeStruct(walk: Walk, named: NamedSchema, value: Readonly<Fields>, place: Place): Fields {
  const properties = named.schema.properties ?? {}
  const required = named.schema.required ?? []
  const struct = shortName(named.name)
  const result: Fields = {}
  for (const name of Object.keys(value)) {
    const path = place.path === '' ? name : `${place.path}.${name}`
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined
    const item = value[name]
    if (property === undefined) {
      walk.unknown.push(path)
      continue
    }
    if (item === null || item === undefined) continue
    const plainPath = place.plainPath === '' ? name : `${place.plainPath}.${name}`
    const decoded = decodeValue(walk, resolved(property), item, { path, plainPath, struct })
    if (isEmptyOptional(property, decoded) && !required.includes(name)) continue
    result[name] = decoded
  }
  return result
}

/** Empty maps and lists are not written where they may be absent. */
function isEmptyOptional(property: Schema, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  return property.additionalProperties !== undefined && isFields(value) && Object.keys(value).length === 0
}

function zeroOf(schema: Schema): unknown {
  switch (schema.type) {
    case 'string':
      return ''
    case 'integer':
    case 'number':
      return 0
    case 'boolean':
      return false
    case 'array':
      return []
    case undefined:
    default:
      return {}
  }
}

function mismatch(walk: Walk, value: unknown, place: Place, type: string): Error {
  const where = place.struct === '' ? 'value' : `struct field ${place.struct}.${place.plainPath}`
  return badRequest(
    `${walk.context}: json: cannot unmarshal ${jsonWord(value)} into Go ${where} of type ${type}`,
  )
}

function jsonWord(value: unknown): string {
  if (Array.isArray(value)) return 'array'
  if (value === null) return 'null'
  if (typeof value === 'boolean') return 'bool'
  if (typeof value === 'number') return Number.isInteger(value) ? 'number' : `number ${value}`
  return typeof value
}

/** A type as the real decoder names it in errors. */
function goType(named: NamedSchema): string {
  const { schema, name } = named
  if (name !== '') return `v1.${shortName(name)}`
  switch (schema.type) {
    case 'array':
      return `[]${goType(resolved(schema.items ?? {}))}`
    case 'integer':
      return schema.format ?? 'int64'
    case 'boolean':
      return 'bool'
    case 'object':
      return `map[string]${goType(resolved(schema.additionalProperties ?? {}))}`
    case undefined:
      return 'interface {}'
    default:
      return schema.type
  }
}

function shortName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}
