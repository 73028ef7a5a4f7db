import { domainSettings, type Domain, type DomainSettings, type DomainStatus } from '../api/domain.ts'
import { objectKey, splitKey, type ClusterIndex, type ObjectKey } from '../api/keys.ts'
import { planTopology, type KnownScope } from '../core/discovery/topology.ts'
import type { Topology } from '../core/discovery/types.ts'
import { parseDomainName, type DomainName } from '../dns/names.ts'
import { invalid, type Complaint, type HostObjects } from './ports.ts'

/** A Domain in force. */
export interface Federation {
  readonly name: string
  readonly domain: DomainName
  readonly settings: DomainSettings
  readonly topology: Topology
}

/** Where a member cluster is, as far as known. */
export interface Place {
  readonly index: ClusterIndex
  readonly region?: string
  readonly zones: readonly string[]
}

/** All Domains in force, by their name: what records refer to. */
export interface Federations {
  get(name: string): Federation | undefined
  all(): Iterable<Federation>
  /** Why `get` gives nothing, and what to do. */
  complaintOf(name: string): Complaint
  /** Read a Domain again, or all of them when members have moved. */
  refresh(key: ObjectKey | 'all'): void
}

export interface FederationsOptions {
  /** The control plane's: Domains elsewhere are not looked at (KubeFed's rule). */
  readonly namespace: string
  readonly domains: HostObjects<Domain, DomainStatus>
  places(): readonly Place[]
  /** A Domain is in force, in force no more, or its names have changed. Not called when nothing did. */
  changed(name: string, now: Federation | undefined): void
}

/**
 * Keep one topology for each Domain. A Domain that was edited into something unusable stays in force as it was; one that
 * is deleted ends, and a new one of its name and zone takes up its scopes again: every region and zone that a federation
 * had stays a name while this process lives (DESIGN 5.5).
 */
export function createFederations(options: FederationsOptions): Federations {
  const inForce = new Map<string, Federation>()
  const scopesSeen = new Map<string, readonly KnownScope[]>()

  const refreshOne = (key: ObjectKey): void => {
    const { namespace, name } = splitKey(key)
    if (namespace !== options.namespace) return
    const object = options.domains.get(key)
    const before = inForce.get(name)
    if (object?.kind === 'rejected' && before === undefined) return options.changed(name, undefined)
    const now = object === undefined ? undefined : federationOf(name, object, before)
    if (now === before) return
    if (now === undefined) inForce.delete(name)
    else inForce.set(name, now)
    options.changed(name, now)
  }

  const federationOf = (
    name: string,
    object: NonNullable<ReturnType<typeof options.domains.get>>,
    before: Federation | undefined,
  ): Federation | undefined => {
    const domain = object.kind === 'ok' ? parseDomainName(object.value.asked.domain) : before?.domain
    const settings = object.kind === 'ok' ? domainSettings(object.value.asked) : before?.settings
    if (domain === undefined || settings === undefined) return undefined
    const seen = [name, domain].join(' ')
    const previous = before?.domain === domain ? before.topology : undefined
    const known = scopesSeen.get(seen) ?? []
    const topology = planTopology({ federation: name, domain, clusters: options.places(), known }, previous)
    scopesSeen.set(seen, placesOf(topology))
    const same = topology === before?.topology && JSON.stringify(settings) === JSON.stringify(before.settings)
    return same ? before : { name, domain, settings, topology }
  }

  return {
    get: (name) => inForce.get(name),
    all: () => inForce.values(),
    complaintOf(name) {
      const object = options.domains.get(objectKey(options.namespace, name))
      if (object?.kind === 'rejected') {
        const { message } = invalid(object.problems)
        return {
          reason: 'DomainInvalid',
          message: `Domain ${name} in namespace ${options.namespace} ${message}`,
        }
      }
      const known = [...inForce.keys()].sort()
      const choice = known.length === 0 ? 'there is none yet' : `there are: ${known.join(', ')}`
      return {
        reason: 'DomainNotFound',
        message: `spec.domainRef names Domain "${name}", which is not in namespace ${options.namespace} (${choice}); create it, or correct the name`,
      }
    },
    refresh(key) {
      if (key !== 'all') return refreshOne(key)
      for (const each of options.domains.keys()) refreshOne(each)
    },
  }
}

function placesOf(topology: Topology): readonly KnownScope[] {
  return topology.scopes.flatMap(({ region, zone }) =>
    region === undefined ? [] : [zone === undefined ? { region } : { region, zone }],
  )
}
