/**
 * What is counted of every query, and where. For each worker, transport and address family there is a row of cells for each
 * zone; the numbers are exact up to 2^53. Everything here is closed: these are the values of labels.
 */

/** How a query came in. */
export const PROTOS = ['udp', 'tcp', 'dot', 'doh'] as const
export type Proto = (typeof PROTOS)[number]

/** 1 = IPv4, 2 = IPv6, as CoreDNS has it. */
export const FAMILIES = ['1', '2'] as const

/** Types with a count of their own, those of CoreDNS; all others are `other`. */
export const QUERY_TYPES = [
  ...['other', 'A', 'AAAA', 'ANY', 'AXFR', 'CNAME', 'DNSKEY', 'DS', 'HTTPS', 'IXFR'],
  ...['MX', 'NS', 'NSEC', 'NSEC3', 'PTR', 'RRSIG', 'SOA', 'SRV', 'TXT'],
] as const
export type QueryType = (typeof QUERY_TYPES)[number]

/** The first eleven stand where their code is (IANA registry "DNS RCODEs"). */
export const RCODES = [
  ...['NOERROR', 'FORMERR', 'SERVFAIL', 'NXDOMAIN', 'NOTIMP', 'REFUSED', 'YXDOMAIN', 'YXRRSET', 'NXRRSET'],
  ...['NOTAUTH', 'NOTZONE', 'BADVERS', 'BADCOOKIE', 'other'],
] as const
export type Rcode = (typeof RCODES)[number]

/** Upper bounds in octets, as CoreDNS has them. */
export const SIZE_BOUNDS: readonly number[] = [
  ...[0, 100, 200, 300, 400, 511, 1023, 2047, 4095, 8291, 16_000, 32_000, 48_000, 64_000],
]

/** Upper bounds in seconds: those of CoreDNS from 250 µs up, and below them the range in which answers from memory fall. */
export const DURATION_BOUNDS: readonly number[] = [
  ...[0.000_001, 0.000_002_5, 0.000_005, 0.000_01, 0.000_025, 0.000_05, 0.000_1],
  ...Array.from({ length: 16 }, (_, doubling) => 0.000_25 * 2 ** doubling),
]

/** Where each count begins among the cells of a zone; a histogram has one bucket more than bounds, then the sum. */
export const CELL = layOut([
  ['types', QUERY_TYPES.length],
  ['rcodes', RCODES.length],
  ['dnssecOk', 1],
  ['querySizes', SIZE_BOUNDS.length + 1],
  ['querySizeSum', 1],
  ['responseSizes', SIZE_BOUNDS.length + 1],
  ['responseSizeSum', 1],
  ['durations', DURATION_BOUNDS.length + 1],
  ['durationSum', 1],
])

/** Zones beyond these are counted together. */
export const MAX_ZONES = 126
/** The slot of queries for no zone of ours. */
export const NO_ZONE_SLOT = 0
/** The slot of all zones that have none of their own. */
export const OTHER_ZONES_SLOT = 1
/** The first slot of a zone. */
export const FIRST_ZONE_SLOT = 2
export const SLOTS = FIRST_ZONE_SLOT + MAX_ZONES

/** Cells from a zone to the next: whole cache lines. */
export const ZONE_CELLS = Math.ceil(CELL.end / 8) * 8
/** Cells of one transport and family. */
export const FAMILY_CELLS = SLOTS * ZONE_CELLS
export const PROTO_CELLS = FAMILIES.length * FAMILY_CELLS
/** Cells of one worker. */
export const WORKER_CELLS = PROTOS.length * PROTO_CELLS

type Part =
  | 'types'
  | 'rcodes'
  | 'dnssecOk'
  | 'durations'
  | 'durationSum'
  | `${'query' | 'response'}Size${'s' | 'Sum'}`

function layOut(parts: readonly (readonly [Part, number])[]): Readonly<Record<Part | 'end', number>> {
  let end = 0
  const starts = parts.map(([part, cells]) => {
    const start = end
    end += cells
    return [part, start] as const
  })
  return { ...(Object.fromEntries(starts) as Record<Part, number>), end } // one for each part, as a test holds
}
