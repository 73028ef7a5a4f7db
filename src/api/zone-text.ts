import { z } from 'zod'
import type { DomainName } from '../dns/names.ts'
import { MAX_PROBLEMS, readZonePart, type ZonePart } from '../dns/zone-file/read-zone-file.ts'

/** Longest text of a master file in an object: twice of it (asked and in force), and what else is there, is what etcd takes. */
export const MAX_ZONE_TEXT_CHARACTERS = 131_072
/** Problems that are told; the others are counted. */
const MAX_TOLD = 5
/** Of texts that have been read and are kept, in characters, so that who asks again gets what was read. */
const MAX_KEPT_CHARACTERS = 32 * MAX_ZONE_TEXT_CHARACTERS

/** The text of a master file as a field of an object. */
export const zoneText = z
  .string()
  .max(
    MAX_ZONE_TEXT_CHARACTERS,
    `is too long: at most ${MAX_ZONE_TEXT_CHARACTERS} characters; serve a larger zone with waypost dns --zone, or give the rest as ZoneRecords`,
  )
  .meta({
    description:
      'Records that stand in the zone beside those of the federation, as the text of a master file (RFC 1035, 5): apex, mail, delegations. Names are relative to the domain; without $TTL, records have the defaultTTL. SOA and NS of the domain itself are left out: nameServers and negativeTTL say them. No $INCLUDE.',
  })

/** What the meaning of a text hangs on besides the text. */
export interface TextZone {
  /** What names are relative to, and in. */
  readonly origin: DomainName
  /** Of records without a TTL of their own. */
  readonly defaultTtlSeconds: number
}

/** By zone and text, the one that was asked for longest ago first. */
const kept = new Map<string, ZonePart>()
let keptCharacters = 0

/**
 * Read static data of a zone. Never throws. Everybody who asks for a text gets the same reading of it: a text is read when it
 * changes, not when the object around it does (RFC 1035, 5; UTF-8 is one octet a character to it).
 */
export function readZoneText(text: string, zone: TextZone): ZonePart {
  const key = [zone.origin, zone.defaultTtlSeconds, text].join(' ')
  const known = kept.get(key)
  kept.delete(key) // to be put behind all others
  const part = known ?? readZonePart(octetsOf(text), zone)
  kept.set(key, part)
  if (known === undefined) forgetOldest(key.length)
  return part
}

/** One problem a line, as those of fields: at most MAX_TOLD of them, and how many more there are. */
export function zoneTextProblems(field: string, part: ZonePart): readonly string[] {
  if (part.kind === 'zone') return []
  const told = part.problems
    .slice(0, MAX_TOLD)
    .map(({ line, message }) => `${field} line ${line}: ${message}`)
  const more = part.problems.length - told.length
  if (more <= 0) return told
  const least = part.problems.length < MAX_PROBLEMS ? '' : 'at least '
  return [...told, `${field}: and ${least}${more} more`]
}

/** Master files are octets, one character each. */
function octetsOf(text: string): string {
  return /[^ -~\t\r\n]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text
}

function forgetOldest(added: number): void {
  keptCharacters += added
  for (const key of kept.keys()) {
    if (keptCharacters <= MAX_KEPT_CHARACTERS || kept.size === 1) return
    kept.delete(key)
    keptCharacters -= key.length
  }
}
