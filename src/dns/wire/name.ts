import type { WireName } from './message.ts'

const UPPER_A = 0x41
const UPPER_Z = 0x5a
const CASE_BIT = 0x20

/** ASCII letters to lower case, nothing else (RFC 4343, 3); length octets are below the letters. */
export function foldName(name: WireName): WireName {
  return name.map((octet) => (octet >= UPPER_A && octet <= UPPER_Z ? octet | CASE_BIT : octet))
}

/** Octets of the name as a map key: equal exactly when the octets are. */
export function nameKey(name: WireName): string {
  let key = ''
  for (const octet of name) key += String.fromCharCode(octet)
  return key
}

/** Where an uncompressed name ends that begins at `start`; the end of the octets for one that does not. */
export function nameEnd(bytes: Uint8Array, start: number): number {
  let at = start
  while (at < bytes.length && bytes[at] !== 0) at += bytes[at]! + 1 // at < length
  return Math.min(at + 1, bytes.length)
}

/** Labels of the name, the root not counted. */
export function labelCount(name: WireName): number {
  let count = 0
  for (let at = 0; at < name.length && name[at] !== 0; at += name[at]! + 1) count += 1 // at < length
  return count
}

/** The name without its first `labels` labels: a view, not a copy. */
export function parentName(name: WireName, labels: number): WireName {
  let at = 0
  for (let i = 0; i < labels && name[at] !== 0; i += 1) at += (name[at] ?? 0) + 1
  return name.subarray(at)
}

/** The name as a person reads it; octets other than printable ASCII as \DDD, what master files give a meaning escaped (RFC 1035, 5.1). */
export function presentName(name: WireName): string {
  if (name.length <= 1) return '.'
  let text = ''
  for (let at = 0; at < name.length && name[at] !== 0; at += name[at]! + 1) {
    for (const octet of name.subarray(at + 1, at + 1 + name[at]!)) text += presentOctet(octet)
    text += '.'
  }
  return text
}

/** Octets that mean something else in a master file: " $ ( ) . ; @ and backslash. */
const SPECIAL = new Set([0x22, 0x24, 0x28, 0x29, 0x2e, 0x3b, 0x40, 0x5c])

function presentOctet(octet: number): string {
  if (SPECIAL.has(octet)) return `\\${String.fromCharCode(octet)}`
  if (octet > 0x20 && octet < 0x7f) return String.fromCharCode(octet)
  return `\\${String(octet).padStart(3, '0')}`
}
