import type { DomainName } from '../../../dns/names.ts'
import type { ZoneState } from '../../types.ts'
import { SharedZoneWriter } from '../../zone-store/zone-writer.ts'
import type { ZoneSlots } from './zone-slots.ts'

/** A writer whose zones have counts of their own from the first answer on. */
export class CountedZoneWriter extends SharedZoneWriter {
  readonly #slots: ZoneSlots

  constructor(zone: SharedArrayBuffer, slots: ZoneSlots) {
    super(zone)
    this.#slots = slots
  }

  override setState(origin: DomainName, state: ZoneState): void {
    if (state !== 'gone') this.#slots.declare(origin)
    super.setState(origin, state)
  }
}
