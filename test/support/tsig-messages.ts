import { parseDomainName } from '../../src/dns/names.ts'
import type { TsigAlgorithm } from '../../src/dns/tsig/algorithms.ts'
import { macOf } from '../../src/dns/tsig/digest.ts'
import { tsigKeys, type TsigKey, type TsigKeys } from '../../src/dns/tsig/keys.ts'
import { findTsig, withTsig, type TsigRecord } from '../../src/dns/tsig/record.ts'
import { ALGORITHM } from '../../src/dns/tsig/algorithms.ts'
import { wireName } from '../../src/dns/names.ts'

export const NOW_SECONDS = 1_800_000_000

/** The key of all tests: its secret is `secret of two servers`. */
export function testKey(algorithm: TsigAlgorithm = 'hmac-sha256', name = 'xfr.example'): TsigKey {
  return { name: parseDomainName(name), algorithm, secret: Buffer.from('secret of two servers') }
}

export function ring(...keys: readonly TsigKey[]): TsigKeys {
  return tsigKeys(keys)
}

/** The TSIG record of a message. @throws when there is none that can be read */
export function tsigOf(message: Uint8Array): TsigRecord {
  const found = findTsig(message)
  if (found.kind !== 'found') throw new Error(`TSIG is ${found.kind}`)
  return found.record
}

/** A message signed with fields of one's own choice, the MAC over them, perhaps cut or replaced. */
export function signedBy(
  key: TsigKey,
  message: Uint8Array,
  fields: Partial<TsigRecord> & { readonly macBytes?: number } = {},
): Uint8Array {
  const { macBytes, ...given } = fields
  const record = {
    keyName: wireName(key.name),
    algorithm: ALGORITHM[key.algorithm].name,
    timeSeconds: NOW_SECONDS,
    fudgeSeconds: 300,
    originalId: message[0]! * 0x100 + message[1]!, // tests give whole messages
    error: 0,
    other: new Uint8Array(0),
    ...given,
  }
  const original = Uint8Array.from(message)
  original[0] = record.originalId >> 8
  original[1] = record.originalId & 0xff
  const mac = given.mac ?? macOf(key, { messages: [original], record, fields: 'all' }).subarray(0, macBytes)
  return withTsig(message, { ...record, mac })
}
