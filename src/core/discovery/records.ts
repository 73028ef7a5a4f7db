import type { AliasAs } from '../../api/domain.ts'
import type { ServiceDNSSettings } from '../../api/service-dns-record.ts'
import { ttlSecondsOf } from '../../api/ttl.ts'
import { isDnsLabel, MAX_LABEL_BYTES, MAX_NAME_BYTES, type DomainName } from '../../dns/names.ts'
import type { Answer } from '../../dns/records.ts'
import { isSubset, NO_TARGETS } from './answers/addresses.ts'
import type { DnsSpec, RejectedName, ServiceNames, Targets, Topology } from './types.ts'

/** TTL of short names, positive and negative (DESIGN 5.14). */
export const SHORT_NAME_TTL_SECONDS = 5

const BASE_FIELD = 'metadata.name or spec.externalName'

export interface DnsSpecInput {
  readonly settings: ServiceDNSSettings
  readonly namespace: string
  readonly domain: DomainName
  /** The Domain's. */
  readonly defaultTTL?: number | undefined
  /** The Domain's. */
  readonly aliasAs: AliasAs
}

/**
 * What a ServiceDNSRecord asks for: base `<externalName or name>.<namespace>`, prefix `<dnsPrefix>.<domain>`, TTL of the
 * record, else of the Domain, else 180.
 * @returns the spec without its prefix when DNS cannot carry that
 */
export function dnsSpecOf({ settings, namespace, domain, defaultTTL, aliasAs }: DnsSpecInput): {
  readonly spec: DnsSpec
  readonly rejected: readonly RejectedName[]
} {
  const { label, dnsPrefix, recordTTL, allowServiceWithoutEndpoints, whenAllUnhealthy } = settings
  const spec: DnsSpec = {
    base: `${label}.${namespace}`,
    ttlSeconds: ttlSecondsOf(recordTTL, defaultTTL),
    allowWithoutEndpoints: allowServiceWithoutEndpoints,
    routing: { whenAllUnhealthy },
    aliasAs,
  }
  if (dnsPrefix === undefined) return { spec, rejected: [] }
  const prefix = joinName(dnsPrefix, domain)
  const bad =
    badLabel('spec.dnsPrefix', dnsPrefix) ??
    (isCarried(prefix) ? undefined : tooLong('spec.dnsPrefix', prefix))
  return bad === undefined ? { spec: { ...spec, prefix }, rejected: [] } : { spec, rejected: [bad] }
}

/**
 * All names of a service (KubeFed's, kubefed.md 2.7): `<base>.<federation>.svc[.<zone>][.<region>].<domain>`, the prefix
 * name, and the short name `<base>.<federation>.` that applications type.
 * A name that DNS cannot carry is rejected with those below it; without a global name there are no others.
 */
export function namesOf(spec: DnsSpec, topology: Topology): ServiceNames {
  const bad = badLabel(BASE_FIELD, spec.base)
  if (bad !== undefined) return { scopes: topology.scopes.map(() => undefined), rejected: [bad] }
  const rejected: RejectedName[] = []
  const scopes = topology.scopes.map((scope) => {
    const name = joinName(spec.base, scope.suffix)
    if (isCarried(name)) return name
    rejected.push(tooLong(scope.level === 'global' ? BASE_FIELD : scope.level, name))
    return undefined
  })
  // No child without its parent: a zone's name contains its region's, a region's the global one's labels.
  if (scopes[0] === undefined) return { scopes, rejected: rejected.slice(0, 1) }
  const short = joinName(spec.base, `${topology.federation}.`) // shorter than the global name
  return { scopes, ...(spec.prefix === undefined ? {} : { prefix: spec.prefix }), short, rejected }
}

/** Joined, so that it is one flat string; to be checked by isCarried(), the labels by badLabel(). */
function joinName(labels: string, suffix: string): DomainName {
  return [labels, suffix === '.' ? '' : suffix].join('.') as DomainName
}

/** Octets on the wire: a length octet takes the place of each dot, and one more goes before the first label. */
function isCarried(name: DomainName): boolean {
  return name.length + 1 <= MAX_NAME_BYTES
}

function tooLong(field: string, name: DomainName): RejectedName {
  const message = `the name would take ${name.length + 1} octets, DNS carries ${MAX_NAME_BYTES}; shorten ${field}`
  return { field, name: clip(name), message }
}

function badLabel(field: string, labels: string): RejectedName | undefined {
  const bad = labels.split('.').find((label) => !isDnsLabel(label))
  if (bad === undefined) return undefined
  const message = `"${clip(bad)}" is not a DNS label (lower-case letters, digits and inner hyphens, at most ${MAX_LABEL_BYTES}); change ${field}`
  return { field, name: clip(labels), message }
}

function clip(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`
}

/** These addresses, both families in one answer; without any the name exists and says nothing (NODATA). */
export function addressAnswer(ttlSeconds: number, { a, aaaa }: Targets): Answer {
  return { kind: 'addresses', ttlSeconds, a, aaaa }
}

/**
 * Wherever that name points.
 * @param instead - what outputs write that may not change the name's type; both families empty: nothing
 */
export function aliasAnswer(ttlSeconds: number, target: DomainName, instead?: Targets): Answer {
  if (instead === undefined) return { kind: 'alias', ttlSeconds, target }
  return { kind: 'alias', ttlSeconds, target, instead: { a: instead.a, aaaa: instead.aaaa } }
}

/**
 * Whether an address is no longer said: the change cannot wait, since somebody may be sent to what is dead. What an alias
 * says instead is compared with that of an alias only: a name that has addresses of its own again leaves nothing dead.
 */
export function losesAddress(before: Answer | undefined, after: Answer | undefined): boolean {
  if (before?.kind === 'alias' && before.instead !== undefined) {
    return after?.kind !== 'addresses' && losesAny(before.instead, after)
  }
  if (before?.kind !== 'addresses') return false
  if (after?.kind !== 'addresses') return before.a.length + before.aaaa.length > 0
  return !isSubset(before.a, after.a) || !isSubset(before.aaaa, after.aaaa)
}

function losesAny(before: Targets, after: Answer | undefined): boolean {
  const { a, aaaa } = (after?.kind === 'alias' ? after.instead : undefined) ?? NO_TARGETS
  return !isSubset(before.a, a) || !isSubset(before.aaaa, aaaa)
}
