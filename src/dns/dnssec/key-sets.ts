import { wireName, type DomainName } from '../names.ts'
import { TYPE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'
import { dnskeyRdata, type PublicKey } from './dnskey.ts'
import { DIGEST, dsRdata } from './ds.ts'

/** Of the sets made from keys whose files give no TTL. */
const DEFAULT_TTL_SECONDS = 3_600

/** The keys of a zone, as it publishes them. */
export interface PublishedKeys {
  readonly published: readonly (PublicKey & { readonly ttlSeconds?: number })[]
  /** Those that the parent is asked to point at. */
  readonly synced: readonly PublicKey[]
}

/**
 * What a zone says of its keys at its origin: DNSKEY, and CDS and CDNSKEY for what the parent should hold (RFC 7344, 3 and 4; the
 * digest is SHA-256). Sets without records are left out.
 */
export function keySets(origin: DomainName, { published, synced }: PublishedKeys): readonly RecordSet[] {
  const owner = wireName(origin)
  const ttls = published.flatMap(({ ttlSeconds }) => ttlSeconds ?? [])
  const ttlSeconds = Math.min(...(ttls.length === 0 ? [DEFAULT_TTL_SECONDS] : ttls))
  return [
    { type: TYPE.DNSKEY, ttlSeconds, rdata: published.map(dnskeyRdata) },
    { type: TYPE.CDS, ttlSeconds, rdata: synced.map((key) => dsRdata(owner, key, DIGEST.SHA256)) },
    { type: TYPE.CDNSKEY, ttlSeconds, rdata: synced.map(dnskeyRdata) },
  ].filter(({ rdata }) => rdata.length > 0)
}

/** Types that keySets() makes: a zone's keys sign them (RFC 7344, 4.1). */
export function isKeyType(type: number): boolean {
  return type === TYPE.DNSKEY || type === TYPE.CDS || type === TYPE.CDNSKEY
}
