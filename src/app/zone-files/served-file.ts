import { ownerKey, type ObjectKey } from '../../api/keys.ts'
import { rankOf } from '../../core/discovery/rank.ts'
import type { Ledger, Owner } from '../../core/discovery/types.ts'
import type { DomainName } from '../../dns/names.ts'
import { TYPE } from '../../dns/protocol.ts'
import { serialOf } from '../../dns/rdata/soa.ts'
import type { NameChange } from '../../dns/records.ts'
import type { PackedNames } from '../../dns/zone-file/packed-names.ts'
import type { PackedZoneFile } from '../../dns/zone-file/packed-zone.ts'
import type { ZoneProblem } from '../../dns/zone-file/zone-data.ts'
import { AppError } from '../../errors.ts'
import type { Logger } from '../../telemetry/logger.ts'
import type { EmbeddedWriter } from '../../writers/embedded/embedded-writer.ts'
import { reasonOf, type ZoneReadOutcome } from './read-zone.ts'
import { ServedNames } from './served-names.ts'
import type { ZoneReader } from './zone-reader.ts'
import { lookAt } from './zone-text.ts'

/** One zone and its master file. */
export interface ZoneFileOptions {
  readonly origin: DomainName
  readonly path: string
  /** Who else writes into the zone: nobody, so that the serial is the file's; or others, so that it has to move with them. */
  readonly shared: boolean
}

/** What a zone is served with. */
export interface ServingOptions {
  readonly ledger: Pick<Ledger, 'put'>
  readonly embedded: Pick<EmbeddedWriter, 'declare'>
  readonly reader: ZoneReader
  readonly logger: Logger
}

/** A file that cannot be served, with its first problem. */
export class ZoneFileError extends AppError {
  constructor(path: string, problems: readonly ZoneProblem[]) {
    const [first] = problems
    super('zone file cannot be served', {
      code: 'ZONE_FILE_BROKEN',
      fields: { file: path, line: first?.line ?? 1, reason: first?.message ?? '', problems: problems.length },
    })
  }
}

/** A file that is written all the time is read so many times before that is told. */
const MAX_TRIES = 3
/** So many changes of a zone that is served are made at once: other servers get them as one step from serial to serial. */
const CHANGES_AT_ONCE = 4_000

/** A zone and the file that it is read from, again and again. */
export class ServedFile {
  readonly #file: ZoneFileOptions
  readonly #options: ServingOptions
  readonly #owner: Owner
  readonly #names: ServedNames
  /** Of the file when it was looked at last; undefined: it could not be. */
  #seen: string | undefined
  /** Of the file when it was read last, whether or not it could be served. */
  #read: string | undefined
  /** Why it cannot be read, as was told. */
  #told: string | undefined
  #serial: number | undefined
  #loading: Promise<void> | undefined
  #isClosed = false

