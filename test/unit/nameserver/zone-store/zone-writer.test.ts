import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { Answer } from '../../../../src/dns/records.ts'
import { createZoneMemory } from '../../../../src/nameserver/zone-store/zone-memory.ts'
import { SharedZoneReader } from '../../../../src/nameserver/zone-store/zone-reader.ts'
import { SharedZoneWriter, ZoneStoreError } from '../../../../src/nameserver/zone-store/zone-writer.ts'
import { address } from '../../../support/dns-lines.ts'
import { TestStore } from '../../../support/dns-store.ts'

const SOA = 'example. 60 SOA ns.example. host.example. 1 2 3 4 15'

function serving(...lines: readonly string[]): TestStore {
  return new TestStore().serve(['example'], [SOA, ...lines])
}

function addresses(text: string): Answer {
  return { kind: 'addresses', ttlSeconds: 30, a: [address(text)], aaaa: [] }
}

function alias(target: string): Answer {
  return { kind: 'alias', ttlSeconds: 30, target: parseDomainName(target) }
}

function rcodes(store: TestStore, ...names: readonly string[]): readonly (string | undefined)[] {
  return names.map((name) => {
    const reply = store.ask(`${name} A`)
    return reply?.answer === undefined ? reply?.rcode : reply.answer.join(' ')
  })
}

describe('publish', () => {
  it('answers with what was published last', () => {
    const store = serving()
    const name = parseDomainName('www.example')

    store.publish({ name, answer: addresses('192.0.2.1') })
    store.publish({ name, answer: addresses('192.0.2.2') })

    expect(rcodes(store, 'www.example')).toEqual(['www.example. 30 A 192.0.2.2'])
    expect(store.writer.usage().names).toBe(2)
  })

  it('takes an answer of another kind in its place', () => {
    const store = serving('target.example. 30 A 192.0.2.9')
    const name = parseDomainName('www.example')

    store.publish({ name, answer: addresses('192.0.2.1') })
    store.publish({ name, answer: alias('target.example') })

    expect(rcodes(store, 'www.example')).toEqual([
      'www.example. 30 CNAME target.example. target.example. 30 A 192.0.2.9',
    ])
  })

  it('makes the names above exist without data', () => {
    expect(
      rcodes(serving('a.b.c.example. 30 A 192.0.2.1'), 'b.c.example', 'c.example', 'x.c.example'),
    ).toEqual(['NOERROR', 'NOERROR', 'NXDOMAIN'])
  })

  it('takes a name with nothing to say: it exists', () => {
    const store = serving()

    store.publish({
      name: parseDomainName('www.example'),
      answer: { kind: 'addresses', ttlSeconds: 30, a: [], aaaa: [] },
    })

    expect(rcodes(store, 'www.example')).toEqual(['NOERROR'])
  })

  it('writes nothing when the answer is what the name says already', () => {
    const store = serving('www.example. 30 A 192.0.2.1')
    const before = Buffer.from(new Uint8Array(store.memory)).toString('base64')

    store.publish({ name: parseDomainName('www.example'), answer: addresses('192.0.2.1') })

    expect(Buffer.from(new Uint8Array(store.memory)).toString('base64') === before).toBe(true)
  })

  it.each<{ name: string; answer: Answer }>([
    { name: 'addresses', answer: addresses('192.0.2.1') },
    { name: 'an alias', answer: alias('www.example') },
  ])('refuses $name at the origin of a zone, whose SOA stays', ({ answer }) => {
    const store = serving()

    const publishing = (): void => store.publish({ name: parseDomainName('example'), answer })

    expect(publishing).toThrow(expect.objectContaining({ code: 'ZONE_ORIGIN_NEEDS_RECORDS', retry: 'never' }))
    expect(store.ask('example SOA')?.answer).toHaveLength(1)
  })

  it('takes addresses at the origin as records, beside SOA and NS', () => {
    expect(rcodes(serving('example. 30 A 192.0.2.7'), 'example')).toEqual(['example. 30 A 192.0.2.7'])
  })
})

