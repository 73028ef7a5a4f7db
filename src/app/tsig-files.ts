import type { DomainName } from '../dns/names.ts'
import { readKeyFile } from '../dns/tsig/key-file.ts'
import type { TsigKey, TsigKeys } from '../dns/tsig/keys.ts'
import { describeError } from '../errors.ts'
import { readSmallFile } from './small-file.ts'

/** The keys of some files together, or the first thing in them that cannot be used. */
export type TsigFiles =
  | {
      readonly kind: 'keys'
      readonly keys: TsigKeys
      readonly fileOf: ReadonlyMap<DomainName, string>
    }
  | {
      readonly kind: 'refused'
      readonly file: string
      readonly line?: number
      /** In one line, without secrets. */
      readonly problem: string
    }

type Refused = Extract<TsigFiles, { readonly kind: 'refused' }>

/** Larger than any file of keys, in octets. */
const MAX_FILE_BYTES = 1_048_576

/** Read files of keys, in their order. No name may stand in two of them. */
export function readTsigFiles(paths: readonly string[]): TsigFiles {
  const keys = new Map<DomainName, TsigKey>()
  const fileOf = new Map<DomainName, string>()
  for (const file of paths) {
    const read = keysOf(file)
    if ('problem' in read) return read
    for (const key of read) {
      if (keys.has(key.name))
        return {
          kind: 'refused',
          file,
          problem: `key ${key.name} is in another file too: keep one of them`,
        }
      keys.set(key.name, key)
      fileOf.set(key.name, file)
    }
  }
  return { kind: 'keys', keys, fileOf }
}

function keysOf(file: string): readonly TsigKey[] | Refused {
  let text: string
  try {
    text = readSmallFile(file, MAX_FILE_BYTES)
  } catch (error) {
    return { kind: 'refused', file, problem: `cannot be read: ${describeError(error)}` }
  }
  const read = readKeyFile(text)
  if (read.kind === 'keys') return read.keys
  return { kind: 'refused', file, line: read.line, problem: read.message }
}
