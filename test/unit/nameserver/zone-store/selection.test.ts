import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { Answer, Selection, Variants } from '../../../../src/dns/records.ts'
import { address } from '../../../support/dns-lines.ts'
import { rotationProblems } from '../../../support/rotation-oracle.ts'
import { TestStore } from '../../../support/dns-store.ts'
import { setsOf } from '../../../support/dns-map-view.ts'

const NAME = parseDomainName('www.example')
const SOA = 'example 60 SOA ns.example host.example 1 2 3 4 15'
const IN_TURN: Selection = { most: 0, rotate: true }
const AS_GIVEN: Selection = { most: 0, rotate: false }

const ipv4 = (count: number) => Array.from({ length: count }, (_, i) => address(`10.0.${i >> 8}.${i & 255}`))
const ipv6 = (count: number) =>
  Array.from({ length: count }, (_, i) => address(`2001:db8::${(i + 1).toString(16)}`))
const lists = (...indices: readonly (readonly number[])[]): readonly Uint16Array[] =>
  indices.map((list) => Uint16Array.from(list))
const by = (how: Variants['by'], ...indices: readonly (readonly number[])[]): Variants => ({
  by: how,
  lists: lists(...indices),
})

function serving(answer: Pick<Extract<Answer, { kind: 'addresses' }>, 'a' | 'aaaa' | 'select'>): TestStore {
  const store = new TestStore(32 * 1024 * 1024).serve(['example'], [SOA])
  store.publish({ name: NAME, answer: { kind: 'addresses', ttlSeconds: 30, ...answer } })
  return store
}

type Asked = { readonly type?: 'A' | 'AAAA'; readonly network?: number; readonly over?: 'udp' | 'tcp' }

/** The addresses given, in their order. */
function given(store: TestStore, { type = 'A', network = 0, over = 'udp' }: Asked = {}): readonly string[] {
  const lines = store.ask({ ask: `www.example ${type}`, edns: {} }, over, network)?.answer ?? []
  return lines.map((line) => line.split(' ').at(-1) ?? '')
}

function many(store: TestStore, count: number, asked: Asked = {}): readonly (readonly string[])[] {
  return Array.from({ length: count }, () => given(store, asked))
}

describe('without lists', () => {
  const a = ipv4(3)
  const aaaa = ipv6(2)

  it('all addresses come in the order given', () => {
    const store = serving({ a, aaaa, select: AS_GIVEN })

    expect([...many(store, 5), ...many(store, 5, { type: 'AAAA' })]).toEqual([
      ...Array.from({ length: 5 }, () => a),
      ...Array.from({ length: 5 }, () => aaaa),
    ])
  })

  it('at most so many of each family are given', () => {
    const store = serving({ a, aaaa, select: { most: 2, rotate: false } })

    expect([given(store), given(store, { type: 'AAAA' })]).toEqual([a.slice(0, 2), aaaa])
  })

  it.each(['udp', 'tcp'] as const)(
    'in turn they agree with the plain reading of the rule, over %s',
    (over) => {
      fc.assert(
        fc.property(
          fc.integer({ min: 1, max: 30 }),
          fc.integer({ min: 0, max: 12 }),
          fc.constantFrom('A' as const, 'AAAA' as const),
          (count, most, type) => {
            const addresses = type === 'A' ? ipv4(count) : ipv6(count)
            const store = serving({ a: ipv4(count), aaaa: ipv6(count), select: { most, rotate: true } })

            const answers = many(store, 4 * count, { type, over })

            expect(rotationProblems(answers, { addresses, most })).toEqual([])
            expect(store.slow).toBe(0)
          },
        ),
        { numRuns: 40 },
      )
    },
  )

  it('in turn, A and AAAA do not go together: asking for both does not tie one order to the other', () => {
    const store = serving({ a: ipv4(2), aaaa, select: IN_TURN })
    const pairs = new Map<string, number>()

    for (let i = 0; i < 2_000; i += 1) {
      const pair = `${given(store)[0]} ${given(store, { type: 'AAAA' })[0]}`
      pairs.set(pair, (pairs.get(pair) ?? 0) + 1)
    }

    expect(pairs.size).toBe(4)
    expect(Math.min(...pairs.values())).toBeGreaterThan(400)
  })

  it('in turn on the general path too, where each family moves with every query', () => {
    const store = serving({ a, aaaa, select: IN_TURN })
    const counts = new Map<string, number>()
    const query = { ask: 'www.example A', edns: { options: [{ code: 3, data: new Uint8Array() }] } }

    for (let i = 0; i < 3_000; i += 1) {
      const first = store.ask(query)?.answer?.[0] ?? ''
      counts.set(first, (counts.get(first) ?? 0) + 1)
    }

    expect(store.slow).toBe(3_000)
    expect(counts.size).toBe(3)
    expect(Math.min(...counts.values())).toBeGreaterThan(900)
  })

  it('a window in turn is made of addresses that come from far apart', () => {
    const store = serving({ a: ipv4(64), aaaa: [], select: { most: 4, rotate: true } })

    for (const answer of many(store, 64)) {
      const numbers = answer.map((text) => Number(text.split('.').at(-1))).sort((x, y) => x - y)
      const gaps = numbers.slice(1).map((number, i) => number - (numbers[i] ?? 0))
      expect(Math.min(...gaps)).toBeGreaterThan(8)
    }
  })

  it('names of very many addresses are served a window at a time', () => {
    const a = ipv4(6_000) // one message could not hold them
    const store = serving({ a, aaaa: [], select: { most: 8, rotate: true } })

    const seen = new Set(many(store, 12_000).flat())

    expect(seen.size).toBe(6_000)
  })

  it('what all of it together would not fit into a message is refused', () => {
    expect(() => serving({ a: ipv4(6_000), aaaa: [], select: IN_TURN })).toThrow('no room')
  })
})

