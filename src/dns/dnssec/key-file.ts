import { nameOfWire, wireName, type DomainName } from '../names.ts'
import { readName, readSeconds, type Word } from '../presentation.ts'
import { TYPE } from '../protocol.ts'
import { fromBase64 } from '../rdata/octets.ts'
import { readRdata } from '../rdata/read-rdata.ts'
import { readTime } from '../rdata/time.ts'
import { AppError, describeError } from '../../errors.ts'
import { entriesOf } from '../zone-file/entries.ts'
import { KEY_FLAG, KEY_PROTOCOL, keyTag, PUBLIC_KEY_BYTES, type PublicKey } from './dnskey.ts'
import type { KeyTimes } from './key-times.ts'

/** Octets of a private key, of either algorithm (RFC 6605, 6; RFC 8080, 4). */
const PRIVATE_KEY_BYTES = 32
/** Flags, protocol and algorithm. */
const DNSKEY_HEAD_BYTES = 4

/** A zone's key as BIND's tools keep it: `K<zone>+<algorithm>+<tag>.key` and `.private`. */
export interface ZoneKey extends PublicKey {
  readonly zone: DomainName
  readonly tag: number
  /** Of the DNSKEY record, where the file has one. */
  readonly ttlSeconds?: number
  readonly times: KeyTimes
  /** Never to be logged. */
  readonly privateKey: Uint8Array
}

/** A file that holds no key that zones can be signed with; `reason` says what to look at. */
export class KeyFileError extends AppError {
  constructor(reason: string) {
    super('DNSSEC key cannot be used', { code: 'DNSSEC_KEY_BROKEN', fields: { reason } })
  }
}

/**
 * Read a key from its two files.
 * @param publicText - a DNSKEY record as in a master file, TTL and class optional
 * @param privateText - lines of `Field: value`, format 1.2 or 1.3
 * @throws KeyFileError for anything but one zone key of algorithm 13 or 15 with a private half of the right length
 */
export function readZoneKey(publicText: string, privateText: string): ZoneKey {
  const record = readPublic(publicText)
  const fields = privateFields(privateText)
  const algorithm = Number.parseInt(fields.get('algorithm') ?? '', 10)
  if (algorithm !== record.algorithm)
    throw new KeyFileError(
      `the .private file is of algorithm ${String(algorithm)}, the .key file of ${record.algorithm}`,
    )
  const privateKey = fromBase64(fields.get('privatekey') ?? '')
  if (privateKey?.length !== PRIVATE_KEY_BYTES)
    throw new KeyFileError(`PrivateKey is not ${PRIVATE_KEY_BYTES} octets in base64`)
  return { ...record, times: timesOf(fields), privateKey }
}

function readPublic(text: string): Omit<ZoneKey, 'times' | 'privateKey'> {
  const entries = [...entriesOf(text)]
  const [entry, second] = entries
  if (entry === undefined || second !== undefined || !('words' in entry))
    throw new KeyFileError('the .key file does not hold one DNSKEY record')
  const [owner, ...rest] = entry.words
  const at = rest.findIndex((word) => word.text.toUpperCase() === 'DNSKEY')
  const before = rest.slice(0, Math.max(at, 0)).filter((word) => word.text.toUpperCase() !== 'IN')
  const ttlSeconds = before[0] === undefined ? undefined : readSeconds(before[0].text)
  if (owner === undefined || at < 0 || before.length > 1 || (before.length === 1 && ttlSeconds === undefined))
    throw new KeyFileError('the .key file does not hold one DNSKEY record')
  const { zone, rdata } = readRecord(owner, rest.slice(at + 1))
  return {
    zone,
    tag: keyTag(rdata),
    ...publicKeyOf(rdata),
    ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
  }
}

function readRecord(owner: Word, words: readonly Word[]): { zone: DomainName; rdata: Uint8Array } {
  try {
    const zone = nameOfWire(readName(owner.text))
    wireName(zone) // is what nameOfWire made of it
    return { zone, rdata: readRdata(TYPE.DNSKEY, words) }
  } catch (error) {
    throw new KeyFileError(`the .key file cannot be read: ${describeError(error)}`)
  }
}

function publicKeyOf(rdata: Uint8Array): PublicKey {
  const flags = (rdata[0]! << 8) | rdata[1]! // readRdata gives all four
  const algorithm = rdata[3]!
  const publicKey = rdata.subarray(DNSKEY_HEAD_BYTES)
  const size = PUBLIC_KEY_BYTES.get(algorithm)
  if (size === undefined)
    throw new KeyFileError(
      `algorithm ${algorithm} is none that zones are signed with here: make a key of 13 (ECDSAP256SHA256) or 15 (ED25519)`,
    )
  if (rdata[2] !== KEY_PROTOCOL || (flags & KEY_FLAG.ZONE) === 0)
    throw new KeyFileError(`flags ${flags}, protocol ${String(rdata[2])} are not those of a zone key`)
  if (publicKey.length !== size)
    throw new KeyFileError(`public key has ${publicKey.length} octets, not ${size}`)
  return { flags, algorithm, publicKey }
}

/** By name in lower case. */
function privateFields(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) fields.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  const format = fields.get('private-key-format')
  if (format === undefined || !/^v1\.\d+$/.test(format))
    throw new KeyFileError('the .private file does not begin with Private-key-format: v1.x')
  return fields
}

const TIMES: Readonly<Record<string, keyof KeyTimes>> = {
  publish: 'publishSeconds',
  activate: 'activateSeconds',
  inactive: 'inactiveSeconds',
  delete: 'deleteSeconds',
  syncpublish: 'syncPublishSeconds',
  syncdelete: 'syncDeleteSeconds',
}

/** Format 1.2 knows no times: such a key is in use from the start. */
function timesOf(fields: ReadonlyMap<string, string>): KeyTimes {
  if (fields.get('private-key-format') === 'v1.2') return { publishSeconds: 0, activateSeconds: 0 }
  const times: { -readonly [K in keyof KeyTimes]: KeyTimes[K] } = {}
  for (const [field, name] of Object.entries(TIMES)) {
    const text = fields.get(field)
    if (text === undefined) continue
    const seconds = readTime(text.split(/\s/, 1)[0] ?? '')
    if (seconds === undefined) throw new KeyFileError(`${field} is no time as YYYYMMDDHHmmSS`)
    times[name] = seconds
  }
  return times
}
