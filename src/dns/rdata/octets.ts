/** Collects octets of unknown number; rdata has at most 65,535. */
export class OctetWriter {
  #bytes = new Uint8Array(64)
  #length = 0

  u8(value: number): void {
    this.#grow(1)
    this.#bytes[this.#length] = value
    this.#length += 1
  }

  u16(value: number): void {
    this.u8(value >>> 8)
    this.u8(value)
  }

  u32(value: number): void {
    this.u16(value >>> 16)
    this.u16(value & 0xffff)
  }

  put(octets: Uint8Array): void {
    this.#grow(octets.length)
    this.#bytes.set(octets, this.#length)
    this.#length += octets.length
  }

  get length(): number {
    return this.#length
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  #grow(by: number): void {
    if (this.#length + by <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(this.#length + by, this.#bytes.length * 2))
    larger.set(this.#bytes)
    this.#bytes = larger
  }
}

const BASE32 = '0123456789abcdefghijklmnopqrstuv'

/** The hexadecimal alphabet of RFC 4648, 7, without padding, as NSEC3 writes hashes. */
export function base32hex(octets: Uint8Array): string {
  let text = ''
  let bits = 0
  let held = 0
  for (const octet of octets) {
    held = (held << 8) | octet
    bits += 8
    for (; bits >= 5; bits -= 5) text += BASE32[(held >>> (bits - 5)) & 31]
    held &= 31
  }
  return bits === 0 ? text : text + BASE32[(held << (5 - bits)) & 31]
}

/** @returns undefined for what is not in the alphabet, or has bits that say nothing */
export function fromBase32hex(text: string): Uint8Array | undefined {
  const out = new OctetWriter()
  let bits = 0
  let held = 0
  for (const character of text.toLowerCase()) {
    const value = BASE32.indexOf(character)
    if (value < 0) return undefined
    held = ((held << 5) | value) & 0xfff
    bits += 5
    if (bits < 8) continue
    bits -= 8
    out.u8((held >>> bits) & 0xff)
  }
  return bits >= 5 || (held & ((1 << bits) - 1)) !== 0 ? undefined : out.finish()
}

/** Pairs of hexadecimal digits. @returns undefined for anything else */
export function fromHex(text: string): Uint8Array | undefined {
  return /^(?:[0-9a-f]{2})*$/i.test(text) ? Uint8Array.from(Buffer.from(text, 'hex')) : undefined
}

/** With padding (RFC 4648, 4). @returns undefined for anything else */
export function fromBase64(text: string): Uint8Array | undefined {
  const strict = /^(?:[a-z0-9+/]{4})*(?:[a-z0-9+/]{2}==|[a-z0-9+/]{3}=)?$/i
  return strict.test(text) ? Uint8Array.from(Buffer.from(text, 'base64')) : undefined
}

export function hex(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('hex')
}

export function base64(octets: Uint8Array): string {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength).toString('base64')
}
