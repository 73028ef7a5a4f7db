import { describe, expect, it } from 'vitest'
import { domainSettings, parseDomain } from '../../../src/api/domain.ts'
import type { Domain } from '../../../src/api/domain.ts'

const domain = (fields: Record<string, unknown>, name = 'myfederation') => ({
  metadata: { name, namespace: 'kube-federation-system' },
  domain: 'example.com',
  ...fields,
})

const ZONE_FILE = `@ SOA ns1 hostmaster 1 3600 900 604800 15
@ NS ns1
@ MX 10 mail
mail A 192.0.2.25
`

const problemsOf = (raw: unknown): readonly string[] => {
  const parsed = parseDomain(raw)
  return parsed.kind === 'ok' ? [] : parsed.problems
}

describe('what is accepted', () => {
  it.each([
    { name: "KubeFed's sample", in: domain({ domain: 'your.domain.name' }, 'test-domain') },
    { name: 'a nameServer, which KubeFed never read', in: domain({ nameServer: 'whatever it says' }) },
    { name: 'a trailing dot and capitals', in: domain({ domain: 'Example.COM.' }) },
    { name: 'one label', in: domain({ domain: 'internal' }) },
    {
      name: 'the longest name',
      in: domain({ domain: `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}` }),
    },
    {
      name: 'a name server outside without addresses',
      in: domain({ nameServers: [{ name: 'ns.example.net' }] }),
    },
    {
      name: 'a name server inside with addresses',
      in: domain({ nameServers: [{ name: 'ns1.example.com', addresses: ['192.0.2.53', '2001:db8::53'] }] }),
    },
    { name: 'TTLs of zero', in: domain({ defaultTTL: 0, negativeTTL: 0 }) },
    { name: 'the largest TTL', in: domain({ defaultTTL: 2_147_483_647 }) },
    { name: 'all addresses in one answer', in: domain({ maxAnswers: 0 }) },
    {
      name: 'static data, of which SOA and NS of the zone are left out',
      in: domain({ zoneFile: ZONE_FILE }),
    },
    { name: 'static data that is empty', in: domain({ zoneFile: '' }) },
    { name: 'the longest static data', in: domain({ zoneFile: ';'.repeat(131_072) }) },
  ])('$name', (row) => {
    expect(problemsOf(row.in)).toEqual([])
  })
})

