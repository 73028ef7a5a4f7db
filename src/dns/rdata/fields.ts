import type { FieldKind } from './layouts.ts'
import { layoutOf } from './layouts.ts'
import { serviceParametersProblem } from './service-parameters.ts'
import { typesOfBitmap } from './type-bitmap.ts'

/** One field of rdata and its octets; a string without its length octet. */
export interface Field {
  readonly kind: FieldKind
  readonly octets: Uint8Array
}

const FIXED: Partial<Record<FieldKind, number>> = {
  u8: 1,
  u16: 2,
  u32: 4,
  seconds: 4,
  type: 2,
  time: 4,
  ipv4: 4,
  ipv6: 16,
  eui48: 6,
  eui64: 8,
  ilnp: 8,
}

/**
 * Cut rdata into its fields. Takes any octets.
 * @returns undefined when they do not fit the type's layout, or the type has none
 */
export function fieldsOf(type: number, rdata: Uint8Array): readonly Field[] | undefined {
  const fields: Field[] = []
  let at = 0
  for (const kind of layoutOf(type) ?? [undefined]) {
    const end = kind === undefined ? -1 : fieldEnd(kind, rdata, at)
    if (kind === undefined || end < 0 || end > rdata.length) return undefined
    const octets = rdata.subarray(hasLength(kind) ? at + 1 : at, end)
    if (!isWellFormed(kind, octets)) return undefined
    fields.push({ kind, octets })
    at = end
  }
  return at === rdata.length ? fields : undefined
}

/** The strings of a field of kind `strings`, known to be well formed. */
export function stringsIn(octets: Uint8Array): readonly Uint8Array[] {
  const strings: Uint8Array[] = []
  for (let at = 0; at < octets.length; at += octets[at]! + 1)
    strings.push(octets.subarray(at + 1, at + 1 + octets[at]!)) // at < length
  return strings
}

function hasLength(kind: FieldKind): boolean {
  return kind === 'string' || kind === 'tag' || kind === 'short-hex' || kind === 'base32'
}

/** Where a field ends that begins at `at`; below 0, or beyond the rdata, when it does not. */
function fieldEnd(kind: FieldKind, rdata: Uint8Array, at: number): number {
  const fixed = FIXED[kind]
  if (fixed !== undefined) return at + fixed
  if (kind === 'name') return nameEnd(rdata, at)
  if (hasLength(kind)) return at < rdata.length ? at + 1 + rdata[at]! : -1 // at < length
  return rdata.length
}

function nameEnd(rdata: Uint8Array, start: number): number {
  for (let at = start; at < rdata.length; at += rdata[at]! + 1) {
    const length = rdata[at]! // at < length
    if (length > 63) return -1
    if (length === 0) return at + 1 - start > 255 ? -1 : at + 1
  }
  return -1
}

function isWellFormed(kind: FieldKind, octets: Uint8Array): boolean {
  switch (kind) {
    case 'strings':
      return octets.length > 0 && lengthsFit(octets)
    case 'tag':
      return octets.length > 0 && octets.every((octet) => /[a-z0-9]/i.test(String.fromCharCode(octet)))
    case 'types':
      return typesOfBitmap(octets) !== undefined
    case 'parameters':
      return serviceParametersProblem(octets) === undefined
    case 'base32':
    case 'base64':
      return octets.length > 0
    default:
      return true
  }
}

function lengthsFit(octets: Uint8Array): boolean {
  let at = 0
  while (at < octets.length) at += octets[at]! + 1 // at < length
  return at === octets.length
}
