import { nameOfWire } from '../names.ts'
import { RCODE } from '../protocol.ts'
import { bareReply } from '../wire/bare-reply.ts'
import { nameKey } from '../wire/name.ts'
import { ALGORITHM } from './algorithms.ts'
import { isMac, macOf } from './digest.ts'
import { leastMacBytes, type TsigKey, type TsigKeys } from './keys.ts'
import { findTsig, TSIG_ERROR, unsigned, withTsig, type FoundTsig, type TsigRecord } from './record.ts'
import { FUDGE_SECONDS, ReplySigner } from './replies.ts'

/** What a TSIG record makes of a request. */
export type SignedRequest =
  /** There is none. */
  | { readonly kind: 'unsigned' }
  /** It is no reason to do what is asked: `response` says why, and is all that may be said. */
  | { readonly kind: 'refused'; readonly response: Uint8Array }
  /** Signed by whoever holds the key, now. Every message of the reply is to be signed by `signer`. */
  | {
      readonly kind: 'signed'
      readonly key: TsigKey
      /** As it was before it was signed, under the id that it came with. */
      readonly message: Uint8Array
      readonly signer: ReplySigner
    }

const UNSIGNED: SignedRequest = { kind: 'unsigned' }
const NOTHING = new Uint8Array(0)

/**
 * Check the signature of a request: key, MAC, time, length of the MAC, in this order (RFC 8945, 5.2). Never throws.
 * @param message - no response; whatever octets
 * @param nowSeconds - Unix time
 */
export function checkRequest(message: Uint8Array, keys: TsigKeys, nowSeconds: number): SignedRequest {
  const found = findTsig(message)
  switch (found.kind) {
    case 'absent':
      return UNSIGNED
    case 'malformed':
      return { kind: 'refused', response: bareReply(message, RCODE.FORMERR) }
    case 'found':
      return checkFound(message, found, { keys, nowSeconds })
  }
}

function checkFound(
  message: Uint8Array,
  found: Extract<FoundTsig, { kind: 'found' }>,
  { keys, nowSeconds }: { readonly keys: TsigKeys; readonly nowSeconds: number },
): SignedRequest {
  const { record } = found
  const bare = unsigned(message, found)
  const refused = (error: number, key?: TsigKey): SignedRequest => ({
    kind: 'refused',
    response: refusal(withIdOf(message, bare), { record, error, key, nowSeconds }),
  })
  const key = keyOf(record, keys)
  if (key === undefined) return refused(TSIG_ERROR.BADKEY)
  const whole = ALGORITHM[key.algorithm].macBytes
  const { length } = record.mac
  if (length > whole || (length < whole && length < leastMacBytes(key.algorithm)))
    return { kind: 'refused', response: bareReply(message, RCODE.FORMERR) }
  const mac = macOf(key, { messages: [bare], record, fields: 'all' })
  if (!isMac(record.mac, mac)) return refused(TSIG_ERROR.BADSIG)
  if (Math.abs(nowSeconds - record.timeSeconds) > record.fudgeSeconds) return refused(TSIG_ERROR.BADTIME, key)
  if (length < (key.minMacBytes ?? whole)) return refused(TSIG_ERROR.BADTRUNC, key)
  return { kind: 'signed', key, message: withIdOf(message, bare), signer: new ReplySigner(key, record.mac) }
}

/** A key counts for one algorithm only (RFC 8945, 5.2.1). */
function keyOf({ keyName, algorithm }: TsigRecord, keys: TsigKeys): TsigKey | undefined {
  const key = keys.get(nameOfWire(keyName))
  return key !== undefined && nameKey(ALGORITHM[key.algorithm].name) === nameKey(algorithm) ? key : undefined
}

/** Who forwards a request may change its id (RFC 8945, 4.2, Original ID). */
function withIdOf(message: Uint8Array, bare: Uint8Array): Uint8Array {
  if (message[0] === bare[0] && message[1] === bare[1]) return bare
  const copy = new Uint8Array(bare)
  copy.set(message.subarray(0, 2))
  return copy
}

interface Refusal {
  readonly record: TsigRecord
  readonly error: number
  /** What the response is signed with; absent: it must not be (RFC 8945, 5.3.2). */
  readonly key: TsigKey | undefined
  readonly nowSeconds: number
}

/** NOTAUTH with the reason in a TSIG record; a client whose clock is off is told the time (RFC 8945, 5.2.3). */
function refusal(bare: Uint8Array, { record, error, key, nowSeconds }: Refusal): Uint8Array {
  const response = bareReply(bare, RCODE.NOTAUTH)
  if (key !== undefined)
    return new ReplySigner(key, record.mac).signError(response, { record, error, nowSeconds })
  return withTsig(response, {
    ...record,
    timeSeconds: nowSeconds,
    fudgeSeconds: FUDGE_SECONDS,
    mac: NOTHING,
    originalId: response[0]! * 0x100 + response[1]!, // it has a header
    error,
    other: NOTHING,
  })
}
