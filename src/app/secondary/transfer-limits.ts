import type { TransferLimits } from '../../dns/transfer-in/received.ts'

const MOST: TransferLimits = { records: 5_000_000, octets: 512 * 1024 * 1024 }
/** What a record takes while it comes, its name and garbage included: 740 octets measured, of names with one address each. */
const BYTES_PER_RECORD = 800
/** The other half is for what is held meanwhile. */
const SHARE_OF_HEAP = 0.5
/** Octets of messages are kept as they came, beside the heap, a small one of them for each record. */
const OCTETS_SHARE = 0.25

/**
 * More than this is not taken in one transfer: what has no room in memory would end the process, and a primary that is wrong, or not
 * who it should be, could have that at will.
 * @param heapBytes - as large as the heap may become
 */
export function transferLimits(heapBytes: number): TransferLimits {
  return {
    records: Math.min(MOST.records, Math.floor((heapBytes * SHARE_OF_HEAP) / BYTES_PER_RECORD)),
    octets: Math.min(MOST.octets, Math.floor(heapBytes * OCTETS_SHARE)),
  }
}
