import { parseDomainName, wireName } from '../../src/dns/names.ts'
import { CLASS, TYPE } from '../../src/dns/protocol.ts'
import { soaSet } from '../../src/dns/rdata/soa.ts'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import { encodeMessage } from '../../src/dns/wire/encode.ts'
import { queryBytes, type QueryShape } from './dns-query.ts'

/** What a secondary that has `serial` asks for. @param other - `owner` of the SOA instead of the zone */
export function ixfrQuery(
  zone: string,
  serial: number,
  { owner = zone, ...shape }: QueryShape & { readonly owner?: string } = {},
): Uint8Array {
  const origin = parseDomainName(zone)
  const soa = soaSet({
    ...{ mname: origin, rname: origin, serial },
    ...{ refreshSeconds: 0, retrySeconds: 0, expireSeconds: 0, minimumSeconds: 0, ttlSeconds: 0 },
  })
  const { message } = decodeMessage(queryBytes({ ask: `${zone} IXFR`, ...shape }))
  const name = wireName(parseDomainName(owner))
  const authority = soa.rdata.map((rdata) => ({
    name,
    type: TYPE.SOA,
    class: CLASS.IN,
    ttlSeconds: 0,
    rdata,
  }))
  return encodeMessage({ ...message!, authority }, 65_535)! // a small message, made by us
}
