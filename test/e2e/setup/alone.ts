import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, readlinkSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { insideOf, processesIn } from './namespace.ts'
import type { Namespaces, Resident } from './namespace.ts'
import { say } from './stop.ts'

const LOOK_EVERY_MS = 50
const ROOT = join(import.meta.dirname, '../../..')
/** The last programs may still be ending when their runner has ended. */
const RESIDENTS_END_WITHIN_MS = 3000
/** After a signal: the runner waits for its workers, and they for their programs. */
const RUNNER_ENDS_WITHIN_MS = 20_000

/** A command to run alone. */
export interface Alone {
  readonly namespaces: Namespaces
  /** For notes of ours; there already. */
  readonly folder: string
  readonly command: readonly string[]
  readonly env: Readonly<NodeJS.ProcessEnv>
}

/**
 * Run a command from the checkout's root in a network namespace of its own, until nothing of it is left.
 * SIGINT, SIGTERM and SIGHUP are handed on to it.
 * @returns its exit code, 128 and the signal's number when one ended it; 1 when it left processes running and said 0
 */
export async function runAlone({ namespaces, folder, command: inner, env }: Alone): Promise<number> {
  const nameFile = join(folder, 'network-namespace')
  const [command, ...args] = insideOf(namespaces, nameFile, inner)
  // A process group of its own: a terminal's Ctrl-C then comes to the command once, through us, and it can end what it started.
  const child = spawn(command, args, { cwd: ROOT, env: { ...env }, stdio: 'inherit', detached: true })
  const signals = handOnSignals(child)
  await once(child, 'exit')
  signals.stop()
  const code = child.exitCode ?? 128 + constants.signals[child.signalCode ?? 'SIGKILL']
  const namespace = readNamespace(nameFile)
  if (namespace === undefined) return code
  const left = signals.seen() ? [] : await residentsAfterAll(namespace)
  await endResidents(namespace)
  return blame(left, code)
}

/** The first signal is for the runner; a second, or time, ends the whole group. */
function handOnSignals(child: ChildProcess): { seen(): boolean; stop(): void } {
  const handled = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  let late: NodeJS.Timeout | undefined
  const endGroup = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL')
  const handOn = (signal: NodeJS.Signals) => {
    if (late !== undefined) return endGroup()
    late = setTimeout(endGroup, RUNNER_ENDS_WITHIN_MS)
    return child.kill(signal)
  }
  for (const signal of handled) process.on(signal, handOn)
  return {
    seen: () => late !== undefined,
    stop() {
      clearTimeout(late)
      for (const signal of handled) process.off(signal, handOn)
    },
  }
}

/** What a test left running: that is a failure, even where every test passed. @returns the exit code */
function blame(left: readonly Resident[], code: number): number {
  for (const { pid, command } of left)
    say(`e2e: ${command} (${pid}) was left running by a test; it is ended now`)
  return left.length > 0 && code === 0 ? 1 : code
}

async function residentsAfterAll(namespace: string): Promise<readonly Resident[]> {
  const deadline = performance.now() + RESIDENTS_END_WITHIN_MS
  while (processesIn(namespace).length > 0 && performance.now() < deadline) await sleep(LOOK_EVERY_MS)
  return processesIn(namespace)
}

/** With its last process the namespace goes too. What one of them starts meanwhile is found at the next look. */
async function endResidents(namespace: string): Promise<void> {
  const deadline = performance.now() + RESIDENTS_END_WITHIN_MS
  for (let left = processesIn(namespace); left.length > 0; left = processesIn(namespace)) {
    for (const { pid } of left) endIfThere(pid)
    if (performance.now() > deadline) return
    await sleep(LOOK_EVERY_MS)
  }
}

/** @returns undefined: the command never started. Never our own, whose processes are none of the suite's. */
function readNamespace(nameFile: string): string | undefined {
  const ours = readlinkSync('/proc/self/ns/net')
  try {
    const name = readFileSync(nameFile, 'utf8').trim()
    return name === '' || name === ours ? undefined : name
  } catch {
    return undefined
  }
}

function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ended by itself meanwhile
  }
}
