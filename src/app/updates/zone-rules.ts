import { isTooMuchAtName, isTooMuchForMessage } from '../../dns/content-limits.ts'
import { isWithin, type DomainName } from '../../dns/names.ts'
import { TYPE } from '../../dns/protocol.ts'
import { typeName } from '../../dns/rdata/type-names.ts'
import type { RecordSet } from '../../dns/records.ts'
import { standingDenial } from '../../dns/update/standing-rules.ts'
import type { AskedChange } from '../../dns/update/types.ts'

/** A zone of ours, as far as the rules for what may stand in it go. */
export interface RuledZone {
  readonly origin: DomainName
  /** Suffixes of the names that federations publish in it: `<federation>.svc[.<zone>][.<region>].<domain>`. */
  readonly scopes: readonly DomainName[]
  /** Whether static data of somebody else stands below a name; absent: there is none. */
  readonly isAboveStatic?: ((name: DomainName) => boolean) | undefined
}

/** What hides all names below it. */
export const CUTS: ReadonlySet<number> = new Set([TYPE.NS, TYPE.DNAME])
const SINGLE: ReadonlySet<number> = new Set([TYPE.CNAME, TYPE.DNAME])

/**
 * Why a change may not be made by anybody: undefined, it may. Besides what holds in every zone, no delegation and no DNAME
 * may hide, or stand among, the names of a federation, or hide static data (DESIGN 5.7).
 */
export function denialOf(
  change: AskedChange,
  { origin, scopes, isAboveStatic }: RuledZone,
): string | undefined {
  const { kind, name, type } = change
  const standing = standingDenial(change, { origin })
  if (standing !== undefined || kind !== 'add' || !CUTS.has(type)) return standing
  const scope = scopes.find((suffix) => isWithin(suffix, name) || isWithin(name, suffix))
  if (scope !== undefined)
    return `${typeName(type)} records of ${name} would hide names of the federation under ${scope}`
  return isAboveStatic?.(name) === true
    ? `${typeName(type)} records of ${name} would hide static data below it`
    : undefined
}

/** What of a name can be served, and one sentence for each set that cannot. */
export function servable(
  name: DomainName,
  sets: readonly RecordSet[],
  zone: RuledZone,
): { readonly sets: readonly RecordSet[]; readonly problems: readonly string[] } {
  const problems: string[] = []
  const hasOthers = sets.some(({ type }) => type !== TYPE.CNAME)
  const kept = sets.filter((set) => {
    const problem = problemOf(name, set, { hasOthers, zone })
    if (problem !== undefined) problems.push(problem)
    return problem === undefined
  })
  if (!isTooMuchAtName(name, kept)) return { sets: kept, problems }
  return { sets: [], problems: [...problems, `the records of ${name} are too many to be served`] }
}

function problemOf(
  name: DomainName,
  set: RecordSet,
  { hasOthers, zone }: { readonly hasOthers: boolean; readonly zone: RuledZone },
): string | undefined {
  const { type, rdata } = set
  const said = `${typeName(type)} records of ${name}`
  if (type === TYPE.CNAME && (hasOthers || name === zone.origin)) return `${said} cannot stand beside others`
  if (SINGLE.has(type) && rdata.length > 1) return `${said} cannot be more than one`
  if (isTooMuchForMessage(set)) return `${said} do not fit into one message`
  return denialOf({ kind: 'add', name, type }, zone)
}
