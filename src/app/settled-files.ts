import { statSync } from 'node:fs'

/** Files that are read together, and again when one of them has changed. Kubernetes swaps all at once, others write one after the other. */
export class SettledFiles<T> {
  readonly #paths: readonly string[]
  readonly #readAll: () => T
  /** What the files looked like when they were looked at last, and when they were read last. */
  #seen = ''
  #read = ''

  /** @param readAll - reads the files, whatever they are */
  constructor(paths: readonly string[], readAll: () => T) {
    this.#paths = paths
    this.#readAll = readAll
  }

  /** @throws what reading throws */
  read(): T {
    this.#seen = this.#look()
    this.#read = this.#seen
    return this.#readAll()
  }

  /**
   * @returns undefined where nothing is new, or somebody may be writing: what is new must look the same at two looks, and
   *   after it was read
   * @throws what reading throws, once for each state of the files
   */
  readIfChanged(): T | undefined {
    const before = this.#seen
    this.#seen = this.#look()
    if (this.#seen === this.#read || this.#seen !== before) return undefined
    const read = attempt(() => this.read())
    if (this.#look() !== this.#read) {
      this.#read = '' // changed under our hands: another look will tell
      return undefined
    }
    if (read.error !== undefined) throw read.error
    return read.value
  }

  /** The identities of all. A file that cannot be read looks like its error. */
  #look(): string {
    return this.#paths.map(identityOf).join('\n')
  }
}

type Attempt<T> =
  | { readonly value: T; readonly error?: undefined }
  | { readonly value?: undefined; readonly error: unknown }

function attempt<T>(act: () => T): Attempt<T> {
  try {
    return { value: act() }
  } catch (error) {
    return { error }
  }
}

/** The time of the inode moves with rights too: a file that could not be read may have become one that can be. */
function identityOf(path: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path)
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`
  } catch (error) {
    return String(error)
  }
}
