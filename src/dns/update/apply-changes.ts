import { TYPE } from '../protocol.ts'
import { serialOf } from '../rdata/soa.ts'
import { isLaterSerial } from '../serial.ts'
import type { DomainName } from '../names.ts'
import type { PlannedChange } from './prescan.ts'
import type { ZoneDraft } from './zone-draft.ts'

/** Types of which a name has one record, which a new one replaces (RFC 2136, 1.1.5; RFC 6672, 2.4). */
const SINGLE: ReadonlySet<number> = new Set([TYPE.SOA, TYPE.CNAME, TYPE.DNAME])
/** What may stand beside a CNAME (RFC 4035, 2.5). */
const BESIDE_CNAME: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.RRSIG, TYPE.NSEC])

/** Make the changes, in order; what cannot be is passed over in silence (RFC 2136, 3.4.2). */
export function applyChanges(changes: readonly PlannedChange[], origin: DomainName, draft: ZoneDraft): void {
  for (const change of changes) {
    switch (change.kind) {
      case 'add':
        add(change, draft)
        break
      case 'remove':
        if (!isKept(change, origin, draft)) draft.remove(change.name, change.type, change.rdata)
        break
      case 'remove-set':
        if (!isOfOrigin(change.name, change.type, origin)) draft.removeSet(change.name, change.type)
        break
      case 'remove-name':
        for (const type of [...draft.types(change.name)])
          if (!isOfOrigin(change.name, type, origin)) draft.removeSet(change.name, type)
    }
  }
}

/** 3.4.2.2 */
function add(change: PlannedChange, draft: ZoneDraft): void {
  const { name, type } = change
  if (type === TYPE.CNAME && [...draft.types(name)].some((held) => !BESIDE_CNAME.has(held))) return
  if (!BESIDE_CNAME.has(type) && draft.has(name, TYPE.CNAME)) return
  if (type === TYPE.SOA && !isNewerSoa(change, draft)) return
  if (SINGLE.has(type)) draft.replace(name, change)
  else draft.add(name, change)
}

function isNewerSoa({ name, rdata, ttlSeconds }: PlannedChange, draft: ZoneDraft): boolean {
  const held = draft.first(name, TYPE.SOA)
  if (held === undefined) return false
  const [before, after] = [held, rdata].map((octets) => {
    return serialOf({ type: TYPE.SOA, ttlSeconds, rdata: [octets] }) ?? 0
  })
  return isLaterSerial(after ?? 0, before ?? 0)
}

/** 3.4.2.3 */
function isOfOrigin(name: DomainName, type: number, origin: DomainName): boolean {
  return name === origin && (type === TYPE.SOA || type === TYPE.NS)
}

/** 3.4.2.4: the SOA, and the last name server. */
function isKept({ name, type, rdata }: PlannedChange, origin: DomainName, draft: ZoneDraft): boolean {
  if (name !== origin) return false
  if (type === TYPE.SOA) return true
  return type === TYPE.NS && draft.count(name, TYPE.NS) === 1 && draft.holds(name, type, rdata)
}
