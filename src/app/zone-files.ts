import { readFileSync, statSync } from 'node:fs'
import { ownerKey, type ObjectKey } from '../api/keys.ts'
import { rankOf } from '../core/discovery/rank.ts'
import type { Ledger, Owner } from '../core/discovery/types.ts'
import type { DomainName } from '../dns/names.ts'
import { TYPE } from '../dns/protocol.ts'
import { serialOf } from '../dns/rdata/soa.ts'
import type { RecordSet } from '../dns/records.ts'
import { readZoneFile } from '../dns/zone-file/read-zone-file.ts'
import type { ZoneData, ZoneProblem } from '../dns/zone-file/zone-data.ts'
import { AppError, describeError } from '../errors.ts'
import type { Clock, Timer } from '../runtime/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { EmbeddedWriter } from '../writers/embedded/embedded-writer.ts'
import { changesBetween } from './zone-changes.ts'

/** One zone and its master file. */
export interface ZoneFileOptions {
  readonly origin: DomainName
  readonly path: string
  /** Who else writes into the zone: nobody, so that the serial is the file's; or others, so that it has to move with them. */
  readonly shared: boolean
}

export interface ZoneFilesOptions {
  readonly files: readonly ZoneFileOptions[]
  readonly ledger: Pick<Ledger, 'put'>
  readonly embedded: Pick<EmbeddedWriter, 'declare'>
  readonly clock: Clock
  readonly logger: Logger
}

export interface ZoneFiles {
  /** Read again what has changed, now. A file that cannot be served is told of, and what was served goes on. */
  reload(): void
  close(): void
}

/** Largest file that is read: more would stall the process for seconds. */
const MAX_FILE_BYTES = 256 * 1024 * 1024
/** How often files are looked at. A look at the folder would miss the links that Kubernetes swaps. */
const LOOK_EVERY_MS = 2_000

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

/**
 * Serve zones from their master files, and go on with the newest content of each that can be served.
 * @throws ZoneFileError for the first file that cannot be served; AppError ZONE_FILE_UNREADABLE
 */
export function serveZoneFiles(options: ZoneFilesOptions): ZoneFiles {
  const served = options.files.map((file) => new ServedFile(file, options))
  for (const file of served) file.load()
  return new Watched(served, options)
}

class Watched implements ZoneFiles {
  readonly #served: readonly ServedFile[]
  readonly #options: ZoneFilesOptions
  #timer: Timer | undefined

  constructor(served: readonly ServedFile[], options: ZoneFilesOptions) {
    this.#served = served
    this.#options = options
    this.#lookLater()
  }

  reload(): void {
    this.#load(false)
  }

  #load(onlySettled: boolean): void {
    for (const file of this.#served) {
      try {
        file.load(onlySettled)
      } catch (error) {
        this.#options.logger.error(
          { component: 'zone-files', err: describeError(error) },
          'zone file refused',
        )
      }
    }
  }

  close(): void {
    this.#timer?.cancel()
  }

  #lookLater(): void {
    this.#timer = this.#options.clock.after(LOOK_EVERY_MS, () => {
      this.#load(true)
      this.#lookLater()
    })
  }
}

class ServedFile {
  readonly #file: ZoneFileOptions
  readonly #options: ZoneFilesOptions
  readonly #owner: Owner
  /** Of the file when it was looked at last; undefined: it could not be. */
  #seen: string | undefined
  /** Of the file when it was read last, whether or not it could be served. */
  #read: string | undefined
  #names: ReadonlyMap<DomainName, readonly RecordSet[]> = new Map()
  #serial: number | undefined

  constructor(file: ZoneFileOptions, options: ZoneFilesOptions) {
    this.#file = file
    this.#options = options
    const key = `/${file.origin}` as ObjectKey // a zone is in no namespace
    this.#owner = {
      key: ownerKey('ZoneFile', key),
      rank: rankOf({ nameClass: 'static', creationTimestamp: '', key }),
    }
  }

  /**
   * Read the file if it is not the one read last.
   * @param onlySettled - and is the one seen at the look before: nobody is writing it now
   * @throws ZoneFileError, AppError ZONE_FILE_UNREADABLE
   */
  load(onlySettled = false): void {
    const { origin, path } = this.#file
    const text = this.#textIfNew(onlySettled)
    if (text === undefined) return
    const file = readZoneFile(text, origin)
    if (file.kind === 'broken') throw new ZoneFileError(path, file.problems)
    for (const { line, message } of file.warnings)
      this.#options.logger.warn(
        { component: 'zone-files', zone: origin, file: path, line, problem: message },
        'zone file warning',
      )
    this.#publish(file.zone)
  }

  /** @returns the text; undefined where there is none to read now, or none that was not told of before */
  #textIfNew(onlySettled: boolean): string | undefined {
    const { path } = this.#file
    const before = this.#seen
    try {
      const stat = statSync(path)
      if (!stat.isFile()) throw new TypeError('no regular file')
      const { mtimeMs, size, ino } = stat
      if (size > MAX_FILE_BYTES) throw new RangeError(`file has ${size} octets, more than ${MAX_FILE_BYTES}`)
      this.#seen = `${ino} ${size} ${mtimeMs}`
      if (this.#seen === this.#read || (onlySettled && this.#seen !== before)) return undefined
      const text = readFileSync(path, 'latin1')
      this.#read = this.#seen
      return text
    } catch (error) {
      this.#seen = undefined
      if (before === undefined && this.#serial !== undefined) return undefined
      throw new AppError('zone file cannot be read', {
        code: 'ZONE_FILE_UNREADABLE',
        fields: { file: path },
        cause: error,
      })
    }
  }

  #publish({ origin, names }: ZoneData): void {
    const { ledger, embedded, logger } = this.#options
    const changes = changesBetween(this.#names, names, origin)
    const apex = names.get(origin) ?? []
    const serial = serialOf(apex.find(({ type }) => type === TYPE.SOA)) ?? 0
    const isSilent = changes.length > 0 && serial === this.#serial && !this.#file.shared
    this.#names = names
    this.#serial = serial
    ledger.put(this.#owner, changes)
    embedded.declare({ origin, apex, serial: this.#file.shared ? 'counter' : 'file' })
    logger.info({ component: 'zone-files', zone: origin, serial, count: changes.length }, 'zone file served')
    if (isSilent)
      logger.warn({ component: 'zone-files', zone: origin, serial }, 'zone file changed, its serial did not')
  }
}
