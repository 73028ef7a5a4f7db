import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { runCli } from '../../src/cli/run.ts'
import { Pulse } from './pulse.ts'

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname

export interface Ended {
  /** Undefined: it was killed by a signal. */
  readonly code: number | undefined
  readonly tookMs: number
}

/** `waypost …` as a process of its own. */
export interface WaypostProcess {
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
  /** Wait for a line of stdout that begins with this. @throws when the process ends before, with what it said */
  line(beginning: string): Promise<string>
  /** Send a signal and wait for the end; `tookMs` counts from the signal. */
  end(signal: 'SIGINT' | 'SIGTERM'): Promise<Ended>
  /** Wait for the end. */
  ended(): Promise<Ended>
  /** End it by force if it still runs. */
  kill(): Promise<void>
}

/** Start the program from its sources, with nothing of our environment that could configure it. */
export function startWaypost(argv: readonly string[], env: NodeJS.ProcessEnv = {}): WaypostProcess {
  const child = spawn(process.execPath, [MAIN, ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: '/nonexistent', ...env },
  })
  const startedMs = performance.now()
  const pulse = new Pulse()
  const stdout: string[] = []
  const stderr: string[] = []
  followLines(child.stdout, stdout, pulse)
  followLines(child.stderr, stderr, pulse)
  let isOver = false
  const closed = once(child, 'close').then(() => {
    isOver = true
    pulse.beat()
  })
  const ended = async (sinceMs: number): Promise<Ended> => {
    await closed
    return { code: child.exitCode ?? undefined, tookMs: performance.now() - sinceMs }
  }
  return {
    ...{ stdout, stderr },
    async line(beginning) {
      return pulse.until(() => {
        const found = stdout.find((line) => line.startsWith(beginning))
        if (found !== undefined || isOver) return found ?? fail(child, stdout, stderr)
        throw new Error(`no line begins with "${beginning}": ${stdout.join('\n')}`)
      })
    },
    end(signal) {
      const sinceMs = performance.now()
      child.kill(signal)
      return ended(sinceMs)
    },
    ended: () => ended(startedMs),
    async kill() {
      if (!isOver) child.kill('SIGKILL')
      await closed
    },
  }
}

/** One command line in this process, to its end: without the start of a process and what it logs. */
export async function runHere(argv: readonly string[]): Promise<{
  readonly code: number
  readonly stdout: readonly string[]
  readonly stderr: readonly string[]
}> {
  const stdout: string[] = []
  const stderr: string[] = []
  const io = {
    stdout: (line: string) => void stdout.push(line),
    stderr: (line: string) => void stderr.push(line),
    signal: new AbortController().signal,
  }
  return { code: await runCli({ argv, env: { HOME: '/nonexistent' }, io }), stdout, stderr }
}

function followLines(stream: NodeJS.ReadableStream, lines: string[], pulse: Pulse): void {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (text: string) => {
    const parts = (rest + text).split('\n')
    rest = parts.pop() ?? ''
    lines.push(...parts)
    pulse.beat()
  })
  stream.on('end', () => {
    if (rest !== '') lines.push(rest)
  })
}

function fail(child: ChildProcess, stdout: readonly string[], stderr: readonly string[]): never {
  throw new Error(`ended with code ${child.exitCode}: ${[...stdout, ...stderr].join('\n')}`)
}
