import { typeNumber } from './type-names.ts'

/**
 * One field of rdata, as it lies on the wire and as it is written.
 * `name`: a domain name. `u8` `u16` `u32`: numbers. `seconds`: 32 bits, written with or without units. `type`: a type, 16 bits.
 * `time`: 32 bits, written YYYYMMDDHHmmSS (RFC 4034, 3.2). `ipv4` `ipv6`: addresses. `string`: a character string of at most 255 octets.
 * `tag`: as `string`, letters and digits, never quoted (RFC 8659, 4.1). The following reach to the end of the rdata: `strings`, one or
 * more strings; `text`: octets as one quoted string; `hex`, `base64`: octets, blanks allowed; `types`: a bitmap (RFC 4034, 4.1.2);
 * `parameters`: of SVCB (RFC 9460, 2.2). `short-hex` has a length octet in front and is written - when empty; `base32` too (RFC 5155).
 * `eui48` `eui64`: octets in pairs (RFC 7043). `ilnp`: 64 bits as four groups of hexadecimal digits (RFC 6742).
 */
export type FieldKind =
  | 'name'
  | 'u8'
  | 'u16'
  | 'u32'
  | 'seconds'
  | 'type'
  | 'time'
  | 'ipv4'
  | 'ipv6'
  | 'string'
  | 'tag'
  | 'strings'
  | 'text'
  | 'hex'
  | 'base64'
  | 'types'
  | 'parameters'
  | 'short-hex'
  | 'base32'
  | 'eui48'
  | 'eui64'
  | 'ilnp'

const WRITTEN: Readonly<Record<string, string>> = {
  A: 'ipv4', // RFC 1035, 3.4.1
  NS: 'name', // 3.3.11
  CNAME: 'name', // 3.3.1
  SOA: 'name name u32 seconds seconds seconds seconds', // 3.3.13
  PTR: 'name', // 3.3.12
  HINFO: 'string string', // 3.3.2
  MX: 'u16 name', // 3.3.9
  TXT: 'strings', // 3.3.14
  RP: 'name name', // RFC 1183, 2.2
  AFSDB: 'u16 name', // RFC 1183, 1
  AAAA: 'ipv6', // RFC 3596, 2.2
  SRV: 'u16 u16 u16 name', // RFC 2782
  NAPTR: 'u16 u16 string string string name', // RFC 3403, 4.1
  KX: 'u16 name', // RFC 2230, 3.1
  CERT: 'u16 u16 u8 base64', // RFC 4398, 2
  DNAME: 'name', // RFC 6672, 2.1
  DS: 'u16 u8 u8 hex', // RFC 4034, 5.1
  SSHFP: 'u8 u8 hex', // RFC 4255, 3.1
  RRSIG: 'type u8 u8 u32 time time u16 name base64', // RFC 4034, 3.1
  NSEC: 'name types', // RFC 4034, 4.1
  DNSKEY: 'u16 u8 u8 base64', // RFC 4034, 2.1
  DHCID: 'base64', // RFC 4701, 3.1
  NSEC3: 'u8 u8 u16 short-hex base32 types', // RFC 5155, 3.2
  NSEC3PARAM: 'u8 u8 u16 short-hex', // RFC 5155, 4.2
  TLSA: 'u8 u8 u8 hex', // RFC 6698, 2.1
  SMIMEA: 'u8 u8 u8 hex', // RFC 8162, 2
  CDS: 'u16 u8 u8 hex', // RFC 7344, 3.1
  CDNSKEY: 'u16 u8 u8 base64', // RFC 7344, 3.2
  OPENPGPKEY: 'base64', // RFC 7929, 2.1
  CSYNC: 'u32 u16 types', // RFC 7477, 2.1
  ZONEMD: 'u32 u8 u8 hex', // RFC 8976, 2.2
  SVCB: 'u16 name parameters', // RFC 9460, 2.2
  HTTPS: 'u16 name parameters', // RFC 9460, 9
  SPF: 'strings', // RFC 7208, 3.1: obsolete, still found
  NID: 'u16 ilnp', // RFC 6742, 2.1
  L32: 'u16 ipv4', // 2.2
  L64: 'u16 ilnp', // 2.3
  LP: 'u16 name', // 2.4
  EUI48: 'eui48', // RFC 7043, 3.1
  EUI64: 'eui64', // RFC 7043, 4.1
  URI: 'u16 u16 text', // RFC 7553, 4.2
  CAA: 'u8 tag text', // RFC 8659, 4.1
}

const LAYOUTS = new Map(
  Object.entries(WRITTEN).map(([name, fields]) => [typeNumber(name), fields.split(' ') as FieldKind[]]), // each word above is one
)

/** The fields of a type's rdata, in order; undefined: a type whose rdata is opaque here (RFC 3597). */
export function layoutOf(type: number): readonly FieldKind[] | undefined {
  return LAYOUTS.get(type)
}
