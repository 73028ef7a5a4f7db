import { Worker } from 'node:worker_threads'

/** Queries that come as fast as two cores let them, from a thread of their own. */
export interface Flood {
  /** Datagrams that the kernel took so far, and those that came back. */
  readonly sent: () => number
  readonly received: () => number
  /** Resolves when at least so many came back. @throws when it takes too long */
  until(received: number): Promise<void>
  stop(): Promise<void>
}

/** What the thread is told. */
export interface FloodData {
  readonly port: number
  readonly query: Uint8Array
  /** Not more datagrams than this. */
  readonly limit: number
  /** On the way at once; Infinity: it does not wait for responses. */
  readonly window: number
  /** Stop, sent, received. */
  readonly shared: SharedArrayBuffer
}

const PATIENCE_MS = 25_000

/** @returns once the thread is at work */
export async function flood(options: Omit<FloodData, 'shared'>): Promise<Flood> {
  const shared = new SharedArrayBuffer(3 * Int32Array.BYTES_PER_ELEMENT)
  const words = new Int32Array(shared)
  const workerData: FloodData = { ...options, shared }
  const thread = new Worker(new URL('./nameserver-batch-flooder.ts', import.meta.url), { workerData })
  const ended = new Promise<void>((resolve, reject) => {
    thread.once('error', reject)
    thread.once('exit', () => resolve())
  })
  await new Promise((resolve) => thread.once('message', resolve))
  return {
    sent: () => Atomics.load(words, 1),
    received: () => Atomics.load(words, 2),
    async until(received) {
      const begin = performance.now()
      while (Atomics.load(words, 2) < received) {
        if (performance.now() - begin > PATIENCE_MS)
          throw new Error(`only ${Atomics.load(words, 2)} came back`)
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    async stop() {
      Atomics.store(words, 0, 1)
      await ended
    },
  }
}
