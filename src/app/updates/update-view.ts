import type { OwnerKey } from '../../api/keys.ts'
import type { Ledger } from '../../core/discovery/types.ts'
import type { DomainName } from '../../dns/names.ts'
import { TYPE } from '../../dns/protocol.ts'
import type { RecordSet } from '../../dns/records.ts'
import { canonicalSets } from '../../dns/transfer/canonical.ts'
import type { UpdateContext } from '../../dns/update/evaluate-update.ts'
import type { AskedChange, NameContent, UpdateZone } from '../../dns/update/types.ts'
import type { EmbeddedWriter } from '../../writers/embedded/embedded-writer.ts'
import type { ZoneRecordsBook } from './zone-records-book.ts'
import { denialOf } from './zone-rules.ts'

export interface UpdateViewOptions {
  readonly book: Pick<ZoneRecordsBook, 'zone' | 'ownerOf'>
  readonly ledger: Pick<Ledger, 'get'>
  readonly embedded: Pick<EmbeddedWriter, 'zoneOf' | 'apex'>
  /** Suffixes of the names that federations publish in a zone; undefined: no Domain has it. */
  readonly scopes: (origin: DomainName) => readonly DomainName[] | undefined
  /** Whether static data of a zone stands below a name; absent: there is none. */
  readonly isAboveStatic?: (origin: DomainName, name: DomainName) => boolean
}

/**
 * Our zones as UPDATE sees them: whoever owns a name, what is served of it; of the names that were received before, what
 * is stored. Names of other owners, and what the zone itself declares, may be asked about, not changed.
 */
export function updateContext(options: UpdateViewOptions): UpdateContext {
  const { scopes } = options
  return {
    zone: (origin) => (options.embedded.zoneOf(origin) === origin ? zoneAt(origin, options) : undefined),
    policy: {
      deniesZone: (origin) =>
        scopes(origin) === undefined ? `${origin} is not the zone of a Domain` : undefined,
      deniesChange: (change, zone) => denial(change, zone, options),
    },
  }
}

/** What is stored of a change: at the origin without what the zone itself declares. */
export function storedContent({ name, sets }: NameContent, origin: DomainName): NameContent {
  return name === origin ? { name, sets: sets.filter(({ type }) => !isDeclared(type)) } : { name, sets }
}

function zoneAt(origin: DomainName, { book, ledger, embedded }: UpdateViewOptions): UpdateZone {
  const owner = book.ownerOf(origin)
  const stored = book.zone(origin)
  const at = (name: DomainName): readonly RecordSet[] => {
    const entry = ledger.get(name)
    return entry === undefined || entry.owner === owner ? stored.at(name) : canonicalSets(entry.answer)
  }
  return {
    origin,
    holds: (name) => embedded.zoneOf(name) === origin,
    at: (name) =>
      name === origin
        ? [...embedded.apex(origin).filter(({ type }) => isDeclared(type)), ...at(name)]
        : at(name),
  }
}

function denial(change: AskedChange, { origin }: UpdateZone, options: UpdateViewOptions): string | undefined {
  const { book, ledger, scopes, isAboveStatic } = options
  const holder: OwnerKey | undefined = ledger.get(change.name)?.owner
  if (holder !== undefined && holder !== book.ownerOf(origin)) return `${change.name} belongs to ${holder}`
  return denialOf(change, {
    ...{ origin, scopes: scopes(origin) ?? [] },
    isAboveStatic: isAboveStatic && ((name) => isAboveStatic(origin, name)),
  })
}

function isDeclared(type: number): boolean {
  return type === TYPE.SOA || type === TYPE.NS
}
