import { ReplyVerifier, signRequest } from '../../../src/dns/tsig/client.ts'
import { readKeyFile, readKeyName } from '../../../src/dns/tsig/key-file.ts'
import { tsigKeys, type TsigKey } from '../../../src/dns/tsig/keys.ts'
import { TSIG_ALGORITHMS } from '../../../src/dns/tsig/algorithms.ts'
import { checkRequest } from '../../../src/dns/tsig/requests.ts'
import { parseDomainName } from '../../../src/dns/names.ts'
import { decodeMessage } from '../../../src/dns/wire/decode.ts'
import { packet, realPacket } from '../packets.ts'
import type { Random } from '../random.ts'
import { faultless, FuzzFault, type FuzzTarget } from '../target.ts'

const NOW = 1_800_000_000
const KEYS: readonly TsigKey[] = TSIG_ALGORITHMS.map((algorithm, i) => ({
  name: parseDomainName(`key-${i}`),
  algorithm,
  secret: Uint8Array.from({ length: 32 }, (_, at) => at + i),
  ...(i === 1 ? { minMacBytes: 16 } : {}),
}))
const KNOWN = tsigKeys(KEYS)
const WORDS = [
  'key',
  '"a.example"',
  'a',
  '{',
  '}',
  ';',
  'algorithm',
  'hmac-sha256',
  'hmac-md5',
  'hmac-sha256-128',
  'HMAC-SHA512',
  'secret',
  '"c2VjcmV0"',
  '"!"',
  '""',
  '"',
  '// x\n',
  '# x\n',
  '/* x */',
  '/*',
  '\n',
  ' ',
  'hmac-sha1-7',
  'é',
] as const

/** Signed messages, changed or not; keys as text. */
export function tsigTarget(): FuzzTarget {
  let deep = 0
  return {
    name: 'tsig',
    share: 60,
    deep: () => deep,
    run(random: Random) {
      if (random.once(5)) return keyFile(random)
      const bare = whole(random)
      const key = random.pick(KEYS)
      const skewSeconds = random.pick([0, 0, 0, 299, 301, -400])
      const { request, verifier } = signRequest(bare, key, NOW + skewSeconds)
      const octets = random.once(2) ? request : changed(random, request)
      faultless(octets, () => {
        const found = checkRequest(octets, random.once(6) ? new Map() : KNOWN, NOW)
        if (found.kind === 'signed') {
          deep += 1
          if (Math.abs(skewSeconds) > 300) throw new FuzzFault('too old, and believed', octets)
          if (Buffer.compare(found.message.subarray(2), bare.subarray(2)) !== 0)
            throw new FuzzFault('believed, but another', octets)
          const reply = found.signer.sign(bare, NOW)
          const seen = verifier.check(random.once(2) ? reply : changed(random, reply), NOW)
          if (seen.kind === 'good' && Buffer.compare(seen.message, bare) !== 0 && seen.proven)
            throw new FuzzFault('reply believed, but another', octets)
        }
        if (found.kind === 'refused') judgeRefusal(octets, found.response)
        new ReplyVerifier(key, random.octets(32)).check(octets, NOW)
      })
    },
  }
}

/** A message with a header, as a client or server would sign it. */
function whole(random: Random): Buffer {
  for (;;) {
    const octets = realPacket(random)
    if (decodeMessage(octets).kind === 'message') return octets
  }
}

function changed(random: Random, octets: Uint8Array): Buffer {
  const copy = Buffer.from(octets)
  for (let edits = 1 + random.below(2); edits > 0; edits -= 1) {
    const at = random.once(3)
      ? random.below(copy.length)
      : copy.length - 1 - random.below(Math.min(90, copy.length))
    copy[at]! ^= 1 << random.below(8)
  }
  if (random.once(4)) return copy.subarray(0, 12 + random.below(copy.length - 11))
  return random.once(8) ? Buffer.concat([copy, packet(random)]) : copy
}

function judgeRefusal(octets: Uint8Array, response: Uint8Array): void {
  const decoded = decodeMessage(response)
  if (decoded.kind === 'malformed') throw new FuzzFault(`refusal malformed (${decoded.error.reason})`, octets)
  if (!decoded.message.header.response) throw new FuzzFault('refusal is no response', octets)
  if (octets[0] !== response[0] || octets[1] !== response[1])
    throw new FuzzFault('refusal of another', octets)
}

function keyFile(random: Random): void {
  const good = 'key "a.example" { algorithm hmac-sha256; secret "c2VjcmV0MTIzNDU2Nzg5MA=="; };'
  const text = random.once(3)
    ? good.slice(0, random.below(good.length)) + random.pick(WORDS) + good.slice(random.below(good.length))
    : random.many(random.below(16), () => random.pick(WORDS)).join(random.pick(['', ' ']))
  faultless(text, () => {
    const file = readKeyFile(text)
    if (file.kind === 'broken' && file.line < 1) throw new FuzzFault('broken without a place', text)
    readKeyName(text)
  })
}
