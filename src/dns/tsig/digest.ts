import { createHmac, timingSafeEqual } from 'node:crypto'
import { CLASS } from '../protocol.ts'
import { OctetWriter } from '../rdata/octets.ts'
import { ALGORITHM } from './algorithms.ts'
import type { TsigKey } from './keys.ts'
import { putTime, type TsigRecord } from './record.ts'

/** What is digested besides the message: all of the record, or, from the second message of a stream on, its times (RFC 8945, 5.3.1). */
export type DigestedFields = 'all' | 'times'

export interface Digested {
  /** The MAC of what came before: of the request, or of the message before in a stream. Absent: this is the request. */
  readonly priorMac?: Uint8Array
  /** Messages without the record, under their original id; several where a stream leaves some unsigned. */
  readonly messages: readonly Uint8Array[]
  readonly record: Omit<TsigRecord, 'mac'>
  readonly fields: DigestedFields
}

/** The whole MAC (RFC 8945, 4.3). */
export function macOf(
  { algorithm, secret }: TsigKey,
  { priorMac, messages, record, fields }: Digested,
): Uint8Array {
  const hmac = createHmac(ALGORITHM[algorithm].hash, secret)
  if (priorMac !== undefined)
    hmac.update(Uint8Array.of(priorMac.length >> 8, priorMac.length & 0xff)).update(priorMac)
  for (const message of messages) hmac.update(message)
  const mac = hmac.update(variables(record, fields)).digest()
  return new Uint8Array(mac.buffer, mac.byteOffset, mac.length)
}

function variables(record: Omit<TsigRecord, 'mac'>, fields: DigestedFields): Uint8Array {
  const out = new OctetWriter()
  if (fields === 'all') {
    out.put(record.keyName)
    out.u16(CLASS.ANY)
    out.u32(0)
    out.put(record.algorithm)
  }
  putTime(out, record)
  if (fields === 'all') {
    out.u16(record.error)
    out.u16(record.other.length)
    out.put(record.other)
  }
  return out.finish()
}

/** Whether the octets that were sent are the first of the MAC; takes as long for any that are not. */
export function isMac(sent: Uint8Array, whole: Uint8Array): boolean {
  return sent.length <= whole.length && timingSafeEqual(sent, whole.subarray(0, sent.length))
}
