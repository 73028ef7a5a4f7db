import { mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises'
import { join } from 'node:path'
import type { DomainName } from '../../dns/names.ts'
import type { ZoneNames } from '../../dns/transfer-in/received.ts'
import { describeError } from '../../errors.ts'
import type { Clock, Timer } from '../../runtime/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { createZoneReader } from '../zone-files/zone-reader.ts'
import { readSnapshot, snapshotText } from './snapshot-text.ts'

/** Zones as they were held last, in a folder: a server that starts anew answers at once (DESIGN 5.10). */
export interface Snapshots {
  /** @returns undefined where there is none that can be read */
  read(origin: DomainName): Promise<{ readonly names: ZoneNames; readonly confirmedMs: number } | undefined>
  /** The zone has changed: it is written in a while. @param names - as they are when it is written */
  changed(origin: DomainName, names: () => ZoneNames): void
  /** A primary has said that what is held is the newest. */
  confirmed(origin: DomainName): void
  /** Write what has changed, now; nothing is written afterwards. */
  close(): Promise<void>
}

export interface SnapshotsOptions {
  readonly folder: string
  readonly clock: Clock
  readonly logger: Logger
}

/** A zone that changes all the time is written once in this time, */
const WRITE_AFTER_MS = 5_000
/** and where writing takes long, so many times as long passes in between. */
const WRITE_SHARE = 20

/**
 * Keep zones in `folder`, each in a file of its own, replaced as a whole. The time of the file is when a primary confirmed it.
 * What cannot be read or written is told of, and missed at the next start only.
 */
export function createSnapshots(options: SnapshotsOptions): Snapshots {
  return new FolderSnapshots(options)
}

class FolderSnapshots implements Snapshots {
  readonly #options: SnapshotsOptions
  /** Large ones are read in a thread: what that takes goes with it. */
  readonly #reader = createZoneReader()
  readonly #waiting = new Map<DomainName, () => ZoneNames>()
  #timer: Timer | undefined
  /** One after another: what was asked for later is done later. */
  #work: Promise<void> = Promise.resolve()
  #isClosed = false
  #hasFailed = false
  #lastWriteMs = 0

  constructor(options: SnapshotsOptions) {
    this.#options = options
  }

  async read(origin: DomainName): ReturnType<Snapshots['read']> {
    const path = this.#pathOf(origin)
    try {
      const { mtimeMs, size } = await stat(path)
      const outcome = await this.#reader.read({ path, origin, isOurs: true }, size)
      if (outcome.kind === 'closed') return undefined
      if (outcome.kind === 'unreadable') throw new Error(outcome.reason)
      const names = outcome.kind === 'read' ? readSnapshot(outcome.file, origin) : undefined
      if (names !== undefined) return { names, confirmedMs: mtimeMs }
      this.#options.logger.warn({ component: 'secondary', file: path }, 'snapshot of a zone cannot be used')
    } catch (error) {
      const fields = { component: 'secondary', file: path, err: describeError(error) }
      if ((error as { readonly code?: unknown }).code !== 'ENOENT')
        this.#options.logger.warn(fields, 'snapshot of a zone cannot be read')
    }
    return undefined
  }

  changed(origin: DomainName, names: () => ZoneNames): void {
    if (this.#isClosed) return
    this.#waiting.set(origin, names)
    const pauseMs = Math.max(WRITE_AFTER_MS, this.#lastWriteMs * WRITE_SHARE)
    this.#timer ??= this.#options.clock.after(pauseMs, () => {
      this.#timer = undefined
      this.#queue(() => this.#writeAll())
    })
  }

  confirmed(origin: DomainName): void {
    if (this.#isClosed || this.#waiting.has(origin)) return
    const atSeconds = this.#options.clock.nowMs() / 1_000
    this.#queue(() => this.#touch(origin, atSeconds))
  }

  async close(): Promise<void> {
    if (this.#isClosed) return this.#work
    this.#isClosed = true
    this.#reader.close()
    this.#timer?.cancel()
    this.#queue(() => this.#writeAll())
    await this.#work
  }

  #queue(act: () => Promise<void>): void {
    this.#work = this.#work.then(act)
  }

  async #writeAll(): Promise<void> {
    const due = [...this.#waiting]
    const startMs = this.#options.clock.nowMs()
    this.#waiting.clear()
    for (const [origin, names] of due) {
      const path = this.#pathOf(origin)
      try {
        await this.#write(origin, path, names())
        this.#hasFailed = false
      } catch (error) {
        this.#failed(path, error)
      }
    }
    this.#lastWriteMs = this.#options.clock.nowMs() - startMs
  }

  /** Beside the old file, then in its place: whoever reads finds one of the two, whole. */
  async #write(origin: DomainName, path: string, names: ZoneNames): Promise<void> {
    await mkdir(this.#options.folder, { recursive: true })
    const draft = `${path}.new`
    const file = await open(draft, 'w', 0o600)
    try {
      for (const piece of snapshotText(origin, names)) await file.write(piece, null, 'latin1')
      const nowSeconds = this.#options.clock.nowMs() / 1_000
      await file.utimes(nowSeconds, nowSeconds)
      await file.sync()
    } catch (error) {
      await rm(draft, { force: true })
      throw error
    } finally {
      await file.close()
    }
    await rename(draft, path)
  }

  async #touch(origin: DomainName, atSeconds: number): Promise<void> {
    const path = this.#pathOf(origin)
    try {
      await utimes(path, atSeconds, atSeconds)
    } catch (error) {
      this.#failed(path, error)
    }
  }

  #pathOf(origin: DomainName): string {
    return join(this.#options.folder, snapshotName(origin))
  }

  /** The first failure is news, those that follow are not. */
  #failed(path: string, error: unknown): void {
    const fields = { component: 'secondary', file: path, err: describeError(error) }
    if (!this.#hasFailed) this.#options.logger.warn(fields, 'snapshot of a zone cannot be written')
    this.#hasFailed = true
  }
}

/** A file name for any origin: what is neither letter, digit, hyphen, underscore nor dot is written %XX. */
export function snapshotName(origin: DomainName): string {
  const bare = origin.slice(0, -1) || 'root'
  const safe = bare.replace(
    /[^a-z0-9._-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
  return `${safe}.zone`
}
