import fc from 'fast-check'
import { beforeEach, describe, expect, it } from 'vitest'
import { answer } from '../../../../src/dns/answer/answer.ts'
import type { Transport } from '../../../../src/dns/answer/context.ts'
import { keySets } from '../../../../src/dns/dnssec/key-sets.ts'
import { planKeys } from '../../../../src/dns/dnssec/key-times.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { NameChange } from '../../../../src/dns/records.ts'
import { decodeMessage } from '../../../../src/dns/wire/decode.ts'
import { OnlineSigner } from '../../../../src/nameserver/dnssec/online-signer.ts'
import { askedOver } from '../../../support/dns-asker.ts'
import { address, changesOf } from '../../../support/dns-lines.ts'
import { MapView } from '../../../support/dns-map-view.ts'
import { queryBytes, type QueryShape } from '../../../support/dns-query.ts'
import { TestStore } from '../../../support/dns-store.ts'
import { CHILD, EDWARDS, zoneKeyOf } from '../../../support/dnssec-keys.ts'
import { ALWAYS, DO, DO_CO, SignedStore, signingZones } from '../../../support/dnssec-zone.ts'

// Ed25519 gives the same signature every time: whole messages can be compared.
const KEYS = [EDWARDS, CHILD].map((key) => zoneKeyOf(key, ALWAYS))
const SOA = 'ns1.signed.test. hostmaster.signed.test. 7 60 15 1209600 15'
const ORIGINS = ['signed.test', 'child.signed.test', 'plain.test']
const LINES = [
  `signed.test. 3600 SOA ${SOA}`,
  'signed.test. 3600 NS ns1.signed.test.',
  'ns1.signed.test. 300 A 192.0.2.53',
  'www.signed.test. 30 A 192.0.2.1',
  'www.signed.test. 30 A 192.0.2.2',
  'www.signed.test. 30 AAAA 2001:db8::1',
  'txt.signed.test. 60 TXT "hello"',
  ...Array.from({ length: 8 }, (_, i) => `long.signed.test. 60 TXT ${120 + i}*x`),
  'a.b.ent.signed.test. 30 A 192.0.2.3',
  'alias.signed.test. 30 CNAME www.signed.test.',
  'twice.signed.test. 30 CNAME alias.signed.test.',
  'gone.signed.test. 30 CNAME nothing.signed.test.',
  'empty.signed.test. 30 CNAME ent.signed.test.',
  'over.signed.test. 30 CNAME www.plain.test.',
  'down.signed.test. 30 CNAME www.child.signed.test.',
  'claimed.signed.test.',
  'mail.signed.test. 30 MX 10 www.signed.test.',
  'child.signed.test. 300 SOA ns1.signed.test. hostmaster.signed.test. 7 60 15 1209600 5',
  'www.child.signed.test. 30 A 192.0.2.77',
  `plain.test. 60 SOA ${SOA}`,
  'www.plain.test. 30 A 192.0.2.99',
  'back.plain.test. 30 CNAME www.signed.test.',
  'mail.plain.test. 30 MX 10 www.signed.test.',
  'own.plain.test. 30 MX 10 www.plain.test.',
]

const CHANGES: readonly NameChange[] = changesOf(LINES).map((change) => {
  const own = KEYS.filter(({ zone }) => zone === change.name)
  if (own.length === 0 || change.answer?.kind !== 'records') return change
  const sets = [...change.answer.sets, ...keySets(change.name, planKeys(own, 0))]
  return { ...change, answer: { kind: 'records', sets } }
})
const NAMES = [
  ...new Set([...LINES.map((line) => line.split(' ')[0]!), 'ent.signed.test.', 'nope.signed.test.']),
]
const TYPES = ['A', 'AAAA', 'TXT', 'SOA', 'DNSKEY', 'CNAME', 'DS', 'NSEC', 'RRSIG', 'ANY', 'MX', 'TYPE666']

function newSigner(): OnlineSigner {
  const signer = new OnlineSigner({ limits: { unprovenPerSecond: 1e6, provenPerSecond: 1e6 } })
  signer.setZones(signingZones(KEYS, 0))
  return signer
}

