import { readFileSync, statSync } from 'node:fs'
import { UsageError } from '../config/usage-error.ts'
import type { DomainName } from '../dns/names.ts'
import { readKeyFile, readKeyName } from '../dns/tsig/key-file.ts'
import type { TsigKey, TsigKeys } from '../dns/tsig/keys.ts'

const FLAG = '--tsig-keys'
/** Larger than any file of keys, in octets. */
const MAX_FILE_BYTES = 1_048_576

/**
 * The keys of some files together.
 * @param paths - files that can be read
 * @throws UsageError naming file and line; no name may stand in two files
 */
export function readTsigKeys(paths: readonly string[]): TsigKeys {
  const keys = new Map<DomainName, TsigKey>()
  for (const path of paths) {
    for (const key of keysOf(path)) {
      if (keys.has(key.name))
        throw new UsageError(FLAG, `${path}: key ${key.name} is in another file too: keep one of them`)
      keys.set(key.name, key)
    }
  }
  return keys
}

function keysOf(path: string): readonly TsigKey[] {
  const { size } = statSync(path)
  if (size > MAX_FILE_BYTES)
    throw new UsageError(FLAG, `${path} has ${size} octets, more than ${MAX_FILE_BYTES}: give a file of keys`)
  const file = readKeyFile(readFileSync(path, 'latin1'))
  if (file.kind === 'keys') return file.keys
  throw new UsageError(FLAG, `${path}, line ${file.line}: ${file.message}`)
}

/**
 * The key that an option names.
 * @throws UsageError when there is none of that name
 */
export function tsigKeyNamed(keys: TsigKeys, name: string, flag: string): TsigKey {
  const parsed = readKeyName(name)
  const key = parsed === undefined ? undefined : keys.get(parsed)
  if (key === undefined)
    throw new UsageError(flag, `names the key ${JSON.stringify(name)}, which no file of ${FLAG} has`)
  return key
}
