import { octetsOf, PresentationError, quoted, shown, type Word } from '../presentation.ts'
import { base64, fromBase64, OctetWriter } from './octets.ts'
import { presentIp, readIpv4, readIpv6 } from './ip-text.ts'

/** Keys of SVCB and HTTPS parameters (RFC 9460, 14.3.2), dohpath of RFC 9461, ohttp of RFC 9540. */
const KEYS = [
  'mandatory',
  'alpn',
  'no-default-alpn',
  'port',
  'ipv4hint',
  'ech',
  'ipv6hint',
  'dohpath',
  'ohttp',
] as const
const [MANDATORY, ALPN, NO_DEFAULT_ALPN, PORT, IPV4HINT, ECH, IPV6HINT, , OHTTP] = KEYS.map((_, key) => key)
const INVALID_KEY = 65_535

/**
 * Parameters as they are written, `key=value` (RFC 9460, 2.1 and appendix A), to their wire form, keys ascending.
 * @throws PresentationError for a key given twice, an unknown one, or a value that is none of its kind
 */
export function readServiceParameters(words: readonly Word[]): Uint8Array {
  const values = new Map<number, Uint8Array>()
  for (const { text } of words) {
    const equals = text.indexOf('=')
    const name = equals < 0 ? text : text.slice(0, equals)
    const key = keyNumber(name)
    if (key === undefined) throw new PresentationError('unknown service parameter', { key: shown(name) })
    if (values.has(key)) throw new PresentationError('service parameter given twice', { key: shown(name) })
    values.set(key, valueOf(key, equals < 0 ? undefined : unquote(text.slice(equals + 1))))
  }
  const out = new OctetWriter()
  for (const [key, value] of [...values].sort(([left], [right]) => left - right)) {
    out.u16(key)
    out.u16(value.length)
    out.put(value)
  }
  const wire = out.finish()
  const problem = serviceParametersProblem(wire)
  if (problem !== undefined) throw new PresentationError(problem)
  return wire
}

/** What is wrong with parameters in wire form (RFC 9460, 2.2 and 8); undefined: nothing. */
export function serviceParametersProblem(wire: Uint8Array): string | undefined {
  const values = split(wire)
  if (values === undefined) return 'service parameters end too early, or are not in ascending order'
  const mandatory = values.get(MANDATORY!) // KEYS has it
  const missing = keysOf(mandatory ?? new Uint8Array(0)).some((key) => key === MANDATORY || !values.has(key))
  if (missing) return 'mandatory service parameter is not there'
  if (values.has(NO_DEFAULT_ALPN!) && !values.has(ALPN!)) return 'no-default-alpn without alpn' // KEYS has both
  for (const [key, value] of values)
    if (!isWellFormed(key, value)) return 'value of a service parameter is malformed'
  return undefined
}

/** Parameters as they are written, each behind a blank. */
export function presentServiceParameters(wire: Uint8Array): string | undefined {
  if (serviceParametersProblem(wire) !== undefined) return undefined
  return [...(split(wire) ?? [])].map(([key, value]) => ` ${presentOne(key, value)}`).join('')
}

function keyNumber(name: string): number | undefined {
  const known = KEYS.indexOf(name as (typeof KEYS)[number]) // -1 for what is none
  if (known >= 0) return known
  const digits = /^key(0|[1-9]\d{0,4})$/.exec(name)?.[1]
  return digits !== undefined && Number(digits) < INVALID_KEY ? Number(digits) : undefined
}

function unquote(text: string): string {
  return text.length >= 2 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text
}

function valueOf(key: number, text: string | undefined): Uint8Array {
  const fail = (): never => {
    throw new PresentationError('value of a service parameter is malformed', {
      key: KEYS[key] ?? key,
      value: shown(text ?? ''),
    })
  }
  if (key === NO_DEFAULT_ALPN || key === OHTTP)
    return text === undefined || text === '' ? new Uint8Array(0) : fail()
  if (text === undefined) return key >= KEYS.length ? new Uint8Array(0) : fail()
  if (key === ECH) return fromBase64(text) ?? fail()
  if (key === PORT) return /^\d{1,5}$/.test(text) && Number(text) <= 0xffff ? u16s([Number(text)]) : fail()
  if (key === MANDATORY) {
    const keys = text.split(',').map((name) => keyNumber(name) ?? fail())
    return u16s([...keys].sort((left, right) => left - right))
  }
  if (key === ALPN) return strings(commaList(octetsOf(text)))
  if (key === IPV4HINT || key === IPV6HINT) {
    const read = key === IPV4HINT ? readIpv4 : readIpv6
    return joined(text.split(',').map((one) => read(one) ?? fail()))
  }
  return octetsOf(text)
}