/** Of dns/answer. */
const BY_RULES = newSigner()

let signer: OnlineSigner
let store: TestStore
let view: MapView
beforeEach(() => {
  signer = newSigner()
  store = new TestStore(undefined, { signer })
  view = new MapView()
  for (const writer of [store.writer, view]) writer.publish(CHANGES)
  for (const origin of ORIGINS) {
    store.state(origin, 'serving')
    view.setState(origin, 'serving')
  }
})

/** What both ways say. */
function both(query: Buffer, transport: Transport = 'udp'): readonly [unknown, unknown] {
  const byStore = store.octets(query, transport)
  const byRules = answer(query, view, askedOver(transport, { signer: BY_RULES }))
  return [byStore && decodeMessage(byStore), byRules && decodeMessage(byRules)]
}

describe('signed answers on the fast path', () => {
  it('are those of dns/answer, for every name and type, asked twice', () => {
    for (const name of NAMES)
      for (const type of TYPES)
        for (const edns of [undefined, {}, DO, DO_CO])
          for (let i = 0; i < 2; i += 1) {
            const query = queryBytes({ ask: `${name} ${type}`, ...(edns === undefined ? {} : { edns }) })
            const [fast, general] = both(query)
            expect(fast).toEqual(general)
          }
  })

  it('are those of dns/answer whatever flags and sizes a query has', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMES),
        fc.constantFrom(...TYPES),
        fc.integer({ min: 0, max: 0xffff }),
        fc.integer({ min: 0, max: 0xffff }),
        fc.integer({ min: 0, max: 1_300 }),
        fc.constantFrom<Transport>('udp', 'tcp'),
        (name, type, flags, header, payloadBytes, transport) => {
          const shape: QueryShape = {
            ask: `${name} ${type}`,
            flags: header & 0x07f0,
            edns: { flags, payloadBytes },
          }
          const [fast, general] = both(queryBytes(shape), transport)
          expect(fast).toEqual(general)
        },
      ),
    )
  })

  it.each([
    { name: 'a set', ask: 'www.signed.test A' },
    { name: 'an alias and where it leads', ask: 'twice.signed.test AAAA' },
    { name: 'keys', ask: 'signed.test DNSKEY' },
    { name: 'a type that is not there', ask: 'www.signed.test TXT' },
    { name: 'an empty non-terminal', ask: 'b.ent.signed.test A' },
    { name: 'an alias of one', ask: 'empty.signed.test A' },
    { name: 'an alias into another zone', ask: 'down.signed.test A' },
    { name: 'a name that does not exist', ask: 'nope.signed.test A' },
    { name: 'an alias of one', ask: 'gone.signed.test A' },
  ])('$name: stays on it, and is signed once', ({ ask }) => {
    const query = queryBytes({ ask, edns: DO })
    const first = store.octets(query)
    const made = signer.signatures

    expect(store.octets(query)).toEqual(first)
    expect([store.slow, signer.signatures]).toEqual([0, made])
    expect(made).toBeGreaterThan(0)
  })

  it.each([
    { name: 'NSEC, which is made when it is asked for', ask: 'www.signed.test NSEC' },
    { name: 'an answer that has no room for its signature', ask: 'long.signed.test TXT' },
  ])('leaves to dns/answer: $name', ({ ask }) => {
    store.octets(queryBytes({ ask, edns: DO }))

    expect(store.slow).toBe(1)
  })

  it('names that do not exist and cost too much in this second are left to dns/answer, which sends them to TCP', () => {
    const zones = new SignedStore({
      ...{ origins: ['signed.test'], lines: LINES.slice(0, 2), keys: KEYS },
      limits: { unprovenPerSecond: 1, provenPerSecond: 1 },
    })
    const flags = ['a', 'b', 'b', 'a'].map((label) => zones.ask(`${label}.signed.test A`).flags)

    expect(flags).toEqual(['qr aa', 'qr tc', 'qr tc', 'qr aa'])
    expect(zones.ask('b.signed.test A', 'tcp').flags).toBe('qr aa')
    expect(zones.ask('c.signed.test A', 'tcp').rcode).toBe('SERVFAIL')
  })

  it('names that do not exist, of one hash in a table of few places, keep their own proofs', () => {
    const queries = Array.from({ length: 6_000 }, (_, i) =>
      queryBytes({ ask: `x${i}.signed.test A`, edns: DO }),
    )
    for (const query of queries) store.octets(query)

    for (const query of queries.filter((_, i) => i % 50 === 0)) {
      const [fast, general] = both(query)
      expect(fast).toEqual(general)
    }
  })

  it('a change of a name changes its signature', () => {
    const query = queryBytes({ ask: 'www.signed.test A', edns: DO })
    store.octets(query)

    for (const writer of [store.writer, view]) writer.publish(changesOf(['www.signed.test. 31 A 192.0.2.1']))

    const [fast, general] = both(query)
    expect(fast).toEqual(general)
  })

  it('a change of the negative TTL changes proofs', () => {
    const query = queryBytes({ ask: 'txt.signed.test A', edns: DO })
    store.octets(query)
    const soa = changesOf([`signed.test. 3600 SOA ${SOA.replace(/15$/, '9')}`])
    for (const writer of [store.writer, view]) writer.publish(soa)

    const [fast, general] = both(query)
    expect(fast).toEqual(general)
  })

  it('a zone that comes between a name and its zone signs it from then on', () => {
    const query = queryBytes({ ask: 'a.b.ent.signed.test A', edns: DO })
    store.octets(query)
    for (const writer of [store.writer, view]) writer.publish(changesOf([`b.ent.signed.test. 60 SOA ${SOA}`]))
    store.state('b.ent.signed.test', 'serving')
    view.setState('b.ent.signed.test', 'serving')

    const [fast, general] = both(query)
    expect(fast).toEqual(general)
  })

  it('other keys sign from the next query on, and no keys not at all', () => {
    const query = { ask: 'www.signed.test A', edns: DO }
    store.ask(query)

    signer.setZones([])

    expect(store.ask(query)?.answer).toHaveLength(2)
    signer.setZones(signingZones(KEYS, 0))
    expect(store.ask(query)?.answer).toHaveLength(3)
  })

  it('is renewed when it is due', () => {
    const query = queryBytes({ ask: 'www.signed.test A', edns: DO })
    store.octets(query)
    const made = signer.signatures
    Object.defineProperty(store.client, 'nowSeconds', { value: 3 * 86_400 })

    store.octets(query)

    expect(signer.signatures).toBe(made + 1)
  })

  it('every choice among addresses is signed by itself, once, whatever its order', () => {
    const zones = new SignedStore({ origins: ['signed.test'], lines: LINES.slice(0, 2), keys: KEYS })
    const addresses = Array.from({ length: 4 }, (_, i) => address(`192.0.2.${i}`))
    zones.store.publish({
      name: parseDomainName('many.signed.test'),
      answer: {
        kind: 'addresses',
        ttlSeconds: 30,
        a: addresses,
        aaaa: [],
        select: { most: 2, rotate: true },
      },
    })

    const answers = new Set(
      Array.from({ length: 100 }, () => JSON.stringify(zones.ask('many.signed.test A').answer)),
    )

    expect(answers.size).toBeGreaterThan(1)
    expect(zones.signer.signatures).toBeLessThanOrEqual(6)
    expect(zones.store.slow).toBe(0)
  })

  it('a family that this choice leaves out is denied with the types of this choice', () => {
    const zones = new SignedStore({ origins: ['signed.test'], lines: LINES.slice(0, 2), keys: KEYS })
    const variants = { by: 'place', lists: [Uint16Array.of(0)] } as const
    zones.store.publish({
      name: parseDomainName('half.signed.test'),
      answer: {
        ...{ kind: 'addresses', ttlSeconds: 30, select: { most: 0, rotate: false, variants } },
        ...{ a: [address('192.0.2.1')], aaaa: [address('2001:db8::1')] },
      },
    })

    const proof = zones.ask('half.signed.test AAAA').authority?.find((line) => line.includes(' NSEC '))

    expect(proof).toBe('half.signed.test. 15 NSEC \\000.half.signed.test. A RRSIG NSEC')
    expect(zones.store.slow).toBe(1)
  })
})
