/** What was done for other servers since the start. */
export interface TransferCounts {
  /** Whole zones sent, to the end. */
  whole: number
  /** Changes sent. */
  changes: number
  /** Clients that had the version already, or are to ask again over TCP. */
  current: number
  /** Requests that were not followed, of clients that may ask. */
  refused: number
  /** Not sent to the end: the client left, or took too long. */
  broken: number
  /** Octets of messages, signatures not counted. */
  bytes: number
  /** Notifications that were answered; those given up after the last try. */
  notified: number
  unanswered: number
}

export function noTransfers(): TransferCounts {
  return { whole: 0, changes: 0, current: 0, refused: 0, broken: 0, bytes: 0, notified: 0, unanswered: 0 }
}
