import { isWithin, type DomainName } from '../names.ts'
import { TYPE } from '../protocol.ts'
import type { NameContent } from '../update/types.ts'
import { ZoneDraft } from '../update/zone-draft.ts'
import type { ReceivedRecord } from './received-record.ts'
import { TransferError, type ZoneNames } from './received.ts'
import { checkServable } from './whole-zone.ts'

/**
 * Increments to a zone, one after another (RFC 1995, 4). A record to remove has to be there, else the two zones differ
 * already. One to add may be: what NSD makes of a changed file names some that were there before.
 */
export class Increments {
  readonly #origin: DomainName
  readonly #draft: ZoneDraft

  constructor(origin: DomainName, names: ZoneNames) {
    this.#origin = origin
    this.#draft = new ZoneDraft({
      origin,
      holds: (name) => isWithin(name, origin),
      at: (name) => names.get(name) ?? [],
    })
  }

  /** @throws TransferError for a record that is not there */
  remove({ name, type, rdata }: ReceivedRecord): void {
    if (!this.#draft.holds(name, type, rdata)) throw new TransferError('increment does not fit', name)
    this.#draft.remove(name, type, rdata)
  }

  add(record: ReceivedRecord): void {
    this.#draft.add(record.name, record)
  }

  /** @param soa - the new one @throws TransferError when a name would say more than can be served */
  finish(soa: ReceivedRecord): readonly NameContent[] {
    this.#draft.removeSet(this.#origin, TYPE.SOA)
    this.#draft.add(this.#origin, soa)
    const changes = this.#draft.changes()
    for (const { name, sets } of changes) checkServable(name, sets)
    return changes
  }
}
