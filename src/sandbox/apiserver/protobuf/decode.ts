import { badRequest } from '../model/status.ts'
import { setField } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import { apiVersionOf } from '../resource/resource.ts'
import { BUILTIN_KINDS } from '../builtin/kinds.ts'
import { PROTOBUF_FIELDS } from './fields.ts'
import { wireFields } from './wire.ts'
import type { WireField } from './wire.ts'
import { definition, resolved } from '../builtin/schema.ts'
import type { NamedSchema, Schema } from '../builtin/schema.ts'

const MAGIC = Buffer.from('k8s\0')
const MAX_DEPTH = 100

interface FieldRule {
  readonly name: string
  /** A zero is a value here, and not an absent field. */
  readonly zero: boolean
  /** Fields of that message belong to this one. */
  readonly inline: string | undefined
}

let messages: ReadonlyMap<string, ReadonlyMap<number, FieldRule>> | undefined

/** Field numbers by message. Parsed at the first use. */
function messageRules(name: string): ReadonlyMap<number, FieldRule> {
  messages ??= new Map(
    PROTOBUF_FIELDS.map((line) => {
      const [message = '', ...fields] = line.split('|')
      return [message, new Map(fields.map(ruleOf))]
    }),
  )
  return messages.get(name) ?? new Map()
}

function ruleOf(text: string): [number, FieldRule] {
  const inline = text.indexOf('*')
  if (inline !== -1)
    return [Number(text.slice(0, inline)), { name: '', zero: false, inline: text.slice(inline + 1) }]
  const [number, name = ''] = text.split(' ')
  return [Number(number), { name: name.replace('?', ''), zero: name.endsWith('?'), inline: undefined }]
}

/**
 * Decode an object in the protobuf form that typed clients send, as they would have written it in JSON.
 * @throws StatusError 400 for other bytes, 415 for kinds that this server knows in JSON only
 */
export function decodeProtobuf(body: Uint8Array): Fields {
  if (!MAGIC.equals(body.subarray(0, MAGIC.length))) {
    throw badRequest('the object provided is unrecognized: no Kubernetes protobuf')
  }
  const envelope = wireFields(body.subarray(MAGIC.length))
  const typeMeta = wireFields(bytesOf(envelope, 1))
  const apiVersion = Buffer.from(bytesOf(typeMeta, 1)).toString()
  const kind = Buffer.from(bytesOf(typeMeta, 2)).toString()
  const name = definitionOf(apiVersion, kind)
  if (name === undefined)
    throw badRequest(`no protobuf of kind ${JSON.stringify(kind)} in version ${JSON.stringify(apiVersion)}`)
  return { apiVersion, kind, ...decodeMessage(definition(name), bytesOf(envelope, 2), 0) }
}

function definitionOf(apiVersion: string, kind: string): string | undefined {
  if (kind === 'DeleteOptions') return 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'
  if (kind === 'Scale') return 'io.k8s.api.autoscaling.v1.Scale'
  return BUILTIN_KINDS.find(
    (known) => known.kind === kind && apiVersionOf(known.group, known.version) === apiVersion,
  )?.definition
}

function bytesOf(fields: readonly WireField[], number: number): Uint8Array {
  const value = fields.findLast((field) => field.number === number)?.value
  return value instanceof Uint8Array ? value : new Uint8Array()
}

function decodeMessage(named: NamedSchema, message: Uint8Array, depth: number): Fields {
  if (depth > MAX_DEPTH) throw badRequest('error decoding protobuf: nested too deeply')
  const result: Fields = {}
  readFields(
    { rules: messageRules(named.name), properties: named.schema.properties ?? {}, result, depth },
    message,
  )
  return result
}

interface Reading {
  readonly rules: ReadonlyMap<number, FieldRule>
  readonly properties: Readonly<Record<string, Schema>>
  readonly result: Fields
  readonly depth: number
}

