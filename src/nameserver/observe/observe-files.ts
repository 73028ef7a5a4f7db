import { closeSync } from 'node:fs'
import { AppError } from '../../errors.ts'
import { DnstapFile } from './dnstap/dnstap-file.ts'
import { openToAppend } from './open-file.ts'
import type { ObserveSettings } from './settings.ts'

/** A file that queries are to be written to cannot be opened. */
export class ObserveFileError extends AppError {
  constructor(what: 'query log' | 'dnstap', path: string, cause: unknown) {
    super(what === 'query log' ? 'query log cannot be written' : 'file of dnstap cannot be written', {
      code: what === 'query log' ? 'QUERY_LOG_UNWRITABLE' : 'DNSTAP_UNWRITABLE',
      fields: { file: path },
      cause,
    })
  }
}

/** The main thread's part in the files that workers append to: whether they can, and where a file of dnstap begins and ends. */
export class ObserveFiles {
  readonly #path: string | undefined
  readonly #dnstap: DnstapFile | undefined

  /** @throws ObserveFileError when a file cannot be written */
  constructor({ queryLog, dnstap }: ObserveSettings) {
    if (typeof queryLog?.target === 'string') tryToAppend(queryLog.target)
    this.#path = dnstap?.target.kind === 'file' ? dnstap.target.path : undefined
    this.#dnstap = this.#path === undefined ? undefined : attempt(this.#path, (path) => new DnstapFile(path))
  }

  /**
   * Begin new files, the old ones having been moved away.
   * @param reopenAll - makes all workers open their files anew
   * @throws ObserveFileError when the file of dnstap cannot be written: the old one goes on
   */
  async reopen(reopenAll: () => Promise<void>): Promise<void> {
    const finish = this.#path === undefined ? undefined : attempt(this.#path, () => this.#dnstap?.renew())
    await reopenAll()
    finish?.()
  }

  close(): void {
    this.#dnstap?.close()
  }
}

function tryToAppend(path: string): void {
  try {
    closeSync(openToAppend(path))
  } catch (error) {
    throw new ObserveFileError('query log', path, error)
  }
}

function attempt<T>(path: string, act: (path: string) => T): T {
  try {
    return act(path)
  } catch (error) {
    throw new ObserveFileError('dnstap', path, error)
  }
}
