import { z } from 'zod'
import { tryAddress } from '../dns/address.ts'
import { isWithin, tryDomainName, type DomainName } from '../dns/names.ts'
import { conditionsSchema } from './conditions.ts'
import { defineKind } from './kind.ts'
import type { Asked, Frozen, Parsed } from './kind.ts'
import { problem } from './problems.ts'
import { whyReserved } from './reserved-federations.ts'
import { address, count, dnsName, ttl } from './schema-fields.ts'
import { DEFAULT_NEGATIVE_TTL_SECONDS, DEFAULT_TTL_SECONDS } from './ttl.ts'
import { readZoneText, zoneText, zoneTextProblems } from './zone-text.ts'

/** Addresses of a family in one answer, of a Domain that says nothing. */
export const DEFAULT_MAX_ANSWERS = 8

const fields = z.object({
  domain: dnsName(
    'The DNS zone under which the names of this federation are published, such as example.com.',
  ),
  nameServer: z
    .string()
    .meta({ description: 'Kept for KubeFed manifests and never read; nameServers takes its place.' })
    .optional(),
  nameServers: z
    .array(
      z.object({
        name: dnsName('Host name of the server, as NS records say it.'),
        addresses: z
          .array(address('An IPv4 or IPv6 address of the server.'))
          .max(16)
          .meta({ description: 'Its addresses, for glue; needed when the name is inside the domain.' })
          .optional(),
      }),
    )
    .max(16)
    .meta({
      description:
        'The servers that answer for the zone: NS records and glue; the first is the primary in the SOA record.',
    })
    .optional(),
  defaultTTL: ttl('TTL in seconds of records that say none; 0 or absent means 180.').optional(),
  negativeTTL: ttl(
    'Seconds for which resolvers may keep a denial (TTL and MINIMUM of the SOA record); 0 or absent means 15.',
  ).optional(),
  aliasAs: z
    .enum(['Stable', 'CNAME', 'Addresses'])
    .meta({
      description:
        'What outputs outside this process write for a zone or region without healthy addresses. Stable (default): a name that has carried addresses carries those of the wider scope, one that never did is a CNAME. CNAME: always a CNAME, as KubeFed did. Addresses: never a CNAME.',
    })
    .optional(),
  maxAnswers: z
    .int('is not a whole number')
    .min(0, 'is negative: 0 means all addresses')
    .max(255, 'is too large: one answer holds at most 255 addresses; 0 means all')
    .meta({
      description:
        'How many addresses of a family (A, AAAA) one answer of the embedded DNS server holds at the most; 0: all, absent: 8. The order moves from answer to answer, and of a name with more addresses the ones that are given do too, so that each comes first equally often. Other outputs write all addresses.',
    })
    .optional(),
  zoneFile: zoneText.optional(),
})

const status = z
  .object({
    observedGeneration: count('The metadata.generation that this status was made from.').optional(),
    conditions: conditionsSchema.optional(),
    names: count('DNS names published in this domain.').optional(),
    serial: count('Serial of the zone (SOA).').optional(),
    inForce: fields
      .pick({
        domain: true,
        nameServers: true,
        defaultTTL: true,
        negativeTTL: true,
        aliasAs: true,
        maxAnswers: true,
        zoneFile: true,
      })
      .meta({
        description:
          'The settings that names are published with: the last that could be used. A controller that starts goes on with them where the Domain has become invalid.',
      })
      .optional(),
  })
  .meta({ description: 'What the controller made of it.' })

/** A DNS zone and the federation that publishes in it; the object's name is the federation label of every name. */
export type Domain = Asked<z.output<typeof fields>>
export type DomainStatus = Frozen<z.output<typeof status>>
/** What outputs outside this process write for an upward alias (DESIGN 5.5). */
export type AliasAs = NonNullable<Domain['aliasAs']>

/** A Domain with nothing left open. */
export interface DomainSettings {
  readonly defaultTtlSeconds: number
  readonly negativeTtlSeconds: number
  readonly aliasAs: AliasAs
  /** 0 = all. */
  readonly maxAnswers: number
  readonly nameServers: readonly { readonly name: string; readonly addresses: readonly string[] }[]
}

export const domainKind = defineKind({
  group: 'multiclusterdns.kubefed.io',
  version: 'v1alpha1',
  kind: 'Domain',
  plural: 'domains',
  categories: ['waypost'],
  description:
    'A DNS zone and the federation that publishes in it; the name of the object is the federation label of every name. Lives in the control-plane namespace.',
  fields,
  status,
  validate: validateDomain,
  printerColumns: [
    { name: 'Domain', type: 'string', jsonPath: '.domain', description: 'The zone.' },
    {
      name: 'Nameserver',
      type: 'string',
      jsonPath: '.nameServers[0].name',
      description: 'The primary server.',
    },
    { name: 'Names', type: 'integer', jsonPath: '.status.names', description: 'Names published.' },
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    {
      name: 'Reason',
      type: 'string',
      jsonPath: '.status.conditions[?(@.type=="Ready")].reason',
      priority: 1,
    },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' },
  ],
})