describe('records of any type', () => {
  const answer: Answer = {
    kind: 'records',
    sets: [...setsOf({ kind: 'addresses', ttlSeconds: 30, a: ipv4(12), aaaa: ipv6(3) })],
  }

  function servingRecords(select?: Selection): TestStore {
    const store = new TestStore().serve(['example'], [SOA])
    store.publish({ name: NAME, answer: { ...answer, ...(select === undefined ? {} : { select }) } })
    return store
  }

  it('come in their order without a selection', () => {
    expect(many(servingRecords(), 3)).toEqual([ipv4(12), ipv4(12), ipv4(12)])
  })

  it('have their addresses in turn with one, and no more than it says', () => {
    const store = servingRecords({ most: 8, rotate: true })

    expect(rotationProblems(many(store, 48), { addresses: ipv4(12), most: 8 })).toEqual([])
    expect(rotationProblems(many(store, 9, { type: 'AAAA' }), { addresses: ipv6(3), most: 8 })).toEqual([])
  })

  it('count their addresses through A, then AAAA', () => {
    const store = servingRecords({ ...AS_GIVEN, variants: by('network', [13, 2]) })

    expect([given(store), given(store, { type: 'AAAA' })]).toEqual([['10.0.0.2'], ['2001:db8::2']])
  })
})

describe('lists', () => {
  const a = ipv4(3)
  const aaaa = ipv6(2)

  it('give addresses in their order, each family its own', () => {
    const store = serving({ a, aaaa, select: { ...AS_GIVEN, variants: by('place', [2, 4, 0, 3]) } })

    expect([given(store), given(store, { type: 'AAAA' })]).toEqual([
      [a[2], a[0]],
      [aaaa[1], aaaa[0]],
    ])
  })

  it('give at most so many of a family', () => {
    const store = serving({
      a,
      aaaa,
      select: { most: 1, rotate: false, variants: by('place', [2, 1, 4, 3]) },
    })

    expect([given(store), given(store, { type: 'AAAA' })]).toEqual([[a[2]], [aaaa[1]]])
  })

  it('have no data for a family that they leave out', () => {
    const store = serving({ a, aaaa, select: { ...AS_GIVEN, variants: by('place', [0]) } })
    const reply = store.ask('www.example AAAA')

    expect(reply).toMatchObject({
      rcode: 'NOERROR',
      authority: ['example. 15 SOA ns.example. host.example. 1 2 3 4 15'],
    })
    expect(reply?.answer).toBeUndefined()
    expect(store.ask('www.example AAAA', 'tcp')).toEqual(reply)
  })

  it('are the same every time for a client of one network', () => {
    const store = serving({
      a,
      aaaa,
      select: { ...AS_GIVEN, variants: by('network', [0, 1], [1, 2], [2, 0]) },
    })

    const ofClients = [0, 1, 2, 3, 0xffff_ffff].map(
      (network) => new Set(many(store, 9, { network }).map(String)),
    )

    expect(ofClients.map((answers) => [...answers])).toEqual([
      [`${a[0]},${a[1]}`],
      [`${a[1]},${a[2]}`],
      [`${a[2]},${a[0]}`],
      [`${a[0]},${a[1]}`],
      [`${a[0]},${a[1]}`],
    ])
  })

  it('in turn come equally often, exactly so in rounds of as many as there are', () => {
    const share = [[0], [0], [0], [0], [1], [1], [1], [2]]
    const store = serving({ a, aaaa, select: { ...AS_GIVEN, variants: by('turn', ...share) } })

    const answers = many(store, 8 * 100 + 7).map(String) // a hundred rounds, wherever they begin
    const offsets = [0, 1, 2, 3, 4, 5, 6, 7].map((offset) => answers.slice(offset, offset + 800))
    const counts = offsets.map((part) => a.map((one) => part.filter((given) => given === one).length))

    expect(counts).toContainEqual([400, 300, 100])
    expect(counts.every(([most = 0]) => Math.abs(most - 400) <= 4)).toBe(true)
  })

  it('rotate in themselves where the selection says so', () => {
    const select: Selection = { most: 2, rotate: true, variants: by('network', [0, 1, 2], [2]) }
    const store = serving({ a, aaaa: [], select })

    expect(rotationProblems(many(store, 12), { addresses: a, most: 2 })).toEqual([])
    expect(many(store, 3, { network: 1 })).toEqual([[a[2]], [a[2]], [a[2]]])
  })

  it('give no address twice, and none that is not there', () => {
    const list = [...Array.from({ length: 300 }, (_, i) => i % 2), 9, 700]

    expect(given(serving({ a, aaaa, select: { ...AS_GIVEN, variants: by('place', list) } }))).toEqual(
      a.slice(0, 2),
    )
  })

  it('may be none: then all addresses are meant', () => {
    expect(given(serving({ a, aaaa, select: { ...AS_GIVEN, variants: by('network') } }))).toEqual(a)
  })

  it('reach addresses beyond what one octet counts', () => {
    const a = ipv4(1_000)
    const select = {
      ...AS_GIVEN,
      variants: by(
        'network',
        [999, 256],
        [300],
        Array.from({ length: 400 }, (_, i) => 2 * i),
      ),
    }
    const store = serving({ a, aaaa: [], select })
    const of = (network: number) => given(store, { network, over: 'tcp' })

    expect([of(0), of(1)]).toEqual([[a[999], a[256]], [a[300]]])
    expect(of(2)).toEqual(Array.from({ length: 400 }, (_, i) => a[2 * i]))
  })
})

