import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { endsWithUs } from './ends-with-us.ts'
import { pinned } from './commands.ts'
import { cpuMicrosOf, memoryBytesOf } from './process-tree.ts'

/** The processor of whatever is measured; the load comes from the other one, where there is one. */
export const MEASURED_CPU = '0'
export const LOAD_CPU = '1'

/** A server under measurement, in processes of its own so that its CPU time is its own. */
export interface Program {
  readonly pid: number
  readonly ended: boolean
  /** What it has said, on both outputs; the last 64 KiB. */
  log(): string
  /** Resolves when what it has said fits. @throws Error when it ends before, or takes longer than a minute */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Of all its threads and processes since they began. */
  cpuMicros(): number
  memoryBytes(): number
  stop(): Promise<void>
}

const LOG_BYTES = 64 * 1024
const PATIENCE_MS = 60_000
/** Until one that does not end when told to is ended for good. */
const LAST_WORDS_MS = 5_000

/**
 * Start a program on the processor of those who are measured; it ends with us at the latest.
 * @param on - other processors, as taskset writes them
 */
export function startProgram(
  name: string,
  command: readonly [string, ...string[]],
  on: string = MEASURED_CPU,
): Program {
  const [file, ...args] = pinned(on, command)
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const letGo = endsWithUs(child)
  const news = new EventTarget()
  let log = ''
  const take = (text: string): void => {
    log = (log + text).slice(-LOG_BYTES)
    news.dispatchEvent(new Event('news'))
  }
  child.stdout.setEncoding('utf8').on('data', take)
  child.stderr.setEncoding('utf8').on('data', take)
  let ended = false
  const end = once(child, 'close').then(
    () => undefined,
    (error: unknown) => take(String(error)), // it could not be started
  )
  void end.then(() => {
    ended = true
    news.dispatchEvent(new Event('news'))
  })
  const pid = child.pid ?? 0 // 0: not started; `says` tells why

  return {
    pid,
    get ended() {
      return ended
    },
    log: () => log,
    async says(pattern) {
      const giveUp = AbortSignal.timeout(PATIENCE_MS)
      for (;;) {
        const found = pattern.exec(log)
        if (found !== null) return found
        if (ended) throw new Error(`${name} ended early: ${log.trim().slice(-500)}`)
        await once(news, 'news', { signal: giveUp })
      }
    },
    cpuMicros: () => cpuMicrosOf(pid),
    memoryBytes: () => memoryBytesOf(pid),
    async stop() {
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), LAST_WORDS_MS)
      await end
      clearTimeout(force)
      letGo()
    },
  }
}
