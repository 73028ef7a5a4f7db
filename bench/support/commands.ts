import { accessSync, constants } from 'node:fs'
import { cpus } from 'node:os'
import { delimiter, join } from 'node:path'

/** Where servers are installed that are not on every user's PATH. */
const SYSTEM_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** Where a program is, on PATH or in the system's folders. */
export function findProgram(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), ...SYSTEM_FOLDERS]
  return folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, program))
    .find(isExecutable)
}

/** True when the program can be found. */
export function isInstalled(program: string): boolean {
  return findProgram(program) !== undefined
}

/**
 * The command pinned to some processors, where there is one to spare and a way to say so.
 * @param on - as taskset writes them: `0`, `0-3`
 */
export function pinned(on: string, command: readonly [string, ...string[]]): readonly [string, ...string[]] {
  return cpus().length > 1 && isInstalled('taskset') ? ['taskset', '-c', on, ...command] : command
}

/** True for a file that may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
