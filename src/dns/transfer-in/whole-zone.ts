import { isTooMuchAtName, isTooMuchForMessage } from '../content-limits.ts'
import type { DomainName } from '../names.ts'
import type { RecordSet } from '../records.ts'
import { rdataKey } from '../update/rdata-key.ts'
import type { ReceivedRecord } from './received-record.ts'
import { TransferError, type ZoneNames } from './received.ts'

interface GrowingSet {
  ttlSeconds: number
  readonly members: Map<string, Uint8Array>
}

/** A zone as it comes, record by record, in any order. */
export class WholeZone {
  readonly #names = new Map<DomainName, Map<number, GrowingSet>>()

  /** Equal records count once; a set has one TTL, the smallest (RFC 2181, 5 and 5.2). */
  add({ name, type, ttlSeconds, rdata }: ReceivedRecord): void {
    const sets = this.#names.get(name) ?? new Map<number, GrowingSet>()
    this.#names.set(name, sets)
    const set = sets.get(type) ?? { ttlSeconds, members: new Map<string, Uint8Array>() }
    sets.set(type, set)
    set.ttlSeconds = Math.min(set.ttlSeconds, ttlSeconds)
    const key = rdataKey(type, rdata)
    if (!set.members.has(key)) set.members.set(key, rdata)
  }

  /** @throws TransferError when a name says more than can be served */
  finish(): ZoneNames {
    const names = new Map<DomainName, readonly RecordSet[]>()
    for (const [name, growing] of this.#names) {
      const sets = [...growing]
        .sort(([left], [right]) => left - right)
        .map(([type, { ttlSeconds, members }]) => ({ type, ttlSeconds, rdata: [...members.values()] }))
      checkServable(name, sets)
      names.set(name, sets)
    }
    return names
  }
}

/** @throws TransferError when a name says more than the zone store or a message holds */
export function checkServable(name: DomainName, sets: readonly RecordSet[]): void {
  if (isTooMuchAtName(name, sets) || sets.some(isTooMuchForMessage))
    throw new TransferError('cannot be kept', name)
}
