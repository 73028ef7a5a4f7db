import type { Address } from '../../dns/address.ts'
import { isWithin, type DomainName } from '../../dns/names.ts'
import type { Answer } from '../../dns/records.ts'

/** One entry of `spec.endpoints` (externaldns.k8s.io/v1alpha1), in the form every ExternalDNS version accepts. */
export interface Endpoint {
  readonly dnsName: string
  readonly recordTTL: number
  readonly recordType: 'A' | 'AAAA' | 'CNAME'
  readonly targets: readonly string[]
}

/**
 * The endpoints that say what these names say. Lower case and no trailing dots, sorted by name then type, no labels
 * (they would land in TXT records), nothing for a name without addresses, nothing outside the domain (short names
 * belong to the embedded server alone). A and AAAA are separate entries, as ExternalDNS wants them. An alias is a CNAME,
 * unless it says what to write instead (DESIGN 5.5): to ExternalDNS a name of another type is a name deleted and created.
 */
export function planEndpoints(
  domain: DomainName,
  names: Iterable<readonly [DomainName, Answer]>,
): readonly Endpoint[] {
  const endpoints: Endpoint[] = []
  for (const [name, answer] of names) {
    if (isWithin(name, domain)) endpoints.push(...endpointsOf(bare(name), answer))
  }
  return endpoints.sort(
    (x, y) => compareText(x.dnsName, y.dnsName) || compareText(x.recordType, y.recordType),
  )
}

function endpointsOf(dnsName: string, answer: Answer): readonly Endpoint[] {
  switch (answer.kind) {
    case 'addresses':
      return addressEndpoints(dnsName, answer.ttlSeconds, answer)
    case 'alias':
      if (answer.instead !== undefined) return addressEndpoints(dnsName, answer.ttlSeconds, answer.instead)
      return [{ dnsName, recordType: 'CNAME', recordTTL: answer.ttlSeconds, targets: [bare(answer.target)] }]
    case 'records':
      return [] // zone data of our own server (SOA, NS): the outside zone has its own
  }
}

function addressEndpoints(
  dnsName: string,
  recordTTL: number,
  { a, aaaa }: { readonly a: readonly Address[]; readonly aaaa: readonly Address[] },
): readonly Endpoint[] {
  return [
    ...addressEndpoint({ dnsName, recordType: 'A', recordTTL }, a),
    ...addressEndpoint({ dnsName, recordType: 'AAAA', recordTTL }, aaaa),
  ]
}

function addressEndpoint(
  endpoint: Omit<Endpoint, 'targets'>,
  targets: readonly Address[],
): readonly Endpoint[] {
  return targets.length === 0 ? [] : [{ ...endpoint, targets }]
}

/** ExternalDNS reads targets back without the dot and would rewrite dotted ones on every run. */
function bare(name: DomainName): string {
  return name.slice(0, -1)
}

function compareText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
