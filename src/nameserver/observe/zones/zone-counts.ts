import type { DomainName } from '../../../dns/names.ts'
import {
  FAMILIES,
  FAMILY_CELLS,
  NO_ZONE_SLOT,
  OTHER_ZONES_SLOT,
  PROTO_CELLS,
  PROTOS,
  ZONE_CELLS,
  type Proto,
} from '../cells.ts'

/** What came in over one transport and family for one zone, all workers together. */
export interface ZoneCounts {
  readonly proto: Proto
  readonly family: (typeof FAMILIES)[number]
  /** The origin; `dropped`: no zone of ours, as CoreDNS has it; `other`: all zones beyond MAX_ZONES. */
  readonly zone: string
  /** By CELL. */
  readonly cells: Float64Array
}

/**
 * Sum the cells of all workers.
 * @param rows - each worker's cells
 * @param slots - the zones that have a slot
 * @returns what anything was counted for, in the order of PROTOS, FAMILIES and slots
 */
export function sumZones(
  rows: readonly Float64Array[],
  slots: ReadonlyMap<DomainName, number>,
): readonly ZoneCounts[] {
  const zones: readonly (readonly [string, number])[] = [
    ...[['dropped', NO_ZONE_SLOT] as const, ['other', OTHER_ZONES_SLOT] as const],
    ...slots,
  ]
  const found: ZoneCounts[] = []
  for (const [p, proto] of PROTOS.entries()) {
    for (const [f, family] of FAMILIES.entries()) {
      for (const [zone, slot] of zones) {
        const first = p * PROTO_CELLS + f * FAMILY_CELLS + slot * ZONE_CELLS
        const cells = sumCells(rows, first)
        if (cells !== undefined) found.push({ proto, family, zone, cells })
      }
    }
  }
  return found
}

function sumCells(rows: readonly Float64Array[], first: number): Float64Array | undefined {
  let sum: Float64Array | undefined
  for (const row of rows) {
    for (let i = 0; i < ZONE_CELLS; i += 1) {
      const count = row[first + i]! // in bounds
      if (count === 0) continue
      sum ??= new Float64Array(ZONE_CELLS)
      sum[i]! += count // i < ZONE_CELLS
    }
  }
  return sum
}
