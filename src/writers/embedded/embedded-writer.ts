import type { Feed, Ledger } from '../../core/discovery/types.ts'
import { isWithin, type DomainName } from '../../dns/names.ts'
import type { Alias, Answer, NameChange, RecordSet } from '../../dns/records.ts'
import { describeError } from '../../errors.ts'
import type { ZoneState, ZoneWriter } from '../../nameserver/types.ts'
import { ZoneStoreError } from '../../nameserver/zone-store/zone-writer.ts'
import type { Clock, Timer } from '../../runtime/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { inOrder, isOrdered, orderOf, sameOrder, type AnswerOrder } from './answer-order.ts'
import { NO_KEYS, withKeySets, type OriginKeys } from './key-sets.ts'
import { inPublishingOrder } from './publish-order.ts'
import {
  originAnswer,
  sameSettings,
  serialAfter,
  type FileZoneSettings,
  type ZoneSettings,
} from './zone-records.ts'

export interface EmbeddedWriter {
  /** Declare a zone, or change its settings. Equal settings are a no-op. */
  declare(settings: ZoneSettings | FileZoneSettings): void
  /** Names in the zone are refused from now on. */
  remove(origin: DomainName): void
  /** `loading` and `expired` answer SERVFAIL in every zone that has no state of its own. */
  setState(state: ZoneState): void
  /** The state of one zone, whatever that of the others, until it is removed. */
  setZoneState(origin: DomainName, state: ZoneState): void
  /** Serial of a zone's SOA; undefined: not a zone of ours. */
  serial(origin: DomainName): number | undefined
  /** Origin of the innermost zone of ours that a name is in. */
  zoneOf(name: DomainName): DomainName | undefined
  /** All that the origin of a zone says, but for its keys; nothing where it is no zone of ours. */
  apex(origin: DomainName): readonly RecordSet[]
  /** Publish what the ledger has changed, now. Called by itself on every change. */
  flush(): void
  close(): void
}

export interface EmbeddedWriterOptions {
  readonly ledger: Ledger
  readonly zones: ZoneWriter
  readonly clock: Clock
  readonly logger: Logger
  /** Of signed zones. */
  readonly keys?: OriginKeys
  /** Addresses of master files, and of records from others, are given in turn; without: in their order. */
  readonly recordsInTurn?: boolean
  /** Called after names were swapped in. */
  readonly published?: (changes: readonly NameChange[]) => void
}

/** What did not fit into the zone store is tried again after this long. */
const RETRY_MS = 1_000
/** Names that get another order at a time: more would hold up what else there is to do. */
const REORDERED_AT_ONCE = 2_000
const NONE: ReadonlySet<DomainName> = new Set()

/** From the ledger to the zone store, in the tick of the change; each touched zone's serial moves with its content. */
export function createEmbeddedWriter(options: EmbeddedWriterOptions): EmbeddedWriter {
  return new LedgerPublisher(options)
}

class LedgerPublisher implements EmbeddedWriter {
  readonly #options: EmbeddedWriterOptions
  readonly #feed: Feed
  readonly #zones = new Map<DomainName, ZoneSettings | FileZoneSettings>()
  readonly #orders = new Map<DomainName, AnswerOrder>()
  /** Names that are to have the order of their zone, which is another one since they were stored. */
  #reordered: DomainName[] = []
  /** Of every zone there ever was: one that comes back goes on from there. */
  readonly #serials = new Map<DomainName, number>()
  /** Published aliases: their targets are withdrawn after them. */
  readonly #aliases = new Map<DomainName, Alias>()
  /** Zones whose own name or state had no room. */
  readonly #unserved = new Set<DomainName>()
  readonly #keys: OriginKeys
  readonly #recordsInTurn: boolean
  #state: ZoneState = 'loading'
  /** Of zones that have one of their own. */
  readonly #ownStates = new Map<DomainName, ZoneState>()
  #isFull = false
  #isScheduled = false
  #isClosed = false
  #retry: Timer | undefined
  #reordering: Timer | undefined

  constructor(options: EmbeddedWriterOptions) {
    this.#options = options
    this.#keys = options.keys ?? NO_KEYS
    this.#recordsInTurn = options.recordsInTurn ?? false
    this.#feed = options.ledger.open('everything', () => this.#schedule())
    this.#keys.watch((origin) => this.#publishOrigins([origin]))
  }

