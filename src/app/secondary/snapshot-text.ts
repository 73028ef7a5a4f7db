import { type DomainName, isWithin, wireName } from '../../dns/names.ts'
import { TYPE } from '../../dns/protocol.ts'
import { presentRdata } from '../../dns/rdata/present-rdata.ts'
import { typeName } from '../../dns/rdata/type-names.ts'
import type { RecordSet } from '../../dns/records.ts'
import type { ZoneNames } from '../../dns/transfer-in/received.ts'
import { presentName } from '../../dns/wire/name.ts'
import { unpackNames } from '../../dns/zone-file/packed-names.ts'
import type { PackedZoneFile } from '../../dns/zone-file/packed-zone.ts'

/** Names in one piece of text. */
const PIECE_NAMES = 1_000

/**
 * A zone as a master file (RFC 1035, 5), every name in full, the origin with its SOA first; in pieces, so that writing a
 * large one can be interrupted.
 */
export function* snapshotText(origin: DomainName, names: ZoneNames): Generator<string> {
  const rest = [...names].filter(([name]) => name !== origin)
  yield `; ${origin}, as its primary gave it. Written by the server; changes made here are lost.\n${linesOf(origin, soaFirst(names.get(origin) ?? []))}`
  for (let at = 0; at < rest.length; at += PIECE_NAMES)
    yield rest
      .slice(at, at + PIECE_NAMES)
      .map(([name, sets]) => linesOf(name, sets))
      .join('')
}

/** @returns undefined when the file is no zone of this origin; what it says is not judged any further: it was served before */
export function readSnapshot(file: PackedZoneFile, origin: DomainName): ZoneNames | undefined {
  if (file.kind === 'broken') return undefined
  const names = new Map(unpackNames(file.names))
  const hasSoa = names.get(origin)?.some(({ type }) => type === TYPE.SOA) === true
  return hasSoa && [...names.keys()].every((name) => isWithin(name, origin)) ? names : undefined
}

function soaFirst(sets: readonly RecordSet[]): readonly RecordSet[] {
  const isSoa = ({ type }: RecordSet): boolean => type === TYPE.SOA
  return [...sets.filter(isSoa), ...sets.filter((set) => !isSoa(set))]
}

function linesOf(name: DomainName, sets: readonly RecordSet[]): string {
  const owner = presentName(wireName(name))
  let text = ''
  for (const { type, ttlSeconds, rdata } of sets)
    for (const octets of rdata)
      text += `${owner} ${ttlSeconds} IN ${typeName(type)} ${presentRdata(type, octets)}\n`
  return text
}
