import { describe, expect, it } from 'vitest'
import type { ClusterIndex } from '../../../../src/api/keys.ts'
import type { ServiceDNSSettings } from '../../../../src/api/service-dns-record.ts'
import {
  aliasAnswer,
  addressAnswer,
  dnsSpecOf,
  losesAddress,
  namesOf,
} from '../../../../src/core/discovery/records.ts'
import { planTopology } from '../../../../src/core/discovery/topology.ts'
import type { DnsSpec } from '../../../../src/core/discovery/types.ts'
import { tryAddress } from '../../../../src/dns/address.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { Answer } from '../../../../src/dns/records.ts'

const domain = parseDomainName('example.com')
const clusters = [{ index: 0 as ClusterIndex, region: 'r1', zones: ['z1'] }]
const topology = planTopology({ federation: 'fed', domain, clusters })

function settings(parts: Partial<ServiceDNSSettings> = {}): ServiceDNSSettings {
  return {
    domainRef: 'fed',
    recordTTL: undefined,
    dnsPrefix: undefined,
    label: 'web',
    hasExternalName: false,
    allowServiceWithoutEndpoints: false,
    whenAllUnhealthy: 'LastKnownGood',
    ...parts,
  }
}

function spec(parts: Partial<DnsSpec> = {}): DnsSpec {
  return {
    ...{ base: 'web.ns', ttlSeconds: 180, allowWithoutEndpoints: false, routing: {}, aliasAs: 'Stable' },
    ...parts,
  }
}

describe('dnsSpecOf', () => {
  it.each([
    { name: "the record's TTL comes first", in: { recordTTL: 5, defaultTTL: 60 }, want: 5 },
    { name: "else the Domain's default", in: { recordTTL: undefined, defaultTTL: 60 }, want: 60 },
    { name: 'else 180', in: { recordTTL: undefined, defaultTTL: undefined }, want: 180 },
    { name: '0 is not set', in: { recordTTL: 0, defaultTTL: 0 }, want: 180 },
  ])('TTL: $name', ({ in: { recordTTL, defaultTTL }, want }) => {
    const made = dnsSpecOf({
      settings: settings({ recordTTL }),
      namespace: 'ns',
      domain,
      defaultTTL,
      aliasAs: 'Stable',
    })

    expect(made.spec.ttlSeconds).toBe(want)
  })

  it('joins label and namespace, prefix and domain', () => {
    const given = settings({ label: 'shop', dnsPrefix: 'go', allowServiceWithoutEndpoints: true })

    expect(dnsSpecOf({ settings: given, namespace: 'ns', domain, aliasAs: 'CNAME' })).toEqual({
      spec: {
        base: 'shop.ns',
        ttlSeconds: 180,
        prefix: 'go.example.com.',
        allowWithoutEndpoints: true,
        routing: { whenAllUnhealthy: 'LastKnownGood' },
        aliasAs: 'CNAME',
      },
      rejected: [],
    })
  })

  it.each([
    { name: 'has a dot', in: { dnsPrefix: 'a_b', domain } },
    {
      name: 'makes the name too long',
      in: { dnsPrefix: 'p'.repeat(63), domain: parseDomainName(`${'a.'.repeat(120)}com`) },
    },
  ])('rejects a prefix that $name, and keeps the rest', ({ in: { dnsPrefix, domain: long } }) => {
    const made = dnsSpecOf({
      settings: settings({ dnsPrefix }),
      namespace: 'ns',
      domain: long,
      aliasAs: 'Stable',
    })

    expect(made.spec.prefix).toBeUndefined()
    expect(made.rejected.map(({ field }) => field)).toEqual(['spec.dnsPrefix'])
  })
})