/** A comma separates, a backslash before it keeps it (RFC 9460, appendix A.1). */
function commaList(octets: Uint8Array): readonly Uint8Array[] {
  const items: number[][] = [[]]
  for (let at = 0; at < octets.length; at += 1) {
    if (octets[at] === 0x5c && at + 1 < octets.length) {
      at += 1
      items.at(-1)?.push(octets[at]!) // bounds just checked
    } else if (octets[at] === 0x2c) items.push([])
    else items.at(-1)?.push(octets[at]!) // at < length
  }
  return items.map((item) => Uint8Array.from(item))
}

function strings(items: readonly Uint8Array[]): Uint8Array {
  return joined(
    items.map((item) => {
      if (item.length === 0 || item.length > 255)
        throw new PresentationError('alpn has an empty or too long item')
      return Uint8Array.of(item.length, ...item)
    }),
  )
}

function u16s(values: readonly number[]): Uint8Array {
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 255]))
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new OctetWriter()
  for (const part of parts) out.put(part)
  return out.finish()
}

function split(wire: Uint8Array): Map<number, Uint8Array> | undefined {
  const values = new Map<number, Uint8Array>()
  let last = -1
  for (let at = 0; at < wire.length;) {
    if (at + 4 > wire.length) return undefined
    const key = wire[at]! * 256 + wire[at + 1]! // bounds just checked
    const end = at + 4 + wire[at + 2]! * 256 + wire[at + 3]!
    if (key <= last || end > wire.length) return undefined
    values.set(key, wire.subarray(at + 4, end))
    last = key
    at = end
  }
  return values
}

function isWellFormed(key: number, value: Uint8Array): boolean {
  switch (key) {
    case MANDATORY:
      return value.length > 0 && value.length % 2 === 0
    case ALPN:
      return stringsOf(value) !== undefined
    case NO_DEFAULT_ALPN:
    case OHTTP:
      return value.length === 0
    case PORT:
      return value.length === 2
    case IPV4HINT:
      return value.length > 0 && value.length % 4 === 0
    case IPV6HINT:
      return value.length > 0 && value.length % 16 === 0
    default:
      return key !== INVALID_KEY
  }
}

function stringsOf(value: Uint8Array): readonly Uint8Array[] | undefined {
  const items: Uint8Array[] = []
  for (let at = 0; at < value.length; at += value[at]! + 1) {
    const item = value.subarray(at + 1, at + 1 + value[at]!) // at < length
    if (item.length === 0 || item.length < value[at]!) return undefined
    items.push(item)
  }
  return items.length === 0 ? undefined : items
}

function presentOne(key: number, value: Uint8Array): string {
  const name = KEYS[key] ?? `key${key}`
  if (value.length === 0) return name
  switch (key) {
    case MANDATORY:
      return `${name}=${keysOf(value)
        .map((key) => KEYS[key] ?? `key${key}`)
        .join(',')}`
    case PORT:
      return `${name}=${value[0]! * 256 + value[1]!}` // well formed: two octets
    case ALPN:
      return `${name}=${quoted(listText(stringsOf(value) ?? []))}`
    case ECH:
      return `${name}=${base64(value)}`
    case IPV4HINT:
      return `${name}=${chunks(value, 4).map(presentIp).join(',')}`
    case IPV6HINT:
      return `${name}=${chunks(value, 16).map(presentIp).join(',')}`
    default:
      return `${name}=${quoted(value)}`
  }
}

function listText(items: readonly Uint8Array[]): Uint8Array {
  return joined(
    items.flatMap((item, index) => [
      ...(index === 0 ? [] : [Uint8Array.of(0x2c)]),
      Uint8Array.from(
        [...item].flatMap((octet) => (octet === 0x2c || octet === 0x5c ? [0x5c, octet] : [octet])),
      ),
    ]),
  )
}

function keysOf(value: Uint8Array): readonly number[] {
  return chunks(value, 2).map((two) => two[0]! * 256 + two[1]!) // two each
}

function chunks(bytes: Uint8Array, size: number): readonly Uint8Array[] {
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  )
}
