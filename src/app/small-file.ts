import { readFileSync, statSync } from 'node:fs'

/**
 * The octets of a file, each as one character.
 * @throws Error when it cannot be read; TypeError for what is no regular file; RangeError above the limit
 */
export function readSmallFile(path: string, maxBytes: number): string {
  const stat = statSync(path)
  if (!stat.isFile()) throw new TypeError('no regular file')
  if (stat.size > maxBytes) throw new RangeError(`file has ${stat.size} octets, more than ${maxBytes}`)
  return readFileSync(path, 'latin1')
}