  constructor(file: ZoneFileOptions, options: ServingOptions) {
    this.#file = file
    this.#options = options
    this.#names = new ServedNames(file.origin)
    const key = `/${file.origin}` as ObjectKey // a zone is in no namespace
    this.#owner = {
      key: ownerKey('ZoneFile', key),
      rank: rankOf({ nameClass: 'static', creationTimestamp: '', key }),
    }
  }

  /**
   * Read the file if it is not the one read last, and serve what it says; behind whatever is being read now.
   * @param options - `onlySettled`: if it is the file that was seen at the look before, as nobody is writing it then; nothing while
   *   it is being read
   * @throws ZoneFileError, AppError ZONE_FILE_UNREADABLE; what was served goes on
   */
  async load({ onlySettled = false }: { readonly onlySettled?: boolean } = {}): Promise<void> {
    if (onlySettled && this.#loading !== undefined) return
    while (this.#loading !== undefined) await this.#loading.catch(() => {}) // told by whoever began it
    const loading = this.#load(onlySettled).finally(() => (this.#loading = undefined))
    this.#loading = loading
    await loading
  }

  /** Nothing is published any more. */
  close(): void {
    this.#isClosed = true
  }

  async #load(onlySettled: boolean): Promise<void> {
    const { reader } = this.#options
    for (let tries = 0; tries < MAX_TRIES && !this.#isClosed; tries += 1) {
      const sizeBytes = this.#sizeIfNew(onlySettled)
      if (sizeBytes === undefined) return
      const outcome = await reader.read(this.#file, sizeBytes)
      if (outcome.kind === 'closed' || this.#isClosed) return
      if (outcome.kind !== 'moving') return this.#take(outcome)
      if (onlySettled) return // it will be, at a later look
    }
    if (!this.#isClosed) this.#cannotBeRead('file changes while it is read')
  }

  /** @returns the size; undefined where there is nothing to read now, or nothing that was not told of before */
  #sizeIfNew(onlySettled: boolean): number | undefined {
    const before = this.#seen
    try {
      const { state, sizeBytes } = lookAt(this.#file.path)
      this.#seen = state
      return state === this.#read || (onlySettled && state !== before) ? undefined : sizeBytes
    } catch (error) {
      this.#seen = undefined
      this.#cannotBeRead(reasonOf(error))
      return undefined
    }
  }

  /** At the start always an error; later once for each reason. */
  #cannotBeRead(reason: string): void {
    const isTold = reason === this.#told && this.#serial !== undefined
    this.#told = reason
    if (isTold) return
    throw new AppError('zone file cannot be read', {
      code: 'ZONE_FILE_UNREADABLE',
      fields: { file: this.#file.path },
      cause: new Error(reason),
    })
  }

  async #take(outcome: Exclude<ZoneReadOutcome, { readonly kind: 'moving' }>): Promise<void> {
    if (outcome.kind === 'unreadable') {
      if (outcome.isLasting) this.#read = this.#seen
      return this.#cannotBeRead(outcome.reason)
    }
    this.#told = undefined
    this.#read = outcome.state
    const { file } = outcome
    if (file.kind === 'broken') throw new ZoneFileError(this.#file.path, file.problems)
    this.#warn(file)
    await this.#publish(file.names)
  }

  #warn({ warnings }: Extract<PackedZoneFile, { readonly kind: 'zone' }>): void {
    const { origin, path } = this.#file
    for (const { line, message } of warnings)
      this.#options.logger.warn(
        { component: 'zone-files', zone: origin, file: path, line, problem: message },
        'zone file warning',
      )
  }

  /** Names first, the SOA last: whoever sees the new serial finds the new content. */
  async #publish(packed: PackedNames): Promise<void> {
    const { ledger, embedded } = this.#options
    const { origin, shared } = this.#file
    const atOnce = this.#serial === undefined ? 1 : CHANGES_AT_ONCE
    let changes: NameChange[] = []
    let count = 0
    for (const { found, isFull } of this.#names.replace(packed)) {
      for (const change of found) changes.push(change)
      count += found.length
      if (!isFull) continue
      if (changes.length >= atOnce) {
        ledger.put(this.#owner, changes)
        changes = []
      }
      await nextTurn()
      if (this.#isClosed) return
    }
    ledger.put(this.#owner, changes)
    const { apex } = this.#names
    embedded.declare({ origin, apex, serial: shared ? 'counter' : 'file' })
    this.#tell(serialOf(apex.find(({ type }) => type === TYPE.SOA)) ?? 0, count)
  }

  #tell(serial: number, count: number): void {
    const { logger } = this.#options
    const { origin, shared } = this.#file
    const isSilent = count > 0 && serial === this.#serial && !shared
    this.#serial = serial
    logger.info({ component: 'zone-files', zone: origin, serial, count }, 'zone file served')
    if (isSilent)
      logger.warn({ component: 'zone-files', zone: origin, serial }, 'zone file changed, its serial did not')
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve))
}
