import type { DomainName } from '../../dns/names.ts'
import { RCODE } from '../../dns/protocol.ts'
import { signRequest, type ReplyVerifier } from '../../dns/tsig/client.ts'
import type { TsigKey } from '../../dns/tsig/keys.ts'
import { notifyMessage, notifyReply } from '../../dns/transfer/notify.ts'
import type { Logger } from '../../telemetry/logger.ts'
import type { TransferCounts } from './counts.ts'
import type { HeldZone } from './held-zone.ts'

/** A server that is told of changes. */
export interface NotifyTarget {
  /** An address. */
  readonly host: string
  readonly port: number
  /** Asked for each message: what it says is signed with then. Absent: nothing is signed. */
  readonly key?: () => TsigKey
}

/** One socket to one target: only what comes from there is received. */
export interface NotifySocket {
  send(message: Uint8Array): void
  close(): void
}

/** Time, as the runtime's clock has it. */
export interface NotifierClock {
  nowMs(): number
  after(delayMs: number, act: () => void): { cancel(): void }
}

export interface NotifierOptions {
  readonly targets: readonly NotifyTarget[]
  readonly clock: NotifierClock
  /** From 0 to below 1, not to be guessed: ids are made of it (RFC 5452, 9.2). */
  readonly random: () => number
  readonly open: (target: NotifyTarget, received: (message: Uint8Array) => void) => NotifySocket
  readonly counts: TransferCounts
  readonly logger: Logger
}

/** From one try to the next: six of them within a minute (RFC 1996, 3.6). */
const RETRY_MS: readonly number[] = [2_000, 4_000, 8_000, 16_000, 30_000]
/** After the last try. */
const LAST_WAIT_MS = 5_000
/** No target hears of a zone more often. */
const MIN_DISTANCE_MS = 1_000

/** Tells other servers that zones have changed, until each has answered (RFC 1996, 3). */
export class Notifier {
  readonly #targets: readonly Target[]

  constructor(options: NotifierOptions) {
    this.#targets = options.targets.map((target) => new Target(target, options))
  }

