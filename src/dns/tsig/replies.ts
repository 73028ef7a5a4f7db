import { wireName } from '../names.ts'
import { OctetWriter } from '../rdata/octets.ts'
import { ALGORITHM } from './algorithms.ts'
import { macOf, type DigestedFields } from './digest.ts'
import type { TsigKey } from './keys.ts'
import { TSIG_ERROR, tsigLength, withTsig, type TsigRecord } from './record.ts'

/** How far two clocks may be apart (RFC 8945, 10). */
export const FUDGE_SECONDS = 300

const NOTHING = new Uint8Array(0)

/** An error found in a request whose signature is good. */
export interface SignedError {
  readonly record: TsigRecord
  /** BADTIME or BADTRUNC. */
  readonly error: number
  readonly nowSeconds: number
}

/**
 * Signs the reply to one request: one message, or as many as a transfer takes, each with the MAC of the one before
 * (RFC 8945, 5.3 and 5.3.1). Every message is signed, so that none can be taken out unseen.
 */
export class ReplySigner {
  readonly #key: TsigKey
  #priorMac: Uint8Array
  #fields: DigestedFields = 'all'
  /** Octets that a message grows by. */
  readonly extraBytes: number

  /** @param requestMac - as it was sent */
  constructor(key: TsigKey, requestMac: Uint8Array) {
    this.#key = key
    this.#priorMac = requestMac
    const { name: algorithm, macBytes } = ALGORITHM[key.algorithm]
    this.extraBytes = tsigLength({
      keyName: wireName(key.name),
      algorithm,
      mac: new Uint8Array(macBytes),
      other: NOTHING,
    })
  }

  /** @param message - the next of the reply; @returns a copy with its signature */
  sign(message: Uint8Array, nowSeconds: number): Uint8Array {
    return this.#sign(message, {
      timeSeconds: nowSeconds,
      fudgeSeconds: FUDGE_SECONDS,
      error: 0,
      other: NOTHING,
    })
  }

  /** Sign a response that says what is wrong; one whose clock is off is told of ours, under its own time (RFC 8945, 5.2.3). */
  signError(message: Uint8Array, { record, error, nowSeconds }: SignedError): Uint8Array {
    const isTime = error === TSIG_ERROR.BADTIME
    return this.#sign(message, {
      timeSeconds: isTime ? record.timeSeconds : nowSeconds,
      fudgeSeconds: isTime ? record.fudgeSeconds : FUDGE_SECONDS,
      error,
      other: isTime ? timeBytes(nowSeconds) : NOTHING,
    })
  }

  #sign(
    message: Uint8Array,
    said: Pick<TsigRecord, 'timeSeconds' | 'fudgeSeconds' | 'error' | 'other'>,
  ): Uint8Array {
    const record = {
      ...said,
      keyName: wireName(this.#key.name),
      algorithm: ALGORITHM[this.#key.algorithm].name,
      originalId: message[0]! * 0x100 + message[1]!, // a message has a header
    }
    const mac = macOf(this.#key, {
      priorMac: this.#priorMac,
      messages: [message],
      record,
      fields: this.#fields,
    })
    this.#priorMac = mac
    this.#fields = 'times'
    return withTsig(message, { ...record, mac })
  }
}

function timeBytes(seconds: number): Uint8Array {
  const out = new OctetWriter()
  out.u16(Math.floor(seconds / 2 ** 32))
  out.u32(seconds % 2 ** 32)
  return out.finish()
}
