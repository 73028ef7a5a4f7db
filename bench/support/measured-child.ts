import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { pinned } from './commands.ts'

/** A server under measurement, in a process of its own so that its CPU time is its own. */
export interface MeasuredChild {
  /** The first line that it prints, parsed. */
  readonly hello: Readonly<Record<string, number>>
  /** CPU time of all its threads since its start. */
  cpuMicros(): number
  stop(): Promise<void>
}

/** Start a script on processor 0; it prints one line of JSON when it is ready and ends on SIGTERM. */
export async function startChild(script: URL, args: readonly string[]): Promise<MeasuredChild> {
  const [program, ...rest] = pinned(0, [process.execPath, script.pathname, ...args])
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = once(child, 'exit')
  const hello = await firstLine(child)
  const pid = child.pid
  if (pid === undefined) throw new Error(`cannot start ${script.pathname}`)
  return {
    hello: JSON.parse(hello) as Record<string, number>, // printed by our own scripts
    cpuMicros: () => cpuMicrosOf(pid),
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('child has no output')
  const lines = createInterface({ input: child.stdout })
  for await (const line of lines) return line
  throw new Error('the server under measurement ended before it was ready')
}

/** The scheduler's own account, in nanoseconds; /proc/PID/stat counts in hundredths of a second. */
function cpuMicrosOf(pid: number): number {
  const tasks = `/proc/${pid}/task`
  let nanos = 0
  for (const task of readdirSync(tasks)) {
    nanos += Number(readFileSync(`${tasks}/${task}/schedstat`, 'utf8').split(' ')[0])
  }
  return nanos / 1000
}
