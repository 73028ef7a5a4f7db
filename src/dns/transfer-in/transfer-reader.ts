import { RCODE, OPCODE, TYPE } from '../protocol.ts'
import { nameOfWire } from '../names.ts'
import { serialOf } from '../rdata/soa.ts'
import type { RecordSet } from '../records.ts'
import { isLaterSerial } from '../serial.ts'
import { decodeMessage } from '../wire/decode.ts'
import type { Message, ResourceRecord } from '../wire/message.ts'
import { Increments } from './increments.ts'
import { receivedRecord, type ReceivedRecord } from './received-record.ts'
import { TransferError, type TransferFault, type TransferRequest, type TransferStep } from './received.ts'
import { WholeZone } from './whole-zone.ts'

/** What the next record is, by what came before it. */
type Place =
  | { readonly kind: 'start' }
  /** Behind the first SOA: a second SOA begins increments, or is the end; anything else a whole zone. */
  | { readonly kind: 'second' }
  | { readonly kind: 'whole'; readonly zone: WholeZone }
  | { readonly kind: 'removing' | 'adding'; readonly serial: number; readonly increments: Increments }
  | { readonly kind: 'end' }

const MORE: TransferStep = { kind: 'more' }

/**
 * Reads the messages of an AXFR or IXFR response (RFC 5936, 2.2; RFC 1995, 4), whose signatures are good. Nothing is
 * believed: each record is held against the zone and the form of its type, all of them against the limits. Never throws.
 */
export class TransferReader {
  readonly #request: TransferRequest
  #place: Place = { kind: 'start' }
  #soa: ReceivedRecord | undefined
  #records = 0
  #octets = 0
  #messages = 0

  constructor(request: TransferRequest) {
    this.#request = request
  }

  /** @returns what has come of it so far; after anything but `more` the reader is done */
  push(octets: Uint8Array): TransferStep {
    this.#octets += octets.length
    if (this.#octets > this.#request.limits.octets) return failed('too many octets')
    const decoded = decodeMessage(octets)
    if (decoded.kind === 'malformed') return { ...failed('malformed'), detail: decoded.error.reason }
    const refusal = this.#refusalOf(decoded.message)
    if (refusal !== undefined) return refusal
    this.#messages += 1
    try {
      return this.#take(decoded.message.answers)
    } catch (error) {
      if (!(error instanceof TransferError)) throw error
      const { fault, detail } = error
      return detail === undefined ? failed(fault) : { ...failed(fault), detail }
    }
  }

  #refusalOf({ header, questions }: Message): TransferStep | undefined {
    const { id, origin, have } = this.#request
    if (!header.response || header.id !== id || header.opcode !== OPCODE.QUERY) return failed('not a reply')
    if (header.rcode !== RCODE.NOERROR) return { ...failed('refused'), rcode: header.rcode }
    if (header.truncated) return failed('truncated')
    const [question, second] = questions
    if (question === undefined) return this.#messages === 0 ? failed('other question') : undefined // RFC 5936, 2.2.2
    const type = have === undefined ? TYPE.AXFR : TYPE.IXFR
    const isOurs = nameOfWire(question.name) === origin && question.type === type && second === undefined
    return isOurs ? undefined : failed('other question')
  }

  #take(answers: readonly ResourceRecord[]): TransferStep {
    let step: TransferStep = MORE
    for (const answer of answers) {
      if (this.#place.kind === 'end') throw new TransferError('records after the end')
      this.#records += 1
      if (this.#records > this.#request.limits.records) throw new TransferError('too many records')
      step = this.#next(receivedRecord(answer, this.#request.origin))
      if (step.kind !== 'more') this.#place = { kind: 'end' }
    }
    return step
  }

  #next(record: ReceivedRecord): TransferStep {
    switch (this.#place.kind) {
      case 'start':
        return this.#first(record)
      case 'second':
        return this.#second(record)
      case 'whole':
        return this.#ofWhole(record, this.#place.zone)
      case 'removing':
      case 'adding':
        return this.#ofIncrements(record, this.#place)
      case 'end':
        throw new TransferError('records after the end')
    }
  }

  #first(record: ReceivedRecord): TransferStep {
    if (record.type !== TYPE.SOA) throw new TransferError('no SOA first')
    this.#soa = record
    this.#place = { kind: 'second' }
    const { have } = this.#request
    if (have !== undefined && !isLaterSerial(serialIn(record), have.serial)) return { kind: 'current' }
    return MORE
  }

  #second(record: ReceivedRecord): TransferStep {
    const { have, origin } = this.#request
    const isIncrement = have !== undefined && record.type === TYPE.SOA && serialIn(record) === have.serial
    if (isIncrement) {
      this.#place = {
        kind: 'removing',
        serial: have.serial,
        increments: new Increments(origin, have.names),
      }
      return MORE
    }
    const zone = new WholeZone()
    zone.add(this.#newest())
    this.#place = { kind: 'whole', zone }
    return this.#ofWhole(record, zone)
  }

  #ofWhole(record: ReceivedRecord, zone: WholeZone): TransferStep {
    if (record.type !== TYPE.SOA) {
      zone.add(record)
      return MORE
    }
    const serial = serialIn(this.#newest())
    if (serialIn(record) !== serial) throw new TransferError('SOA changed meanwhile')
    const names = zone.finish()
    refuseSigned(names.get(this.#request.origin) ?? [])
    return { kind: 'whole', serial, names }
  }

  #ofIncrements(
    record: ReceivedRecord,
    place: Extract<Place, { readonly kind: 'removing' | 'adding' }>,
  ): TransferStep {
    const { kind, serial, increments } = place
    if (record.type !== TYPE.SOA) {
      if (kind === 'removing') increments.remove(record)
      else increments.add(record)
      return MORE
    }
    const next = serialIn(record)
    const newest = serialIn(this.#newest())
    if (kind === 'removing') {
      if (!isLaterSerial(next, serial)) throw new TransferError('serials do not follow')
      this.#place = { kind: 'adding', serial: next, increments }
      return MORE
    }
    if (next !== serial) throw new TransferError('serials do not follow')
    if (serial === newest) {
      const changes = increments.finish(this.#newest())
      refuseSigned(changes.find(({ name }) => name === this.#request.origin)?.sets ?? [])
      return { kind: 'increment', serial, changes }
    }
    this.#place = { kind: 'removing', serial, increments }
    return MORE
  }

  /** The SOA that the response began with. */
  #newest(): ReceivedRecord {
    if (this.#soa === undefined) throw new TransferError('no SOA first')
    return this.#soa
  }
}

/** @throws TransferError where the SOA has a signature, as in every signed zone (RFC 4035, 2.2) */
function refuseSigned(apex: readonly RecordSet[]): void {
  if (apex.some(({ type }) => type === TYPE.RRSIG)) throw new TransferError('signed by its primary')
}

function failed(fault: TransferFault): Extract<TransferStep, { readonly kind: 'failed' }> {
  return { kind: 'failed', fault }
}

/** The serial of a record whose data has the form of a SOA. */
function serialIn({ ttlSeconds, rdata }: ReceivedRecord): number {
  return serialOf({ type: TYPE.SOA, ttlSeconds, rdata: [rdata] }) ?? 0
}