describe('what is refused', () => {
  const rows = [
    { name: 'no domain', in: domain({ domain: undefined }), want: 'domain: is missing: add it' },
    {
      name: 'an empty domain',
      in: domain({ domain: '' }),
      want: 'domain: "" is empty: give a DNS name, such as example.com',
    },
    {
      name: 'static data that cannot be read',
      in: domain({ zoneFile: `${ZONE_FILE}www NOTYPE 1` }),
      want: 'zoneFile line 5: no such type (type=NOTYPE)',
    },
    {
      name: 'static data of another zone',
      in: domain({ zoneFile: '$ORIGIN example.org.\nwww A 192.0.2.1' }),
      want: 'zoneFile line 2: www.example.org. is outside of the zone example.com.',
    },
    {
      name: 'static data that is too long',
      in: domain({ zoneFile: ';'.repeat(131_073) }),
      want: `zoneFile: "${';'.repeat(77)}…" is too long: at most 131072 characters; serve a larger zone with waypost dns --zone, or give the rest as ZoneRecords`,
    },
    {
      name: 'an empty label',
      in: domain({ domain: 'example..com' }),
      want: 'domain: "example..com" is not a DNS name: use labels of letters, digits and inner hyphens, joined by dots',
    },
    {
      name: 'a label of 64 bytes',
      in: domain({ domain: 'a'.repeat(64) }),
      want: `domain: "${'a'.repeat(64)}" is not a DNS name: use labels of letters, digits and inner hyphens, joined by dots`,
    },
    {
      name: 'a name of 254 characters',
      in: domain({
        domain: Array.from({ length: 127 }, () => 'a')
          .join('.')
          .concat('a'),
      }),
      want: `domain: "${'a.'.repeat(38)}a…" is not a DNS name: shorten it to 253 characters`,
    },
    {
      name: 'a TTL below 0',
      in: domain({ defaultTTL: -1 }),
      want: 'defaultTTL: -1 is negative: a TTL has at least 0 seconds (0 = the default)',
    },
    {
      name: 'more addresses than an answer holds',
      in: domain({ maxAnswers: 256 }),
      want: 'maxAnswers: 256 is too large: one answer holds at most 255 addresses; 0 means all',
    },
    {
      name: 'fewer addresses than none',
      in: domain({ maxAnswers: -1 }),
      want: 'maxAnswers: -1 is negative: 0 means all addresses',
    },
    {
      name: 'a TTL above 2^31-1',
      in: domain({ negativeTTL: 2_147_483_648 }),
      want: 'negativeTTL: 2147483648 is too large: a TTL has at most 2147483647 seconds (RFC 2181, 8)',
    },
    {
      name: 'half a second',
      in: domain({ defaultTTL: 0.5 }),
      want: 'defaultTTL: 0.5 is not a whole number of seconds',
    },
    {
      name: 'an unknown kind of alias',
      in: domain({ aliasAs: 'ALIAS' }),
      want: 'aliasAs: "ALIAS" is not one of Stable, CNAME, Addresses: use one of them',
    },
    {
      name: 'a federation that would take over cluster names',
      in: domain({}, 'svc'),
      want: 'metadata.name: "svc" has its own meaning in cluster DNS: call the federation something else',
    },
    {
      name: 'a federation that is no DNS label',
      in: domain({}, `fed-${'a'.repeat(60)}`),
      want: `metadata.name: "fed-${'a'.repeat(60)}" is not a DNS name, with labels of at most 63 characters: call the federation something shorter`,
    },
    {
      name: 'a name server inside the domain without glue',
      in: domain({ nameServers: [{ name: 'NS1.example.com' }] }),
      want: 'nameServers[0].addresses: is empty for a server inside the domain: add its addresses, for glue',
    },
    {
      name: 'a name server whose address is none',
      in: domain({ nameServers: [{ name: 'ns.example.net', addresses: ['192.0.2.1', '010.0.0.1'] }] }),
      want: 'nameServers[0].addresses[1]: "010.0.0.1" is not an IPv4 or IPv6 address',
    },
    { name: 'no metadata', in: { domain: 'example.com' }, want: 'metadata: is missing: add it, with a name' },
    {
      name: 'no name',
      in: { metadata: { namespace: 'x' }, domain: 'example.com' },
      want: 'metadata.name: is missing: name the object',
    },
    {
      name: 'no namespace',
      in: { metadata: { name: 'x' }, domain: 'example.com' },
      want: 'metadata.namespace: is missing: say which namespace it is for',
    },
  ]
  it.each(rows)('$name', (row) => {
    expect(problemsOf(row.in)).toEqual([row.want])
  })
})

describe('domainSettings', () => {
  const parsed = (fields: Record<string, unknown>): Domain => {
    const result = parseDomain(domain(fields))
    if (result.kind === 'rejected') throw new Error(result.problems.join())
    return result.value
  }

  it('fills in the defaults, for 0 as well', () => {
    const want = {
      ...{ defaultTtlSeconds: 180, negativeTtlSeconds: 15, aliasAs: 'Stable' },
      ...{ maxAnswers: 8, nameServers: [] },
    }

    expect(domainSettings(parsed({}))).toEqual(want)
    expect(domainSettings(parsed({ defaultTTL: 0, negativeTTL: 0 }))).toEqual(want)
  })

  it('keeps what is set', () => {
    const nameServers = [{ name: 'ns.example.net' }, { name: 'ns1.example.com', addresses: ['192.0.2.53'] }]

    const asked = { defaultTTL: 30, negativeTTL: 5, aliasAs: 'CNAME', maxAnswers: 0, nameServers }
    expect(domainSettings(parsed(asked))).toEqual({
      defaultTtlSeconds: 30,
      negativeTtlSeconds: 5,
      aliasAs: 'CNAME',
      maxAnswers: 0,
      nameServers: [{ name: 'ns.example.net', addresses: [] }, nameServers[1]],
    })
  })
})
