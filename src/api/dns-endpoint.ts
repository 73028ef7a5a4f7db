import { z } from 'zod'
import { defineKind } from './kind.ts'
import type { Asked, Frozen, Parsed } from './kind.ts'

const text = (description: string) => z.string().meta({ description }).optional()
const seconds = z
  .int()
  .meta({ description: 'TTL in seconds; 0 or absent means that the provider chooses.' })
  .optional()

const endpoint = {
  dnsName: text('The DNS name, without the trailing dot.'),
  targets: z
    .array(z.string())
    .meta({ description: 'What the record says: addresses, names or texts.' })
    .optional(),
  recordType: text('Type of the record, such as A, AAAA or CNAME.'),
  recordTTL: seconds,
  labels: z
    .record(z.string(), z.string())
    .meta({ description: 'Kept by the registry, in TXT records.' })
    .optional(),
}

const providerSpecific = {
  setIdentifier: text('Tells records of one name and type apart, where the provider can.'),
  providerSpecific: z
    .array(z.object({ name: text('Name of the property.'), value: text('Its value.') }))
    .meta({ description: 'Properties that one provider understands.' })
    .optional(),
}

const endpointsOf = <F extends z.ZodRawShape>(fields: F) =>
  z.object({
    spec: z
      .object({
        endpoints: z.array(z.object(fields)).meta({ description: 'The records.' }).optional(),
      })
      .meta({ description: 'The records to keep.' })
      .optional(),
  })

const status = z
  .object({
    observedGeneration: z
      .int()
      .meta({ description: 'The metadata.generation that the reader has seen.' })
      .optional(),
  })
  .meta({ description: 'What the reader of this object has seen.' })

const fields = endpointsOf({ ...endpoint, ...providerSpecific })
const kubeFedFields = endpointsOf(endpoint)

/** Records for ExternalDNS. Its schema refuses nothing but wrong types, as upstream's. */
export type DNSEndpoint = Asked<z.output<typeof fields>>
export type DNSEndpointStatus = Frozen<z.output<typeof status>>
/** One record of a DNSEndpoint. */
export type Endpoint = NonNullable<NonNullable<DNSEndpoint['spec']>['endpoints']>[number]
/** Records in KubeFed's own group: no setIdentifier, no providerSpecific. */
export type KubeFedDNSEndpoint = Asked<z.output<typeof kubeFedFields>>

const description = 'DNS records for ExternalDNS to write.'

export const dnsEndpointKind = defineKind({
  group: 'externaldns.k8s.io',
  version: 'v1alpha1',
  kind: 'DNSEndpoint',
  plural: 'dnsendpoints',
  description,
  // groups under k8s.io must say who approved them
  annotations: { 'api-approved.kubernetes.io': 'https://github.com/kubernetes-sigs/external-dns/pull/2007' },
  fields,
  status,
})

/** Installed on request only: two kinds of one plural make `kubectl get dnsendpoints` ambiguous. */
export const kubeFedDNSEndpointKind = defineKind({
  group: 'multiclusterdns.kubefed.io',
  version: 'v1alpha1',
  kind: 'DNSEndpoint',
  plural: 'dnsendpoints',
  description,
  fields: kubeFedFields,
  status,
})

/** Read a DNSEndpoint of externaldns.k8s.io. */
export function parseDNSEndpoint(raw: unknown): Parsed<DNSEndpoint> {
  return dnsEndpointKind.parse(raw)
}

/** Read a DNSEndpoint of multiclusterdns.kubefed.io. */
export function parseKubeFedDNSEndpoint(raw: unknown): Parsed<KubeFedDNSEndpoint> {
  return kubeFedDNSEndpointKind.parse(raw)
}
