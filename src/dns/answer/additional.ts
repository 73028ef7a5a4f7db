import { lookUp, type ZoneView } from '../lookup.ts'
import { TYPE } from '../protocol.ts'
import type { RecordSet } from '../records.ts'
import type { ResourceRecord, WireName } from '../wire/message.ts'
import { foldName, labelCount, nameEnd, nameKey, parentName } from '../wire/name.ts'
import { recordsOf } from './reply.ts'

/** Where the name stands in rdata whose target's addresses are sent along (RFC 1035, 3.3.9, 3.3.11; 2782; 9460, 4.1). */
export const TARGET_AT: ReadonlyMap<number, number> = new Map([
  [TYPE.NS, 0],
  [TYPE.MX, 2],
  [TYPE.SRV, 6],
  [TYPE.SVCB, 2],
  [TYPE.HTTPS, 2],
])

/** The names that a set leads to. @param owner - of the set: where a service is at `.`, it is there (RFC 9460, 2.5.2) */
export function targetsOf(set: RecordSet, owner: WireName): readonly WireName[] {
  const at = TARGET_AT.get(set.type)
  if (at === undefined) return []
  return set.rdata.map((rdata) =>
    isServiceAtOwner(set.type, rdata) ? owner : rdata.subarray(at, nameEnd(rdata, at)),
  )
}

/** Of an alias, which has priority 0, `.` is no name at all (RFC 9460, 2.5.1). */
function isServiceAtOwner(type: number, rdata: Uint8Array): boolean {
  return (type === TYPE.SVCB || type === TYPE.HTTPS) && rdata[2] === 0 && (rdata[0] !== 0 || rdata[1] !== 0)
}

/** Addresses of these names that our zones hold, glue among them, and those that a wildcard gives them; once each (RFC 2181, 5). */
export function addressesOf(targets: readonly WireName[], view: ZoneView): readonly ResourceRecord[] {
  const named = new Set<string>()
  return targets.flatMap((target) => {
    const name = foldName(target)
    const key = nameKey(name)
    if (name.length === 1 || named.has(key) || view.zoneOf(name)?.ready !== true) return []
    named.add(key)
    const sets = view.at(name) ?? ADDRESS_TYPES.flatMap((type) => madeAt(view, name, type))
    return sets.filter(({ type }) => ADDRESS_TYPES.includes(type)).flatMap((set) => recordsOf(target, set))
  })
}

const ADDRESS_TYPES: readonly number[] = [TYPE.A, TYPE.AAAA]

function madeAt(view: ZoneView, name: WireName, type: number): readonly RecordSet[] {
  const { end, links } = lookUp(view, name, type)
  return end.kind === 'records' && links.length === 0 ? [end.set] : []
}

/** True when a name is `above` or below it, whatever the case. */
export function isBelow(name: WireName, above: WireName): boolean {
  const labels = labelCount(name) - labelCount(above)
  return labels >= 0 && nameKey(foldName(parentName(name, labels))) === nameKey(foldName(above))
}
