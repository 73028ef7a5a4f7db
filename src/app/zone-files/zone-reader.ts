import { totalmem } from 'node:os'
import { Worker } from 'node:worker_threads'
import { readZone, reasonOf, type ZoneReadOutcome, type ZoneToRead } from './read-zone.ts'

/** Reads master files: small ones here, large ones in a thread. */
export interface ZoneReader {
  /**
   * Small files are read one in a turn, large ones one after another. Never rejects.
   * @param sizeBytes - of the file, when it was looked at
   * @returns `closed` when the reader is closed before
   */
  read(zone: ZoneToRead, sizeBytes: number): Promise<ZoneReadOutcome | { readonly kind: 'closed' }>
  /** What is being read is let go. */
  close(): void
}

export interface ZoneReaderOptions {
  /** Memory that reading one file may take; absent: half of what this process may have. */
  readonly heapBytes?: number
}

/** A file of this size takes as long to be read as a thread takes to start. */
export const SMALL_FILE_BYTES = 256 * 1024
/** Nearly all that reading makes is gone at once; the default is three times as much, and no faster. */
const YOUNG_MIB = 16
const LEAST_HEAP_BYTES = 128 * 2 ** 20

/** Nothing is read yet. */
export function createZoneReader({ heapBytes = usableHeapBytes() }: ZoneReaderOptions = {}): ZoneReader {
  return new ThreadReader(heapBytes)
}

class ThreadReader implements ZoneReader {
  readonly #heapBytes: number
  readonly #closing = new AbortController()
  /** The small file, and the large one, that is read before the next. */
  #before: Record<'small' | 'large', Promise<unknown>> = {
    small: Promise.resolve(),
    large: Promise.resolve(),
  }

  constructor(heapBytes: number) {
    this.#heapBytes = heapBytes
  }

  read(zone: ZoneToRead, sizeBytes: number): ReturnType<ZoneReader['read']> {
    const size = sizeBytes < SMALL_FILE_BYTES ? 'small' : 'large'
    const reading = this.#before[size].then(() => {
      return size === 'small' ? this.#readHere(zone) : this.#readApart(zone)
    })
    this.#before[size] = reading
    return reading
  }

  close(): void {
    this.#closing.abort()
  }

  async #readHere(zone: ZoneToRead): ReturnType<ZoneReader['read']> {
    await new Promise((resolve) => void setImmediate(resolve))
    return this.#closing.signal.aborted ? { kind: 'closed' } : readZone(zone)
  }

  /** Never rejects. Resolves when the thread has ended, so that its memory is free again before the next one takes as much. */
  #readApart({ path, origin, isOurs = false }: ZoneToRead): ReturnType<ZoneReader['read']> {
    const { signal } = this.#closing
    if (signal.aborted) return Promise.resolve({ kind: 'closed' })
    const thread = new Worker(new URL('./reading-thread.ts', import.meta.url), {
      workerData: { path, origin, isOurs } satisfies ZoneToRead,
      name: 'zone-file',
      resourceLimits: {
        maxOldGenerationSizeMb: this.#heapBytes / 2 ** 20,
        maxYoungGenerationSizeMb: YOUNG_MIB,
      },
    })
    const end = (): void => void thread.terminate()
    signal.addEventListener('abort', end)
    let outcome = failed(new Error('thread that reads it ended early'))
    return new Promise((resolve) => {
      thread.on('message', (read: ZoneReadOutcome) => (outcome = read))
      thread.on('error', (error) => (outcome = failed(error)))
      thread.on('exit', () => {
        signal.removeEventListener('abort', end)
        resolve(signal.aborted ? { kind: 'closed' } : outcome)
      })
    })
  }
}

/** What ended a thread once will do so again. */
function failed(error: unknown): ZoneReadOutcome {
  const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
  return {
    kind: 'unreadable',
    reason: isMemory ? 'reading it takes more memory than there is to spare' : reasonOf(error),
    isLasting: true,
  }
}

/** Half of the limit of the container, or of the machine. */
function usableHeapBytes(): number {
  const limit = process.constrainedMemory()
  const bytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem()
  return Math.max(LEAST_HEAP_BYTES, bytes / 2)
}
