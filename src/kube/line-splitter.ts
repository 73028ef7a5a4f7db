const NEWLINE = 0x0a

/**
 * Cuts a byte stream at newlines, and at nothing else: U+2028 and U+0085 inside a value are content (node-stack 2.2,
 * fault 8). Characters may be cut by chunks anywhere; lines are decoded whole.
 */
export class LineSplitter {
  readonly #maxBytes: number
  #parts: Buffer[] = []
  #sizeBytes = 0
  #skipping = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes of a line that has begun. */
  get pendingBytes(): number {
    return this.#sizeBytes
  }

  /**
   * @param line - called for each complete line that is not empty, without its newline
   * @param tooLong - called once for a line beyond the limit; the rest of it is skipped
   */
  push(chunk: Buffer, line: (text: string) => void, tooLong: () => void): void {
    let from = 0
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      const text = this.#take(chunk, from, end)
      from = end + 1
      if (text !== undefined && text !== '') line(text)
    }
    this.#keep(chunk.subarray(from), tooLong)
  }

  /** The line that ends in this chunk; undefined when it was too long. */
  #take(chunk: Buffer, from: number, end: number): string | undefined {
    const parts = this.#parts
    const isSkipped = this.#skipping || this.#sizeBytes + end - from > this.#maxBytes
    this.#reset()
    if (isSkipped) return undefined
    if (parts.length === 0) return chunk.toString('utf8', from, end)
    return Buffer.concat([...parts, chunk.subarray(from, end)]).toString('utf8')
  }

  #keep(rest: Buffer, tooLong: () => void): void {
    if (rest.length === 0 || this.#skipping) return
    this.#sizeBytes += rest.length
    if (this.#sizeBytes <= this.#maxBytes) {
      this.#parts.push(rest)
      return
    }
    this.#reset()
    this.#skipping = true
    tooLong()
  }

  #reset(): void {
    this.#parts = []
    this.#sizeBytes = 0
    this.#skipping = false
  }
}