  declare(settings: ZoneSettings | FileZoneSettings): void {
    const { origin } = settings
    const old = this.#zones.get(origin)
    if (old !== undefined && sameSettings(old, settings)) return
    const before = this.#orderAt(origin)
    this.#zones.set(origin, settings)
    this.#orders.set(origin, orderOf(settings, this.#recordsInTurn))
    this.#publishOrigins([origin, ...this.#around(origin)])
    this.#setStates([origin])
    if (!sameOrder(before, this.#orderAt(origin))) this.#reorder(origin)
  }

  remove(origin: DomainName): void {
    const before = this.#orderAt(origin)
    if (!this.#zones.delete(origin)) return
    this.#orders.delete(origin)
    this.#unserved.delete(origin)
    this.#ownStates.delete(origin)
    this.#publish([{ name: origin, urgent: false }]) // leaves no content, so that the next step needs no room
    this.#options.zones.setState(origin, 'gone')
    this.#publishOrigins(this.#around(origin))
    const answer = this.#options.ledger.get(origin)?.answer
    if (answer !== undefined) this.#publish([{ name: origin, answer, urgent: false }])
    if (!sameOrder(before, this.#orderAt(origin))) this.#reorder(origin)
  }

  setState(state: ZoneState): void {
    this.#state = state
    this.#setStates([...this.#zones.keys()])
  }

  setZoneState(origin: DomainName, state: ZoneState): void {
    this.#ownStates.set(origin, state)
    this.#setStates([origin])
  }

  serial(origin: DomainName): number | undefined {
    return this.#zones.has(origin) ? this.#serials.get(origin) : undefined
  }

  zoneOf(name: DomainName): DomainName | undefined {
    return zoneOf(name, this.#zones)
  }

  apex(origin: DomainName): readonly RecordSet[] {
    const zone = this.#zones.get(origin)
    if (zone === undefined) return []
    const answer = this.#originAnswer(zone, this.#serials.get(origin) ?? 0)
    return answer.kind === 'records' ? answer.sets : []
  }

  flush(): void {
    this.#isScheduled = false
    if (this.#isClosed) return
    const unserved = [...this.#unserved]
    const taken = this.#feed.take(Number.POSITIVE_INFINITY, this.#options.clock.nowMs())
    const changes = taken.filter((change) => !this.#standsAs(change))
    if (changes.length + unserved.length === 0) return
    this.#unserved.clear()
    const refused = this.#publish(changes.filter(({ name }) => !this.#zones.has(name)))
    const around = unserved.flatMap((origin) => this.#around(origin))
    this.#publishOrigins([...new Set([...unserved, ...around, ...this.#originsOf(changes)])])
    this.#setStates(unserved)
    if (refused.size + this.#unserved.size === 0) this.#isFull = false
    this.#options.published?.(changes.filter(({ name }) => !refused.has(name)))
  }

  close(): void {
    this.#isClosed = true
    this.#retry?.cancel()
    this.#reordering?.cancel()
    this.#feed.close()
  }

  #schedule(): void {
    if (this.#isScheduled || this.#isClosed) return
    this.#isScheduled = true
    queueMicrotask(() => this.flush())
  }

  /** Whether the change is none here: what outputs write instead of an alias is not ours, whose aliases are followed at once. */
  #standsAs({ name, answer }: NameChange): boolean {
    if (answer?.kind !== 'alias' || this.#zones.has(name)) return false
    const standing = this.#aliases.get(name)
    if (standing?.target !== answer.target || standing.ttlSeconds !== answer.ttlSeconds) return false
    this.#aliases.set(name, answer) // holds on to no addresses of before
    return true
  }

  /** The zone around another one, as which it is delegated there: who has that zone alone has to come to know. */
  #around(origin: DomainName): readonly DomainName[] {
    const outer = zoneOf(origin, this.#zones, origin)
    return outer === undefined ? [] : [outer]
  }

  #originsOf(changes: readonly NameChange[]): readonly DomainName[] {
    return changes.flatMap(({ name }) => zoneOf(name, this.#zones) ?? [])
  }

  /** @returns the names that had no room; they come again by themselves */
  #publish(changes: readonly NameChange[]): ReadonlySet<DomainName> {
    const ordered = inPublishingOrder(changes, this.#aliases)
    const refused = this.#store(ordered.map((change) => this.#withOrder(change)))
    for (const { name, answer } of changes) {
      if (refused.has(name)) continue
      if (answer?.kind === 'alias') this.#aliases.set(name, answer)
      else this.#aliases.delete(name)
    }
    if (refused.size > 0) this.#feed.again([...refused], this.#options.clock.nowMs() + RETRY_MS)
    return refused
  }

  #withOrder(change: NameChange): NameChange {
    const { name, answer } = change
    if (answer === undefined || (answer.kind === 'records' && !this.#recordsInTurn)) return change
    if (!isOrdered(answer)) return change
    return { ...change, answer: inOrder(answer, this.#orderAt(name)) }
  }

  #orderAt(name: DomainName): AnswerOrder {
    const origin = zoneOf(name, this.#zones)
    const order = origin === undefined ? undefined : this.#orders.get(origin)
    return order ?? orderOf(undefined, this.#recordsInTurn)
  }

  /** Store the names of a zone again. Their content stays, and so does the serial. */
  #reorder(origin: DomainName): void {
    const isIdle = this.#reordered.length === 0
    for (const name of this.#options.ledger.names()) if (isWithin(name, origin)) this.#reordered.push(name)
    if (isIdle) this.#reorderSome()
  }

  #reorderSome(): void {
    const names = this.#reordered.splice(-REORDERED_AT_ONCE)
    this.#publish(
      names.flatMap((name): readonly NameChange[] => {
        const answer = this.#options.ledger.get(name)?.answer
        const isStored = answer !== undefined && isOrdered(answer) && !this.#zones.has(name)
        return isStored ? [{ name, answer, urgent: false }] : []
      }),
    )
    if (this.#reordered.length > 0) this.#reordering = this.#options.clock.after(0, () => this.#reorderSome())
  }

  /** SOA, NS and addresses of these zones, with the next serial. */
  #publishOrigins(origins: readonly DomainName[]): void {
    const { clock } = this.#options
    const changes = origins.flatMap((name): readonly NameChange[] => {
      const zone = this.#zones.get(name)
      if (zone === undefined) return []
      const serial = serialAfter(zone, this.#serials.get(name), clock.nowMs())
      this.#serials.set(name, serial)
      const answer = this.#originAnswer(zone, serial)
      return [{ name, answer: withKeySets(answer, this.#keys.setsOf(name)), urgent: false }]
    })
    for (const name of this.#store(changes)) this.#unserved.add(name)
  }

  #originAnswer(zone: ZoneSettings | FileZoneSettings, serial: number): Answer {
    const apex = this.#options.ledger.get(zone.origin)?.answer
    return originAnswer(zone, serial, { apex, order: this.#orderAt(zone.origin) })
  }

  #setStates(origins: readonly DomainName[]): void {
    for (const origin of origins) {
      if (!this.#zones.has(origin)) continue
      try {
        this.#options.zones.setState(origin, this.#ownStates.get(origin) ?? this.#state)
      } catch (error) {
        this.#unserved.add(origin)
        this.#refuse(error, 1)
      }
    }
  }

  /** @returns the names that had no room */
  #store(changes: readonly NameChange[]): ReadonlySet<DomainName> {
    try {
      if (changes.length > 0) this.#options.zones.publish(changes)
      return NONE
    } catch (error) {
      const refused = new Set(error instanceof ZoneStoreError ? error.names : changes.map(({ name }) => name))
      this.#refuse(error, refused.size)
      return refused
    }
  }

  /** Come back in a while. The first refusal is news, those of the next seconds are not. */
  #refuse(error: unknown, count: number): void {
    const { clock, logger } = this.#options
    const fields = { component: 'embedded', err: describeError(error), count }
    if (this.#isFull) logger.debug(fields, 'zone store refused names again')
    else logger.error(fields, 'zone store refused names')
    this.#isFull = true
    this.#retry?.cancel()
    this.#retry = clock.after(RETRY_MS, () => this.#schedule())
  }
}

/** The innermost zone that a name is in. */
function zoneOf(
  name: DomainName,
  zones: ReadonlyMap<DomainName, unknown>,
  except?: DomainName,
): DomainName | undefined {
  let best: DomainName | undefined
  for (const origin of zones.keys()) {
    if (origin === except) continue
    if (isWithin(name, origin) && (best === undefined || origin.length > best.length)) best = origin
  }
  return best
}
