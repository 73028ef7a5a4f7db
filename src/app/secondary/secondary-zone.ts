import type { DomainName } from '../../dns/names.ts'
import { TYPE } from '../../dns/protocol.ts'
import { serialOf } from '../../dns/rdata/soa.ts'
import { soaTimes, type SoaTimes } from '../../dns/rdata/soa-times.ts'
import { isLaterSerial } from '../../dns/serial.ts'
import type { RecordSet } from '../../dns/records.ts'
import type { ZoneNames } from '../../dns/transfer-in/received.ts'
import type { NameContent } from '../../dns/update/types.ts'
import { AppError, describeError } from '../../errors.ts'
import { backoffMs } from '../../runtime/backoff.ts'
import type { Clock, Timer } from '../../runtime/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import type { HeldZone, Primary, Refreshed, ZoneToRefresh } from './refresh.ts'

/** What becomes of a zone that is brought here. All calls are made in the turn in which it changes. */
export interface ZoneOutput {
  /** All that the zone says now. */
  whole(zone: HeldZone): void
  /** The names that changed, the origin among them. */
  changed(zone: HeldZone, changes: readonly NameContent[]): void
  /** `expired`: nobody who knows has been heard of for too long. */
  state(state: 'serving' | 'expired'): void
  /** The primary said so: what is held is the newest. */
  refreshed(): void
}

export interface SecondaryZoneOptions {
  readonly origin: DomainName
  /** Tried in order, beginning with the one that answered last. */
  readonly primaries: readonly [Primary, ...Primary[]]
  readonly refresh: (primary: Primary, zone: ZoneToRefresh) => Promise<Refreshed>
  readonly output: ZoneOutput
  /** As it was held before, and when a primary confirmed it last. */
  readonly kept?: { readonly names: ZoneNames; readonly confirmedMs: number }
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}

/** As long as nothing is held: soon again, then less and less often. */
const FIRST_TRIES = { baseMs: 1_000, maxMs: 60_000, jitter: 0.2 }
/** Primaries may ask for more than is good for them, or for less than a timer can count (24 days). */
const LEAST_SECONDS = 2
const MOST_SECONDS = 2_000_000
/** Share of a waiting time that is left off at random, so that the zones of one primary do not ask all at once. */
const JITTER = 0.1
/** From one look to the next, however often the primary calls. */
const NOTIFY_PAUSE_MS = 250

/**
 * A zone that another server is the primary of (RFC 1034, 4.3.5): asked for when its SOA says so and when the primary
 * calls; tried again when it failed; expired when it failed for too long. What is held stays until something whole has come.
 */
export class SecondaryZone {
  readonly origin: DomainName
  readonly #options: Omit<SecondaryZoneOptions, 'kept'>
  /** Until it is served. */
  #kept: SecondaryZoneOptions['kept']
  #names = new Map<DomainName, readonly RecordSet[]>()
  #held: HeldZone | undefined
  #confirmedMs = 0
  #isExpired = false
  #failures = 0
  #preferred = 0
  #isBusy = false
  #isCalled = false
  #isClosed = false
  readonly #closing = new AbortController()
  #lastLookMs = Number.NEGATIVE_INFINITY
  #next: Timer | undefined
  #expiry: Timer | undefined

  constructor({ kept, ...options }: SecondaryZoneOptions) {
    this.origin = options.origin
    this.#options = options
    this.#kept = kept
  }

  /** Undefined: nothing is held yet. */
  get serial(): number | undefined {
    return this.#held?.serial
  }