describe('withdraw', () => {
  it('takes away the name, and names above that only it needed', () => {
    const store = serving('a.b.c.example. 30 A 192.0.2.1', 'd.c.example. 30 A 192.0.2.2')

    store.withdraw('a.b.c.example')

    expect(rcodes(store, 'a.b.c.example', 'b.c.example', 'c.example')).toEqual([
      'NXDOMAIN',
      'NXDOMAIN',
      'NOERROR',
    ])
  })

  it('leaves a name that others are below, without data', () => {
    const store = serving('b.example. 30 A 192.0.2.1', 'a.b.example. 30 A 192.0.2.2')

    store.withdraw('b.example')

    expect(rcodes(store, 'b.example', 'a.b.example')).toEqual(['NOERROR', 'a.b.example. 30 A 192.0.2.2'])
  })

  it('does nothing to a name that is not there, or was never published', () => {
    const store = serving('a.b.example. 30 A 192.0.2.1')

    store.withdraw('nope.example', 'b.example')

    expect(rcodes(store, 'b.example', 'a.b.example')).toEqual(['NOERROR', 'a.b.example. 30 A 192.0.2.1'])
    expect(store.writer.usage().names).toBe(2)
  })
})

describe('setState', () => {
  it.each([
    { state: 'loading', want: 'SERVFAIL' },
    { state: 'expired', want: 'SERVFAIL' },
    { state: 'gone', want: 'REFUSED' },
    { state: 'serving', want: 'www.example. 30 A 192.0.2.1' },
  ] as const)('$state: $want', ({ state, want }) => {
    const store = serving('www.example. 30 A 192.0.2.1')

    store.state('example', state)

    expect(rcodes(store, 'www.example')).toEqual([want])
  })

  it('refuses everything before a zone is declared', () => {
    expect(rcodes(new TestStore().serve([], ['www.example. 30 A 192.0.2.1']), 'www.example')).toEqual([
      'REFUSED',
    ])
  })

  it('does not serve a zone without a SOA: nothing in it could be denied', () => {
    const store = new TestStore().serve(['example'], ['www.example. 30 A 192.0.2.1'])

    expect(rcodes(store, 'www.example')).toEqual(['SERVFAIL'])
  })

  it('brings back what was published when a zone comes back', () => {
    const store = serving('www.example. 30 A 192.0.2.1')

    store.state('example', 'gone')
    store.state('example', 'serving')

    expect(rcodes(store, 'www.example')).toEqual(['www.example. 30 A 192.0.2.1'])
  })

  it('leaves the zone above in charge when a zone inside it goes', () => {
    const store = serving(
      'www.sub.example. 30 A 192.0.2.1',
      'sub.example. 60 SOA ns.sub.example. host.sub.example. 9 2 3 4 15',
    )
    store.state('sub.example', 'loading')
    const before = rcodes(store, 'www.sub.example', 'www.example')

    store.state('sub.example', 'gone')

    expect(before).toEqual(['SERVFAIL', 'NXDOMAIN'])
    expect(rcodes(store, 'www.sub.example')).toEqual(['www.sub.example. 30 A 192.0.2.1'])
  })

  it('fails every name while the root is loading, but those of zones that are served', () => {
    const store = serving('www.example. 30 A 192.0.2.1')

    store.state('.', 'loading')
    const loading = rcodes(store, 'www.example', 'nope.example', 'www.other', '.')
    store.state('.', 'gone')

    expect(loading).toEqual(['www.example. 30 A 192.0.2.1', 'NXDOMAIN', 'SERVFAIL', 'SERVFAIL'])
    expect(rcodes(store, 'www.example', 'www.other', '.')).toEqual([
      'www.example. 30 A 192.0.2.1',
      'REFUSED',
      'REFUSED',
    ])
  })

  it('serves the root zone', () => {
    const store = new TestStore().serve(['.'], ['. 60 SOA ns. host. 1 2 3 4 15', 'com. 30 A 192.0.2.1'])

    expect(rcodes(store, 'com', 'org')).toEqual(['com. 30 A 192.0.2.1', 'NXDOMAIN'])
  })
})

