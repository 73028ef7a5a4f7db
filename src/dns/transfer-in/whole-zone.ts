import { isTooMuchAtName, isTooMuchForMessage } from '../content-limits.ts'
import type { DomainName } from '../names.ts'
import type { RecordSet } from '../records.ts'
import { rdataKey } from '../update/rdata-key.ts'
import { recordSetsOf } from '../zone-file/zone-data.ts'
import type { ReceivedRecord } from './received-record.ts'
import { TransferError, type ZoneNames } from './received.ts'

/** A zone as it comes, record by record, in any order. */
export class WholeZone {
  readonly #names = new Map<DomainName, ReceivedRecord[]>()

  add(record: ReceivedRecord): void {
    const others = this.#names.get(record.name)
    if (others === undefined) this.#names.set(record.name, [record])
    else others.push(record)
  }

  /**
   * Equal records count once; a set has one TTL, the smallest (RFC 2181, 5 and 5.2).
   * @throws TransferError when a name says more than can be served
   */
  finish(): ZoneNames {
    const names = new Map<DomainName, readonly RecordSet[]>()
    for (const [name, records] of this.#names) {
      const sets = recordSetsOf(records, ({ type, rdata }) => rdataKey(type, rdata))
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
