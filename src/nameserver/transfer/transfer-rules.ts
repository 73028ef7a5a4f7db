import type { PeerRule } from '../control/types.ts'

/** Who may have zones. */
export interface TransferRule extends PeerRule {
  /**
   * It signs what it gets: zones that are signed here as they are answered go to such peers only, without our keys, since their
   * signatures are made for each answer and are in no transfer.
   */
  readonly signs?: boolean
}
