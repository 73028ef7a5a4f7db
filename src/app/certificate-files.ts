import { AppError } from '../errors.ts'
import { credentialProblem, type CertificatePair } from '../nameserver/tls/credentials.ts'
import { SettledFiles } from './settled-files.ts'
import { readSmallFile } from './small-file.ts'

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

/** A certificate and its key, in two files. */
export class CertificateFiles {
  readonly #paths: Readonly<Record<Part, string>>
  readonly #files: SettledFiles<CertificatePair>

  constructor(paths: Readonly<Record<Part, string>>) {
    this.#paths = paths
    this.#files = new SettledFiles([paths.certificate, paths.key], () => this.#pair())
  }

  /** @throws CertificateError */
  read(): CertificatePair {
    return this.#files.read()
  }

  /**
   * @returns undefined where nothing is new, or somebody may be writing
   * @throws CertificateError, once for each state of the files
   */
  readIfChanged(): CertificatePair | undefined {
    return this.#files.readIfChanged()
  }

  #pair(): CertificatePair {
    const pair = { certPem: this.#text('certificate'), keyPem: this.#text('key') }
    const problem = credentialProblem(pair)
    if (problem === undefined) return pair
    const { where, what } = problem
    throw new CertificateError(where, { file: this.#paths[where], reason: what })
  }

  #text(part: Part): string {
    const path = this.#paths[part]
    try {
      return readSmallFile(path, MAX_FILE_BYTES)
    } catch (error) {
      throw new CertificateError(part, { file: path, reason: 'cannot be read' }, error)
    }
  }
}
