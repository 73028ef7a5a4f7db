import { presentIp } from '../../dns/rdata/ip-text.ts'
import { nameOfWire, type DomainName } from '../../dns/names.ts'
import { RCODE } from '../../dns/protocol.ts'
import { evaluateUpdate, type UpdateContext } from '../../dns/update/evaluate-update.ts'
import { bareReply } from '../../dns/wire/bare-reply.ts'
import { decodeMessage } from '../../dns/wire/decode.ts'
import type { Message } from '../../dns/wire/message.ts'
import { AppError, describeError } from '../../errors.ts'
import { KubeError } from '../../kube/kube-error.ts'
import type { ControlRequest } from '../../nameserver/control/types.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import type { EmbeddedWriter } from '../../writers/embedded/embedded-writer.ts'
import type { RecordObjects } from './record-objects.ts'
import { MAX_OBJECT_BYTES, sizeBytes, type PlannedWrite } from './stored-zone.ts'
import { storedContent, updateContext, type UpdateViewOptions } from './update-view.ts'
import type { ZoneRecordsBook } from './zone-records-book.ts'

export interface ZoneUpdatesOptions extends Omit<UpdateViewOptions, 'book' | 'embedded'> {
  readonly book: Pick<ZoneRecordsBook, 'zone' | 'ownerOf' | 'accept' | 'watch'>
  readonly objects: RecordObjects
  readonly embedded: Pick<EmbeddedWriter, 'zoneOf' | 'apex' | 'flush' | 'serial'>
  /** What is stored is known, and names are served. */
  readonly isReady: () => boolean
  readonly clock: Clock
  readonly logger: Logger
}

/** A zone has no room for what an update would add. */
export class ZoneFullError extends AppError {
  constructor(name: string, size: number) {
    super('zone has received more than an object can hold', {
      code: 'ZONE_RECORDS_FULL',
      fields: { name, size, max: MAX_OBJECT_BYTES },
    })
  }
}

/** An update is given up when others change the zone so many times in between. */
const ATTEMPTS = 5
/** From a write that somebody else was faster than, until the watch has brought theirs. */
const NEWS_TIMEOUT_MS = 2_000
/** Clients wait hardly longer. */
const WRITE_TIMEOUT_MS = 5_000

/**
 * Answers UPDATE (RFC 2136): evaluates it on what the zone says now, stores what changes in the host cluster, publishes
 * it, and only then answers (3.5). One after another in each zone (3.7); when somebody else has changed what is stored, it
 * is evaluated again on that.
 */
export class ZoneUpdates {
  readonly #options: ZoneUpdatesOptions
  readonly #context: UpdateContext
  /** The last thing to be done in each zone. */
  readonly #queues = new Map<DomainName, Promise<unknown>>()
  /** Updates under way: one that comes again meanwhile gets the same answer. */
  readonly #running = new Map<string, Promise<number>>()

  constructor(options: ZoneUpdatesOptions) {
    this.#options = options
    this.#context = updateContext(options)
  }

  async *handle(request: ControlRequest): AsyncGenerator<Uint8Array> {
    yield bareReply(request.message, await this.#once(request))
  }

  /** @returns the response code */
  async #once(request: ControlRequest): Promise<number> {
    const { message, address } = request
    const key = [address, message].map((octets) => Buffer.from(octets).toString('latin1')).join('|')
    const running = this.#running.get(key) ?? this.#update(request)
    this.#running.set(key, running)
    try {
      return await running
    } finally {
      this.#running.delete(key)
    }
  }

