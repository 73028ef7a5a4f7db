import { dnsEndpointKind, kubeFedDNSEndpointKind } from './dns-endpoint.ts'
import { domainKind } from './domain.ts'
import { ingressDNSRecordKind } from './ingress-dns-record.ts'
import type { Kind } from './kind.ts'
import { kubeFedClusterKind } from './kubefed-cluster.ts'
import { kubeFedConfigKind } from './kubefed-config.ts'
import { serviceDNSRecordKind } from './service-dns-record.ts'
import { zoneRecordsKind } from './zone-records.ts'

/** Kinds that are always installed in the host cluster, by group and plural. */
export const KINDS: readonly Kind[] = [
  kubeFedClusterKind,
  kubeFedConfigKind,
  dnsEndpointKind,
  domainKind,
  ingressDNSRecordKind,
  serviceDNSRecordKind,
  zoneRecordsKind,
]

/** Kinds that are installed on request. */
export const OPTIONAL_KINDS: readonly Kind[] = [kubeFedDNSEndpointKind]

const BY_NAME: ReadonlyMap<string, Kind> = new Map(
  [...KINDS, ...OPTIONAL_KINDS].map((entry) => [`${entry.definition.kind}.${entry.definition.group}`, entry]),
)

/**
 * What is wrong with an object that is about to be stored: the rules its schema cannot say, and those on its change.
 * Empty for objects of other kinds. For admission; the schema itself is checked there, too.
 * @param before - the stored object; undefined on create
 */
export function admissionProblems(after: unknown, before?: unknown): readonly string[] {
  const { apiVersion, kind } = (after ?? {}) as { readonly apiVersion?: unknown; readonly kind?: unknown }
  const group = String(apiVersion).split('/')[0] ?? ''
  const found = BY_NAME.get(`${String(kind)}.${group}`)
  if (found === undefined) return []
  const parsed = found.parse(after)
  if (parsed.kind === 'rejected') return parsed.problems
  return before === undefined ? [] : found.changeProblems(before, after)
}
