import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { BUILD_FLAGS, LINK_FLAGS, TOOLS_FOLDER, builtFolder, cacheFolder } from './cache.ts'
import type { BuiltComponent, ComponentName } from './components.ts'
import { goEnvironment } from './go-toolchain.ts'
import type { Pin } from './pins.ts'
import { Stop, say, spell } from './stop.ts'
import { tellVersion } from './version.ts'

const PROGRESS_EVERY_MS = 15_000
const LAST_LINES = 20
const HALF_BUILT = '.building-'

/** One program to build. */
export interface BuildOrder {
  readonly name: ComponentName
  readonly component: BuiltComponent
  readonly pin: Pin
  /** Path of the go command. */
  readonly go: string
  readonly env: Readonly<NodeJS.ProcessEnv>
  /** Ends the build; nothing of it is left then. */
  readonly signal: AbortSignal
}

/**
 * Build one program into the cache. It is built under another name, asked for its version and only then put in its place,
 * so that what lies in the cache is whole and right, whoever was interrupted and however many build at once.
 * @returns its path
 * @throws Stop with the last lines of go, or with the version that it told instead of the pinned one
 */
export async function build(order: BuildOrder): Promise<string> {
  const { name, pin, env } = order
  mkdirSync(cacheFolder(env), { recursive: true })
  const workshop = mkdtempSync(join(cacheFolder(env), `${HALF_BUILT}${process.pid}-`))
  try {
    const made = join(workshop, name)
    await compile(order, made)
    checkVersion(order, made)
    const place = builtFolder(pin, env)
    mkdirSync(place, { recursive: true })
    renameSync(made, join(place, name))
    return join(place, name)
  } finally {
    rmSync(workshop, { recursive: true, force: true })
  }
}

/** A build cache of this process alone, below the cache folder. @returns the folder; {@link removeLeftovers} finds it too */
export function makeBuildCache(env: Readonly<NodeJS.ProcessEnv>): string {
  mkdirSync(cacheFolder(env), { recursive: true })
  return mkdtempSync(join(cacheFolder(env), `${HALF_BUILT}${process.pid}-cache-`))
}

/** Remove what builds left behind that were killed: each folder carries the id of its process. */
export function removeLeftovers(env: Readonly<NodeJS.ProcessEnv>): void {
  let names: readonly string[]
  try {
    names = readdirSync(cacheFolder(env))
  } catch {
    return // nothing was ever built
  }
  for (const name of names.filter((name) => name.startsWith(HALF_BUILT))) {
    const pid = Number.parseInt(name.slice(HALF_BUILT.length), 10)
    if (!isAlive(pid)) rmSync(join(cacheFolder(env), name), { recursive: true, force: true })
  }
}

async function compile({ name, component, pin, go, env, signal }: BuildOrder, to: string): Promise<void> {
  const ldflags = [LINK_FLAGS, ...pin.ldflags].join(' ')
  const child = spawn(go, ['build', '-v', '-ldflags', ldflags, '-o', to, component.package], {
    cwd: join(TOOLS_FOLDER, pin.folder),
    env: goEnvironment(env, BUILD_FLAGS),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true, // a group of its own: the compilers that go has started end with it
  })
  const end = () => endGroup(child)
  signal.addEventListener('abort', end, { once: true })
  const ended = once(child, 'exit')
  const words = await follow(name, child)
  await ended
  signal.removeEventListener('abort', end)
  signal.throwIfAborted()
  if (child.exitCode === 0) return
  throw new Stop(1, [`${name} ${pin.version}: go build failed in ${pin.folder}:`, ...words].join('\n'))
}

/** Print how far it is, now and then. @returns the last lines that are no progress */
async function follow(name: string, child: ChildProcess): Promise<readonly string[]> {
  const started = performance.now()
  const words: string[] = []
  let [fetched, compiled] = [0, 0]
  const timer = setInterval(() => {
    const modules = fetched > 0 ? `${fetched} modules fetched, ` : ''
    say(`  ${name}: ${modules}${compiled} packages compiled, ${spell(performance.now() - started)}`)
  }, PROGRESS_EVERY_MS)
  for await (const line of createInterface({ input: child.stderr! })) {
    if (line.startsWith('go: downloading ')) fetched++
    else if (/^[\w.~/-]+$/.test(line)) compiled++
    else words.push(line)
  }
  clearInterval(timer)
  return words.slice(-LAST_LINES)
}

/** @throws Stop when the program says another version than its pin, or none */
function checkVersion({ name, component, pin }: BuildOrder, path: string): void {
  const version = tellVersion(path, component)
  if (version === pin.version) return
  const instead = typeof version === 'string' ? version : version.unclear
  throw new Stop(
    1,
    `${name}: the pin in ${pin.folder} says ${pin.version}, the built program says: ${instead}`,
  )
}

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  process.kill(-child.pid, 'SIGTERM')
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