describe('namesOf', () => {
  it('names every scope, the prefix and the short name', () => {
    expect(namesOf(spec({ prefix: parseDomainName('go.example.com') }), topology)).toEqual({
      scopes: [
        'web.ns.fed.svc.example.com.',
        'web.ns.fed.svc.r1.example.com.',
        'web.ns.fed.svc.z1.r1.example.com.',
      ],
      prefix: 'go.example.com.',
      short: 'web.ns.fed.',
      rejected: [],
    })
  })

  it('rejects the names of a zone and of a region that are too long, and keeps those above', () => {
    const long = (letter: string): string => letter.repeat(63)
    const wide = planTopology({
      federation: 'fed',
      domain: parseDomainName(`${long('a')}.${long('b')}.com`),
      clusters: [
        { index: 0 as ClusterIndex, region: long('r'), zones: ['z'] },
        { index: 1 as ClusterIndex, region: 'r', zones: [long('z')] },
      ],
    })
    const names = namesOf(spec({ base: `${long('s')}.ns` }), wide)

    const kept = names.scopes.map((name, i) =>
      name === undefined ? undefined : wide.scopes[i]?.suffix.slice(0, 10),
    )
    expect(kept).toEqual(['fed.svc.aa', 'fed.svc.r.', undefined, undefined, undefined])
    expect(names.rejected.map(({ field }) => field)).toEqual(['region', 'zone', 'zone'])
    expect(names.rejected[0]?.message).toMatch(/take 2\d\d octets, DNS carries 255; shorten region/)
    expect(names.rejected[0]?.name.length).toBeLessThanOrEqual(80)
  })

  it('without a global name there is none at all', () => {
    const far = planTopology({ federation: 'fed', domain: parseDomainName('a.'.repeat(110)), clusters })
    const names = namesOf(
      spec({ base: `${'s'.repeat(63)}.ns`, prefix: parseDomainName('go.example.com') }),
      far,
    )

    expect(names).toEqual({
      scopes: [undefined, undefined, undefined],
      rejected: [expect.objectContaining({ field: 'metadata.name or spec.externalName' })],
    })
  })

  it('rejects a label that is none, naming the field, once', () => {
    const names = namesOf(spec({ base: 'Bad_one.ns' }), topology)

    expect(names.scopes.filter((name) => name !== undefined)).toEqual([])
    expect(names.rejected).toEqual([
      {
        field: 'metadata.name or spec.externalName',
        name: 'Bad_one.ns',
        message: expect.stringContaining('"Bad_one" is not a DNS label'),
      },
    ])
  })

  it.each([
    { name: 'takes a name of 255 octets', in: 51, want: 0 },
    { name: 'rejects a name of 256 octets', in: 52, want: 1 },
  ])('$name', ({ in: lastLabel, want }) => {
    // 1 + 10 for s.n.f.svc., three times 64, and the last label with its dot
    const long = parseDomainName(`${`${'d'.repeat(63)}.`.repeat(3)}${'d'.repeat(lastLabel)}`)
    const narrow = planTopology({ federation: 'f', domain: long, clusters: [] })

    expect(namesOf(spec({ base: 's.n' }), narrow).rejected).toHaveLength(want)
  })
})

function says(...texts: string[]): Answer {
  const all = texts.map((text) => tryAddress(text)!) // literals of this file
  return addressAnswer(30, {
    a: all.filter((address) => !address.includes(':')),
    aaaa: all.filter((address) => address.includes(':')),
  })
}

describe('losesAddress', () => {
  const alias = aliasAnswer(30, domain)
  const instead = (...texts: string[]): Answer => {
    const { a, aaaa } = says(...texts) as Extract<Answer, { kind: 'addresses' }>
    return aliasAnswer(30, domain, { a, aaaa })
  }

  it.each([
    { name: 'a new name', in: [undefined, says('192.0.2.1')], want: false },
    { name: 'one address more', in: [says('192.0.2.1'), says('192.0.2.1', '192.0.2.2')], want: false },
    { name: 'one address less', in: [says('192.0.2.1', '192.0.2.2'), says('192.0.2.2')], want: true },
    { name: 'another address', in: [says('192.0.2.1'), says('192.0.2.2')], want: true },
    { name: 'one IPv6 address less', in: [says('192.0.2.1', '2001:db8::1'), says('192.0.2.1')], want: true },
    { name: 'another TTL', in: [says('192.0.2.1'), { ...says('192.0.2.1'), ttlSeconds: 5 }], want: false },
    { name: 'from addresses to an alias', in: [says('192.0.2.1'), alias], want: true },
    { name: 'from an alias to addresses', in: [alias, says('192.0.2.1')], want: false },
    { name: 'addresses withdrawn', in: [says('192.0.2.1'), undefined], want: true },
    { name: 'nothing withdrawn', in: [says(), undefined], want: false },
    { name: 'an alias withdrawn', in: [alias, undefined], want: false },
    { name: 'an alias says less instead', in: [instead('192.0.2.1'), instead()], want: true },
    { name: 'an alias says more instead', in: [instead(), instead('2001:db8::1')], want: false },
    { name: 'an alias says no IPv6 instead', in: [instead('2001:db8::1'), instead('192.0.2.1')], want: true },
    { name: 'an alias says nothing instead any more', in: [instead('192.0.2.1'), alias], want: true },
    { name: 'an alias that said addresses instead goes', in: [instead('192.0.2.1'), undefined], want: true },
    { name: 'a name gets its own back', in: [instead('192.0.2.1'), says('192.0.2.2')], want: false },
    { name: 'from addresses to the same instead', in: [says('192.0.2.1'), instead('192.0.2.1')], want: true },
  ] as const)('$name: $want', ({ in: [before, after], want }) => {
    expect(losesAddress(before, after)).toBe(want)
  })
})
