import type { Libc } from './libc.ts'

/** Addresses that have been given to system calls point here: nothing of it is ever let go. */
const kept = new Set<ArrayBuffer>()

/**
 * Memory that system calls read and write, at an address that does not change. For ever: made a few times in the life of a
 * worker, never for a packet.
 */
export class NativeMemory {
  readonly bytes: Buffer
  readonly view: DataView
  readonly #address: bigint

  /** @param libc - tells the address; @param size - octets, zero at first, taken from the machine when they are used */
  constructor(libc: Pick<Libc, 'addressOf'>, size: number) {
    const memory = new ArrayBuffer(size)
    kept.add(memory)
    this.bytes = Buffer.from(memory)
    this.view = new DataView(memory)
    this.#address = libc.addressOf(memory)
  }

  /** The address of the octet at `offset`. */
  at(offset: number): bigint {
    return this.#address + BigInt(offset)
  }

  /** Writes a pointer to `target` at `offset`. */
  point(offset: number, target: number): void {
    this.view.setBigUint64(offset, this.at(target), true)
  }
}
