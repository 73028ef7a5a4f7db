import { z } from 'zod'
import { tryDomainName } from '../dns/names.ts'
import { ingressDNSStatus } from './dns-status.ts'
import type { IngressDNSStatus, IngressInForce } from './dns-status.ts'
import { defineKind } from './kind.ts'
import type { Asked, Parsed } from './kind.ts'
import { problem } from './problems.ts'
import { routingSchema, routingSettings } from './routing.ts'
import type { WhenAllUnhealthy } from './routing.ts'
import { hostName, ttl } from './schema-fields.ts'

const fields = z.object({
  spec: z
    .object({
      hosts: z
        .array(hostName('A host name, such as www.example.com; its first label may be *.'))
        .max(1000)
        .meta({ description: 'The names to publish; they are never taken from the rules of the Ingress.' })
        .optional(),
      recordTTL: ttl(
        "TTL of the records in seconds; 0 or absent means the Domain's defaultTTL, else 180.",
      ).optional(),
      routing: routingSchema.optional(),
    })
    .meta({ description: 'What to publish.' })
    .optional(),
})

/** Publishes the Ingress of the same namespace and name in every member cluster under the given hosts. */
export type IngressDNSRecord = Asked<z.output<typeof fields>>

/** The spec with nothing left open but the TTL, which needs the Domain of each host (`ttlSecondsOf`). */
export interface IngressDNSSettings {
  /** Lower case, without trailing dot, sorted, distinct. */
  readonly hosts: readonly string[]
  readonly recordTTL: number | undefined
  readonly whenAllUnhealthy: WhenAllUnhealthy
}

export const ingressDNSRecordKind = defineKind({
  group: 'multiclusterdns.kubefed.io',
  version: 'v1alpha1',
  kind: 'IngressDNSRecord',
  plural: 'ingressdnsrecords',
  shortNames: ['idr'],
  categories: ['waypost'],
  description:
    'Publishes host names for the Ingress of the same namespace and name in all member clusters together.',
  fields,
  status: ingressDNSStatus,
  validate: validateIngressDNSRecord,
  printerColumns: [
    { name: 'Host', type: 'string', jsonPath: '.spec.hosts[0]', description: 'The first host.' },
    {
      name: 'Healthy',
      type: 'string',
      jsonPath: '.status.healthy',
      description: 'Fit clusters of those that have the ingress.',
    },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Hosts', type: 'string', jsonPath: '.spec.hosts', priority: 1 },
    { name: 'Addresses', type: 'string', jsonPath: '.status.addresses', priority: 1 },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
})

/** Read an IngressDNSRecord. */
export function parseIngressDNSRecord(raw: unknown): Parsed<IngressDNSRecord> {
  return ingressDNSRecordKind.parse(raw)
}

/** Read what was decided of an IngressDNSRecord before, for the one load at start. */
export function readIngressDNSStatus(raw: unknown): IngressDNSStatus | undefined {
  return ingressDNSRecordKind.readStatus(raw)
}

/** What the schema cannot say: the length of a whole name. */
export function validateIngressDNSRecord(record: IngressDNSRecord): readonly string[] {
  return (record.spec?.hosts ?? []).flatMap((host, i) =>
    tryDomainName(host) === undefined
      ? [problem(`spec.hosts[${i}]`, host, 'is not a DNS name: shorten it to 253 characters')]
      : [],
  )
}

/** The settings in force. */
export function ingressDNSSettings(record: IngressDNSRecord): IngressDNSSettings {
  const { hosts = [], recordTTL, routing } = record.spec ?? {}
  const bare = hosts.map((host) => host.toLowerCase().replace(/\.$/, ''))
  return {
    hosts: [...new Set(bare)].sort(),
    recordTTL: recordTTL || undefined, // 0 is "not set"
    ...routingSettings(routing),
  }
}

/** The settings that a record is published with, for its status. */
export function ingressInForce({ hosts, recordTTL, whenAllUnhealthy }: IngressDNSSettings): IngressInForce {
  return { hosts, ...(recordTTL === undefined ? {} : { recordTTL }), whenAllUnhealthy }
}

/** The settings that a record was published with, from its status; hosts that are no names are left out. */
export function toldIngressSettings({
  hosts,
  recordTTL,
  whenAllUnhealthy,
}: IngressInForce): IngressDNSSettings {
  return { hosts: hosts.filter((host) => tryDomainName(host) !== undefined), recordTTL, whenAllUnhealthy }
}