function readFields(reading: Reading, message: Uint8Array): void {
  for (const { number, value } of wireFields(message)) {
    const rule = reading.rules.get(number)
    if (rule === undefined) continue
    if (rule.inline !== undefined) {
      if (value instanceof Uint8Array) readFields({ ...reading, rules: messageRules(rule.inline) }, value)
      continue
    }
    const property = reading.properties[rule.name]
    if (property !== undefined) readField(reading, rule, resolved(property), value)
  }
}

function readField(
  { result, depth }: Reading,
  rule: FieldRule,
  named: NamedSchema,
  value: bigint | Uint8Array,
): void {
  const { schema } = named
  if (schema.type === 'array') {
    const list = (result[rule.name] ??= []) as unknown[] // only this function writes it
    list.push(decodeValue(resolved(schema.items ?? {}), value, depth))
  } else if (schema.additionalProperties !== undefined) {
    if (!(value instanceof Uint8Array)) throw wrongWireType(rule.name)
    const map = (result[rule.name] ??= {}) as Fields // likewise
    const entry = wireFields(value)
    const item = entry.find((field) => field.number === 2)?.value ?? new Uint8Array()
    setField(
      map,
      Buffer.from(bytesOf(entry, 1)).toString(),
      decodeValue(resolved(schema.additionalProperties), item, depth),
    )
  } else {
    const decoded = decodeValue(named, value, depth)
    const isZero = decoded === 0 || decoded === '' || decoded === false
    if (decoded !== undefined && (!isZero || rule.zero)) result[rule.name] = decoded
  }
}

function decodeValue(named: NamedSchema, value: bigint | Uint8Array, depth: number): unknown {
  const { schema, name } = named
  if (typeof value === 'bigint') {
    if (schema.type === 'boolean') return value !== 0n
    if (schema.type !== 'integer' && schema.type !== 'number') throw wrongWireType(name)
    return Number(BigInt.asIntN(64, value))
  }
  if (schema.format === 'date-time') return decodeTime(value, name.endsWith('.MicroTime'))
  if (schema.format === 'int-or-string') return decodeIntOrString(value)
  if (schema.format === 'byte') return Buffer.from(value).toString('base64')
  if (schema.oneOf !== undefined) return Buffer.from(bytesOf(wireFields(value), 1)).toString()
  if (schema.type === 'string') return Buffer.from(value).toString()
  if (schema.properties !== undefined) return decodeMessage(named, value, depth + 1)
  return decodeRawJson(bytesOf(wireFields(value), 1))
}

function wrongWireType(field: string): Error {
  return badRequest(`error decoding protobuf: wrong wire type for ${field}`)
}

/** A zero time is an absent one. */
function decodeTime(value: Uint8Array, micro: boolean): string | undefined {
  const fields = wireFields(value)
  const part = (number: number): number => {
    const found = fields.find((field) => field.number === number)?.value
    return typeof found === 'bigint' ? Number(BigInt.asIntN(64, found)) : 0
  }
  const seconds = part(1)
  const nanoseconds = part(2)
  if (seconds === 0 && nanoseconds === 0) return undefined
  const atMs = seconds * 1_000
  if (Math.abs(atMs) > 8.64e15) throw badRequest('error decoding protobuf: a time is out of range')
  const text = new Date(atMs).toISOString().slice(0, 19)
  return micro ? `${text}.${String(Math.trunc(nanoseconds / 1_000)).padStart(6, '0')}Z` : `${text}Z`
}

function decodeIntOrString(value: Uint8Array): number | string {
  const fields = wireFields(value)
  const number = (wanted: number): number => {
    const found = fields.find((field) => field.number === wanted)?.value
    return typeof found === 'bigint' ? Number(BigInt.asIntN(64, found)) : 0
  }
  return number(1) === 1 ? Buffer.from(bytesOf(fields, 3)).toString() : number(2)
}

function decodeRawJson(raw: Uint8Array): unknown {
  if (raw.byteLength === 0) return undefined
  try {
    return JSON.parse(Buffer.from(raw).toString()) as unknown
  } catch {
    throw badRequest('error decoding protobuf: a field holds no JSON')
  }
}
