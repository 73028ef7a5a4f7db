import type { DomainName } from '../../src/dns/names.ts'
import { typeName } from '../../src/dns/rdata/type-names.ts'
import type { ZoneData } from '../../src/dns/zone-file/zone-data.ts'

const TYPES = ['A', 'AAAA', 'CNAME', 'NS', 'SOA', 'MX', 'TXT', 'SRV', 'DS', 'DNAME', 'TYPE666'] as const

/** Questions that visit every corner of a zone: each name, names beside, below and above it, and those that a wildcard makes. */
export function questionsOf(zone: ZoneData): readonly string[] {
  const names = new Set<string>()
  for (const name of [zone.origin, ...zone.names.keys()]) {
    for (const near of around(name, zone.origin)) names.add(near)
  }
  const own = (name: string): readonly string[] =>
    (zone.names.get(name as DomainName) ?? []).map(({ type }) => typeName(type)) // a name that is none has no sets
  return [...names].flatMap((name) => [...new Set([...TYPES, ...own(name)])].map((type) => `${name} ${type}`))
}

function around(name: string, origin: string): readonly string[] {
  const parent = name.slice(name.indexOf('.') + 1)
  const beside = name === origin ? [] : [parent, `zz.${parent}`, `*.${parent}`]
  return [name, `zz.${name}`, `y.zz.${name}`, `*.${name}`, ...beside].filter((each) => each.length < 240)
}
