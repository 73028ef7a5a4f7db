import type { Federation } from '../controllers/federations.ts'
import { ownerKey, type ObjectKey } from '../api/keys.ts'
import { rankOf } from '../core/discovery/rank.ts'
import { SHORT_NAME_TTL_SECONDS } from '../core/discovery/records.ts'
import type { Ledger } from '../core/discovery/types.ts'
import { compareAddresses, familyOf, tryAddress, type Address } from '../dns/address.ts'
import { isWithin, parseDomainName, prepend, type DomainName } from '../dns/names.ts'
import type { Answer, NameChange } from '../dns/records.ts'
import type { EmbeddedWriter } from '../writers/embedded/embedded-writer.ts'

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
 * Domains of one name share a zone, with the settings of the first; the zone ends with the last of them.
 */
export function createZones(options: {
  readonly embedded: EmbeddedWriter
  readonly ledger: Ledger
  readonly addresses: readonly Address[]
}): Zones {
  const { embedded, ledger } = options
  const inForce = new Map<string, Federation>()

  const serve = (federation: Federation): void => {
    const { domain, settings } = federation
    const servers = serversOf(federation, options.addresses)
    const [first, ...others] = servers.map((server) => server.name)
    const own = prepend(OWN_SERVER_LABEL, domain)
    embedded.declare({
      origin: domain,
      nameServers: [first ?? own, ...others],
      negativeTtlSeconds: settings.negativeTtlSeconds,
    })
    const glue = servers.filter((server) => isWithin(server.name, domain)).map(glueOf)
    ledger.drop(zoneOwner(domain))
    ledger.put(
      {
        key: zoneOwner(domain),
        rank: rankOf({ nameClass: 'static', creationTimestamp: '', key: zoneKey(domain) }),
      },
      glue,
    )
    embedded.declare({
      origin: shortZone(federation.name),
      nameServers: [first ?? own, ...others],
      negativeTtlSeconds: SHORT_NAME_TTL_SECONDS,
    })
  }

  const end = ({ name, domain }: Federation): void => {
    embedded.remove(shortZone(name))
    const heir = [...inForce.values()].find((other) => other.domain === domain)
    if (heir !== undefined) return serve(heir)
    embedded.remove(domain)
    return ledger.drop(zoneOwner(domain))
  }

  return {
    set(name, federation) {
      const before = inForce.get(name)
      if (
        before !== undefined &&
        before.domain === federation?.domain &&
        before.settings === federation.settings
      ) {
        inForce.set(name, federation)
        return
      }
      inForce.delete(name)
      if (before !== undefined) end(before)
      if (federation === undefined) return
      const isShared = [...inForce.values()].some((other) => other.domain === federation.domain)
      inForce.set(name, federation)
      if (!isShared) serve(federation)
      else declareShort(embedded, federation, options.addresses)
    },
  }
}

interface Server {
  readonly name: DomainName
  readonly addresses: readonly Address[]
}

/** The Domain's servers; without any our own, under a name in the zone. */
function serversOf({ domain, settings }: Federation, own: readonly Address[]): readonly Server[] {
  if (settings.nameServers.length === 0) return [{ name: prepend(OWN_SERVER_LABEL, domain), addresses: own }]
  return settings.nameServers.map(({ name, addresses }) => ({
    name: parseDomainName(name),
    addresses: addresses.map(tryAddress).filter((address): address is Address => address !== undefined),
  }))
}

function declareShort(embedded: EmbeddedWriter, federation: Federation, own: readonly Address[]): void {
  const [first, ...others] = serversOf(federation, own).map((server) => server.name)
  embedded.declare({
    origin: shortZone(federation.name),
    nameServers: [first ?? prepend(OWN_SERVER_LABEL, federation.domain), ...others],
    negativeTtlSeconds: SHORT_NAME_TTL_SECONDS,
  })
}

function glueOf({ name, addresses }: Server): NameChange {
  const sorted = [...addresses].sort(compareAddresses)
  const answer: Answer = {
    kind: 'addresses',
    ttlSeconds: GLUE_TTL_SECONDS,
    a: sorted.filter((address) => familyOf(address) === 'a'),
    aaaa: sorted.filter((address) => familyOf(address) === 'aaaa'),
  }
  return { name, answer, urgent: false }
}

function shortZone(federation: string): DomainName {
  return parseDomainName(federation)
}

function zoneKey(domain: DomainName): ObjectKey {
  return `/${domain}` as ObjectKey // a zone is in no namespace
}

function zoneOwner(domain: DomainName): ReturnType<typeof ownerKey> {
  return ownerKey('Zone', zoneKey(domain))
}
