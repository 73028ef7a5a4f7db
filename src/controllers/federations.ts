import { isDeepStrictEqual } from 'node:util'
import {
  domainSettings,
  zoneFileOf,
  type Domain,
  type DomainInForce,
  type DomainSettings,
  type DomainStatus,
} from '../api/domain.ts'
import { objectKey, splitKey, type ClusterIndex, type ObjectKey } from '../api/keys.ts'
import { planTopology } from '../core/discovery/topology.ts'
import type { Topology } from '../core/discovery/types.ts'
import { tryDomainName, type DomainName } from '../dns/names.ts'
import { invalid, type Complaint, type HostObject, type HostObjects } from './ports.ts'

/** A Domain in force. */
export interface Federation {
  readonly name: string
  readonly domain: DomainName
  readonly settings: DomainSettings
  readonly topology: Topology
  /** The text of its static data (see readZoneText). */
  readonly zoneFile?: string
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
  /** There is such a Domain, and it never could be used. */
  refuses(name: string): boolean
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
  /**
   * A Domain is in force, in force no more, has other names or settings, or there is another reason why it is not in force.
   * What has not changed of it is the same by identity. Not called when nothing did.
   * @param before - as it was in force until now
   */
  changed(name: string, now: Federation | undefined, before: Federation | undefined): void
}

/**
 * Keep one topology for each Domain. A Domain that was edited into something unusable stays in force as it was, also where
 * that was before this process, as its status tells; one that
 * is deleted ends, and a new one of its name and zone takes up its scopes again: every region and zone that a federation
 * had stays a name while this process lives (DESIGN 5.5).
 */
export function createFederations(options: FederationsOptions): Federations {
  return new DomainFederations(options)
}

class DomainFederations implements Federations {
  readonly #options: FederationsOptions
  readonly #inForce = new Map<string, Federation>()
  /** By name: what is wrong with a Domain that is not in force. */
  readonly #refused = new Map<string, string>()
  /** By name and zone: what comes back goes on from there. */
  readonly #topologies = new Map<string, Topology>()

  constructor(options: FederationsOptions) {
    this.#options = options
  }

  get(name: string): Federation | undefined {
    return this.#inForce.get(name)
  }

  all(): Iterable<Federation> {
    return this.#inForce.values()
  }

  refuses(name: string): boolean {
    return this.#refused.has(name)
  }

  complaintOf(name: string): Complaint {
    const { domains, namespace } = this.#options
    const object = domains.get(objectKey(namespace, name))
    if (object?.kind === 'rejected') {
      const { message } = invalid(object.problems)
      return { reason: 'DomainInvalid', message: `Domain ${name} in namespace ${namespace} ${message}` }
    }
    const known = [...this.#inForce.keys()].sort()
    const choice = known.length === 0 ? 'there is none yet' : `there are: ${known.join(', ')}`
    return {
      reason: 'DomainNotFound',
      message: `spec.domainRef names Domain "${name}", which is not in namespace ${namespace} (${choice}); create it, or correct the name`,
    }
  }

  refresh(key: ObjectKey | 'all'): void {
    if (key !== 'all') return this.#refreshOne(key)
    const { domains, namespace } = this.#options
    const known = [...this.#inForce.keys(), ...this.#refused.keys()].map((name) => objectKey(namespace, name))
    for (const each of new Set([...domains.keys(), ...known])) this.#refreshOne(each)
  }

  #refreshOne(key: ObjectKey): void {
    const { namespace, name } = splitKey(key)
    if (namespace !== this.#options.namespace) return
    const object = this.#options.domains.get(key)
    const before = this.#inForce.get(name)
    const now = object === undefined ? undefined : this.#federationOf(name, object, before)
    const fault = now === undefined && object?.kind === 'rejected' ? object.problems.join('; ') : undefined
    if (now === before && fault === this.#refused.get(name)) return
    setOrDelete(this.#inForce, name, now)
    setOrDelete(this.#refused, name, fault)
    this.#options.changed(name, now, before)
  }

  #federationOf(
    name: string,
    object: HostObject<Domain, DomainStatus>,
    before: Federation | undefined,
  ): Federation | undefined {
    const asked = askedOf(object, before)
    if (asked === undefined) return undefined
    const { domain, settings, zoneFile } = asked
    const place = [name, domain].join(' ')
    const clusters = this.#options.places()
    const topology = planTopology({ federation: name, domain, clusters }, this.#topologies.get(place))
    this.#topologies.set(place, topology)
    const isSame =
      topology === before?.topology && settings === before.settings && zoneFile === before.zoneFile
    if (isSame) return before
    return { name, domain, settings, topology, ...(zoneFile === undefined ? {} : { zoneFile }) }
  }
}

/** What a Domain is in force with: what it asks for, else what it was in force with, in this process or the one before. */
function askedOf(
  object: HostObject<Domain, DomainStatus>,
  before: Federation | undefined,
): Pick<Federation, 'domain' | 'settings' | 'zoneFile'> | undefined {
  if (object.kind === 'rejected' && before !== undefined) return before
  const asked = object.kind === 'ok' ? object.value.asked : toldOf(object.status)
  const domain = asked === undefined ? undefined : tryDomainName(asked.domain)
  if (asked === undefined || domain === undefined) return undefined
  const zoneFile = zoneFileOf(asked)
  const settings = settingsLike(before?.settings, asked)
  return { domain, settings, ...(zoneFile === undefined ? {} : { zoneFile }) }
}

/** What its status tells; nothing where somebody has written something there that we could not serve. */
function toldOf(status: DomainStatus | undefined): DomainInForce | undefined {
  const servers = status?.inForce?.nameServers ?? []
  return servers.every(({ name }) => tryDomainName(name) !== undefined) ? status?.inForce : undefined
}

/** The settings of a Domain; those of before, by identity, when they are equal. */
function settingsLike(before: DomainSettings | undefined, domain: DomainInForce): DomainSettings {
  const now = domainSettings(domain)
  return isDeepStrictEqual(now, before) ? (before ?? now) : now
}

function setOrDelete<V>(map: Map<string, V>, key: string, value: V | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}
