/** Octets to write in one go. */
export const CHUNK_BYTES = 64 * 1024
/** What one event may add to a chunk that is not full yet: two messages of 65,535 octets and what is said of them. */
const LARGEST_EVENT_BYTES = 136 * 1024

/** A buffer that encoders append to, used again and again. */
export class Chunk {
  readonly bytes = Buffer.allocUnsafeSlow(CHUNK_BYTES + LARGEST_EVENT_BYTES)
  length = 0

  get isFull(): boolean {
    return this.length >= CHUNK_BYTES
  }

  get written(): Buffer {
    return this.bytes.subarray(0, this.length)
  }

  /** @param text - octets as characters: ASCII */
  text(text: string): void {
    this.length += this.bytes.write(text, this.length, 'latin1')
  }

  octets(octets: Uint8Array): void {
    this.bytes.set(octets, this.length)
    this.length += octets.length
  }

  /** Base-128, low group first (Protocol Buffers, "Encoding"). */
  varint(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.bytes[this.length] = (rest % 0x80) | 0x80
      this.length += 1
      rest = Math.floor(rest / 0x80)
    }
    this.bytes[this.length] = rest
    this.length += 1
  }

  /** 32 bits, low octet first. */
  fixed32(value: number): void {
    this.length = this.bytes.writeUInt32LE(value, this.length)
  }
}
