import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Pin } from './pins.ts'

/** Folder with one Go module per component. */
export const TOOLS_FOLDER = resolve(import.meta.dirname, '../tools')

/** Flags of every build: no paths of this machine in the programs, nothing that go.mod does not say. */
export const BUILD_FLAGS = '-mod=readonly -trimpath'

/** Linker flags of every build: without symbol tables, which triple the size. */
export const LINK_FLAGS = '-s -w'

/**
 * Where built programs are kept: outside the checkout, so that a clean clone finds them.
 * `WAYPOST_E2E_CACHE`, else `$XDG_CACHE_HOME/waypost/e2e`, else `~/.cache/waypost/e2e`.
 */
export function cacheFolder(env: Readonly<NodeJS.ProcessEnv>): string {
  if (env['WAYPOST_E2E_CACHE']) return resolve(env['WAYPOST_E2E_CACHE'])
  const xdg = env['XDG_CACHE_HOME']
  return join(xdg ? resolve(xdg) : join(env['HOME'] ?? homedir(), '.cache'), 'waypost', 'e2e')
}

/** Folder of one pin's programs: component, version and a digest of all that decides their bytes. */
export function builtFolder(pin: Pin, env: Readonly<NodeJS.ProcessEnv>, toolsFolder = TOOLS_FOLDER): string {
  return join(cacheFolder(env), `${pin.folder}-${pin.version}-${digest(pin, toolsFolder)}`)
}

/** A changed line of go.mod or go.sum, or a changed flag, is another program. */
function digest(pin: Pin, toolsFolder: string): string {
  const hash = createHash('sha256')
  for (const file of ['go.mod', 'go.sum', 'tools.go']) {
    hash.update(readFileSync(join(toolsFolder, pin.folder, file))).update('\0')
  }
  hash.update([BUILD_FLAGS, LINK_FLAGS, ...pin.ldflags, process.platform, process.arch].join('\0'))
  return hash.digest('hex').slice(0, 12)
}
