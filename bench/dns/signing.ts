import { generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { ALGORITHM } from '../../src/dns/dnssec/dnskey.ts'
import type { SignRequest } from '../../src/dns/dnssec/signer.ts'
import { parseDomainName, wireName } from '../../src/dns/names.ts'
import { TYPE } from '../../src/dns/protocol.ts'
import { OnlineSigner } from '../../src/nameserver/dnssec/online-signer.ts'
import type { SigningKey } from '../../src/nameserver/dnssec/signing-key.ts'
import type { Bench } from './bench.ts'
import type { Name } from './work.ts'

const KEYS: Readonly<Record<string, () => SigningKey>> = {
  ecdsa_p256: () => keyOf(ALGORITHM.ECDSA_P256_SHA256, ['x', 'y']),
  ed25519: () => keyOf(ALGORITHM.ED25519, ['x']),
}
const SLICES = 9
const TTL_SECONDS = 30
/** Any time; nothing here depends on it. */
const NOW_SECONDS = 1_800_000_000

/** CPU time of one RRSIG for a set of one address, made and found again, by algorithm; in this process, on no certain processor. */
export async function measureSigning({ work, sizes, outcome }: Bench): Promise<void> {
  const zone = wireName(parseDomainName(work.origin))
  const requests = work.names.slice(0, sizes.signatures).map((name, index) => requestFor(zone, name, index))
  for (const [key, newKey] of Object.entries(KEYS)) {
    const signer = new OnlineSigner()
    const keys = [newKey()]
    signer.setZones([{ origin: parseDomainName(work.origin), keySigners: keys, zoneSigners: keys }])
    outcome.figures(`${key}_sign_micros`, signAll(signer, requests))
    if (signer.signatures !== requests.length) throw new Error('not every set was signed once')
    outcome.figures(`${key}_signed_before_micros`, signAll(signer, requests))
    if (signer.signatures !== requests.length) throw new Error('a signature was made again')
  }
}

/** @returns microseconds of a request, for each slice of them but the first, in which code is compiled */
function signAll(signer: OnlineSigner, requests: readonly SignRequest[]): readonly number[] {
  const length = Math.floor(requests.length / (SLICES + 1))
  return Array.from({ length: SLICES + 1 }, (_, slice) => {
    const isLast = slice === SLICES
    const part = requests.slice(slice * length, isLast ? undefined : (slice + 1) * length)
    const before = process.cpuUsage()
    for (const request of part) if (signer.sign(request) === undefined) throw new Error('no signature')
    const { user, system } = process.cpuUsage(before)
    return (user + system) / part.length
  }).slice(1)
}

function requestFor(zone: Uint8Array, { name }: Name, index: number): SignRequest {
  const rdata = [Uint8Array.of(10, index >> 16, index >> 8, index)]
  return {
    ...{ zone, owner: wireName(parseDomainName(name)), nowSeconds: NOW_SECONDS, isProven: false },
    set: { type: TYPE.A, ttlSeconds: TTL_SECONDS, rdata },
    isMade: () => false,
  }
}

function keyOf(algorithm: number, coordinates: readonly ('x' | 'y')[]): SigningKey {
  const { privateKey } =
    algorithm === ALGORITHM.ED25519
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk: JsonWebKey = privateKey.export({ format: 'jwk' })
  const octetsOf = (field: 'x' | 'y' | 'd'): Buffer => Buffer.from(jwk[field] ?? '', 'base64url')
  const publicKey = Buffer.concat(coordinates.map(octetsOf))
  return { algorithm, tag: 1, publicKey, privateKey: octetsOf('d') }
}
