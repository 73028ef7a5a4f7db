import { closeSync, constants, fstatSync, openSync, readFileSync, statSync, type Stats } from 'node:fs'

/** Largest file that is read: more would take gigabytes. */
const MAX_FILE_BYTES = 256 * 1024 * 1024

/** A file as it was when it was looked at. */
export interface FileLook {
  /** Another one whenever the content is, or who may read it. */
  readonly state: string
  readonly sizeBytes: number
}

/** A file's text, one character per octet; or that somebody wrote it while it was read. */
export type ZoneText =
  | { readonly kind: 'text'; readonly text: string; readonly state: string }
  | { readonly kind: 'moving' }

/** @throws Error when there is no file that can be read: it is gone, no regular file, or too large */
export function lookAt(path: string): FileLook {
  return lookOf(statSync(path))
}

/** @throws Error as lookAt, or what reading says */
export function readText(path: string, maxBytes = MAX_FILE_BYTES): ZoneText {
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK) // a pipe would wait for its writer
  try {
    const { state } = lookOf(fstatSync(file), maxBytes)
    const text = readFileSync(file, 'latin1')
    return lookOf(fstatSync(file), maxBytes).state === state
      ? { kind: 'text', text, state }
      : { kind: 'moving' }
  } finally {
    closeSync(file)
  }
}

function lookOf(stat: Stats, maxBytes = MAX_FILE_BYTES): FileLook {
  if (!stat.isFile()) throw new TypeError('no regular file')
  const { mtimeMs, ctimeMs, size, ino } = stat
  if (size > maxBytes) throw new RangeError(`file has ${size} octets, more than ${maxBytes}`)
  return { state: `${ino} ${size} ${mtimeMs} ${ctimeMs}`, sizeBytes: size }
}
