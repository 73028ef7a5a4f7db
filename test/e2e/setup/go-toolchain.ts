import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TOOLS_FOLDER } from './cache.ts'
import { lookForProgram } from './components.ts'
import type { Pin } from './pins.ts'

/** What the go command here is good for. */
export type Toolchain =
  | { readonly kind: 'fit'; readonly path: string; readonly version: string }
  | { readonly kind: 'unfit'; /** Why, and what to install. */ readonly why: string }

/** Look for a Go tool-chain that builds all these pins: the newest `go` line of their go.mod is the oldest that will do. */
export function lookForToolchain(pins: readonly Pin[], env: Readonly<NodeJS.ProcessEnv>): Toolchain {
  const needed = pins.map(goLine).reduce((a, b) => (isOlder(a, b) ? b : a), '0')
  const install = `install Go ${needed} or newer from https://go.dev/dl/ and put its bin folder on PATH`
  const path = lookForProgram('go', env)
  if (path === undefined) return { kind: 'unfit', why: `there is no Go tool-chain on PATH: ${install}` }
  const version = versionOf(path, env)
  if (version === undefined) return { kind: 'unfit', why: `${path} does not say its version: ${install}` }
  if (isOlder(version, needed)) return { kind: 'unfit', why: `${path} is Go ${version}, too old: ${install}` }
  return { kind: 'fit', path, version }
}

/** The environment of every go command of ours: nothing depends on the user's flags, and no other tool-chain is fetched. */
export function goEnvironment(env: Readonly<NodeJS.ProcessEnv>, flags: string): NodeJS.ProcessEnv {
  return { ...env, CGO_ENABLED: '0', GOTOOLCHAIN: 'local', GOFLAGS: flags, GOWORK: 'off' }
}

/** The `go` line of a pin's go.mod, as `1.26.0`. */
function goLine(pin: Pin): string {
  const goMod = readFileSync(join(TOOLS_FOLDER, pin.folder, 'go.mod'), 'utf8')
  const version = /^go (\S+)$/m.exec(goMod)?.[1]
  if (version === undefined) throw new Error(`${pin.folder}/go.mod has no go line`)
  return version
}

/** @returns as `1.26.8`; of a release candidate without that part */
function versionOf(go: string, env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const told = spawnSync(go, ['env', 'GOVERSION'], { encoding: 'utf8', env: goEnvironment(env, '') })
  return /^go(\d+(?:\.\d+)*)/.exec(told.stdout ?? '')?.[1]
}

function isOlder(version: string, than: string): boolean {
  const [a, b] = [version, than].map((text) => text.split('.').map(Number))
  for (let part = 0; part < 3; part++) {
    const difference = (a?.[part] ?? 0) - (b?.[part] ?? 0)
    if (difference !== 0) return difference < 0
  }
  return false
}
