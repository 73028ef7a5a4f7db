import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { domainSettings } from '../../../../src/api/domain.ts'
import { objectKey, type ObjectKey, type OwnerKey } from '../../../../src/api/keys.ts'
import { StaticDataBook } from '../../../../src/app/static-data/static-data-book.ts'
import type { Federation } from '../../../../src/controllers/federations.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { rankOf } from '../../../../src/core/discovery/rank.ts'
import { planTopology } from '../../../../src/core/discovery/topology.ts'
import type { ClaimChange, Ledger } from '../../../../src/core/discovery/types.ts'
import { isWithin, parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import { linesOf } from '../../../support/received-transfers.ts'

const NAMESPACE = 'kube-federation-system'

let ledger: Ledger
let told: OwnerKey[]
let changed: string[]
let inForce: Map<string, Federation>
let created: Map<ObjectKey, string>
let book: StaticDataBook

beforeEach(() => {
  const claims = createLedger()
  told = []
  changed = []
  inForce = new Map()
  created = new Map()
  ledger = {
    ...claims,
    put: (owner, changes) => {
      changed.push(
        ...changes.map(({ name, answer }: ClaimChange) => (answer === undefined ? `-${name}` : name)),
      )
      claims.put(owner, changes)
    },
  }
  book = new StaticDataBook({
    ...{ namespace: NAMESPACE, ledger },
    scopes: (origin) => {
      const here = [...inForce.values()].filter(({ domain }) => domain === origin)
      return here.flatMap(({ topology }) => topology.scopes.map(({ suffix }) => suffix as DomainName)) // as it is made
    },
    zoneOf: (name) =>
      [...inForce.values()]
        .map(({ domain }) => domain)
        .filter((origin) => isWithin(name, origin))
        .sort((left, right) => right.length - left.length)[0],
    created: (key) => created.get(key),
    told: (owner) => told.push(owner),
  })
})

/** A Domain is in force as this says; without a zone: no more. */
function put(name: string, domain?: string, zoneFile?: string, defaultTTL = 180): void {
  if (domain === undefined) {
    inForce.delete(name)
    book.set(name, undefined)
    return
  }
  const origin = parseDomainName(domain)
  const before = inForce.get(name)
  const federation: Federation = {
    ...{ name, domain: origin },
    settings: domainSettings({ metadata: { name }, domain, defaultTTL }),
    topology: before?.topology ?? planTopology({ federation: name, domain: origin, clusters: [] }, undefined),
    ...(zoneFile === undefined ? {} : { zoneFile }),
  }
  inForce.set(name, federation)
  book.set(name, federation)
}

const published = (): readonly string[] =>
  [...ledger.names()].toSorted().flatMap((name) => {
    const entry = ledger.get(name)
    const sets = entry?.answer.kind === 'records' ? entry.answer.sets : []
    return linesOf([[name, sets]]).map((line) => `${line} (${entry?.owner.split('/')[2]})`)
  })
/** By name, its records in the order in which they are sent: the lines of a text may change places, and that is a change. */
const inOrder = (): ReadonlyMap<string, string> =>
  new Map([...ledger.names()].map((name) => [name, JSON.stringify(ledger.get(name)?.answer)]))
const problems = (name = 'fed') => book.state(name)?.problems

describe('what is published', () => {
  it('is what the text says, under the Domain', () => {
    put('fed', 'example.com', '@ MX 10 mail\nmail 60 A 192.0.2.25\n')

    expect(published()).toEqual([
      'example.com. 180 MX 10 mail.example.com. (fed)',
      'mail.example.com. 60 A 192.0.2.25 (fed)',
    ])
    expect(ledger.get(parseDomainName('mail.example.com'))?.owner).toBe(`Domain/${NAMESPACE}/fed`)
    expect(book.state('fed')).toMatchObject({ names: 2, problems: [], leftOut: [], warnings: [] })
  })

  it('changes with the text: the names that differ, and no others', () => {
    put('fed', 'example.com', 'a A 192.0.2.1\nb A 192.0.2.2\nc A 192.0.2.3\n')
    changed = []
    put('fed', 'example.com', '; moved down\nb A 192.0.2.2\nc A 192.0.2.4\nd A 192.0.2.5\n')

    expect(changed.toSorted()).toEqual(['-a.example.com.', 'c.example.com.', 'd.example.com.'])
    expect(published()).toHaveLength(3)
  })

  it('stays untouched when the Domain changes something else', () => {
    put('fed', 'example.com', 'a A 192.0.2.1')
    changed = []
    put('fed', 'example.com', 'a A 192.0.2.1')

    expect(changed).toEqual([])
  })

  it('has addresses in the order of the text, also when its lines change places', () => {
    put('fed', 'example.com', 'a A 192.0.2.2\na A 192.0.2.1\nb A 192.0.2.1')
    const first = inOrder().get('a.example.com.')
    changed = []
    put('fed', 'example.com', 'b A 192.0.2.1\na A 192.0.2.1\na A 192.0.2.2')

    expect(changed).toEqual(['a.example.com.'])
    expect(inOrder().get('a.example.com.')).not.toBe(first)
  })

  it('has the default TTL of the Domain, also when that changes', () => {
    put('fed', 'example.com', 'a A 192.0.2.1\nb 5 A 192.0.2.2')
    changed = []
    put('fed', 'example.com', 'a A 192.0.2.1\nb 5 A 192.0.2.2', 60)

    expect(changed).toEqual(['a.example.com.'])
    expect(published()).toContain('a.example.com. 60 A 192.0.2.1 (fed)')
  })

  it('moves with the zone', () => {
    put('fed', 'example.com', 'a A 192.0.2.1')
    put('fed', 'example.org', 'a A 192.0.2.1')

    expect(published()).toEqual(['a.example.org. 180 A 192.0.2.1 (fed)'])
  })

  it.each([
    { name: 'the field', act: () => put('fed', 'example.com') },
    { name: 'the Domain', act: () => put('fed') },
  ])('goes with $name', ({ act }) => {
    put('fed', 'example.com', 'a A 192.0.2.1')
    act()

    expect(published()).toEqual([])
    expect(book.state('fed')).toBeUndefined()
    expect(told.at(-1)).toBe(`Domain/${NAMESPACE}/fed`)
  })

  it('is nothing of a text that is broken', () => {
    put('fed', 'example.com', 'a A 192.0.2.1\nb A nothing')

    expect([published(), book.state('fed')?.names]).toEqual([[], 0])
  })
})

describe('names that several have', () => {
  it('two Domains of one zone have their texts beside each other; the older has what both say', () => {
    created.set(objectKey(NAMESPACE, 'young'), '2026-02-01T00:00:00Z')
    created.set(objectKey(NAMESPACE, 'old'), '2026-01-01T00:00:00Z')
    put('old', 'example.com', 'a A 192.0.2.1\nboth A 192.0.2.1')
    put('young', 'example.com', 'b A 192.0.2.2\nboth A 192.0.2.2')

    expect(published()).toEqual([
      'a.example.com. 180 A 192.0.2.1 (old)',
      'b.example.com. 180 A 192.0.2.2 (young)',
      'both.example.com. 180 A 192.0.2.1 (old)',
    ])
    expect(ledger.conflicts(`Domain/${NAMESPACE}/young` as OwnerKey)).toEqual([
      { name: 'both.example.com.', winner: `Domain/${NAMESPACE}/old` },
    ])
  })

  it.each(['canonical', 'external', 'open'] as const)('go before names of the class %s', (nameClass) => {
    const name = parseDomainName('web.shop.fed.svc.example.com')
    const key = objectKey('shop', 'web')
    const rank = rankOf({ nameClass, creationTimestamp: '2000-01-01T00:00:00Z', key })
    const owner = `ServiceDNSRecord/${key}` as OwnerKey // as ownerKey() makes it
    ledger.put({ key: owner, rank }, [{ name, answer: { kind: 'records', sets: [] }, urgent: false }])
    put('fed', 'example.com', 'web.shop.fed.svc A 192.0.2.1')

    expect(ledger.get(name)?.owner).toBe(`Domain/${NAMESPACE}/fed`)
    expect(ledger.conflicts(owner)).toEqual([{ name, winner: `Domain/${NAMESPACE}/fed` }])
  })
})

describe('what cannot be served is told, all else is published', () => {
  it.each([
    {
      name: 'a delegation above names of the federation',
      in: 'svc NS ns.example.net.\nok A 192.0.2.1',
      want: ['NS records of svc.example.com. would hide names of the federation under fed.svc.example.com.'],
    },
    {
      name: 'a DNAME among them',
      in: 'x.fed.svc DNAME example.net.\nok A 192.0.2.1',
      want: [
        'DNAME records of x.fed.svc.example.com. would hide names of the federation under fed.svc.example.com.',
      ],
    },
    {
      name: 'records that the server makes itself',
      in: '@ DNSKEY 257 3 13 AAAA\nok A 192.0.2.1',
      want: ['DNSKEY records are made by this server'],
    },
  ])('$name', (row) => {
    put('fed', 'example.com', row.in)

    expect(problems()).toEqual(row.want)
    expect(published()).toEqual(['ok.example.com. 180 A 192.0.2.1 (fed)'])
  })

  it('a cut is looked at again when another Domain of the zone comes and goes', () => {
    put('fed', 'example.com', 'other.svc NS ns.example.net.\na A 192.0.2.1')
    expect(problems()).toEqual([])

    changed = []
    put('other', 'example.com')
    expect(problems()).toHaveLength(1)
    expect(changed).toEqual(['-other.svc.example.com.'])

    put('other')
    expect([problems(), published().length]).toEqual([[], 2])
  })

  it('a cut that would hide the static data of another Domain, as long as it would', () => {
    put('fed', 'example.com', 'deep A 192.0.2.1\ncut NS ns.example.net.')
    put('other', 'example.com', 'www.cut A 192.0.2.2\na.b.www.cut A 192.0.2.3')

    expect(problems()).toEqual(['NS records of cut.example.com. would hide static data below it'])
    expect(published()).not.toContain('cut.example.com. 180 NS ns.example.net. (fed)')

    put('other', 'example.com', 'www A 192.0.2.2')
    expect(problems()).toEqual([])
    expect(published()).toContain('cut.example.com. 180 NS ns.example.net. (fed)')
  })

  it.each([
    { name: 'a name with static data below it', in: 'b.example.com', want: true },
    { name: 'a name further above', in: 'example.com', want: true },
    { name: 'the name itself', in: 'a.b.example.com', want: false },
    { name: 'a name beside it', in: 'c.example.com', want: false },
    { name: 'the top level, where our zone ends', in: 'com', want: false },
  ])('knows what stands above static data: $name', (row) => {
    put('fed', 'example.com', 'a.b A 192.0.2.1')

    expect(book.isAbove(parseDomainName('example.com'), parseDomainName(row.in))).toBe(row.want)
    expect(book.isAbove(parseDomainName('example.org'), parseDomainName(row.in))).toBe(false)
  })

  it('what is in a zone of its own belongs to that, as long as there is one', () => {
    put('fed', 'example.com', 'sub NS ns.sub\nns.sub A 192.0.2.1\na A 192.0.2.1')
    put('inner', 'sub.example.com', 'www A 192.0.2.2')

    expect(published()).toEqual([
      'a.example.com. 180 A 192.0.2.1 (fed)',
      'www.sub.example.com. 180 A 192.0.2.2 (inner)',
    ])
    expect(problems()).toEqual([
      'sub.example.com. is in the zone sub.example.com., which is served here: its own Domain gives its records',
      'ns.sub.example.com. is in the zone sub.example.com., which is served here: its own Domain gives its records',
    ])

    put('inner')
    expect([problems(), published().length]).toEqual([[], 3])
  })
})

describe('properties', () => {
  const record = fc
    .tuple(
      fc.constantFrom('a', 'b', 'c', '*.d', '@'),
      fc.constantFrom('A 192.0.2.1', 'A 192.0.2.2', 'TXT x', '7 TXT x', 'MX 1 a'),
    )
    .map(([name, data]) => `${name} ${data}`)
  const text = fc.array(record, { maxLength: 8 }).map((lines) => lines.join('\n'))

  it('after any texts, what is published is what the last one says alone, and changes are the names that differ', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (texts) => {
        put('fed')
        for (const each of texts.slice(0, -1)) put('fed', 'example.com', each)
        const before = inOrder()
        changed = []
        put('fed', 'example.com', texts.at(-1))
        const after = inOrder()
        const namesChanged = changed.map((name) => name.replace('-', ''))
        put('fed')
        put('fed', 'example.com', texts.at(-1))

        expect(after).toEqual(inOrder())
        const names = [...before.keys(), ...after.keys()]
        const moved = names.filter((name) => before.get(name) !== after.get(name))
        expect(new Set(namesChanged)).toEqual(new Set(moved))
      }),
    )
  })
})
