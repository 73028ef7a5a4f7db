import { AppError } from '../errors.ts'

/** A checked string: made only by its own parser. */
export type Brand<T, B extends string> = T & { readonly __brand: B }

/**
 * Absolute, lower case, with the trailing dot; parsed once at the border, then only joined. Octets that no host name has are
 * written \DDD, the dot within a label and the backslash too, so that every dot ends a label.
 */
export type DomainName = Brand<string, 'DomainName'>

const DOT = 0x2e
const BACKSLASH = 0x5c
/** Behind a backslash. */
const ESCAPED_DIGITS = 3

export const MAX_LABEL_BYTES = 63
/** Octets on the wire, the root's length octet included (RFC 1035, 2.3.4). */
export const MAX_NAME_BYTES = 255

export class NameError extends AppError {
  constructor(message: string, fields: Readonly<Record<string, string | number>>) {
    super(message, { code: 'DNS_NAME_INVALID', fields })
  }
}

/** Letters, digits, hyphen inside (RFC 1123, 2.1); an underscore may lead, as service names do (RFC 8552). */
const LABEL = /^(?:_?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?|\*)$/

/**
 * Parse a host name as users write it, with or without the trailing dot, in any case.
 * @throws NameError when a label is empty, has other characters than letters, digits and inner hyphens, exceeds 63 bytes, or the name 255 (RFC 1035, 2.3.4)
 */
export function parseDomainName(text: string): DomainName {
  const bare = (text.endsWith('.') ? text.slice(0, -1) : text).toLowerCase()
  if (bare === '') {
    if (text === '.') return '.' as DomainName // the root; the cast is what a parser is for
    throw new NameError('domain name is empty', { name: text })
  }
  for (const label of bare.split('.')) {
    if (label.length > MAX_LABEL_BYTES) {
      throw new NameError('label is too long', {
        name: clip(text),
        length: label.length,
        max: MAX_LABEL_BYTES,
      })
    }
    if (!LABEL.test(label))
      throw new NameError('label is not a DNS label', { name: clip(text), label: clip(label) })
  }
  if (bare.length + 2 > MAX_NAME_BYTES) {
    throw new NameError('domain name is too long', {
      name: clip(text),
      length: bare.length + 2,
      max: MAX_NAME_BYTES,
    })
  }
  return `${bare}.` as DomainName // checked above
}

/** As parseDomainName, with `undefined` for what is no name. */
export function tryDomainName(text: string): DomainName | undefined {
  try {
    return parseDomainName(text)
  } catch {
    return undefined
  }
}

/** A DNS-1123 label: what Kubernetes names and topology values must be to become part of a name. */
export function isDnsLabel(text: string): boolean {
  return text.length <= MAX_LABEL_BYTES && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text)
}

/** True when `name` is `zone` or below it. */
export function isWithin(name: DomainName, zone: DomainName): boolean {
  return zone === '.' || name === zone || name.endsWith(`.${zone}`)
}

/** Join labels in front of a parsed name; the result is checked for length only. */
export function prepend(labels: string, name: DomainName): DomainName {
  const joined = name === '.' ? `${labels}.` : `${labels}.${name}`
  if (joined.length + 1 > MAX_NAME_BYTES) {
    throw new NameError('domain name is too long', {
      name: clip(joined),
      length: joined.length + 1,
      max: MAX_NAME_BYTES,
    })
  }
  return joined as DomainName // labels were checked by the caller's parser, the length here
}

/** The name of octets on the wire, in lower case. @param wire - uncompressed, with the root's octet at its end */
export function nameOfWire(wire: Uint8Array): DomainName {
  let length = 0
  for (let at = 0; at < wire.length && wire[at] !== 0; at += wire[at]! + 1) {
    const end = Math.min(at + 1 + wire[at]!, wire.length) // at < length
    for (let i = at + 1; i < end; i += 1) {
      const octet = PLAIN_OCTET[wire[i]!]! // i < length, and there is one for each octet
      if (octet === 0 || length >= TEXT.length - 1) return escapedNameOfWire(wire)
      TEXT[length] = octet
      length += 1
    }
    TEXT[length] = DOT
    length += 1
  }
  return (length === 0 ? '.' : TEXT.toString('latin1', 0, length)) as DomainName // its form is that of the brand
}

/** Text is put together here and then made a string at once: one joined letter by letter takes some 30 octets for each of them. */
const TEXT = Buffer.alloc(MAX_NAME_BYTES + 1)

function escapedNameOfWire(wire: Uint8Array): DomainName {
  const parts: string[] = []
  for (let at = 0; at < wire.length && wire[at] !== 0; at += wire[at]! + 1) {
    for (const octet of wire.subarray(at + 1, at + 1 + wire[at]!)) parts.push(PLAIN[octet]!) // at < length
    parts.push('.')
  }
  return parts.join('') as DomainName // its form is that of the brand
}

/** How each octet stands in a DomainName. */
const PLAIN = Array.from({ length: 256 }, (_, octet) => {
  const isEscaped = octet <= 0x20 || octet >= 0x7f || octet === DOT || octet === BACKSLASH
  return isEscaped ? `\\${String(octet).padStart(3, '0')}` : String.fromCharCode(octet).toLowerCase()
})
/** The same as an octet; 0: it is written in more than one. */
const PLAIN_OCTET = Uint8Array.from(PLAIN, (text) => (text.length === 1 ? text.charCodeAt(0) : 0))

/** Octets of the name on the wire: a length octet before each label, and the root's. */
export function wireLength(name: DomainName): number {
  if (name === '.') return 1
  let escapes = 0
  for (let at = name.indexOf('\\'); at >= 0; at = name.indexOf('\\', at + 1)) escapes += 1
  return name.length + 1 - escapes * ESCAPED_DIGITS
}

/** The name as it goes on the wire, uncompressed and in lower case (RFC 1035, 3.1). */
export function wireName(name: DomainName): Uint8Array {
  const bytes = new Uint8Array(wireLength(name))
  writeWireName(name, bytes, 0)
  return bytes
}

/**
 * As wireName, into `out` from `at` on; allocates nothing.
 * @returns the offset behind the name; `out` must have room for wireLength(name)
 */
export function writeWireName(name: DomainName, out: Uint8Array, at: number): number {
  if (name === '.') {
    out[at] = 0
    return at + 1
  }
  let lengthAt = at
  let end = at + 1
  for (let i = 0; i < name.length; i += 1) {
    const code = name.charCodeAt(i)
    if (code === DOT) {
      out[lengthAt] = end - lengthAt - 1
      lengthAt = end
    } else if (code === BACKSLASH) {
      out[end] = Number(name.slice(i + 1, i + 1 + ESCAPED_DIGITS))
      i += ESCAPED_DIGITS
    } else {
      out[end] = code
    }
    end += 1
  }
  out[lengthAt] = 0 // a DomainName ends with a dot: the last length octet is the root's
  return lengthAt + 1
}

function clip(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`
}