  async #update(request: ControlRequest): Promise<number> {
    const decoded = decodeMessage(request.message)
    if (decoded.kind === 'malformed') return RCODE.FORMERR
    const { message } = decoded
    const [zone] = message.questions
    const origin = zone === undefined ? undefined : nameOfWire(zone.name)
    if (!this.#options.isReady()) return RCODE.SERVFAIL
    if (origin === undefined || this.#context.zone(origin) === undefined)
      return this.#evaluate(message, request)
    return this.#inTurn(origin, () => this.#evaluate(message, request))
  }

  /** After whatever is under way in the zone. */
  #inTurn<T>(origin: DomainName, act: () => Promise<T>): Promise<T> {
    const turn = (this.#queues.get(origin) ?? Promise.resolve()).then(act)
    const settled = turn.then(
      () => {},
      () => {},
    )
    this.#queues.set(origin, settled)
    void settled.then(() => {
      if (this.#queues.get(origin) === settled) this.#queues.delete(origin)
    })
    return turn
  }

  async #evaluate(message: Message, request: ControlRequest): Promise<number> {
    const { logger } = this.#options
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      const outcome = evaluateUpdate(message, this.#context)
      if (outcome.kind === 'failed') {
        logger.info({ ...whoOf(request), problem: outcome.reason }, 'update refused')
        return outcome.rcode
      }
      const { origin, changes } = outcome
      if (changes.length === 0) return RCODE.NOERROR
      const stored = this.#options.book.zone(origin)
      const planned = stored.planUpdate(changes.map((change) => storedContent(change, origin)))
      try {
        await this.#store(origin, [planned])
        const serial = this.#options.embedded.serial(origin)
        logger.info({ ...whoOf(request), zone: origin, serial, count: changes.length }, 'zone updated')
        this.#foldLater(origin)
        return RCODE.NOERROR
      } catch (error) {
        if (!isRace(error) || !(await this.#isNewer(origin, planned.before?.resourceVersion))) {
          const fields = { ...whoOf(request), zone: origin, err: describeError(error) }
          if (error instanceof KubeError) logger.warn(fields, 'update cannot be stored')
          else logger.error(fields, 'update cannot be stored')
          return RCODE.SERVFAIL
        }
      }
    }
    logger.warn({ ...whoOf(request), failures: ATTEMPTS }, 'update given up: the zone changed each time')
    return RCODE.SERVFAIL
  }

  /** Write objects one after another, and publish each as soon as it is stored. */
  async #store(origin: DomainName, writes: readonly PlannedWrite[]): Promise<void> {
    const { book, objects, embedded } = this.#options
    for (const planned of writes) {
      const size = sizeBytes(planned.spec)
      if (size > MAX_OBJECT_BYTES) throw new ZoneFullError(planned.name, size)
      const head = book.zone(origin).head
      const owner =
        planned.spec.part === undefined || head === undefined ? undefined : { name: head.name, uid: head.uid }
      const stored = await this.#inTime((signal) => objects.write(planned, owner, signal))
      book.accept(stored.metadata, stored.asked)
      embedded.flush()
    }
  }

  /**
   * The watch brings what somebody else has stored, mostly it has done so already.
   * @param than - of the head as it was when a write failed @returns whether something newer is known, and all of it
   */
  async #isNewer(origin: DomainName, than: string | undefined): Promise<boolean> {
    const { book, clock } = this.#options
    const isThere = (): boolean => {
      const zone = book.zone(origin)
      return zone.head?.resourceVersion !== than && zone.missing.length === 0
    }
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const look = (): void => {
      if (isThere()) resolve(true)
    }
    const end = book.watch(look)
    const timer = clock.after(NEWS_TIMEOUT_MS, () => resolve(false))
    look()
    const isNewer = await promise
    timer.cancel()
    end()
    return isNewer
  }

  async #inTime<T>(act: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const controller = new AbortController()
    const timer = this.#options.clock.after(WRITE_TIMEOUT_MS, () => controller.abort())
    try {
      return await act(controller.signal)
    } finally {
      timer.cancel()
    }
  }

  /** Once a head is large, what it holds goes on to parts; nobody waits for it, and no update is made meanwhile. */
  #foldLater(origin: DomainName): void {
    if (this.#options.book.zone(origin).planFold().length === 0) return
    void this.#inTurn(origin, async () => {
      const { book, logger } = this.#options
      try {
        await this.#store(origin, book.zone(origin).planFold())
      } catch (error) {
        logger.warn(
          { component: 'updates', zone: origin, err: describeError(error) },
          'large zone not folded yet',
        )
      }
    })
  }
}

/** Somebody else was there first: changed, made or deleted the object. */
function isRace(error: unknown): boolean {
  return error instanceof KubeError && RACES.has(error.code)
}

const RACES: ReadonlySet<string> = new Set(['KUBE_CONFLICT', 'KUBE_ALREADY_EXISTS', 'KUBE_NOT_FOUND'])

function whoOf({ address, key }: ControlRequest) {
  return { component: 'updates', host: presentIp(address), ...(key === undefined ? {} : { tsigKey: key }) }
}