describe('a full store', () => {
  const many = (count: number, ttlSeconds = 30) =>
    Array.from({ length: count }, (_, i) => ({
      name: parseDomainName(`name-${i}.some-rather-long-label-to-fill-the-store.example`),
      answer: { ...addresses('192.0.2.1'), ttlSeconds } as Answer,
    }))
  const newStore = (): TestStore => new TestStore(1024 * 1024).serve(['example'], [SOA])

  it('names what it could not take, and keeps what it has', () => {
    const store = newStore()
    let error: unknown
    try {
      store.publish(...many(12_000))
    } catch (thrown) {
      error = thrown
    }

    expect(error).toBeInstanceOf(ZoneStoreError)
    expect(error).toMatchObject({ code: 'ZONE_STORE_FULL', retry: 'backoff' })
    const refused = new Set((error as ZoneStoreError).names)
    expect(refused.size).toBeGreaterThan(100)
    const held = many(12_000).filter(({ name }) => !refused.has(name))
    const some = <T>(all: readonly T[]): readonly T[] => all.filter((_, i) => i % 37 === 0)
    expect(
      rcodes(store, ...some(held).map(({ name }) => name)).every((line) => line?.endsWith('A 192.0.2.1')),
    ).toBe(true)
    expect(rcodes(store, ...some([...refused])).every((rcode) => rcode === 'NXDOMAIN')).toBe(true)
  })

  it('takes names again after others were withdrawn, withdrawing never fails', () => {
    const store = newStore()
    expect(() => store.publish(...many(12_000))).toThrow(ZoneStoreError)

    store.withdraw(...many(12_000).map(({ name }) => name))

    expect(store.writer.usage().names).toBe(1)
    store.publish(...many(500))
    expect(store.writer.usage().names).toBe(501)
  })

  it('clears a name in place when there is no room for a fresh block', () => {
    const store = newStore()
    store.publish({ name: parseDomainName('parent.example'), answer: addresses('192.0.2.1') })
    store.publish({ name: parseDomainName('child.parent.example'), answer: addresses('192.0.2.2') })
    expect(() => store.publish(...many(12_000))).toThrow(ZoneStoreError)

    store.withdraw('parent.example')

    expect(rcodes(store, 'parent.example', 'child.parent.example')).toEqual([
      'NOERROR',
      'child.parent.example. 30 A 192.0.2.2',
    ])
  })

  it('leaves no names without data behind where a name did not fit', () => {
    const store = newStore()
    expect(() => store.publish(...many(12_000))).toThrow(ZoneStoreError)

    expect(() =>
      store.publish({ name: parseDomainName('a.b.c.d.e.f.g.h.example'), answer: bigAnswer() }),
    ).toThrow(ZoneStoreError)

    expect(rcodes(store, 'h.example', 'g.h.example')).toEqual(['NXDOMAIN', 'NXDOMAIN'])
  })

  it('refuses a record set that no message could carry', () => {
    const store = serving('www.example. 30 A 192.0.2.1')
    const a = Array.from({ length: 4100 }, (_, i) => address(`10.0.${i >> 8}.${i & 255}`))

    const publishing = (): void =>
      store.publish({
        name: parseDomainName('www.example'),
        answer: { kind: 'addresses', ttlSeconds: 30, a, aaaa: [] },
      })

    expect(publishing).toThrow(expect.objectContaining({ code: 'ZONE_STORE_FULL' }))
    expect(rcodes(store, 'www.example')).toEqual(['www.example. 30 A 192.0.2.1'])
  })

  it('takes the largest record set that a message can carry', () => {
    const store = serving()
    const a = Array.from({ length: 4000 }, (_, i) => address(`10.0.${i >> 8}.${i & 255}`))

    store.publish({
      name: parseDomainName('www.example'),
      answer: { kind: 'addresses', ttlSeconds: 30, a, aaaa: [] },
    })

    expect(store.ask('www.example A', 'tcp')?.answer).toHaveLength(4000)
    expect(store.ask('www.example A')).toMatchObject({ flags: 'qr aa tc' })
  })
})

