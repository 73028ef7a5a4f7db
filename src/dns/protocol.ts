/** RR types that this project names (IANA registry "DNS Parameters"); every other type is a number with opaque rdata. */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  OPT: 41,
  DS: 43,
  RRSIG: 46,
  NSEC: 47,
  DNSKEY: 48,
  NSEC3: 50,
  NSEC3PARAM: 51,
  CDS: 59,
  CDNSKEY: 60,
  SVCB: 64,
  HTTPS: 65,
  NXNAME: 128,
  TSIG: 250,
  IXFR: 251,
  AXFR: 252,
  ANY: 255,
} as const

/** NONE stands in UPDATE only (RFC 2136, 2.4 and 2.5). */
export const CLASS = { IN: 1, CH: 3, NONE: 254, ANY: 255 } as const

export const OPCODE = { QUERY: 0, NOTIFY: 4, UPDATE: 5 } as const

/** Response codes; BADVERS is the first that needs the eight upper bits of the OPT record (RFC 6891, 6.1.3). */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  YXDOMAIN: 6,
  YXRRSET: 7,
  NXRRSET: 8,
  NOTAUTH: 9,
  NOTZONE: 10,
  BADVERS: 16,
} as const

/** Codes of EDNS options (IANA registry "DNS EDNS0 Option Codes"). */
export const EDNS_OPTION = {
  NSID: 3,
  CLIENT_SUBNET: 8,
  COOKIE: 10,
  TCP_KEEPALIVE: 11,
  PADDING: 12,
  EXTENDED_ERROR: 15,
} as const

/** What extended errors say (RFC 8914, 4; RFC 9824, 9). */
export const EXTENDED_ERROR = {
  OTHER: 0,
  NOT_READY: 14,
  PROHIBITED: 18,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  INVALID_DATA: 24,
  INVALID_QUERY_TYPE: 30,
} as const

/** Octets of the fixed header (RFC 1035, 4.1.1). */
export const HEADER_BYTES = 12
/** What fits into UDP for a client that says nothing of its size (RFC 1035, 4.2.1). */
export const PLAIN_UDP_BYTES = 512
/** Our cap for UDP, and the size we advertise: no fragments on any usual path (DNS flag day 2020). */
export const MAX_UDP_BYTES = 1232
/** A message over TCP has a length field of 16 bits (RFC 1035, 4.2.2). */
export const MAX_TCP_BYTES = 65_535
/** The D in DO: the topmost flag of the OPT record (RFC 3225, 3). */
export const EDNS_DO = 0x8000
/** Compact answers OK: a signed denial may come with NXDOMAIN (RFC 9824, 5.1). */
export const EDNS_CO = 0x4000
/** Octets of an OPT record without options: root name, type, class, TTL, length. */
export const OPT_BYTES = 11
/** A TTL is 31 bits (RFC 2181, 8). */
export const MAX_TTL_SECONDS = 0x7fff_ffff

/**
 * Types that are questions or meta data, never stored data: 128 to 255 by assignment (RFC 6895, 3.1), and OPT.
 * What is asked with one of them and not handled by name is NOTIMP (RFC 8906, 7), never NODATA.
 */
export function isMetaType(type: number): boolean {
  return (type >= 128 && type <= 255) || type === TYPE.OPT
}
