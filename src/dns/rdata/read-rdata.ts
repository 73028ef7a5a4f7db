import { octetsOf, PresentationError, readName, readSeconds, shown, type Word } from '../presentation.ts'
import type { WireName } from '../wire/message.ts'
import { type FieldKind, layoutOf } from './layouts.ts'
import { fromBase32hex, fromBase64, fromHex, OctetWriter } from './octets.ts'
import { readIpv4, readIpv6 } from './ip-text.ts'
import { rdataProblem } from './rdata-problem.ts'
import { readServiceParameters } from './service-parameters.ts'
import { readTime } from './time.ts'
import { typeBitmap } from './type-bitmap.ts'
import { typeName, typeNumber } from './type-names.ts'

const MAX_RDATA_BYTES = 0xffff
const MAX_STRING_BYTES = 255
const LIMITS = { u8: 0xff, u16: 0xffff, u32: 0xffff_ffff } as const

/** What the words of one record are read with. */
interface Reader {
  readonly out: OctetWriter
  readonly origin: WireName | undefined
  /** The next word. @throws PresentationError when there is none */
  next(): Word
  /** All that are left. */
  rest(): readonly Word[]
}

/**
 * Read the rdata of a record from its words in a master file (RFC 1035, 5; RFC 3597, 5 for `\# length hex`).
 * @param origin - appended to relative names; absent: names must be absolute
 * @returns the wire form, names in it uncompressed and in the case they were written
 * @throws PresentationError with what stood there and what may
 */
export function readRdata(type: number, words: readonly Word[], origin?: WireName): Uint8Array {
  if (words[0]?.text === '\\#' && !words[0].quoted) return readOpaque(type, words.slice(1))
  const layout = layoutOf(type)
  if (layout === undefined)
    throw new PresentationError('type has no written form but \\#', { type: typeName(type) })
  let at = 0
  const reader: Reader = {
    out: new OctetWriter(),
    origin,
    next() {
      const word = words[at]
      if (word === undefined)
        throw new PresentationError('record ends too early', {
          type: typeName(type),
          fields: layout.join(' '),
        })
      at += 1
      return word
    },
    rest() {
      const left = words.slice(at)
      at = words.length
      return left
    },
  }
  for (const field of layout) FIELDS[field](reader)
  const extra = words[at]
  if (extra !== undefined)
    throw new PresentationError('record has more than its fields', {
      type: typeName(type),
      text: shown(extra.text),
    })
  return bounded(reader.out.finish())
}

function readOpaque(type: number, [length, ...digits]: readonly Word[]): Uint8Array {
  const octets = fromHex(digits.map(({ text }) => text).join(''))
  if (length === undefined || !/^\d{1,5}$/.test(length.text) || octets?.length !== Number(length.text))
    throw new PresentationError('opaque rdata is not \\# length and as many octets in hexadecimal digits')
  const problem = rdataProblem(type, octets)
  if (problem !== undefined) throw new PresentationError(problem, { type: typeName(type) })
  return octets
}

function bounded(octets: Uint8Array): Uint8Array {
  if (octets.length <= MAX_RDATA_BYTES) return octets
  throw new PresentationError('rdata is too long', { length: octets.length, max: MAX_RDATA_BYTES })
}

const FIELDS: Readonly<Record<FieldKind, (reader: Reader) => void>> = {
  name: ({ out, origin, next }) => out.put(readName(next().text, origin)),
  u8: (reader) => reader.out.u8(number(reader.next().text, 'u8')),
  u16: (reader) => reader.out.u16(number(reader.next().text, 'u16')),
  u32: (reader) => reader.out.u32(number(reader.next().text, 'u32')),
  seconds: ({ out, next }) => {
    const { text } = next()
    out.u32(readSeconds(text) ?? wrong('a time in seconds', text))
  },
  type: ({ out, next }) => {
    const { text } = next()
    out.u16(typeNumber(text) ?? wrong('a type', text))
  },
  time: ({ out, next }) => {
    const { text } = next()
    out.u32(readTime(text) ?? wrong('a time as YYYYMMDDHHmmSS', text))
  },
  ipv4: ({ out, next }) => {
    const { text } = next()
    out.put(readIpv4(text) ?? wrong('an IPv4 address', text))
  },
  ipv6: ({ out, next }) => {
    const { text } = next()
    out.put(readIpv6(text) ?? wrong('an IPv6 address', text))
  },
  string: ({ out, next }) => putString(out, octetsOf(next().text)),
  tag: ({ out, next }) => {
    const { text } = next()
    if (!/^[a-z0-9]{1,255}$/i.test(text)) wrong('a tag of letters and digits', text)
    putString(out, octetsOf(text))
  },
  strings: ({ out, next, rest }) => {
    for (const { text } of [next(), ...rest()]) putString(out, octetsOf(text))
  },
  text: ({ out, next }) => out.put(octetsOf(next().text)),
  hex: ({ out, rest }) => {
    const text = joined(rest())
    out.put(fromHex(text) ?? wrong('hexadecimal digits in pairs', text))
  },
  base64: ({ out, next, rest }) => {
    const text = joined([next(), ...rest()])
    out.put(fromBase64(text) ?? wrong('base64', text))
  },
  types: ({ out, rest }) => {
    out.put(typeBitmap(rest().map(({ text }) => typeNumber(text) ?? wrong('a type', text))))
  },
  parameters: ({ out, rest }) => out.put(readServiceParameters(rest())),
  'short-hex': ({ out, next }) => {
    const { text } = next()
    putString(
      out,
      text === '-' ? new Uint8Array(0) : (fromHex(text) ?? wrong('hexadecimal digits in pairs, or -', text)),
    )
  },
  base32: ({ out, next }) => {
    const { text } = next()
    putString(out, fromBase32hex(text) ?? wrong('base32hex', text))
  },
  eui48: ({ out, next }) => {
    const { text } = next()
    out.put(pairs(text, 6) ?? wrong('six pairs of hexadecimal digits with hyphens', text))
  },
  eui64: ({ out, next }) => {
    const { text } = next()
    out.put(pairs(text, 8) ?? wrong('eight pairs of hexadecimal digits with hyphens', text))
  },
  ilnp: ({ out, next }) => {
    const { text } = next()
    const groups = text.split(':')
    if (groups.length !== 4 || !groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group)))
      wrong('four groups of hexadecimal digits', text)
    for (const group of groups) out.u16(Number.parseInt(group, 16))
  },
}

function number(text: string, size: keyof typeof LIMITS): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  return value <= LIMITS[size] ? value : wrong(`a number up to ${LIMITS[size]}`, text)
}

function putString(out: OctetWriter, octets: Uint8Array): void {
  if (octets.length > MAX_STRING_BYTES)
    throw new PresentationError('string is too long', { length: octets.length, max: MAX_STRING_BYTES })
  out.u8(octets.length)
  out.put(octets)
}

function joined(words: readonly Word[]): string {
  return words.map(({ text }) => text).join('')
}

function pairs(text: string, count: number): Uint8Array | undefined {
  const octets = /^[0-9a-f]{2}(?:-[0-9a-f]{2})*$/i.test(text) ? fromHex(text.replaceAll('-', '')) : undefined
  return octets?.length === count ? octets : undefined
}

function wrong(wanted: string, text: string): never {
  throw new PresentationError('field is not what it should be', { wanted, found: shown(text) })
}
