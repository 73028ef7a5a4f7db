import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { answer } from '../../../../src/dns/answer/answer.ts'
import type { Transport } from '../../../../src/dns/answer/context.ts'
import { MAX_ALIAS_LINKS } from '../../../../src/dns/lookup.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { Answer, NameChange } from '../../../../src/dns/records.ts'
import type { ZoneState } from '../../../../src/nameserver/types.ts'
import { askedOver } from '../../../support/dns-asker.ts'
import { address, changesOf } from '../../../support/dns-lines.ts'
import { MapView } from '../../../support/dns-map-view.ts'
import { queryBytes, type QueryShape } from '../../../support/dns-query.ts'
import { replyOf } from '../../../support/dns-reply.ts'
import { TestStore } from '../../../support/dns-store.ts'

const ORIGINS = ['example', 'sub.example', 'other.test'] as const
const ASKED = [
  'A',
  'AAAA',
  'CNAME',
  'NS',
  'SOA',
  'TXT',
  'ANY',
  'MX',
  'SRV',
  'DS',
  'DNAME',
  'TYPE666',
  'AXFR',
  'NXNAME',
]
const soaOf = (origin: string): string => `${origin} 60 SOA ns.${origin} host.${origin} 1 2 3 4 15`

describe('the fast path', () => {
  const store = new TestStore().serve(
    ['example'],
    [
      soaOf('example'),
      'example. 60 NS ns.example.',
      'www.example. 30 MX 10 mail.example.',
      'www.example. 30 A 192.0.2.1',
      'www.example. 30 AAAA 2001:db8::1',
      'www.example. 30 TXT hello',
      'www.example. 30 HTTPS 1 . alpn="h2"',
      'alias.example. 30 CNAME www.example.',
      'away.example. 30 CNAME www.elsewhere.',
      'a.ent.example. 30 A 192.0.2.2',
    ],
  )
  store.state('loading.test', 'loading')

  it.each<{ name: string; in: QueryShape }>([
    { name: 'an address', in: { ask: 'www.example A' } },
    {
      name: 'an address, with EDNS, DO and options',
      in: {
        ask: 'www.example AAAA',
        edns: { flags: 0x8000, options: [{ code: 10, data: new Uint8Array(8) }] },
      },
    },
    { name: 'any other data type', in: { ask: 'www.example TXT' } },
    { name: 'an alias, followed', in: { ask: 'alias.example A' } },
    { name: 'an alias out of our zones', in: { ask: 'away.example A' } },
    { name: 'the SOA', in: { ask: 'example SOA' } },
    { name: 'name servers, with their addresses', in: { ask: 'example NS' } },
    { name: 'mail servers, with their addresses', in: { ask: 'www.example MX' } },
    { name: 'a service at its own name', in: { ask: 'www.example HTTPS' } },
    { name: 'no such type', in: { ask: 'www.example TYPE666' } },
    { name: 'an empty non-terminal', in: { ask: 'ent.example A' } },
    { name: 'no such name', in: { ask: 'nope.example A' } },
    { name: 'no zone of ours', in: { ask: 'www.elsewhere A' } },
    { name: 'a zone that is not served', in: { ask: 'www.loading.test A' } },
  ])('takes $name', ({ in: shape }) => {
    const before = store.slow

    expect(store.ask(shape)).toBeDefined()

    expect(store.slow).toBe(before)
  })

  it.each<{ name: string; in: QueryShape }>([
    { name: 'other opcodes', in: { ask: 'www.example A', opcode: 4 } },
    { name: 'other classes', in: { ask: 'www.example A', class: 3 } },
    { name: 'types that are no data', in: { ask: 'www.example ANY' } },
    { name: 'what the zone above may have to say', in: { ask: 'www.example DS' } },
    { name: 'other versions of EDNS', in: { ask: 'www.example A', edns: { version: 1 } } },
    { name: 'octets behind the query', in: { ask: 'www.example A', tail: [0] } },
    { name: 'two questions', in: { ask: 'www.example A', counts: [2, 0, 0, 0] } },
  ])('leaves $name to the general one', ({ in: shape }) => {
    const before = store.slow

    expect(store.ask(shape)).toBeDefined()

    expect(store.slow).toBe(before + 1)
  })
})

