import { TYPE } from '../protocol.ts'

/** Where names stand in the rdata of a type: octets before the first one, how many there are, octets behind the last one. */
export interface NamesInRdata {
  readonly before: number
  readonly count: number
  readonly after: number
}

/** Types whose names in rdata may be compressed: those of RFC 1035 (RFC 3597, 4). */
export const NAMES_IN_RDATA: ReadonlyMap<number, NamesInRdata> = new Map([
  [TYPE.NS, { before: 0, count: 1, after: 0 }],
  [TYPE.CNAME, { before: 0, count: 1, after: 0 }],
  [TYPE.SOA, { before: 0, count: 2, after: 20 }],
  [TYPE.PTR, { before: 0, count: 1, after: 0 }],
  [TYPE.MX, { before: 2, count: 1, after: 0 }],
])
