import type { Socket } from 'node:net'
import type { DomainName } from '../../dns/names.ts'
import { nameOfWire } from '../../dns/names.ts'
import { OPCODE, RCODE, TYPE } from '../../dns/protocol.ts'
import { serialOf } from '../../dns/rdata/soa.ts'
import type { RecordSet } from '../../dns/records.ts'
import { isLaterSerial } from '../../dns/serial.ts'
import type { TransferLimits, TransferStep, ZoneNames } from '../../dns/transfer-in/received.ts'
import { axfrQuery, ixfrQuery, soaQuery } from '../../dns/transfer-in/transfer-query.ts'
import { TransferReader } from '../../dns/transfer-in/transfer-reader.ts'
import { signRequest, type ReplyVerifier } from '../../dns/tsig/client.ts'
import type { TsigKey } from '../../dns/tsig/keys.ts'
import { decodeMessage } from '../../dns/wire/decode.ts'
import { AppError } from '../../errors.ts'
import type { Clock } from '../../runtime/clock.ts'
import { PrimaryStream, StreamError, type TransferTimes } from './primary-stream.ts'

/** Where a zone comes from. */
export interface Primary {
  /** An address: what sends NOTIFY is compared with it. */
  readonly host: string
  readonly port: number
  /** Asked for each request: its reply is checked with the same to the end. Absent: nothing is signed. */
  readonly key?: () => TsigKey
}

/** A zone as it is held. */
export interface HeldZone {
  readonly serial: number
  readonly soa: RecordSet
  readonly names: ZoneNames
}

/** What a primary had. */
export type Refreshed =
  /** Nothing newer; `serial` is its own. */
  | { readonly kind: 'current'; readonly serial: number }
  | Extract<TransferStep, { readonly kind: 'whole' | 'increment' }>

export interface RefreshOptions {
  /** @returns a socket that is connecting */
  readonly dial: (at: Pick<Primary, 'host' | 'port'>) => Socket
  readonly clock: Clock
  /** From 0 to 65535, not to be guessed. */
  readonly randomId: () => number
  readonly limits: TransferLimits
  readonly times: TransferTimes
}

/** A transfer that brought nothing. `reason` is one of a closed set. */
export class ZoneTransferError extends AppError {
  readonly reason: string

  constructor(reason: string, detail?: string | number) {
    super('zone transfer failed', {
      code: 'ZONE_TRANSFER_FAILED',
      retry: 'backoff',
      fields: { reason, ...(detail === undefined ? {} : { detail }) },
    })
    this.reason = reason
  }
}

/** A zone that is asked for. */
export interface ZoneToRefresh {
  readonly origin: DomainName
  readonly held?: HeldZone | undefined
  readonly signal?: AbortSignal | undefined
}

/** Asked of one primary for one zone. */
interface Asked {
  readonly origin: DomainName
  readonly primary: Primary
  readonly options: RefreshOptions
  readonly signal: AbortSignal | undefined
}

/**
 * Bring a zone up to date from one primary: its SOA is asked for, then increments, then the whole zone where there are none
 * or they do not fit. All over TCP; with a key, nothing that is not signed with it is believed.
 * @param zone - `held` absent: the whole zone is asked for at once; `signal`: nobody wants it any more, what still comes is not read
 * @throws ZoneTransferError when nothing that can be used came
 */
export async function refreshFrom(
  primary: Primary,
  zone: ZoneToRefresh,
  options: RefreshOptions,
): Promise<Refreshed> {
  const { origin, held, signal } = zone
  const asked: Asked = { origin, primary, options, signal }
  if (held !== undefined) {
    const incremental = await onStream(asked, (stream) => increments(stream, asked, held))
    if (incremental !== 'does not fit') return incremental
  }
  const whole = await onStream(asked, (stream) => wholeZone(stream, asked))
  const isOlder = held !== undefined && !isLaterSerial(whole.serial, held.serial)
  return isOlder ? { kind: 'current', serial: whole.serial } : whole // another of several servers at that address answered
}

async function onStream<T>(asked: Asked, act: (stream: PrimaryStream) => Promise<T>): Promise<T> {
  const { primary, options, signal } = asked
  if (signal?.aborted === true) throw new ZoneTransferError('given up')
  const stream = new PrimaryStream(options.dial(primary), options)
  const giveUp = (): void => stream.close()
  signal?.addEventListener('abort', giveUp)
  try {
    await stream.connected()
    return await act(stream)
  } catch (error) {
    if (!(error instanceof StreamError)) throw error
    const { cause } = error as { readonly cause?: { readonly code?: unknown } }
    throw new ZoneTransferError(error.fault, typeof cause?.code === 'string' ? cause.code : undefined)
  } finally {
    signal?.removeEventListener('abort', giveUp)
    stream.close()
  }
}

