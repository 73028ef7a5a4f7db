import type { Federation } from '../../controllers/federations.ts'
import { ownerKey, type ObjectKey } from '../../api/keys.ts'
import { rankOf } from '../../core/discovery/rank.ts'
import { SHORT_NAME_TTL_SECONDS } from '../../core/discovery/records.ts'
import { IN_ORDER } from '../../core/discovery/selection/plan-selection.ts'
import type { Ledger, Owner } from '../../core/discovery/types.ts'
import { compareAddresses, familyOf, tryAddress, type Address } from '../../dns/address.ts'
import {
  isWithin,
  MAX_NAME_BYTES,
  parseDomainName,
  prepend,
  wireLength,
  type DomainName,
} from '../../dns/names.ts'
import type { Answer, NameChange } from '../../dns/records.ts'
import type { EmbeddedWriter } from '../../writers/embedded/embedded-writer.ts'
import type { ZoneSettings } from '../../writers/embedded/zone-records.ts'

export interface Zones {
  /** A Domain is in force, or no more. */
  set(name: string, federation: Federation | undefined): void
}

/** Glue changes with a Domain only. */
const GLUE_TTL_SECONDS = 3_600
/** Our own server's name in zones whose Domain names none. */
const OWN_SERVER_LABEL = 'ns1'

/**
 * The zones that our server answers for: each Domain's, and one per federation for its short names (DESIGN 5.9).
 * Domains of one zone share it, with the settings of the first of them by name; it ends with the last. What stays is
 * never taken out of service on the way.
 */
export function createZones(options: {
  readonly embedded: Pick<EmbeddedWriter, 'declare' | 'remove'>
  readonly ledger: Pick<Ledger, 'put' | 'drop'>
  /** Where our own server answers. */
  readonly addresses: readonly Address[]
}): Zones {
  const { embedded, ledger } = options
  const inForce = new Map<string, Federation>()
  let served: ReadonlyMap<DomainName, PlannedZone> = new Map()

  const serve = (planned: ReadonlyMap<DomainName, PlannedZone>): void => {
    for (const [origin, { settings, glue }] of planned) {
      const before = served.get(origin)?.glue ?? []
      ledger.put(zoneOwner(origin), [...glue, ...withdrawn(before, glue)])
      embedded.declare(settings)
    }
    for (const origin of served.keys()) {
      if (planned.has(origin)) continue
      embedded.remove(origin)
      ledger.drop(zoneOwner(origin).key)
    }
    served = planned
  }

  return {
    set(name, federation) {
      const before = inForce.get(name)
      if (federation === undefined) inForce.delete(name)
      else inForce.set(name, federation)
      if (before?.domain === federation?.domain && before?.settings === federation?.settings) return
      serve(planZones([...inForce.values()], options.addresses))
    },
  }
}

interface PlannedZone {
  readonly settings: ZoneSettings
  /** Addresses of the servers inside the zone. */
  readonly glue: readonly NameChange[]
}

/** Zones of Domains first: a federation may have the name of one. */
function planZones(
  federations: readonly Federation[],
  own: readonly Address[],
): ReadonlyMap<DomainName, PlannedZone> {
  const planned = new Map<DomainName, PlannedZone>()
  const sorted = federations.toSorted((left, right) => (left.name < right.name ? -1 : 1))
  for (const federation of sorted) {
    const { domain, settings } = federation
    const servers = serversOf(federation, own)
    if (planned.has(domain)) continue
    const glue = servers.filter((server) => isWithin(server.name, domain)).map(glueOf)
    planned.set(domain, {
      settings: zoneSettings(domain, servers, settings),
      glue,
    })
  }
  for (const federation of sorted) {
    const origin = parseDomainName(federation.name)
    if (planned.has(origin)) continue
    const { maxAnswers } = federation.settings
    const servers = serversOf(federation, own)
    const settings = zoneSettings(origin, servers, { maxAnswers, negativeTtlSeconds: SHORT_NAME_TTL_SECONDS })
    planned.set(origin, { settings, glue: [] })
  }
  return planned
}

interface Server {
  readonly name: DomainName
  readonly addresses: readonly Address[]
}

/** The Domain's servers; without any our own, under a name in the zone. Never empty. */
function serversOf(
  { domain, settings }: Federation,
  own: readonly Address[],
): readonly [Server, ...Server[]] {
  const [first, ...others] = settings.nameServers.map(({ name, addresses }) => ({
    name: parseDomainName(name),
    addresses: addresses.map(tryAddress).filter((address): address is Address => address !== undefined),
  }))
  return first === undefined ? [{ name: ownServer(domain), addresses: own }] : [first, ...others]
}

/** A name in the zone; the zone's own where nothing fits in front of it. */
function ownServer(domain: DomainName): DomainName {
  const fits = wireLength(domain) + OWN_SERVER_LABEL.length < MAX_NAME_BYTES
  return fits ? prepend(OWN_SERVER_LABEL, domain) : domain
}

function zoneSettings(
  origin: DomainName,
  [first, ...others]: readonly [Server, ...Server[]],
  { negativeTtlSeconds, maxAnswers }: Pick<ZoneSettings, 'negativeTtlSeconds' | 'maxAnswers'>,
): ZoneSettings {
  const nameServers: ZoneSettings['nameServers'] = [first.name, ...others.map((server) => server.name)]
  return { origin, nameServers, negativeTtlSeconds, maxAnswers }
}

function glueOf({ name, addresses }: Server): NameChange {
  const sorted = [...new Set(addresses)].sort(compareAddresses)
  const answer: Answer = {
    kind: 'addresses',
    ttlSeconds: GLUE_TTL_SECONDS,
    a: sorted.filter((address) => familyOf(address) === 'a'),
    aaaa: sorted.filter((address) => familyOf(address) === 'aaaa'),
    select: IN_ORDER, // a referral needs all of them (RFC 9471, 3.1)
  }
  return { name, answer, urgent: false }
}

/** Names of the first list that the second has no more. */
function withdrawn(before: readonly NameChange[], now: readonly NameChange[]): readonly NameChange[] {
  const kept = new Set(now.map(({ name }) => name))
  return before.filter(({ name }) => !kept.has(name)).map(({ name }) => ({ name, urgent: false }))
}

function zoneOwner(origin: DomainName): Owner {
  const key = `/${origin}` as ObjectKey // a zone is in no namespace
  return {
    key: ownerKey('Zone', key),
    rank: rankOf({ nameClass: 'zone', creationTimestamp: '', key }),
  }
}
