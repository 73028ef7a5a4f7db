import { z } from 'zod'
import { conditionsSchema } from './conditions.ts'
import { defineKind } from './kind.ts'
import type { Asked, Frozen } from './kind.ts'
import { count, dnsName, MAX_TTL_SECONDS } from './schema-fields.ts'

/** Octets as \DDD take four characters each. */
const MAX_NAME_CHARACTERS = 1_020
/** 65,535 octets in hexadecimal, and what stands in front of them (RFC 3597, 5). */
const MAX_RDATA_CHARACTERS = 131_100

const recordName = (description: string) =>
  z
    .string()
    .min(1, 'is empty: give the full name, such as www.example.com.')
    .max(MAX_NAME_CHARACTERS, `is too long: a name has at most ${MAX_NAME_CHARACTERS} characters`)
    .regex(
      /^[!-~]+$/,
      'is not a name as master files write it: use printable characters without blanks, others as \\DDD',
    )
    .meta({ description })

const record = z.object({
  name: recordName(
    'Full name in the zone, in the form of master files: www.example.com. (the final dot may be left out).',
  ),
  type: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]{0,31}$/, 'is not a type of records: write A, TXT, MX or TYPE65280')
    .meta({ description: 'Type of the records: A, AAAA, TXT, MX, SRV, CAA … or TYPE<number>.' }),
  ttl: z
    .int('is not a whole number of seconds')
    .min(0, 'is negative: a TTL has at least 0 seconds')
    .max(MAX_TTL_SECONDS, `is too large: a TTL has at most ${MAX_TTL_SECONDS} seconds (RFC 2181, 8)`)
    .meta({ description: 'TTL of the whole set in seconds.' }),
  rdata: z
    .array(z.string().max(MAX_RDATA_CHARACTERS, `is too long: at most ${MAX_RDATA_CHARACTERS} characters`))
    .min(1, 'is empty: give at least one value, or leave the record out')
    .meta({
      description:
        'One entry for each record of the set, as a master file writes it behind the type; names in full.',
      'x-kubernetes-list-type': 'atomic',
    }),
})

const fields = z.object({
  spec: z
    .object({
      zone: dnsName('Origin of the zone: the domain of a Domain, such as example.com.'),
      records: z
        .array(record)
        .meta({
          description: 'The sets of records, at most one for each name and type.',
          'x-kubernetes-list-type': 'atomic',
        })
        .optional(),
      removed: z
        .array(recordName('Full name.'))
        .meta({
          description: 'Kept by the program: names whose records in the parts below hold no longer.',
          'x-kubernetes-list-type': 'atomic',
        })
        .optional(),
      parts: z
        .array(
          z.object({
            part: count('Number of the part.'),
            revision: count('The revision it has at least.'),
          }),
        )
        .meta({
          description:
            'Kept by the program: further objects with records of a large zone; what stands here goes before what stands there.',
          'x-kubernetes-list-type': 'atomic',
        })
        .optional(),
      part: count('Kept by the program: this object is a part of a large zone.').optional(),
      revision: count('Kept by the program: counts the writes of a part.').optional(),
    })
    .meta({ description: 'What to publish.' }),
})

const status = z
  .object({
    observedGeneration: count('The metadata.generation that was published.').optional(),
    names: count('Names that this object has in the zone.').optional(),
    conditions: conditionsSchema.optional(),
  })
  .meta({ description: 'What was published, and what was not.' })

/** Records of a zone that no Service or Ingress gives: received by RFC 2136 UPDATE, or written by hand. */
export type ZoneRecords = Asked<z.output<typeof fields>>
export type ZoneRecordsSpec = ZoneRecords['spec']
/** One set, as text. */
export type RecordText = NonNullable<ZoneRecordsSpec['records']>[number]
export type ZoneRecordsStatus = Frozen<z.output<typeof status>>

export const zoneRecordsKind = defineKind({
  group: 'waypost.dev',
  version: 'v1alpha1',
  kind: 'ZoneRecords',
  plural: 'zonerecords',
  shortNames: ['zr'],
  categories: ['waypost'],
  description:
    "Records of a zone that no Service or Ingress gives. What RFC 2136 UPDATE brings is kept in the object that is named like the zone; others are written by hand, in the control plane's namespace.",
  fields,
  status,
  printerColumns: [
    { name: 'Zone', type: 'string', jsonPath: '.spec.zone', description: 'Origin of the zone.' },
    { name: 'Names', type: 'integer', jsonPath: '.status.names', description: 'Names it has in the zone.' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Reason', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].reason' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
})
