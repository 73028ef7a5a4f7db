import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { UsageError } from './usage-error.ts'

/**
 * The path, once it is known that a file is there and can be read: what is in it is read by those who know its schema.
 * @param where - flag or variable that named it
 * @throws UsageError in one line
 */
export function readableFile(where: string, path: string): string {
  const stat = attempt(where, path, () => statSync(path))
  if (stat.isDirectory()) throw new UsageError(where, `${path} is a folder: give a file`)
  if (!stat.isFile()) throw new UsageError(where, `${path} is no regular file: give one`) // a pipe or device may never end
  return readablePath(where, path)
}

/**
 * The secrets of DNS cookies in a file: 32 hexadecimal digits a line, empty lines and what follows a # left out.
 * @throws UsageError in one line
 */
export function readCookieSecrets(where: string, path: string): readonly Uint8Array[] {
  const text = attempt(where, readableFile(where, path), () => readFileSync(path, 'latin1'))
  const lines = text.split('\n').map((line) => line.replace(/#.*/, '').trim())
  const secrets = lines.flatMap((line, index) => {
    if (line === '') return []
    if (!/^[0-9A-Fa-f]{32}$/.test(line))
      throw new UsageError(where, `${path}, line ${index + 1}, is no secret: write 32 hexadecimal digits`)
    return [Uint8Array.from(Buffer.from(line, 'hex'))]
  })
  if (secrets.length === 0)
    throw new UsageError(where, `${path} holds no secret: write one of 32 hexadecimal digits`)
  return secrets
}

/** As readableFile, for a file or a folder. */
export function readablePath(where: string, path: string): string {
  attempt(where, path, () => accessSync(path, constants.R_OK))
  return path
}

function attempt<T>(where: string, path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw new UsageError(where, `${path} cannot be read (${reasonOf(error)}): give a path that can`, error)
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'permission denied',
}

function reasonOf(error: unknown): string {
  const code = String((error as NodeJS.ErrnoException).code)
  return REASONS[code] ?? code
}