describe('any lists', () => {
  const anyLists = fc.array(fc.array(fc.nat(14), { maxLength: 12 }), { minLength: 1, maxLength: 70 })
  const anyNetwork = fc.integer({ min: 0, max: 2 ** 32 - 1 })

  it('by network give what the list says, read plainly, on either path', () => {
    fc.assert(
      fc.property(
        fc.record({ v4: fc.nat(6), v6: fc.nat(6), most: fc.nat(4) }),
        fc.record({
          lists: anyLists,
          network: anyNetwork,
          type: fc.constantFrom('A' as const, 'AAAA' as const),
        }),
        ({ v4, v6, most }, { lists, network, type }) => {
          const [a, aaaa] = [ipv4(v4), ipv6(v6)]
          const select = { most, rotate: false, variants: by('network', ...lists) }
          const store = serving({ a, aaaa, select })
          const own: readonly string[] = type === 'A' ? a : aaaa

          const list = new Set(lists[network % lists.length]?.map((index) => [...a, ...aaaa][index] ?? ''))
          const said = [...list].filter((one) => own.includes(one))
          const want = most === 0 ? said : said.slice(0, most)
          const slow = {
            ask: `www.example ${type}`,
            edns: { options: [{ code: 3, data: new Uint8Array() }] },
          }

          expect(given(store, { type, network })).toEqual(want)
          expect(store.slow).toBe(0)
          const general = store.ask(slow, 'udp', network)?.answer ?? []
          expect(general.map((line) => line.split(' ').at(-1))).toEqual(want)
          expect(store.slow).toBe(1)
        },
      ),
    )
  })
})

describe('room', () => {
  /** Octets of the store for a name, over many names of the same kind. */
  function octetsOf(answer: Pick<Extract<Answer, { kind: 'addresses' }>, 'a' | 'aaaa' | 'select'>): number {
    const store = new TestStore(64 * 1024 * 1024).serve(['example'], [SOA])
    const names = 20_000
    const before = store.writer.usage().usedBytes
    for (let i = 0; i < names; i += 1) {
      const name = parseDomainName(
        `service-${String(i).padStart(6, '0')}.namespace-007.myfederation.svc.us-east1.example`,
      )
      store.publish({ name, answer: { kind: 'addresses', ttlSeconds: 30, ...answer } })
    }
    return (store.writer.usage().usedBytes - before) / names
  }

  it('is not taken for a name of one address', () => {
    const plain = octetsOf({ a: ipv4(1), aaaa: ipv6(1) })

    expect(octetsOf({ a: ipv4(1), aaaa: ipv6(1), select: { most: 8, rotate: true } })).toBe(plain)
  })

  it('is next to nothing for rotation, however many addresses there are', () => {
    const plain = octetsOf({ a: ipv4(40), aaaa: [] })

    expect(octetsOf({ a: ipv4(40), aaaa: [], select: { most: 8, rotate: true } }) - plain).toBeLessThan(16)
  })

  it('is bounded for 64 variants of one address, and of eight', () => {
    const of = (length: number): Variants => ({
      by: 'network',
      lists: Array.from({ length: 64 }, (_, i) => Uint16Array.from({ length }, (_, k) => (i + 5 * k) % 40)),
    })
    const plain = octetsOf({ a: ipv4(40), aaaa: [] })

    expect(
      octetsOf({ a: ipv4(40), aaaa: [], select: { ...AS_GIVEN, variants: of(1) } }) - plain,
    ).toBeLessThan(260)
    expect(
      octetsOf({ a: ipv4(40), aaaa: [], select: { ...AS_GIVEN, variants: of(8) } }) - plain,
    ).toBeLessThan(640)
  })
})
