import { readFileSync, statSync } from 'node:fs'
import { AppError } from '../errors.ts'
import { credentialProblem, type CertificatePair } from '../nameserver/tls/credentials.ts'

/** Larger than any chain of certificates, in octets. */
const MAX_FILE_BYTES = 1_048_576

/** A certificate or key that cannot be used: the file, and why. */
export class CertificateError extends AppError {
  readonly where: Part

  constructor(where: Part, fields: { readonly file: string; readonly reason: string }, cause?: unknown) {
    super('certificate cannot be used', { code: 'TLS_CERTIFICATE_UNUSABLE', fields, cause })
    this.where = where
  }
}

type Part = 'certificate' | 'key'

/** A certificate and its key, in two files. Kubernetes swaps both at once, others write one after the other. */
export class CertificateFiles {
  readonly #paths: Readonly<Record<Part, string>>
  /** What the files looked like when they were looked at last, and when they were read last. */
  #seen = ''
  #read = ''

  constructor(paths: Readonly<Record<Part, string>>) {
    this.#paths = paths
  }

  /** @throws CertificateError */
  read(): CertificatePair {
    this.#seen = this.#look()
    this.#read = this.#seen
    const pair = { certPem: this.#text('certificate'), keyPem: this.#text('key') }
    const problem = credentialProblem(pair)
    if (problem === undefined) return pair
    const { where, what } = problem
    throw new CertificateError(where, { file: this.#paths[where], reason: what })
  }

  /**
   * @returns undefined where nothing is new, or somebody may be writing: what is new must look the same at two looks, and
   *   after it was read
   * @throws CertificateError, once for each state of the files
   */
  readIfChanged(): CertificatePair | undefined {
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

  /** The identities of both. A file that cannot be read looks like its error. */
  #look(): string {
    return [this.#paths.certificate, this.#paths.key].map(identityOf).join('\n')
  }

  #text(part: Part): string {
    const path = this.#paths[part]
    try {
      const stat = statSync(path)
      if (!stat.isFile()) throw new TypeError('no regular file')
      if (stat.size > MAX_FILE_BYTES)
        throw new RangeError(`file has ${stat.size} octets, more than ${MAX_FILE_BYTES}`)
      return readFileSync(path, 'latin1')
    } catch (error) {
      throw new CertificateError(part, { file: path, reason: 'cannot be read' }, error)
    }
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

function identityOf(path: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(path)
    return `${ino} ${size} ${mtimeMs}`
  } catch (error) {
    return String(error)
  }
}