  /** The zone may be another one: its version is looked at when it is time to tell. */
  changed(zone: HeldZone): void {
    for (const target of this.#targets) target.changed(zone)
  }

  close(): void {
    for (const target of this.#targets) target.close()
  }
}

/** What one target knows of one zone. */
interface Told {
  readonly zone: HeldZone
  /** When the last round began. */
  startedMs: number
  /** The serial told last. */
  serial?: number
  /** Tries of the round under way; 0: none is. */
  tries: number
  /** When the next one is due. */
  dueMs: number
  id: number
  verifier?: ReplyVerifier | undefined
  timer?: { cancel(): void } | undefined
  /** The zone has changed since the round began. */
  again: boolean
}

class Target {
  readonly #target: NotifyTarget
  readonly #options: NotifierOptions
  readonly #told = new Map<DomainName, Told>()
  #socket: NotifySocket | undefined
  /** It was told of once: the same goes on. */
  #isSilent = false

  constructor(target: NotifyTarget, options: NotifierOptions) {
    this.#target = target
    this.#options = options
  }

  changed(zone: HeldZone): void {
    const told = this.#toldOf(zone)
    if (zone.state === 'gone') {
      told.timer?.cancel()
      this.#told.delete(zone.origin)
      return
    }
    if (told.again || zone.state !== 'serving') return
    told.again = true
    const waitMs = told.startedMs + MIN_DISTANCE_MS - this.#options.clock.nowMs()
    if (told.tries > 0 && waitMs > 0) return // taken up with the round that is under way
    told.timer?.cancel()
    told.timer = this.#options.clock.after(Math.max(0, waitMs), () => this.#begin(told))
  }

  close(): void {
    for (const { timer } of this.#told.values()) timer?.cancel()
    this.#told.clear()
    this.#socket?.close()
    this.#socket = undefined
  }

  #toldOf(zone: HeldZone): Told {
    const held = this.#told.get(zone.origin)
    if (held?.zone === zone) return held
    held?.timer?.cancel()
    const told: Told = { zone, startedMs: Number.NEGATIVE_INFINITY, tries: 0, dueMs: 0, id: 0, again: false }
    this.#told.set(zone.origin, told)
    return told
  }

  #begin(told: Told): void {
    told.again = false
    const version = told.zone.state === 'serving' ? told.zone.commit() : undefined
    if (version === undefined || version.serial === told.serial) {
      if (told.tries > 0 && version !== undefined) this.#wait(told)
      else told.tries = 0
      return
    }
    told.serial = version.serial
    told.startedMs = this.#options.clock.nowMs()
    told.tries = 0
    this.#try(told)
  }

  #try(told: Told): void {
    const version = told.zone.state === 'serving' ? told.zone.commit() : undefined
    if (version === undefined) {
      told.tries = 0 // it is told when there is something to tell again
      return
    }
    told.tries += 1
    told.serial = version.serial
    told.id = Math.floor(this.#options.random() * 0x1_0000)
    const message = notifyMessage({ id: told.id, zone: told.zone.origin, soa: version.soa })
    const key = this.#target.key?.()
    const signed = key && signRequest(message, key, this.#nowSeconds)
    told.verifier = signed?.verifier
    this.#socket ??= this.#options.open(this.#target, (received) => this.#receive(received))
    this.#socket.send(signed?.request ?? message)
    told.dueMs = this.#options.clock.nowMs() + (RETRY_MS[told.tries - 1] ?? LAST_WAIT_MS)
    this.#wait(told)
  }

  /** Until the next try of the round under way, or its end. */
  #wait(told: Told): void {
    const { clock } = this.#options
    told.timer = clock.after(Math.max(0, told.dueMs - clock.nowMs()), () => {
      if (told.again) this.#begin(told)
      else if (told.tries > RETRY_MS.length) this.#giveUp(told)
      else this.#try(told)
    })
  }

  #receive(octets: Uint8Array): void {
    for (const told of this.#told.values()) {
      const rcode = told.tries > 0 ? this.#replyTo(told, octets) : undefined
      if (rcode === undefined) continue
      this.#answered(told, rcode)
      return
    }
  }

  /** @returns the code of a reply to the try under way; undefined for anything else, and for what is not signed as it has to be */
  #replyTo({ id, zone, verifier }: Told, octets: Uint8Array): number | undefined {
    const rcode = notifyReply(octets, { id, zone: zone.origin })
    if (rcode === undefined || verifier === undefined) return rcode
    const checked = verifier.check(octets, this.#nowSeconds)
    if (checked.kind === 'good') return checked.proven ? rcode : undefined
    return checked.reason.startsWith('BAD') ? rcode : undefined
  }

  #answered(told: Told, rcode: number): void {
    const { counts, clock, logger } = this.#options
    told.tries = 0
    told.timer?.cancel()
    told.timer = undefined
    counts.notified += 1
    this.#isSilent = false
    const fields = this.#fields(told)
    if (rcode === RCODE.NOERROR) logger.debug(fields, 'secondary knows of the change')
    else logger.warn({ ...fields, rcode }, 'secondary does not take notifications of the zone')
    if (!told.again) return
    const waitMs = told.startedMs + MIN_DISTANCE_MS - clock.nowMs()
    told.timer = clock.after(Math.max(0, waitMs), () => this.#begin(told))
  }

  #giveUp(told: Told): void {
    told.tries = 0
    told.timer = undefined
    this.#options.counts.unanswered += 1
    if (!this.#isSilent)
      this.#options.logger.warn(this.#fields(told), 'secondary does not answer notifications')
    this.#isSilent = true
  }

  #fields({ zone: { origin: zone }, serial = 0 }: Told): {
    readonly component: string
    readonly zone: DomainName
    readonly serial: number
    readonly peer: string
  } {
    const { host, port } = this.#target
    return { component: 'transfer', zone, serial, peer: `${host} port ${port}` }
  }

  get #nowSeconds(): number {
    return Math.floor(this.#options.clock.nowMs() / 1_000)
  }
}
