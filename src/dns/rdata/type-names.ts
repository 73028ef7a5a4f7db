/** RR types with a name of their own (IANA registry "DNS Parameters"); every other one is written TYPE<number> (RFC 3597, 5). */
const TYPE_NAMES: Readonly<Record<string, number>> = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  HINFO: 13,
  MX: 15,
  TXT: 16,
  RP: 17,
  AFSDB: 18,
  AAAA: 28,
  LOC: 29,
  SRV: 33,
  NAPTR: 35,
  KX: 36,
  CERT: 37,
  DNAME: 39,
  OPT: 41,
  APL: 42,
  DS: 43,
  SSHFP: 44,
  IPSECKEY: 45,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  DHCID: 49,
  NSEC3: 50,
  NSEC3PARAM: 51,
  TLSA: 52,
  SMIMEA: 53,
  HIP: 55,
  CDS: 59,
  CDNSKEY: 60,
  OPENPGPKEY: 61,
  CSYNC: 62,
  ZONEMD: 63,
  SVCB: 64,
  HTTPS: 65,
  SPF: 99,
  NID: 104,
  L32: 105,
  L64: 106,
  LP: 107,
  EUI48: 108,
  EUI64: 109,
  NXNAME: 128,
  TKEY: 249,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
  URI: 256,
  CAA: 257,
}

const NAMES = new Map(Object.entries(TYPE_NAMES).map(([name, type]) => [type, name]))
const MAX_TYPE = 0xffff
const GENERIC = /^TYPE(\d{1,5})$/

/** A type as it is written: its name, or TYPE<number>. */
export function typeName(type: number): string {
  return NAMES.get(type) ?? `TYPE${type}`
}

/** The number of a type as it is written, in any case; undefined: no such name. */
export function typeNumber(text: string): number | undefined {
  const upper = text.toUpperCase()
  if (Object.hasOwn(TYPE_NAMES, upper)) return TYPE_NAMES[upper]
  const digits = GENERIC.exec(upper)?.[1]
  const type = digits === undefined ? undefined : Number(digits)
  return type !== undefined && type <= MAX_TYPE ? type : undefined
}
