import { describeError } from '../../errors.ts'
import type { Clock, Timer } from '../../runtime/clock.ts'
import { ServedFile, type ServingOptions, type ZoneFileOptions } from './served-file.ts'
import { createZoneReader, type ZoneReader } from './zone-reader.ts'

export interface ZoneFilesOptions extends Omit<ServingOptions, 'reader'> {
  readonly files: readonly ZoneFileOptions[]
  readonly clock: Clock
  /** Aborted before all are served: nothing is read or served any more. */
  readonly signal?: AbortSignal
  /** What differs from how it is done outside of tests. */
  readonly reader?: ZoneReader
}

export interface ZoneFiles {
  /** Read again what has changed, now. A file that cannot be served is told of, and what was served goes on. */
  reload(): Promise<void>
  /** Resolves when what is being read now is served, or told of. */
  idle(): Promise<void>
  close(): void
}

/** How often files are looked at. A look at the folder would miss the links that Kubernetes swaps. */
const LOOK_EVERY_MS = 2_000

/**
 * Serve zones from their master files, and go on with the newest content of each that can be served. Resolves when all are served;
 * early when the signal says so.
 * @throws ZoneFileError for the first file that cannot be served; AppError ZONE_FILE_UNREADABLE
 */
export async function serveZoneFiles(options: ZoneFilesOptions): Promise<ZoneFiles> {
  const { reader = createZoneReader(), signal } = options
  const served = options.files.map((file) => new ServedFile(file, { ...options, reader }))
  const watched = new Watched(served, reader, options)
  if (signal?.aborted === true) watched.close()
  const giveUp = (): void => watched.close()
  signal?.addEventListener('abort', giveUp)
  try {
    for (const file of served) await file.load()
  } catch (error) {
    watched.close()
    throw error
  } finally {
    signal?.removeEventListener('abort', giveUp)
  }
  watched.start()
  return watched
}

class Watched implements ZoneFiles {
  readonly #served: readonly ServedFile[]
  readonly #reader: ZoneReader
  readonly #options: ZoneFilesOptions
  /** What is under way; none of them rejects. */
  readonly #loads = new Set<Promise<void>>()
  #timer: Timer | undefined
  #isClosed = false

  constructor(served: readonly ServedFile[], reader: ZoneReader, options: ZoneFilesOptions) {
    this.#served = served
    this.#reader = reader
    this.#options = options
  }

  start(): void {
    if (this.#isClosed) return
    this.#timer = this.#options.clock.after(LOOK_EVERY_MS, () => {
      for (const file of this.#served) void this.#telling(() => file.load({ onlySettled: true }))
      this.start()
    })
  }

  async reload(): Promise<void> {
    await Promise.all(this.#served.map((file) => this.#telling(() => file.load())))
  }

  async idle(): Promise<void> {
    while (this.#loads.size > 0) await Promise.all(this.#loads)
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    this.#reader.close()
    for (const file of this.#served) file.close()
  }

  #telling(load: () => Promise<void>): Promise<void> {
    const { logger } = this.#options
    const done = load()
      .catch((error: unknown) => {
        logger.error({ component: 'zone-files', err: describeError(error) }, 'zone file refused')
      })
      .finally(() => this.#loads.delete(done))
    this.#loads.add(done)
    return done
  }
}
