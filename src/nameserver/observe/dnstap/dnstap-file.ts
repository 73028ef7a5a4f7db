import { closeSync, writeSync } from 'node:fs'
import { openEmpty } from '../open-file.ts'
import { CONTROL, controlFrame } from './frame-streams.ts'

/**
 * The beginning and the end of a file of Frame Streams, to which workers append whole frames in between. A file that is there already is
 * begun anew: nothing may follow the end of a stream.
 */
export class DnstapFile {
  readonly #path: string
  /** undefined: closed. */
  #fd: number | undefined

  /** @throws the error of the system when the file cannot be written */
  constructor(path: string) {
    this.#path = path
    this.#fd = begin(path)
  }

  /**
   * Begin a new file, the old one having been moved away.
   * @returns ends the old one: to be called when no worker appends to it any more
   */
  renew(): () => void {
    const old = this.#fd
    this.#fd = begin(this.#path)
    return () => end(old)
  }

  close(): void {
    end(this.#fd)
    this.#fd = undefined
  }
}

function begin(path: string): number {
  const fd = openEmpty(path)
  writeSync(fd, controlFrame(CONTROL.START))
  return fd
}

function end(fd: number | undefined): void {
  if (fd === undefined) return
  writeSync(fd, controlFrame(CONTROL.STOP))
  closeSync(fd)
}
