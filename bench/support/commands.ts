import { execFileSync } from 'node:child_process'
import { cpus } from 'node:os'

/** True when the program can be found on PATH. */
export function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v "$0"`, program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

/** The command pinned to one processor, where there is one to spare and a way to say so. */
export function pinned(cpu: number, command: readonly [string, ...string[]]): readonly [string, ...string[]] {
  return cpus().length > cpu && isInstalled('taskset') ? ['taskset', '-c', String(cpu), ...command] : command
}