/** Read a Domain. */
export function parseDomain(raw: unknown): Parsed<Domain> {
  return domainKind.parse(raw)
}

/** What the schema of a Domain cannot say; one line per problem. */
export function validateDomain(domain: Domain): readonly string[] {
  const problems: string[] = []
  const zone = tryDomainName(domain.domain)
  if (zone === undefined)
    problems.push(problem('domain', domain.domain, 'is not a DNS name: shorten it to 253 characters'))
  problems.push(...nameProblems(domain.metadata.name))
  for (const [i, server] of (domain.nameServers ?? []).entries()) {
    const name = tryDomainName(server.name)
    const addresses = server.addresses ?? []
    if (name === undefined)
      problems.push(
        problem(`nameServers[${i}].name`, server.name, 'is not a DNS name: shorten it to 253 characters'),
      )
    if (name !== undefined && zone !== undefined && isWithin(name, zone) && addresses.length === 0) {
      problems.push(
        problem(
          `nameServers[${i}].addresses`,
          undefined,
          'is empty for a server inside the domain: add its addresses, for glue',
        ),
      )
    }
    for (const [j, text] of addresses.entries()) {
      if (tryAddress(text) === undefined) {
        problems.push(problem(`nameServers[${i}].addresses[${j}]`, text, 'is not an IPv4 or IPv6 address'))
      }
    }
  }
  if (zone !== undefined) problems.push(...zoneFileProblems(domain, zone))
  return problems
}

/** The field of a Domain that its static data is in. */
const ZONE_FILE = 'zoneFile'

function zoneFileProblems(domain: Domain, origin: DomainName): readonly string[] {
  const text = zoneFileOf(domain)
  if (text === undefined) return []
  const { defaultTtlSeconds } = domainSettings(domain)
  return zoneTextProblems(ZONE_FILE, readZoneText(text, { origin, defaultTtlSeconds }))
}

/** Those problems of a Domain that are of its static data. */
export function isOfZoneFile(found: string): boolean {
  return found.startsWith(`${ZONE_FILE} `) || found.startsWith(`${ZONE_FILE}:`)
}

/** The text of its static data; undefined: it has none. */
export function zoneFileOf({ zoneFile }: Pick<Domain, 'zoneFile'>): string | undefined {
  return zoneFile === '' ? undefined : zoneFile
}

/** An object's name may be what no DNS name is: its labels have no limit of their own. */
function nameProblems(federation: string): readonly string[] {
  const reserved = whyReserved(federation)
  if (reserved !== undefined)
    return [problem('metadata.name', federation, `${reserved}: call the federation something else`)]
  if (tryDomainName(federation) !== undefined) return []
  const shorter =
    'is not a DNS name, with labels of at most 63 characters: call the federation something shorter'
  return [problem('metadata.name', federation, shorter)]
}

/** What a Domain is published with, as its status tells it. */
export type DomainInForce = NonNullable<DomainStatus['inForce']>

/**
 * The part of a Domain that it is published with.
 * @param zoneFile - the text of its static data
 */
export function domainInForce(domain: string, settings: DomainSettings, zoneFile?: string): DomainInForce {
  const { aliasAs, maxAnswers, nameServers } = settings
  const { defaultTtlSeconds: defaultTTL, negativeTtlSeconds: negativeTTL } = settings
  return {
    ...{ domain, defaultTTL, negativeTTL, aliasAs, maxAnswers },
    nameServers: nameServers.map(({ name, addresses }) => ({ name, addresses: [...addresses] })),
    ...(zoneFile === undefined ? {} : { zoneFile }),
  }
}

/** The settings in force. */
export function domainSettings(domain: Domain | DomainInForce): DomainSettings {
  return {
    defaultTtlSeconds: domain.defaultTTL || DEFAULT_TTL_SECONDS,
    negativeTtlSeconds: domain.negativeTTL || DEFAULT_NEGATIVE_TTL_SECONDS,
    aliasAs: domain.aliasAs ?? 'Stable',
    maxAnswers: domain.maxAnswers ?? DEFAULT_MAX_ANSWERS,
    nameServers: (domain.nameServers ?? []).map(({ name, addresses }) => ({
      name,
      addresses: addresses ?? [],
    })),
  }
}
