import { fieldsOf } from './fields.ts'
import { layoutOf } from './layouts.ts'

/** What is wrong with rdata in wire form, names uncompressed; undefined: nothing, or the type is opaque (RFC 3597, 5). */
export function rdataProblem(type: number, rdata: Uint8Array): string | undefined {
  if (layoutOf(type) === undefined) return undefined
  return fieldsOf(type, rdata) === undefined ? 'rdata does not have the form of its type' : undefined
}
