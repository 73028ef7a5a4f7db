import { ownerKey, type ObjectKey } from '../../api/keys.ts'
import { rankOf } from '../../core/discovery/rank.ts'
import type { Ledger, Owner } from '../../core/discovery/types.ts'
import type { DomainName } from '../../dns/names.ts'
import type { NameChange, RecordSet } from '../../dns/records.ts'
import type { ZoneNames } from '../../dns/transfer-in/received.ts'
import type { NameContent } from '../../dns/update/types.ts'
import type { EmbeddedWriter } from '../../writers/embedded/embedded-writer.ts'
import { changesBetween } from '../zone-changes.ts'
import type { HeldZone } from './refresh.ts'

/**
 * One zone of another primary in the ledger and in front of clients. Its names go first, its SOA last: whoever sees the new
 * serial finds the new content. Costs what changes.
 */
export class ZonePublisher {
  readonly #origin: DomainName
  readonly #ledger: Pick<Ledger, 'put'>
  readonly #embedded: Pick<EmbeddedWriter, 'declare' | 'flush' | 'setZoneState'>
  readonly #owner: Owner
  /** What was published of a whole zone; changes since are in the same map. */
  #names: ReadonlyMap<DomainName, readonly RecordSet[]> = new Map()

  /** Declares the zone: until it has content its names are SERVFAIL. */
  constructor(
    origin: DomainName,
    options: {
      readonly ledger: Pick<Ledger, 'put'>
      readonly embedded: Pick<EmbeddedWriter, 'declare' | 'flush' | 'setZoneState'>
    },
  ) {
    this.#origin = origin
    this.#ledger = options.ledger
    this.#embedded = options.embedded
    const key = `/${origin}` as ObjectKey // a zone is in no namespace
    this.#owner = {
      key: ownerKey('SecondaryZone', key),
      rank: rankOf({ nameClass: 'static', creationTimestamp: '', key }),
    }
    this.#declare([])
    this.#embedded.setZoneState(origin, 'loading')
  }

  whole({ names }: HeldZone): void {
    this.#publish(changesBetween(this.#names, names, this.#origin), names)
  }

  changed({ names }: HeldZone, contents: readonly NameContent[]): void {
    const changes = contents
      .filter(({ name }) => name !== this.#origin)
      .map(({ name, sets }): NameChange => {
        return sets.length === 0
          ? { name, urgent: false }
          : { name, answer: { kind: 'records', sets }, urgent: false }
      })
    this.#publish(changes, names)
  }

  state(state: 'serving' | 'expired'): void {
    this.#embedded.setZoneState(this.#origin, state)
  }

  #publish(changes: readonly NameChange[], names: ZoneNames): void {
    this.#names = names
    this.#ledger.put(this.#owner, changes)
    this.#embedded.flush()
    this.#declare(names.get(this.#origin) ?? [])
  }

  #declare(apex: readonly RecordSet[]): void {
    this.#embedded.declare({ origin: this.#origin, apex, serial: 'file' })
  }
}
