import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const LOOK_EVERY_MS = 25
const END_WITHIN_MS = 10_000

/** A program to start. */
export interface ProgramOptions {
  /** Names the log file, and the process in error messages; distinct within its folder. */
  readonly name: string
  /** Absolute path, or found on PATH. */
  readonly command: string
  readonly args: readonly string[]
  /** The log goes to `<folder>/<name>.log`. */
  readonly folder: string
  /** Added to PATH; nothing else of our environment is handed on. */
  readonly env?: Readonly<Record<string, string>>
}

/** A process that the suite started, and ends by its own id. */
export interface Program {
  readonly name: string
  readonly pid: number
  readonly isRunning: boolean
  /** All that it has written, both streams in order. */
  log(): string
  /** Wait until a line of the log matches. @throws when it ends before, or after `timeoutMs`, with the end of the log */
  logged(pattern: RegExp, timeoutMs?: number): Promise<void>
  /** SIGSTOP: sockets stay open and silent. */
  pause(): void
  /** SIGCONT. */
  resume(): void
  /** Send a signal and wait for the end; SIGKILL after 10 s. Idempotent. @returns exit code; undefined: ended by a signal */
  end(signal?: NodeJS.Signals): Promise<number | undefined>
  /** Resolves with its end. */
  readonly ended: Promise<number | undefined>
}

/** Start a program; its output goes to a file, so that nothing is lost when this process ends. */
export function startProgram(options: ProgramOptions): Program {
  const { name, command, args, folder, env = {} } = options
  const logPath = join(folder, `${name}.log`)
  const logFile = openSync(logPath, 'a')
  const child = spawn(command, args, {
    stdio: ['ignore', logFile, logFile],
    env: { PATH: process.env['PATH'] ?? '', HOME: folder, ...env },
    cwd: folder,
  })
  closeSync(logFile)
  const { pid } = child
  const ended = once(child, 'exit').then(
    () => child.exitCode ?? undefined,
    (error: unknown) => {
      throw new Error(`${name} did not start`, { cause: error })
    },
  )
  ended.catch(() => undefined) // who waits for it hears of it
  if (pid === undefined) throw new Error(`${name} did not start: no such program as ${command}`)
  const isRunning = () => child.exitCode === null && child.signalCode === null
  const log = () => readFileSync(logPath, 'utf8')
  return {
    ...{ name, pid, log, ended },
    get isRunning() {
      return isRunning()
    },
    async logged(pattern, timeoutMs = 30_000) {
      const deadline = performance.now() + timeoutMs
      while (!pattern.test(log())) {
        if (!isRunning()) throw new Error(`${name} ended with ${child.exitCode}: ${lastLines(log())}`)
        if (performance.now() > deadline) throw new Error(`${name} logged no ${pattern}: ${lastLines(log())}`)
        await sleep(LOOK_EVERY_MS)
      }
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async end(signal = 'SIGTERM') {
      if (!isRunning()) return ended
      child.kill(signal)
      child.kill('SIGCONT') // a paused process hears nothing else than SIGKILL
      const force = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS)
      const code = await ended
      clearTimeout(force)
      return code
    },
  }
}

/** Wait until `look` returns something; what it throws is why it is not there yet. @throws that, after `timeoutMs` */
export async function until<T>(
  look: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let why: unknown
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      why = error
    }
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms`, { cause: why })
    await sleep(LOOK_EVERY_MS)
  }
}

function lastLines(log: string): string {
  return log.split('\n').slice(-15).join('\n')
}
