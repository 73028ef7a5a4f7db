/** The length field before each message on a stream (RFC 1035, 4.2.2). */
export const LENGTH_BYTES = 2

const NOTHING: Buffer = Buffer.alloc(0)

/**
 * The whole messages of a stream, however it comes in pieces. An octet is copied at most three times, whatever the size of
 * the pieces, and a message that comes as a whole is not copied at all.
 */
export class MessageSplitter {
  #octets: Buffer = NOTHING
  #at = 0
  #end = 0
  /** The octets are our own, not a piece as it was received. */
  #isOwn = false

  /** Octets that were taken in and belong to no message given out yet. */
  get waitingBytes(): number {
    return this.#end - this.#at
  }

  /** @param piece - kept until its messages have been given out, or settle() */
  push(piece: Buffer): void {
    if (this.#at === this.#end) {
      this.#octets = piece
      this.#at = 0
      this.#end = piece.length
      this.#isOwn = false
      return
    }
    if (!this.#isOwn || this.#end + piece.length > this.#octets.length) this.#makeRoom(piece.length)
    piece.copy(this.#octets, this.#end)
    this.#end += piece.length
  }

  /** @returns the next message that is there as a whole, valid until the next push; undefined when there is none */
  next(): Buffer | undefined {
    const start = this.#at + LENGTH_BYTES
    if (start > this.#end) return undefined
    const end = start + this.#octets.readUInt16BE(this.#at)
    if (end > this.#end) return undefined
    this.#at = end
    return this.#octets.subarray(start, end)
  }

  /** Let go of the piece that was received: what is left of it is copied. */
  settle(): void {
    if (this.#at === this.#end) {
      this.#octets = NOTHING
      this.#at = 0
      this.#end = 0
    } else if (!this.#isOwn) {
      this.#makeRoom(0)
    }
  }

  /** Room for so many octets more, and at least for the whole of the message that has begun. */
  #makeRoom(more: number): void {
    const waiting = this.waitingBytes
    const announced = waiting < LENGTH_BYTES ? 0 : LENGTH_BYTES + this.#octets.readUInt16BE(this.#at)
    const octets = Buffer.allocUnsafeSlow(Math.max(waiting + more, announced, LENGTH_BYTES))
    this.#octets.copy(octets, 0, this.#at, this.#end)
    this.#octets = octets
    this.#at = 0
    this.#end = waiting
    this.#isOwn = true
  }
}
