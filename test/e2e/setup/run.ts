import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { insideOf, processesIn } from './namespace.ts'
import type { Resident } from './namespace.ts'
import { KUBERNETES, KUBERNETES_VARIABLE, kubernetesRelease } from './pins.ts'
import { preflight } from './preflight.ts'
import type { Ready } from './preflight.ts'
import { Stop, exitCodeOf, say, spell } from './stop.ts'

const ROOT = join(import.meta.dirname, '../../..')
const RELEASE_FLAG = '--kubernetes='
/** The last programs may still be ending when their runner has ended. */
const RESIDENTS_END_WITHIN_MS = 3000
/** After a signal: the runner waits for its workers, and they for their programs. */
const RUNNER_ENDS_WITHIN_MS = 20_000

process.exitCode = await exitCodeOf(main)

/** Preflight, then the suite in a network namespace of its own. Exit code: the runner's; 2: something is missing. */
async function main(): Promise<number> {
  const started = performance.now()
  const { env, forRunner } = readArguments()
  const ready = preflight(env)
  say(`Kubernetes ${KUBERNETES[kubernetesRelease(env)].version}; ${originsOf(ready)}`)
  const folder = mkdtempSync(join(tmpdir(), 'waypost-e2e-'))
  const code = await runInside(ready, { ...env, TMPDIR: folder }, forRunner)
  if (code === 0) rmSync(folder, { recursive: true, force: true })
  else say(`e2e: folders and logs are kept in ${folder}`)
  say(`e2e: ${code === 0 ? 'green' : `ended with ${code}`} after ${spell(performance.now() - started)}`)
  return code
}

async function runInside(
  ready: Ready,
  env: NodeJS.ProcessEnv & { TMPDIR: string },
  args: readonly string[],
): Promise<number> {
  const nameFile = join(env.TMPDIR, 'network-namespace')
  const vitest = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
  const config = join(import.meta.dirname, 'vitest.config.ts')
  const runner = [process.execPath, vitest, 'run', '--configLoader', 'native', '--config', config, ...args]
  const [command, ...rest] = insideOf(ready.namespaces, nameFile, runner)
  // A process group of its own: a terminal's Ctrl-C then comes to the runner once, through us, and it can end what it started.
  const child = spawn(command, rest, { cwd: ROOT, env, stdio: 'inherit', detached: true })
  const signals = handOnSignals(child)
  await once(child, 'exit')
  signals.stop()
  const code = child.exitCode ?? 128 + constants.signals[child.signalCode ?? 'SIGKILL']
  const namespace = readNamespace(nameFile)
  if (namespace === undefined) return code
  if (signals.seen()) return endAll(processesIn(namespace), code)
  return blame(await residentsAfterAll(namespace), code)
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
  return endAll(left, left.length > 0 && code === 0 ? 1 : code)
}

async function residentsAfterAll(namespace: string): Promise<readonly Resident[]> {
  const deadline = performance.now() + RESIDENTS_END_WITHIN_MS
  while (processesIn(namespace).length > 0 && performance.now() < deadline) await sleep(50)
  return processesIn(namespace)
}

/** With its last process the namespace goes too. @returns the exit code it was given */
function endAll(residents: readonly Resident[], code: number): number {
  for (const { pid } of residents) endIfThere(pid)
  return code
}

function readNamespace(nameFile: string): string | undefined {
  try {
    return readFileSync(nameFile, 'utf8').trim()
  } catch {
    return undefined // the runner never started
  }
}

function endIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // ended by itself meanwhile
  }
}

/** `--kubernetes=` is ours; all else goes to the runner. */
function readArguments(): { env: NodeJS.ProcessEnv; forRunner: readonly string[] } {
  const args = process.argv.slice(2)
  const release = args.findLast((arg) => arg.startsWith(RELEASE_FLAG))?.slice(RELEASE_FLAG.length)
  const env = { ...process.env, ...(release !== undefined && { [KUBERNETES_VARIABLE]: release }) }
  try {
    kubernetesRelease(env)
  } catch (error) {
    throw new Stop(2, error instanceof Error ? error.message : String(error))
  }
  return { env, forRunner: args.filter((arg) => !arg.startsWith(RELEASE_FLAG)) }
}

/** `etcd, kubectl from cache; nsd from system`. */
function originsOf({ components }: Ready): string {
  const origins = Map.groupBy(components, ([, { from }]) => from)
  return [...origins]
    .map(([from, found]) => `${found.map(([name]) => name).join(', ')} from ${from}`)
    .join('; ')
}
