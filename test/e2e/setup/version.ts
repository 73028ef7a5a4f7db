import { spawnSync } from 'node:child_process'
import type { BuiltComponent } from './components.ts'

/**
 * Ask a built program for its version.
 * @returns `1.36.3`; `unclear` with the last line it said, or why it did not start, when that names none
 */
export function tellVersion(path: string, component: BuiltComponent): string | { readonly unclear: string } {
  const told = spawnSync(path, component.versionArgs, { encoding: 'utf8', env: {}, timeout: 30_000 })
  if (told.error !== undefined) return { unclear: told.error.message }
  const words = `${told.stdout}${told.stderr}`.trim()
  return component.versionPattern.exec(words)?.[1] ?? { unclear: words.split('\n').at(-1) || 'nothing' }
}