  /** Serve what was held before, and ask for what there is now. */
  start(): void {
    const { output } = this.#options
    const kept = this.#kept
    this.#kept = undefined
    const held = kept === undefined ? undefined : heldZone(this.origin, kept.names)
    if (kept !== undefined && held !== undefined) {
      this.#names = new Map(kept.names)
      this.#held = { ...held, names: this.#names }
      output.whole(this.#held)
      this.#confirmedMs = kept.confirmedMs
      this.#watchExpiry()
    }
    void this.#look()
  }

  /**
   * The primary says that the zone has changed (RFC 1996).
   * @param serial - as it says; a hint only: it is asked anyway, unless that is what is held
   */
  called(serial: number | undefined): void {
    const held = this.#held
    if (held !== undefined && serial !== undefined && !isLaterSerial(serial, held.serial)) return
    if (this.#isBusy) {
      this.#isCalled = true
      return
    }
    const pauseMs = this.#lastLookMs + NOTIFY_PAUSE_MS - this.#options.clock.nowMs()
    this.#lookAfter(Math.max(0, pauseMs))
  }

  /** What may have kept it from being brought has changed: it is asked for again at once, unless the last look was good. */
  retry(): void {
    if (this.#isBusy || this.#failures > 0) this.called(undefined)
  }

  close(): void {
    this.#isClosed = true
    this.#closing.abort() // a transfer may go on for half an hour
    this.#next?.cancel()
    this.#expiry?.cancel()
  }

  async #look(): Promise<void> {
    if (this.#isBusy || this.#isClosed) return
    this.#isBusy = true
    this.#isCalled = false
    this.#next?.cancel()
    this.#lastLookMs = this.#options.clock.nowMs()
    const isGood = await this.#askAll()
    this.#isBusy = false
    if (this.#isClosed) return
    this.#failures = isGood ? 0 : this.#failures + 1
    this.#lookAfter(this.#isCalled ? NOTIFY_PAUSE_MS : this.#waitMs(isGood))
  }

  /** @returns whether a primary answered */
  async #askAll(): Promise<boolean> {
    const { primaries, refresh, clock } = this.#options
    for (let i = 0; i < primaries.length && !this.#isClosed; i += 1) {
      const at = (this.#preferred + i) % primaries.length
      const primary = primaries[at]! // at < length
      const startMs = clock.nowMs()
      try {
        const refreshed = await refresh(primary, {
          origin: this.origin,
          held: this.#held,
          signal: this.#closing.signal,
        })
        if (this.#isClosed) return false
        this.#preferred = at
        this.#take(refreshed, primary, startMs)
        return true
      } catch (error) {
        if (this.#isClosed) return false
        this.#tellFailure(primary, error)
      }
    }
    return false
  }

  #take(refreshed: Refreshed, primary: Primary, startMs: number): void {
    const { output, clock, logger } = this.#options
    this.#confirmedMs = clock.nowMs()
    if (refreshed.kind === 'current') {
      if (this.#held !== undefined && isLaterSerial(this.#held.serial, refreshed.serial))
        logger.debug(
          { ...this.#fields(primary), serial: refreshed.serial },
          'primary has an older serial than is held',
        )
      output.refreshed()
    } else {
      this.#replace(refreshed)
      const { serial } = refreshed
      const fields = { ...this.#fields(primary), serial, durationMs: clock.nowMs() - startMs }
      if (refreshed.kind === 'whole') logger.info({ ...fields, count: refreshed.names.size }, 'zone received')
      else logger.info({ ...fields, count: refreshed.changes.length }, 'changes of a zone received')
    }
    this.#watchExpiry()
  }

  #replace(refreshed: Extract<Refreshed, { readonly kind: 'whole' | 'increment' }>): void {
    const { output } = this.#options
    if (refreshed.kind === 'whole') {
      this.#names = new Map(refreshed.names)
    } else {
      for (const { name, sets } of refreshed.changes) {
        if (sets.length === 0) this.#names.delete(name)
        else this.#names.set(name, sets)
      }
    }
    const held = heldZone(this.origin, this.#names)
    if (held === undefined) return // a transfer has a SOA
    this.#held = held
    if (refreshed.kind === 'whole') output.whole(held)
    else output.changed(held, refreshed.changes)
  }

  /** Counted from when a primary last said that what is held is the newest (RFC 1035, 3.3.13). */
  #watchExpiry(): void {
    const { clock, output, logger } = this.#options
    const times = this.#times()
    if (times === undefined) return
    this.#expiry?.cancel()
    const leftMs = this.#confirmedMs + times.expireSeconds * 1_000 - clock.nowMs()
    const isExpired = leftMs <= 0
    if (isExpired) {
      if (!this.#isExpired)
        logger.error(
          { component: 'secondary', zone: this.origin, serial: this.#held?.serial },
          'zone expired',
        )
    } else this.#expiry = clock.after(Math.min(leftMs, MOST_SECONDS * 1_000), () => this.#watchExpiry())
    this.#isExpired = isExpired
    output.state(isExpired ? 'expired' : 'serving')
  }

  #waitMs(isGood: boolean): number {
    const { random } = this.#options
    const times = this.#times()
    if (times === undefined) return backoffMs(this.#failures, FIRST_TRIES, random())
    const seconds = isGood ? times.refreshSeconds : times.retrySeconds
    return Math.min(Math.max(seconds, LEAST_SECONDS), MOST_SECONDS) * 1_000 * (1 - JITTER * random())
  }

  #times(): SoaTimes | undefined {
    return soaTimes(this.#held?.soa)
  }

  #lookAfter(delayMs: number): void {
    this.#next?.cancel()
    this.#next = this.#options.clock.after(delayMs, () => void this.#look())
  }

  /** The first failure is news, those that follow are not. */
  #tellFailure(primary: Primary, error: unknown): void {
    const { logger } = this.#options
    const code = error instanceof AppError ? error.code : undefined
    const fields = { ...this.#fields(primary), code, failures: this.#failures + 1, err: describeError(error) }
    if (this.#failures === 0) logger.warn(fields, 'zone could not be brought from its primary')
    else logger.debug(fields, 'zone could not be brought from its primary again')
  }

  #fields({ host, port }: Primary) {
    return { component: 'secondary', zone: this.origin, host, port }
  }
}

/** A zone as it is held; undefined: it has no SOA. */
function heldZone(origin: DomainName, names: ZoneNames): HeldZone | undefined {
  const soa = names.get(origin)?.find(({ type }) => type === TYPE.SOA)
  const serial = serialOf(soa)
  return soa === undefined || serial === undefined ? undefined : { serial, soa, names }
}
