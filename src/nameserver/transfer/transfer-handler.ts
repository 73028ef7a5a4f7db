import { isStream } from '../../dns/answer/context.ts'
import type { DomainName } from '../../dns/names.ts'
import {
  EXTENDED_ERROR,
  MAX_TCP_BYTES,
  MAX_UDP_BYTES,
  PLAIN_UDP_BYTES,
  RCODE,
  TYPE,
} from '../../dns/protocol.ts'
import { presentIp } from '../../dns/rdata/ip-text.ts'
import type { Answer } from '../../dns/records.ts'
import { isLaterSerial } from '../../dns/serial.ts'
import type { OwnedSet } from '../../dns/transfer/canonical.ts'
import { wholeZone, zoneChanges } from '../../dns/transfer/sequences.ts'
import { readTransferRequest, type TransferRequest } from '../../dns/transfer/transfer-request.ts'
import { TransferError, transferMessages } from '../../dns/transfer/transfer-writer.ts'
import { bareReply } from '../../dns/wire/bare-reply.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { Admission } from '../control/admission.ts'
import type { KindHandler } from '../control/combine.ts'
import type { ControlRequest } from '../control/types.ts'
import type { TransferCounts } from './counts.ts'
import type { HeldZone, ZoneVersion } from './held-zone.ts'
import type { HeldZones } from './held-zones.ts'
import type { JournalEntry } from './journal.ts'
import type { TransferRule } from './transfer-rules.ts'

export interface TransferHandlerOptions {
  readonly zones: Pick<HeldZones, 'zone'>
  readonly rules: readonly TransferRule[]
  readonly counts: TransferCounts
  readonly logger: Logger
  /** Called for each transfer of a zone that is signed here to a peer that does not sign. */
  readonly refused?: (refusal: RefusedTransfer) => void
}

/** A transfer that was refused as the zone is signed here. */
export interface RefusedTransfer {
  readonly zone: DomainName
  /** In text, without port. */
  readonly address: string
  /** That signed the request; absent: none did. */
  readonly key?: DomainName
}

/** What is to be sent. */
interface Plan {
  readonly kind: 'whole' | 'changes' | 'current'
  readonly version: ZoneVersion
  readonly steps: readonly JournalEntry[]
}

/** Types that a signer makes by itself: those of ours would stand in its way. */
const KEY_TYPES: ReadonlySet<number> = new Set([TYPE.DNSKEY, TYPE.CDS, TYPE.CDNSKEY])

/** Answers AXFR and IXFR from the zones that are held, each message when it is asked for. */
export class TransferHandler implements KindHandler {
  readonly rules: readonly TransferRule[]
  readonly #options: TransferHandlerOptions
  readonly #signers: Admission

  constructor(options: TransferHandlerOptions) {
    this.#options = options
    this.rules = options.rules
    this.#signers = new Admission({ transfer: options.rules.filter(({ signs }) => signs === true) })
  }

  *handle(asked: ControlRequest): Generator<Uint8Array> {
    const read = readTransferRequest(asked.message, isStream(asked.transport) ? 'stream' : 'datagram')
    if (read.kind === 'refused') return yield this.#refuse(asked, read.rcode)
    const { request } = read
    const zone = this.#options.zones.zone(request.zone)
    if (zone === undefined) return yield this.#refuse(asked, RCODE.NOTAUTH)
    const version = zone.state === 'serving' ? zone.commit() : undefined
    if (version === undefined) return yield this.#refuse(asked, RCODE.SERVFAIL)
    const isSigner = zone.isSignedHere && this.#isSigner(asked)
    if (zone.isSignedHere && !isSigner) return yield this.#refuseSigned(asked, zone.origin)
    const plan = planOf(zone, version, request.since)
    if (isStream(asked.transport)) yield* this.#stream(plan, { asked, request, zone, isSigner })
    else yield this.#datagram(plan, { asked, request, zone, isSigner })
  }

