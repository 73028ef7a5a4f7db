import { HEADER_BYTES, OPCODE, TYPE } from '../../dns/protocol.ts'
import type { ControlKind } from './types.ts'

/** What the main thread would have to answer; undefined: nothing. @param message - of at least 12 octets */
export function controlKindOf(message: Uint8Array): ControlKind | undefined {
  switch (
    (message[2]! >> 3) &
    15 // length checked
  ) {
    case OPCODE.QUERY:
      return isTransfer(message) ? 'transfer' : undefined
    case OPCODE.NOTIFY:
      return 'notify'
    case OPCODE.UPDATE:
      return 'update'
    default:
      return undefined
  }
}

function isTransfer(message: Uint8Array): boolean {
  if (message[4] !== 0 || message[5] !== 1) return false
  let at = HEADER_BYTES
  while (at < message.length && message[at] !== 0) at += message[at]! + 1 // a pointer leads out of the message, or is no transfer
  const type = at + 3 > message.length ? 0 : message[at + 1]! * 0x100 + message[at + 2]! // length checked
  return type === TYPE.AXFR || type === TYPE.IXFR
}