/** @returns `does not fit`: the whole zone is to be asked for, on another connection, since this one may still be full of the rest */
async function increments(
  stream: PrimaryStream,
  asked: Asked,
  held: HeldZone,
): Promise<Refreshed | 'does not fit'> {
  const serial = await serialOfPrimary(stream, asked)
  if (!isLaterSerial(serial, held.serial)) return { kind: 'current', serial }
  const id = asked.options.randomId()
  const query = ixfrQuery(id, asked.origin, held.soa)
  const step = await transfer(stream, asked, { id, query, held })
  if (step.kind === 'failed') return 'does not fit'
  return step.kind === 'current' ? { kind: 'current', serial } : step
}

async function wholeZone(
  stream: PrimaryStream,
  asked: Asked,
): Promise<Extract<Refreshed, { readonly kind: 'whole' }>> {
  const id = asked.options.randomId()
  const step = await transfer(stream, asked, { id, query: axfrQuery(id, asked.origin) })
  if (step.kind === 'whole') return step
  if (step.kind === 'failed') throw new ZoneTransferError(step.fault, step.detail ?? step.rcode)
  throw new ZoneTransferError('other question') // an AXFR has no increments
}

async function transfer(
  stream: PrimaryStream,
  asked: Asked,
  request: { readonly id: number; readonly query: Uint8Array; readonly held?: HeldZone },
): Promise<Exclude<TransferStep, { readonly kind: 'more' }>> {
  const { origin, options } = asked
  const { id, query, held } = request
  const reader = new TransferReader({
    ...{ origin, id, limits: options.limits },
    ...(held === undefined ? {} : { have: { serial: held.serial, names: held.names } }),
  })
  const replies = new Replies(stream, query, asked)
  for (;;) {
    const { message, proven } = await replies.next()
    const step = reader.push(message)
    if (step.kind === 'more') continue
    if (!proven && step.kind !== 'failed') throw new ZoneTransferError('unsigned')
    return step
  }
}

/** The serial of the zone there. */
async function serialOfPrimary(stream: PrimaryStream, asked: Asked): Promise<number> {
  const { origin, options } = asked
  const id = options.randomId()
  const { message: octets, proven } = await new Replies(stream, soaQuery(id, origin), asked).next()
  if (!proven) throw new ZoneTransferError('unsigned')
  const decoded = decodeMessage(octets)
  if (decoded.kind === 'malformed') throw new ZoneTransferError('malformed', decoded.error.reason)
  const { header, questions, answers } = decoded.message
  const isReply = header.response && header.id === id && header.opcode === OPCODE.QUERY
  if (!isReply || (questions[0] !== undefined && nameOfWire(questions[0].name) !== origin))
    throw new ZoneTransferError('not a reply')
  if (header.rcode !== RCODE.NOERROR) throw new ZoneTransferError('refused', header.rcode)
  if (!header.authoritative) throw new ZoneTransferError('not authoritative')
  const soa = answers.find(({ name, type }) => type === TYPE.SOA && nameOfWire(name) === origin)
  const serial = soa === undefined ? undefined : serialOf({ ...soa, rdata: [soa.rdata] })
  if (serial === undefined) throw new ZoneTransferError('no SOA first')
  return serial
}

/** The messages of the reply to one query, signatures checked and taken off. */
class Replies {
  readonly #stream: PrimaryStream
  readonly #clock: Clock
  readonly #verifier: ReplyVerifier | undefined

  constructor(stream: PrimaryStream, query: Uint8Array, { primary, options }: Asked) {
    this.#stream = stream
    this.#clock = options.clock
    const key = primary.key?.()
    if (key === undefined) {
      stream.send(query)
      return
    }
    const { request, verifier } = signRequest(query, key, this.#nowSeconds())
    this.#verifier = verifier
    stream.send(request)
  }

  /** `proven`: everything up to here comes from whoever has the key; always, where none is asked for. */
  async next(): Promise<{ readonly message: Uint8Array; readonly proven: boolean }> {
    const message = await this.#stream.next()
    if (this.#verifier === undefined) return { message, proven: true }
    const checked = this.#verifier.check(message, this.#nowSeconds())
    if (checked.kind === 'bad') throw new ZoneTransferError(checked.reason)
    return checked
  }

  #nowSeconds(): number {
    return Math.floor(this.#clock.nowMs() / 1000)
  }
}