  *#stream(plan: Plan, transfer: Transfer): Generator<Uint8Array> {
    const { counts } = this.#options
    let isWhole = false
    let messages = 0
    let bytes = 0
    try {
      for (const message of messagesOf(plan, transfer, MAX_TCP_BYTES)) {
        messages += 1
        bytes += message.length
        yield message
      }
      isWhole = true
    } finally {
      if (isWhole) counts[plan.kind] += 1
      else counts.broken += 1
      counts.bytes += bytes
      this.#tell(plan, transfer, { isWhole, messages, bytes })
    }
  }

  /** All in one message, or the SOA alone, for which the client will come over TCP (RFC 1995, 2). */
  #datagram(plan: Plan, transfer: Transfer): Uint8Array {
    const { edns } = transfer.request
    const maxBytes = Math.min(MAX_UDP_BYTES, Math.max(PLAIN_UDP_BYTES, edns?.payloadBytes ?? 0))
    const whole = onlyMessage(messagesOf(plan, transfer, maxBytes))
    const sent: Plan = whole === undefined ? { ...plan, kind: 'current' } : plan
    const message = whole ?? onlyMessage(messagesOf(sent, transfer, maxBytes))
    const { counts } = this.#options
    counts[sent.kind] += 1
    counts.bytes += message?.length ?? 0
    this.#tell(sent, transfer, { isWhole: true, messages: 1, bytes: message?.length ?? 0 })
    return message ?? bareReply(transfer.asked.message, RCODE.SERVFAIL) // a SOA fits into 512 octets, or it could not be asked for
  }

  #isSigner({ address, key }: ControlRequest): boolean {
    const from = { octets: address, length: address.length === 4 ? (4 as const) : (16 as const) }
    return this.#signers.judge('transfer', from, key) === 'admitted'
  }

  #refuse({ message }: ControlRequest, rcode: number): Uint8Array {
    this.#options.counts.refused += 1
    return bareReply(message, rcode)
  }

  #refuseSigned(asked: ControlRequest, zone: DomainName): Uint8Array {
    const { counts, logger, refused } = this.#options
    const { address, key } = asked
    counts.refused += 1
    refused?.({ zone, address: presentIp(address), ...(key === undefined ? {} : { key }) })
    logger.warn(
      { component: 'transfer', zone, peer: presentPeer(asked), reason: 'SignedHere' },
      'transfer refused: the zone is signed as it is answered; name a peer that signs it by itself with +signs',
    )
    const text = 'zone is signed by this server'
    return bareReply(asked.message, RCODE.REFUSED, { code: EXTENDED_ERROR.PROHIBITED, text })
  }

  #tell(
    { kind, version }: Plan,
    { zone, asked }: Transfer,
    sent: { isWhole: boolean; messages: number; bytes: number },
  ): void {
    const { logger } = this.#options
    const fields = {
      ...{ component: 'transfer', zone: zone.origin, serial: version.serial, transfer: kind },
      peer: presentPeer(asked),
      ...{ count: sent.messages, bytes: sent.bytes },
    }
    if (kind === 'current') logger.debug(fields, 'secondary has the zone')
    else if (!sent.isWhole) logger.warn(fields, 'transfer broken off')
    else if (kind === 'changes') logger.debug(fields, 'zone transferred') // as often as it changes
    else logger.info(fields, 'zone transferred')
  }
}

/** One request that is followed. */
interface Transfer {
  readonly asked: ControlRequest
  readonly request: TransferRequest
  readonly zone: HeldZone
  /** The zone is signed here, and the client will sign it by itself. */
  readonly isSigner: boolean
}

/** What a client gets that has some serial, or none; more changes than there is zone are not worth sending (RFC 1995, 1). */
function planOf(zone: HeldZone, version: ZoneVersion, since: number | undefined): Plan {
  if (since === undefined) return { kind: 'whole', version, steps: [] }
  if (!isLaterSerial(version.serial, since)) return { kind: 'current', version, steps: [] }
  const steps = zone.since(since)
  const bytes = steps?.reduce((sum, step) => sum + step.bytes, 0) ?? 0
  if (steps === undefined || bytes > Math.max(zone.bytes, SMALL_BYTES))
    return { kind: 'whole', version, steps: [] }
  return { kind: 'changes', version, steps }
}

/** Changes below this size are sent, however small the zone is. */
const SMALL_BYTES = 16_384

/** The message, if there is one and no more, and all that it is to hold fits. */
function onlyMessage(messages: Generator<Uint8Array, undefined>): Uint8Array | undefined {
  try {
    const first = messages.next()
    return first.done !== true && messages.next().done === true ? first.value : undefined
  } catch (error) {
    if (error instanceof TransferError) return undefined
    throw error
  } finally {
    messages.return(undefined)
  }
}

/** Open while it is read; to be read to the end or given back. */
function* messagesOf(plan: Plan, transfer: Transfer, maxBytes: number): Generator<Uint8Array, undefined> {
  const { asked, request, zone } = transfer
  const snapshot = plan.kind === 'whole' ? zone.snapshot() : undefined
  try {
    yield* transferMessages(recordsOf(plan, transfer, snapshot ?? []), {
      ...request,
      maxBytes: maxBytes - asked.reservedBytes,
    })
  } finally {
    snapshot?.close()
  }
  return undefined
}

function recordsOf(
  { kind, version: { soa }, steps }: Plan,
  { zone: { origin }, isSigner }: Transfer,
  contents: Iterable<readonly [DomainName, Answer]>,
): Iterable<OwnedSet> {
  const records = (): Iterable<OwnedSet> => {
    switch (kind) {
      case 'whole':
        return wholeZone(origin, soa, contents)
      case 'changes':
        return zoneChanges(origin, soa, steps)
      case 'current':
        return [{ name: origin, set: soa }]
    }
  }
  return isSigner ? withoutKeys(origin, records()) : records()
}

function* withoutKeys(origin: DomainName, records: Iterable<OwnedSet>): Generator<OwnedSet> {
  for (const owned of records) if (owned.name !== origin || !KEY_TYPES.has(owned.set.type)) yield owned
}

/** Who asked, for a log line. */
function presentPeer({ address, key }: ControlRequest): string {
  const text = presentIp(address)
  return key === undefined ? text : `${text} ${key}`
}
