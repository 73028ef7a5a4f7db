import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readZoneKey, type ZoneKey } from '../dns/dnssec/key-file.ts'
import { AppError } from '../errors.ts'
import { signsWith } from '../nameserver/dnssec/signature.ts'
import { readSmallFile } from './small-file.ts'

/** Larger than any key file, in octets. */
const MAX_FILE_BYTES = 65_536
const MAX_FILES = 4_096
const PUBLIC = '.key'
const PRIVATE = '.private'

/** A folder whose keys cannot be used: the file, and why. */
export class KeyFolderError extends AppError {
  constructor(file: string, cause: unknown) {
    super('DNSSEC keys cannot be read', { code: 'DNSSEC_KEYS_UNUSABLE', fields: { file }, cause })
  }
}

/**
 * A folder of keys in pairs of files, `.key` and `.private`. Pairs may have any name, as a Kubernetes Secret allows no `+` in its keys;
 * one that is named as dnssec-keygen does must be the key that its name tells of. Hidden files, and all other endings, are left alone.
 */
export class KeyFolder {
  readonly #path: string
  /** What the folder looked like when it was looked at last, and when it was read last. */
  #seen = ''
  #read = ''

  constructor(path: string) {
    this.#path = path
  }

  /** @throws KeyFolderError for the first pair, in order of names, that is no key to sign with */
  read(): readonly ZoneKey[] {
    this.#seen = this.#look()
    this.#read = this.#seen
    const keys = this.#stems().map((stem) => this.#pair(stem))
    const double = keys.find((key, i) => keys.findIndex((other) => isSameKey(key, other)) !== i)
    if (double !== undefined)
      throw new KeyFolderError(this.#path, new Error(`key ${double.tag} of ${double.zone} is there twice`))
    return keys
  }

  /**
   * @returns undefined where nothing is new, or somebody may be writing: what is new must look the same at two looks
   * @throws KeyFolderError, once for each state of the folder
   */
  readIfChanged(): readonly ZoneKey[] | undefined {
    const before = this.#seen
    this.#seen = this.#look()
    if (this.#seen === this.#read || this.#seen !== before) return undefined
    return this.read()
  }

  /**
   * Files of keys with their identities: the time of the inode moves with rights too, and a file that could not be read may have become
   * one that can be. A folder that cannot be read looks like its error.
   */
  #look(): string {
    try {
      return this.#files()
        .map((file) => {
          const { ino, size, mtimeMs, ctimeMs } = statSync(join(this.#path, file))
          return `${file} ${ino} ${size} ${mtimeMs} ${ctimeMs}`
        })
        .join('\n')
    } catch (error) {
      return String(error)
    }
  }

  #files(): readonly string[] {
    const files = readdirSync(this.#path).filter(
      (file) => !file.startsWith('.') && (file.endsWith(PUBLIC) || file.endsWith(PRIVATE)),
    )
    if (files.length > MAX_FILES)
      throw new RangeError(`folder has ${files.length} key files, more than ${MAX_FILES}`)
    return files.sort()
  }

  #stems(): readonly string[] {
    try {
      return [...new Set(this.#files().map((file) => file.slice(0, file.lastIndexOf('.'))))]
    } catch (error) {
      throw new KeyFolderError(this.#path, error)
    }
  }

  #pair(stem: string): ZoneKey {
    const [publicText, privateText] = [PUBLIC, PRIVATE].map((ending) => this.#text(stem + ending))
    try {
      const key = readZoneKey(publicText ?? '', privateText ?? '')
      const [, algorithm, tag] = /^K.*\+(\d{3})\+(\d{5})$/.exec(stem) ?? []
      if (tag !== undefined && (Number(tag) !== key.tag || Number(algorithm) !== key.algorithm))
        throw new Error(
          `its name tells of another key: this one is of algorithm ${key.algorithm}, tag ${key.tag}`,
        )
      signsWith(key)
      return key
    } catch (error) {
      throw new KeyFolderError(join(this.#path, stem + PUBLIC), error)
    }
  }

  #text(file: string): string {
    const path = join(this.#path, file)
    try {
      return readSmallFile(path, MAX_FILE_BYTES)
    } catch (error) {
      throw new KeyFolderError(path, error)
    }
  }
}

/** Whether two files hold the key of one zone, algorithm and tag. */
export function isSameKey(left: ZoneKey, right: ZoneKey): boolean {
  return left.zone === right.zone && left.algorithm === right.algorithm && left.tag === right.tag
}
