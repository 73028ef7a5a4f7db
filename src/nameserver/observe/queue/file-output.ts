import { closeSync, write } from 'node:fs'
import { openToAppend } from '../open-file.ts'
import type { Output } from './conveyor.ts'

/** What went wrong with an output, or that it works again: told once for each change. */
export type Trouble = (reason: string | undefined) => void

/** A pipe that is full is tried again after so long. */
const AGAIN_MS = 10

/**
 * Appends to a file, or to an open descriptor. Several threads may append to one file: what is written in one go stays together
 * (O_APPEND on a local file system).
 */
export class FileOutput implements Output {
  readonly isReady = true
  onReady: () => void = () => {}
  readonly #path: string | undefined
  readonly #trouble: Trouble
  /** undefined: the file cannot be opened. */
  #fd: number | undefined
  #isBroken = false

  /** A file that cannot be opened is tried again with each chunk: it is no reason not to answer. */
  constructor(target: string | number, trouble: Trouble) {
    this.#path = typeof target === 'string' ? target : undefined
    this.#fd = typeof target === 'string' ? undefined : target
    this.#trouble = trouble
    this.#open()
  }

  async write(chunk: Uint8Array): Promise<boolean> {
    if (this.#fd === undefined) this.#open()
    if (this.#fd === undefined) return false
    for (let at = 0; at < chunk.length;) {
      const done = await this.#append(this.#fd, chunk, at)
      if (typeof done === 'string') {
        this.#tell(done)
        return false
      }
      at += done
    }
    this.#tell(undefined)
    return true
  }

  async reopen(): Promise<void> {
    this.#open()
  }

  async close(): Promise<void> {
    if (this.#path !== undefined && this.#fd !== undefined) closeSync(this.#fd)
  }

  #open(): void {
    if (this.#path === undefined) return
    try {
      const fd = openToAppend(this.#path)
      if (this.#fd !== undefined) closeSync(this.#fd)
      this.#fd = fd
    } catch (error) {
      this.#tell(codeOf(error)) // what is open goes on
    }
  }

  /** @returns octets written, 0 when it has to be tried again, or the code of what went wrong */
  #append(fd: number, chunk: Uint8Array, at: number): Promise<number | string> {
    return new Promise((resolve) => {
      write(fd, chunk, at, chunk.length - at, null, (error, octets) => {
        if (error === null) resolve(octets)
        else if (error.code === 'EAGAIN') setTimeout(() => resolve(0), AGAIN_MS)
        else resolve(codeOf(error))
      })
    })
  }

  #tell(reason: string | undefined): void {
    if (this.#isBroken === (reason !== undefined)) return
    this.#isBroken = reason !== undefined
    this.#trouble(reason)
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}