describe('chains of aliases', () => {
  const links = Array.from(
    { length: MAX_ALIAS_LINKS + 2 },
    (_, i) => `c${i}.example. 30 CNAME c${i + 1}.example.`,
  )
  const lines = [soaOf('example'), ...links, `c${MAX_ALIAS_LINKS + 2}.example. 30 A 192.0.2.1`]
  const store = new TestStore().serve(['example'], lines)
  const plain = new MapView()
  plain.publish(changesOf(lines))
  plain.setState('example', 'serving')

  it.each([
    { name: 'one link fewer than are given up is followed', from: 3, answers: MAX_ALIAS_LINKS },
    { name: 'so many are given up', from: 2, answers: MAX_ALIAS_LINKS },
    { name: 'more are given up at the same length', from: 0, answers: MAX_ALIAS_LINKS },
  ])('$name, on the fast path as on the other', ({ from, answers }) => {
    const query = queryBytes({ ask: `c${from}.example A`, edns: {} })
    const before = store.slow

    const reply = replyOf(store.octets(query)!)

    expect(reply).toEqual(replyOf(answer(query, plain, askedOver('udp'))!))
    expect(reply.answer).toHaveLength(answers)
    expect(store.slow).toBe(before)
  })
})

describe('against the plainest reading of the rules', () => {
  const label = fc.constantFrom('a', 'b', 'c', 'a', 'b', '*')
  const below = fc
    .tuple(fc.array(label, { minLength: 1, maxLength: 3 }), fc.constantFrom(...ORIGINS, 'nowhere'))
    .map(([labels, origin]) => `${labels.join('.')}.${origin}`)
  const anyName = fc.oneof(
    { weight: 6, arbitrary: below },
    { weight: 1, arbitrary: fc.constantFrom<string>(...ORIGINS) },
  )

  const answerAt = (name: string): fc.Arbitrary<Answer> => {
    const records = fc
      .subarray([
        soaOf(name),
        `${name} 60 NS ns.${name}`,
        `${name} 60 TXT x`,
        `${name} 60 A 192.0.2.7`,
        `${name} 60 MX 10 a.example.`,
        `${name} 60 MX 20 B.a.example.`,
        `${name} 60 SRV 0 5 443 www.nowhere.`,
        `${name} 60 SRV 0 5 444 ${name}.`,
        `${name} 60 SRV 0 5 443 ${name}.`,
        `${name} 60 SRV 0 5 443 .`,
        `${name} 60 DNAME b.example.`,
        `${name} 60 DS 1 13 2 00ff`,
      ])
      .map((lines) => changesOf([name, ...lines])[0]!.answer!) // one name, with an answer
    if (ORIGINS.some((origin) => origin === name)) return records
    return fc.oneof(
      records,
      fc.record({
        kind: fc.constant('addresses' as const),
        ttlSeconds: fc.integer({ min: 0, max: 300 }),
        a: fc.subarray(['192.0.2.1', '192.0.2.2'].map(address)),
        aaaa: fc.subarray(['2001:db8::1', '2001:db8::2'].map(address)),
      }),
      fc.record({
        kind: fc.constant('alias' as const),
        ttlSeconds: fc.constant(30),
        target: anyName.map(parseDomainName),
      }),
    )
  }

  const change: fc.Arbitrary<NameChange> = anyName.chain((name) =>
    fc.oneof(
      {
        weight: 3,
        arbitrary: answerAt(name).map((said) => ({
          name: parseDomainName(name),
          answer: said,
          urgent: false,
        })),
      },
      { weight: 1, arbitrary: fc.constant({ name: parseDomainName(name), urgent: false }) },
    ),
  )
  const state = fc.record({
    origin: fc.constantFrom<string>(...ORIGINS),
    state: fc.constantFrom<ZoneState>('serving', 'serving', 'serving', 'loading', 'expired', 'gone'),
  })
  const step = fc.oneof({ weight: 5, arbitrary: change }, { weight: 1, arbitrary: state })

  const query: fc.Arbitrary<QueryShape> = fc.record(
    {
      ask: fc
        .tuple(anyName, fc.boolean(), fc.constantFrom(...ASKED))
        .map(([name, upper, type]) => `${upper ? name.toUpperCase() : name} ${type}`),
      edns: fc.record({
        version: fc.constantFrom(0, 0, 0, 1),
        payloadBytes: fc.constantFrom(0, 512, 1232, 65_535),
        flags: fc.constantFrom(0, 0x8000),
        options: fc.array(fc.record({ code: fc.nat(20), data: fc.uint8Array({ maxLength: 4 }) }), {
          maxLength: 2,
        }),
      }),
      flags: fc.constantFrom(0, 0x0100, 0x07f0),
      tail: fc.constant([0]),
    },
    { requiredKeys: ['ask'] },
  )

  it('any zones, changed in any way, answer any query the same', () => {
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 40 }),
        fc.array(query, { minLength: 20, maxLength: 40 }),
        fc.constantFrom<Transport>('udp', 'tcp'),
        (steps, queries, transport) => {
          const store = new TestStore(1024 * 1024).serve(['example'], [soaOf('example')])
          const plain = new MapView()
          plain.publish(changesOf([soaOf('example')]))
          plain.setState('example', 'serving')
          for (const each of steps) {
            for (const target of [plain, store.writer]) {
              if ('origin' in each) target.setState(parseDomainName(each.origin), each.state)
              else if (!isRefused(each, plain)) target.publish([each])
            }
          }

          for (const shape of queries) {
            const octets = queryBytes(shape)
            const want = answer(octets, plain, askedOver(transport))
            const got = store.octets(octets, transport)

            expect(got === undefined ? got : replyOf(got)).toEqual(want === undefined ? want : replyOf(want))
          }
        },
      ),
      { numRuns: 400 },
    )
  })

  it('has names again exactly as published once all other names are withdrawn', () => {
    fc.assert(
      fc.property(fc.uniqueArray(below, { minLength: 1, maxLength: 20 }), fc.nat(), (names, which) => {
        const store = new TestStore(1024 * 1024).serve(['example'], [soaOf('example')])
        const kept = names[which % names.length]! // within bounds
        store.writer.publish(changesOf(names.map((name) => `${name} 30 A 192.0.2.1`)))

        store.withdraw(...names.filter((name) => name !== kept))

        const fresh = new TestStore(1024 * 1024).serve(
          ['example'],
          [soaOf('example'), `${kept} 30 A 192.0.2.1`],
        )
        for (const name of names) expect(store.ask(`${name} A`)).toEqual(fresh.ask(`${name} A`))
        expect(store.writer.usage().names).toBe(2)
      }),
    )
  })

  /** Origins of declared zones take records only; these are left out on both sides. */
  function isRefused(each: NameChange, plain: MapView): boolean {
    return each.answer !== undefined && each.answer.kind !== 'records' && plain.declares(each.name)
  }
})

describe('properties', () => {
  const store = new TestStore().serve(
    ['example'],
    [soaOf('example'), ...Array.from({ length: 100 }, (_, i) => `many.example. 30 A 192.0.2.${i}`)],
  )

  it('any octets get an answer that fits, or none', () => {
    const base = queryBytes({ ask: 'many.example A', edns: { payloadBytes: 4096 } })
    const mutated = fc
      .array(fc.tuple(fc.nat(base.length - 1), fc.nat(255)), { maxLength: 5 })
      .map((edits) =>
        edits.reduce((octets, [at, value]) => ((octets[at] = value), octets), Buffer.from(base)),
      )
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 600 }), mutated),
        fc.constantFrom<Transport>('udp', 'tcp'),
        (octets, transport) => {
          const response = store.octets(octets, transport)

          if (octets.length < 12 || (octets[2]! & 0x80) !== 0) expect(response).toBeUndefined()
          else expect(response!.length).toBeLessThanOrEqual(transport === 'udp' ? 1232 : 65_535)
        },
      ),
      { numRuns: 2000 },
    )
  })
})
