/**
 * Frame Streams, the framing of dnstap: a length of 32 bits before each frame; a length of 0 announces a control frame, whose
 * own length follows (the library fstrm, header `control.h`).
 */

export const DNSTAP_CONTENT_TYPE = 'protobuf:dnstap.Dnstap'

export const CONTROL = { ACCEPT: 1, START: 2, STOP: 3, READY: 4, FINISH: 5 } as const
const FIELD_CONTENT_TYPE = 1
/** No control frame is longer. */
const MAX_CONTROL_BYTES = 512
const WORD = 4

export interface ControlFrame {
  readonly type: number
  readonly contentTypes: readonly string[]
}

/** A control frame, with the content type of dnstap where it has one. */
export function controlFrame(type: number): Buffer {
  const content = Buffer.from(DNSTAP_CONTENT_TYPE, 'latin1')
  const hasType = type === CONTROL.READY || type === CONTROL.ACCEPT || type === CONTROL.START
  const payload = hasType ? 3 * WORD + content.length : WORD
  const frame = Buffer.alloc(2 * WORD + payload)
  frame.writeUInt32BE(payload, WORD)
  frame.writeUInt32BE(type, 2 * WORD)
  if (!hasType) return frame
  frame.writeUInt32BE(FIELD_CONTENT_TYPE, 3 * WORD)
  frame.writeUInt32BE(content.length, 4 * WORD)
  content.copy(frame, 5 * WORD)
  return frame
}

/** Reads the control frames that a receiver sends, however they come in pieces. What is none makes it broken for good. */
export class ControlReader {
  #octets: Buffer = Buffer.alloc(0)
  isBroken = false

  /** @returns the whole frames that are there now */
  push(piece: Uint8Array): readonly ControlFrame[] {
    this.#octets = Buffer.concat([this.#octets, piece])
    const frames: ControlFrame[] = []
    while (!this.isBroken && this.#octets.length >= 2 * WORD) {
      const length = this.#octets.readUInt32BE(WORD)
      this.isBroken = this.#octets.readUInt32BE(0) !== 0 || length < WORD || length > MAX_CONTROL_BYTES
      if (this.isBroken || this.#octets.length < 2 * WORD + length) break
      const frame = readControl(this.#octets.subarray(2 * WORD, 2 * WORD + length))
      this.#octets = this.#octets.subarray(2 * WORD + length)
      if (frame === undefined) this.isBroken = true
      else frames.push(frame)
    }
    return frames
  }
}

function readControl(payload: Buffer): ControlFrame | undefined {
  const contentTypes: string[] = []
  for (let at = WORD; at < payload.length;) {
    if (at + 2 * WORD > payload.length || payload.readUInt32BE(at) !== FIELD_CONTENT_TYPE) return undefined
    const start = at + 2 * WORD
    const end = start + payload.readUInt32BE(at + WORD)
    if (end > payload.length) return undefined
    contentTypes.push(payload.toString('latin1', start, end))
    at = end
  }
  return { type: payload.readUInt32BE(0), contentTypes }
}
