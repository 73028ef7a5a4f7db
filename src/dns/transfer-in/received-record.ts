import { type DomainName, isWithin, nameOfWire } from '../names.ts'
import { CLASS, isMetaType, MAX_TTL_SECONDS, TYPE } from '../protocol.ts'
import { rdataProblem } from '../rdata/rdata-problem.ts'
import { typeName } from '../rdata/type-names.ts'
import type { ResourceRecord } from '../wire/message.ts'
import { TransferError } from './received.ts'

/** A record of a transfer, looked at. */
export interface ReceivedRecord {
  readonly name: DomainName
  readonly type: number
  readonly ttlSeconds: number
  readonly rdata: Uint8Array
}

/**
 * A record that may stand in a zone. A TTL with its topmost bit set counts as 0 (RFC 2181, 8).
 * @throws TransferError for what is outside the zone, no data, or not of the form of its type
 */
export function receivedRecord(record: ResourceRecord, origin: DomainName): ReceivedRecord {
  const { type, rdata } = record
  const name = nameOfWire(record.name)
  const said = `${name} ${typeName(type)}`
  if (record.class !== CLASS.IN) throw new TransferError('record of another class', said)
  if (!isWithin(name, origin)) throw new TransferError('record outside the zone', said)
  if (isMetaType(type) || type === 0) throw new TransferError('record of no data type', said)
  if (rdataProblem(type, rdata) !== undefined) throw new TransferError('malformed data', said)
  if (type === TYPE.SOA && name !== origin) throw new TransferError('SOA inside', said)
  const ttlSeconds = record.ttlSeconds > MAX_TTL_SECONDS ? 0 : record.ttlSeconds
  return { name, type, ttlSeconds, rdata }
}
