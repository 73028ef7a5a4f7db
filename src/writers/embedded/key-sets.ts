import { TYPE } from '../../dns/protocol.ts'
import type { DomainName } from '../../dns/names.ts'
import type { Answer, RecordSet } from '../../dns/records.ts'

/** What zones say of their DNSSEC keys at their origins. */
export interface OriginKeys {
  /** DNSKEY, CDS and CDNSKEY sets; none: the zone has no keys. */
  setsOf(origin: DomainName): readonly RecordSet[]
  /** @param changed - called whenever a zone's sets are others */
  watch(changed: (origin: DomainName) => void): void
}

export const NO_KEYS: OriginKeys = { setsOf: () => [], watch: () => {} }

/**
 * What a zone says at its origin, keys included. Keys that the zone itself holds are published too (they are another signer's, RFC 8901);
 * CDS and CDNSKEY of its own stand instead of ours: they may ask the parent to let go of all keys (RFC 8078, 4).
 */
export function withKeySets(answer: Answer, keys: readonly RecordSet[]): Answer {
  if (keys.length === 0 || answer.kind !== 'records') return answer
  const hasOwn = answer.sets.some(({ type }) => type === TYPE.CDS || type === TYPE.CDNSKEY)
  const added = keys.filter(({ type }) => type === TYPE.DNSKEY || !hasOwn)
  const others = answer.sets.filter(({ type }) => type !== TYPE.DNSKEY)
  const own = answer.sets.find(({ type }) => type === TYPE.DNSKEY)
  return {
    ...answer,
    sets: [...others, ...added.map((set) => (set.type === TYPE.DNSKEY ? united(set, own) : set))],
  }
}

function united(set: RecordSet, other: RecordSet | undefined): RecordSet {
  if (other === undefined) return set
  const distinct = new Map(
    [...other.rdata, ...set.rdata].map((rdata) => [Buffer.from(rdata).toString('latin1'), rdata]),
  )
  return { ...set, ttlSeconds: Math.min(set.ttlSeconds, other.ttlSeconds), rdata: [...distinct.values()] }
}
