import { z } from 'zod'
import { isDnsLabel } from '../dns/names.ts'
import { serviceDNSStatus } from './dns-status.ts'
import type { ServiceDNSStatus, ServiceInForce } from './dns-status.ts'
import { defineKind } from './kind.ts'
import type { Asked, Parsed } from './kind.ts'
import { problem } from './problems.ts'
import { routingSchema, routingSettings } from './routing.ts'
import type { WhenAllUnhealthy } from './routing.ts'
import { objectName, optionalLabel, ttl } from './schema-fields.ts'

const fields = z.object({
  spec: z
    .object({
      domainRef: objectName('Name of the Domain to publish in.'),
      recordTTL: ttl(
        "TTL of the records in seconds; 0 or absent means the Domain's defaultTTL, else 180.",
      ).optional(),
      dnsPrefix: optionalLabel(
        'One label: publishes <dnsPrefix>.<domain> as well, pointing to the global name.',
      ).optional(),
      externalName: optionalLabel(
        "One label that takes the place of the service's name in every name.",
      ).optional(),
      allowServiceWithoutEndpoints: z
        .boolean()
        .meta({ description: 'Publish addresses of clusters where no endpoint is ready, too.' })
        .optional(),
      routing: routingSchema.optional(),
    })
    .meta({ description: 'What to publish.' }),
})

/** Publishes the Service of the same namespace and name in every member cluster. */
export type ServiceDNSRecord = Asked<z.output<typeof fields>>
export type ServiceDNSRecordSpec = ServiceDNSRecord['spec']

/** The spec with nothing left open but the TTL, which needs the Domain (`ttlSecondsOf`). */
export interface ServiceDNSSettings {
  readonly domainRef: string
  readonly recordTTL: number | undefined
  /** Lower case; undefined: no prefix name. */
  readonly dnsPrefix: string | undefined
  /** First label of every name, lower case: externalName, else the object's name. */
  readonly label: string
  readonly hasExternalName: boolean
  readonly allowServiceWithoutEndpoints: boolean
  readonly whenAllUnhealthy: WhenAllUnhealthy
}

export const serviceDNSRecordKind = defineKind({
  group: 'multiclusterdns.kubefed.io',
  version: 'v1alpha1',
  kind: 'ServiceDNSRecord',
  plural: 'servicednsrecords',
  shortNames: ['sdr'],
  categories: ['waypost'],
  description:
    'Gives the Service of the same namespace and name, in all member clusters together, DNS names: per zone, per region and global.',
  fields,
  status: serviceDNSStatus,
  validate: validateServiceDNSRecord,
  printerColumns: [
    { name: 'Domain', type: 'string', jsonPath: '.spec.domainRef', description: 'The federation.' },
    { name: 'DNS-Name', type: 'string', jsonPath: '.status.dnsName', description: 'The global name.' },
    {
      name: 'Healthy',
      type: 'string',
      jsonPath: '.status.healthy',
      description: 'Fit clusters of those that have the service.',
    },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Addresses', type: 'string', jsonPath: '.status.addresses', priority: 1 },
    { name: 'Endpoints', type: 'integer', jsonPath: '.status.endpoints', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
})

/** Read a ServiceDNSRecord. */
export function parseServiceDNSRecord(raw: unknown): Parsed<ServiceDNSRecord> {
  return serviceDNSRecordKind.parse(raw)
}

/** Read what was decided of a ServiceDNSRecord before, for the one load at start. */
export function readServiceDNSStatus(raw: unknown): ServiceDNSStatus | undefined {
  return serviceDNSRecordKind.readStatus(raw)
}

/** What the schema cannot say: the name of the object is a label of the names it publishes. */
export function validateServiceDNSRecord(record: ServiceDNSRecord): readonly string[] {
  const { name } = record.metadata
  if (isDnsLabel(name)) return []
  return [
    problem(
      'metadata.name',
      name,
      'is not one DNS label, so no Service can have it: give the record the name of its Service',
    ),
  ]
}

/** The settings in force. */
export function serviceDNSSettings(record: ServiceDNSRecord): ServiceDNSSettings {
  const { spec, metadata } = record
  return {
    domainRef: spec.domainRef,
    recordTTL: spec.recordTTL || undefined, // 0 is "not set"
    dnsPrefix: spec.dnsPrefix?.toLowerCase() || undefined,
    label: spec.externalName?.toLowerCase() || metadata.name,
    hasExternalName: Boolean(spec.externalName),
    allowServiceWithoutEndpoints: spec.allowServiceWithoutEndpoints ?? false,
    ...routingSettings(spec.routing),
  }
}

/** The settings that a record is published with, for its status. */
export function serviceInForce(settings: ServiceDNSSettings): ServiceInForce {
  const { domainRef, recordTTL, dnsPrefix, label, hasExternalName } = settings
  const { allowServiceWithoutEndpoints, whenAllUnhealthy } = settings
  return {
    domainRef,
    ...(recordTTL === undefined ? {} : { recordTTL }),
    ...(dnsPrefix === undefined ? {} : { dnsPrefix }),
    ...(hasExternalName ? { externalName: label } : {}),
    ...{ allowServiceWithoutEndpoints, whenAllUnhealthy },
  }
}

/** The settings that a record was published with, from its status: serviceInForce() undone. */
export function toldServiceSettings(told: ServiceInForce, name: string): ServiceDNSSettings {
  const { domainRef, recordTTL, dnsPrefix, externalName, allowServiceWithoutEndpoints } = told
  const { whenAllUnhealthy } = told
  return {
    ...{ domainRef, recordTTL, dnsPrefix, label: externalName ?? name },
    hasExternalName: externalName !== undefined,
    ...{ allowServiceWithoutEndpoints, whenAllUnhealthy },
  }
}