function bigAnswer(): Answer {
  return { kind: 'records', sets: [{ type: 16, ttlSeconds: 30, rdata: [new Uint8Array(60_000)] }] }
}

describe('memory', () => {
  const name = (i: number) =>
    parseDomainName(
      `svc-${String(i).padStart(6, '0')}.namespace-001.myfederation.svc.us-east1-b.us-east1.example.com`,
    )

  it('takes at most 140 octets for a name of 75 octets with one address, all told', () => {
    const memory = createZoneMemory({ reservedBytes: 2 ** 30, seed: Uint32Array.of(1, 2) })
    const writer = new SharedZoneWriter(memory)

    writer.publish(
      Array.from({ length: 100_000 }, (_, i) => ({
        name: name(i),
        answer: addresses(`10.0.${(i >> 8) & 255}.${i & 255}`),
        urgent: false,
      })),
    )

    expect(writer.usage().names).toBe(100_000)
    expect(writer.usage().usedBytes / 100_000).toBeLessThanOrEqual(140)
  })

  it('does not grow over 100,000 changes of the same names', () => {
    const store = new TestStore(64 * 1024 * 1024).serve(
      ['example.com'],
      [SOA.replaceAll('example', 'example.com')],
    )
    const names = Array.from({ length: 1000 }, (_, i) => name(i))
    const publishAll = (round: number): void =>
      store.publish(
        ...names.map((each) => ({
          name: each,
          answer: { ...addresses('192.0.2.1'), ttlSeconds: round } as Answer,
        })),
      )
    publishAll(1)
    const { usedBytes } = store.writer.usage()

    for (let round = 2; round <= 101; round += 1) publishAll(round)

    expect(store.writer.usage().usedBytes).toBeLessThanOrEqual(usedBytes + 4 * 65_536)
    expect(store.ask(`${name(7)} A`)?.answer).toEqual([`${name(7)} 101 A 192.0.2.1`])
  })

  it('does not grow while names come and go', () => {
    const store = new TestStore(64 * 1024 * 1024).serve(
      ['example.com'],
      [SOA.replaceAll('example', 'example.com')],
    )
    const used: number[] = []
    for (let round = 0; round < 25; round += 1) {
      const batch = Array.from({ length: 1000 }, (_, i) => name(round * 1000 + i))
      store.publish(...batch.map((each) => ({ name: each, answer: addresses('192.0.2.1') })))
      store.withdraw(...batch)
      used.push(store.writer.usage().usedBytes)
    }

    expect(store.writer.usage().names).toBe(1)
    expect(Math.max(...used.slice(5))).toBeLessThanOrEqual(1024 * 1024)
    expect(used.at(-1)).toBeLessThanOrEqual(used[5]! + 65_536)
  })
})

describe('the memory itself', () => {
  it.each([0, 1000, 2 ** 32, Number.NaN])('refuses a size of %d', (reservedBytes) => {
    expect(() => createZoneMemory({ reservedBytes, seed: Uint32Array.of(1, 2) })).toThrow(
      expect.objectContaining({ code: 'ZONE_STORE_SIZE' }),
    )
  })

  it('is not read when it is something else', () => {
    expect(() => new SharedZoneReader(new SharedArrayBuffer(1024), 'udp', {})).toThrow(
      expect.objectContaining({ code: 'ZONE_STORE_FORMAT' }),
    )
  })
})
