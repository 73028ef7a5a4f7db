import { AppError } from '../errors.ts'
import { MAX_LABEL_BYTES, MAX_NAME_BYTES, nameOfWire, type DomainName } from './names.ts'
import type { WireName } from './wire/message.ts'

/** Text of a record that cannot be read. The fields say what stood there and what may. */
export class PresentationError extends AppError {
  constructor(message: string, fields: Readonly<Record<string, string | number>> = {}) {
    super(message, { code: 'DNS_TEXT_INVALID', fields })
  }
}

/** A word of a master file: its characters stand for octets (one each, below 256), escapes are still in it. */
export interface Word {
  readonly text: string
  readonly quoted: boolean
}

const BACKSLASH = 0x5c
const DOT = 0x2e
const MAX_SHOWN = 40
const ROOT = Uint8Array.of(0)

/** What an escape or a plain character at `at` stands for, and where the next one begins (RFC 1035, 5.1). */
function octetAt(text: string, at: number): { readonly octet: number; readonly next: number } {
  const code = text.charCodeAt(at)
  if (code > 0xff) throw new PresentationError('character is no octet', { text: shown(text) })
  if (code !== BACKSLASH) return { octet: code, next: at + 1 }
  const digits = /^\d{3}/.exec(text.slice(at + 1, at + 4))?.[0]
  if (digits !== undefined) {
    if (Number(digits) > 0xff) throw new PresentationError('escape above \\255', { text: shown(text) })
    return { octet: Number(digits), next: at + 4 }
  }
  const next = text.charCodeAt(at + 1)
  if (Number.isNaN(next) || (next >= 0x30 && next <= 0x39) || next > 0xff)
    throw new PresentationError('escape is not \\DDD or \\X', { text: shown(text) })
  return { octet: next, next: at + 2 }
}

/** The octets that a word stands for. */
export function octetsOf(text: string): Uint8Array {
  const out = new Uint8Array(text.length)
  let length = 0
  for (let at = 0; at < text.length; length += 1) {
    const { octet, next } = octetAt(text, at)
    out[length] = octet
    at = next
  }
  return out.slice(0, length)
}

/**
 * Read a name as master files write it (RFC 1035, 5.1): `@` is the origin, without a final dot the origin is appended.
 * @param origin - in wire form; absent: every name must be absolute
 * @throws PresentationError for an empty label, a label above 63 octets, a name above 255, or a relative name without origin
 */
export function readName(text: string, origin?: WireName): WireName {
  if (text === '@') return origin ?? noOrigin(text)
  const scratch = scratchFor(text)
  return scratch.slice(0, writeName(text, origin, scratch))
}

/** As readName, as text in lower case. */
export function readDomainName(text: string, origin?: WireName): DomainName {
  if (text === '@') return nameOfWire(origin ?? noOrigin(text))
  const scratch = scratchFor(text)
  return nameOfWire(scratch.subarray(0, writeName(text, origin, scratch)))
}

/** Room for the longest name, however it is written: four characters for an octet, and dots. */
const SCRATCH = new Uint8Array(4 * MAX_NAME_BYTES + MAX_NAME_BYTES)

/** Text that is longer is no name; it is still looked at, to say why. */
function scratchFor(text: string): Uint8Array {
  return text.length + MAX_NAME_BYTES <= SCRATCH.length
    ? SCRATCH
    : new Uint8Array(text.length + MAX_NAME_BYTES)
}

/** @param out - with room for a character each, and a name behind them @returns octets of the name */
function writeName(text: string, origin: WireName | undefined, out: Uint8Array): number {
  if (text === '.') {
    out[0] = 0
    return 1
  }
  if (text === '') throw new PresentationError('domain name is empty')
  let labelAt = 0
  let end = 1
  let absolute = false
  for (let at = 0; at < text.length;) {
    const code = text.charCodeAt(at)
    if (code === DOT) {
      closeLabel(out, labelAt, end, text)
      labelAt = end
      end += 1
      at += 1
      absolute = at === text.length
      continue
    }
    if (code !== BACKSLASH && code <= 0xff) {
      out[end] = code
      at += 1
    } else {
      const { octet, next } = octetAt(text, at)
      out[end] = octet
      at = next
    }
    end += 1
  }
  if (!absolute) closeLabel(out, labelAt, end, text)
  const length = absolute ? labelAt : end
  const rest = absolute ? ROOT : (origin ?? noOrigin(text))
  if (length + rest.length > MAX_NAME_BYTES) {
    throw new PresentationError('domain name is too long', {
      name: shown(text),
      length: length + rest.length,
      max: MAX_NAME_BYTES,
    })
  }
  out.set(rest, length)
  return length + rest.length
}

function closeLabel(out: Uint8Array, labelAt: number, end: number, text: string): void {
  const length = end - labelAt - 1
  if (length === 0) throw new PresentationError('label is empty', { name: shown(text) })
  if (length > MAX_LABEL_BYTES)
    throw new PresentationError('label is too long', { name: shown(text), length, max: MAX_LABEL_BYTES })
  out[labelAt] = length
}

function noOrigin(text: string): never {
  throw new PresentationError('relative name without an origin', { name: shown(text) })
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }
const MAX_SECONDS = 0xffff_ffff

/** Seconds, plain or with units as in `1h30m` (a habit of all master files). @returns undefined for what is neither */
export function readSeconds(text: string): number | undefined {
  if (!/^(?:\d{1,10}|(?:\d{1,10}[smhdw])+)$/i.test(text)) return undefined
  let seconds = 0
  for (const [, digits, unit = 's'] of text.matchAll(/(\d+)([smhdw])?/gi))
    seconds += Number(digits) * (UNITS[unit.toLowerCase()] ?? 1)
  return seconds <= MAX_SECONDS ? seconds : undefined
}

/** Octets as a quoted string. */
export function quoted(octets: Uint8Array): string {
  let text = '"'
  for (const octet of octets) {
    if (octet === 0x22 || octet === BACKSLASH) text += `\\${String.fromCharCode(octet)}`
    else if (octet >= 0x20 && octet < 0x7f) text += String.fromCharCode(octet)
    else text += `\\${String(octet).padStart(3, '0')}`
  }
  return `${text}"`
}

/** Words of a file in error messages: short, and without what a terminal would obey. */
export function shown(text: string): string {
  const clean = text.replace(/[^\x20-\x7e]/g, '?')
  return clean.length <= MAX_SHOWN ? clean : `${clean.slice(0, MAX_SHOWN - 1)}…`
}
