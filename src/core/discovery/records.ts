import type { ServiceDNSSettings } from '../../api/service-dns-record.ts'
import { ttlSecondsOf } from '../../api/ttl.ts'
import { isDnsLabel, MAX_LABEL_BYTES, MAX_NAME_BYTES, type DomainName } from '../../dns/names.ts'
import type { Answer } from '../../dns/records.ts'
import { isSubset } from './answers/addresses.ts'
import type { DnsSpec, RejectedName, Scope, ServiceNames, Targets, Topology } from './types.ts'

/** TTL of short names, positive and negative (DESIGN 5.14). */
export const SHORT_NAME_TTL_SECONDS = 5

const BASE_FIELD = 'metadata.name or spec.externalName'

export interface DnsSpecInput {
  readonly settings: ServiceDNSSettings
  readonly namespace: string
  readonly domain: DomainName
  /** The Domain's. */
  readonly defaultTTL?: number | undefined
}

/**
 * What a ServiceDNSRecord asks for: base `<externalName or name>.<namespace>`, prefix `<dnsPrefix>.<domain>`, TTL of the
 * record, else of the Domain, else 180.
 * @returns the spec without its prefix when DNS cannot carry that
 */
export function dnsSpecOf({ settings, namespace, domain, defaultTTL }: DnsSpecInput): {
  readonly spec: DnsSpec
  readonly rejected: readonly RejectedName[]
} {
  const { label, dnsPrefix, recordTTL, allowServiceWithoutEndpoints, whenAllUnhealthy } = settings
  const spec: DnsSpec = {
    base: `${label}.${namespace}`,
    ttlSeconds: ttlSecondsOf(recordTTL, defaultTTL),
    allowWithoutEndpoints: allowServiceWithoutEndpoints,
    routing: { whenAllUnhealthy },
  }
  if (dnsPrefix === undefined) return { spec, rejected: [] }
  const prefix = joinName('spec.dnsPrefix', dnsPrefix, domain)
  return 'domainName' in prefix
    ? { spec: { ...spec, prefix: prefix.domainName }, rejected: [] }
    : { spec, rejected: [prefix] }
}

/**
 * All names of a service (KubeFed's, kubefed.md 2.7): `<base>.<federation>.svc[.<zone>][.<region>].<domain>`, the prefix
 * name, and the short name `<base>.<federation>.` that applications type.
 * A name that DNS cannot carry is rejected with those below it; without a global name there are no others.
 */
export function namesOf(spec: DnsSpec, topology: Topology): ServiceNames {
  const rejected: RejectedName[] = []
  const named = topology.scopes.map((scope) => {
    const outcome = joinName(fieldOf(scope), spec.base, scope.suffix)
    if ('domainName' in outcome) return outcome.domainName
    rejected.push(outcome)
    return undefined
  })
  // A longer parent cannot be: a zone's name contains its region's labels, a region's the global ones.
  if (named[0] === undefined) return { scopes: named, rejected: rejected.slice(0, 1) }
  const short = joinName(BASE_FIELD, spec.base, `${topology.federation}.`)
  return {
    scopes: named,
    ...(spec.prefix === undefined ? {} : { prefix: spec.prefix }),
    ...('domainName' in short ? { short: short.domainName } : {}),
    rejected,
  }
}

function fieldOf(scope: Scope): string {
  return scope.level === 'global' ? BASE_FIELD : scope.level
}

function joinName(
  field: string,
  labels: string,
  suffix: string,
): { readonly domainName: DomainName } | RejectedName {
  const name = [labels, suffix === '.' ? '' : suffix].join('.') // joined, so that it is one flat string
  const bad = labels.split('.').find((label) => !isDnsLabel(label))
  if (bad !== undefined) {
    const message = `"${clip(bad)}" is not a DNS label (lower-case letters, digits and inner hyphens, at most ${MAX_LABEL_BYTES}); change ${field}`
    return { field, name: clip(name), message }
  }
  if (name.length + 1 > MAX_NAME_BYTES) {
    const message = `the name would take ${name.length + 1} octets, DNS carries ${MAX_NAME_BYTES}; shorten ${field}`
    return { field, name: clip(name), message }
  }
  return { domainName: name as DomainName } // labels and length checked, the suffix is made of a parsed name
}

function clip(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}…`
}

/** These addresses, both families in one answer; without any the name exists and says nothing (NODATA). */
export function addressAnswer(ttlSeconds: number, { a, aaaa }: Targets): Answer {
  return { kind: 'addresses', ttlSeconds, a, aaaa }
}

/** Wherever that name points. */
export function aliasAnswer(ttlSeconds: number, target: DomainName): Answer {
  return { kind: 'alias', ttlSeconds, target }
}

/** Whether an address, or the whole name, is no longer said: somebody may be sent to what is dead. */
export function losesTarget(before: Answer | undefined, after: Answer | undefined): boolean {
  if (before === undefined) return false
  if (before.kind !== 'addresses') return after === undefined
  if (after?.kind !== 'addresses') return before.a.length + before.aaaa.length > 0
  return !isSubset(before.a, after.a) || !isSubset(before.aaaa, after.aaaa)
}
