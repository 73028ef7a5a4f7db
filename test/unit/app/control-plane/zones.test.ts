import { describe, expect, it } from 'vitest'
import { domainSettings, type Domain } from '../../../../src/api/domain.ts'
import { objectKey, ownerKey } from '../../../../src/api/keys.ts'
import { createZones } from '../../../../src/app/control-plane/zones.ts'
import type { Federation } from '../../../../src/controllers/federations.ts'
import { createLedger } from '../../../../src/core/discovery/ledger.ts'
import { rankOf } from '../../../../src/core/discovery/rank.ts'
import { planTopology } from '../../../../src/core/discovery/topology.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { createEmbeddedWriter } from '../../../../src/writers/embedded/embedded-writer.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { at, ips } from '../../controllers/fakes.ts'
import { RecordingZones, wordsOf } from '../../writers/embedded/recording-zones.ts'

const name = parseDomainName
const example = name('example.com')
const ns1 = name('ns1.example.com')

function federation(federationName: string, asked: Omit<Domain, 'metadata'>): Federation {
  const domain = name(asked.domain)
  return {
    name: federationName,
    domain,
    settings: domainSettings({ metadata: { name: federationName }, ...asked }),
    topology: planTopology({ federation: federationName, domain, clusters: [] }),
  }
}

function setUp(...own: readonly string[]) {
  const ledger = createLedger()
  const store = new RecordingZones()
  const embedded = createEmbeddedWriter({
    ...{ ledger, zones: store, clock: new ManualClock(), logger: silentLogger },
  })
  embedded.setState('serving')
  const zones = createZones({ embedded, ledger, addresses: ips(...own) })
  const set = (federationName: string, now: Federation | undefined): void => {
    zones.set(federationName, now)
    embedded.flush()
  }
  const served = (): readonly string[] => [...store.states.keys()].sort()
  /** NS targets of a zone as published, in wire form turned to text. */
  const nameServers = (origin: string): readonly string[] => {
    const answer = store.names.get(name(origin))
    const ns = answer?.kind === 'records' ? answer.sets.find(({ type }) => type === 2) : undefined
    return (ns?.rdata ?? []).map(textOf)
  }
  const negativeTtl = (origin: string): number | undefined => {
    const answer = store.names.get(name(origin))
    return answer?.kind === 'records' ? answer.sets.find(({ type }) => type === 6)?.ttlSeconds : undefined
  }
  return { ledger, store, embedded, zones, set, served, nameServers, negativeTtl }
}

function textOf(wire: Uint8Array): string {
  const labels: string[] = []
  for (let i = 0; (wire[i] ?? 0) > 0; i += (wire[i] ?? 0) + 1) {
    labels.push(Buffer.from(wire.subarray(i + 1, i + 1 + (wire[i] ?? 0))).toString('latin1'))
  }
  return `${labels.join('.')}.`
}

describe('zones of a Domain', () => {
  it('are its own and that of its short names, served by us under ns1 with our addresses as glue', () => {
    const { set, served, nameServers, negativeTtl, store } = setUp('192.0.2.53', '2001:db8::53')

    set('fed', federation('fed', { domain: 'example.com' }))

    expect(served()).toEqual(['example.com.', 'fed.'])
    expect(nameServers('example.com')).toEqual(['ns1.example.com.'])
    expect(nameServers('fed')).toEqual(['ns1.example.com.'])
    expect([negativeTtl('example.com'), negativeTtl('fed')]).toEqual([15, 5])
    expect(wordsOf(store.names.get(ns1))).toBe('192.0.2.53 2001:db8::53')
  })

  it('name the servers that the Domain names; those inside it get glue', () => {
    const { set, nameServers, store } = setUp('192.0.2.53')
    const nameServersAsked = [
      { name: 'dns.elsewhere.net' },
      { name: 'a.example.com', addresses: ['192.0.2.9', '2001:db8::9', '192.0.2.1'] },
    ]

    set('fed', federation('fed', { domain: 'example.com', nameServers: nameServersAsked, negativeTTL: 60 }))

    expect(nameServers('example.com')).toEqual(['dns.elsewhere.net.', 'a.example.com.'])
    expect(wordsOf(store.names.get(name('a.example.com')))).toBe('192.0.2.1 192.0.2.9 2001:db8::9')
    expect([...store.names.keys()].sort()).toEqual(['a.example.com.', 'example.com.', 'fed.'])
  })

  it('carry glue for a server that has the name of the zone itself, beside SOA and NS', () => {
    const { set, store } = setUp()

    set(
      'fed',
      federation('fed', {
        domain: 'example.com',
        nameServers: [{ name: 'example.com', addresses: ['192.0.2.1'] }],
      }),
    )

    expect(wordsOf(store.names.get(example))).toBe('types 6 2 1')
  })

  it('keep glue whatever a record of that name says: the operator comes first', () => {
    const { set, ledger, embedded, store } = setUp('192.0.2.53')
    const key = objectKey('ns', 'rival')
    const rank = rankOf({ nameClass: 'open', creationTimestamp: '2020-01-01T00:00:00Z', key })
    const answer = { kind: 'addresses', ttlSeconds: 30, a: ips('203.0.113.1'), aaaa: [] } as const
    ledger.put({ key: ownerKey('IngressDNSRecord', key), rank }, [{ name: ns1, answer, urgent: false }])
    embedded.flush()

    set('fed', federation('fed', { domain: 'example.com' }))

    expect(wordsOf(store.names.get(ns1))).toBe('192.0.2.53')
    set('fed', undefined)
    expect(wordsOf(store.names.get(ns1))).toBe('203.0.113.1')
  })
})

describe('a zone whose name leaves no room for labels in front', () => {
  const long = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}` // 253 characters

  it('is served all the same, by a server of its own name', () => {
    const { set, served, nameServers, store } = setUp('192.0.2.53')

    set('fed', federation('fed', { domain: long }))

    expect(served()).toEqual([`${long}.`, 'fed.'])
    expect(nameServers('fed')).toEqual([`${long}.`])
    expect(wordsOf(store.names.get(name(long)))).toBe('types 6 2 1')
  })
})

describe('a Domain that changes', () => {
  it('never stops being served, whatever is edited but its zone', () => {
    const { set, store, nameServers, negativeTtl } = setUp('192.0.2.53')
    set('fed', federation('fed', { domain: 'example.com' }))
    store.lines.splice(0)

    set(
      'fed',
      federation('fed', {
        domain: 'example.com',
        negativeTTL: 99,
        nameServers: [{ name: 'b.example.com', addresses: ['192.0.2.2'] }],
      }),
    )

    expect(nameServers('example.com')).toEqual(['b.example.com.'])
    expect(negativeTtl('example.com')).toBe(99)
    expect(store.lines.filter((line) => line.endsWith('is gone'))).toEqual([])
    expect([...store.names.keys()].sort()).toEqual(['b.example.com.', 'example.com.', 'fed.'])
  })

  it('costs nothing when only its topology is another', () => {
    const { set, store, embedded } = setUp('192.0.2.53')
    const first = federation('fed', { domain: 'example.com' })
    set('fed', first)
    const [serial, lines] = [embedded.serial(example), store.lines.length]

    set('fed', {
      ...first,
      topology: planTopology({
        federation: 'fed',
        domain: example,
        clusters: [{ index: at(0), region: 'r1', zones: [] }],
      }),
    })
    set('fed', federation('fed', { domain: 'example.com' }))

    expect(embedded.serial(example)).toBe(serial)
    expect(store.lines).toHaveLength(lines)
  })

  it('takes its short names along to another zone, and leaves nothing behind', () => {
    const { set, served, store, nameServers } = setUp('192.0.2.53')
    set('fed', federation('fed', { domain: 'example.com' }))
    store.lines.splice(0)

    set('fed', federation('fed', { domain: 'example.org' }))

    expect(served()).toEqual(['example.org.', 'fed.'])
    expect(nameServers('fed')).toEqual(['ns1.example.org.'])
    expect([...store.names.keys()].sort()).toEqual(['example.org.', 'fed.', 'ns1.example.org.'])
    expect(store.lines).not.toContain('fed. is gone')
  })

  it('ends with its zones and its glue', () => {
    const { set, served, store } = setUp('192.0.2.53')
    set('fed', federation('fed', { domain: 'example.com' }))

    set('fed', undefined)
    set('fed', undefined)

    expect(served()).toEqual([])
    expect([...store.names.keys()]).toEqual([])
  })
})

describe('Domains that share a zone', () => {
  const first = federation('a', { domain: 'example.com', negativeTTL: 10 })
  const second = federation('b', { domain: 'example.com', negativeTTL: 20 })

  it('are one zone with the settings of the first by name, in whichever order they come', () => {
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      const { set, served, negativeTtl } = setUp('192.0.2.53')
      for (const each of order) set(each.name, each)

      expect(served()).toEqual(['a.', 'b.', 'example.com.'])
      expect(negativeTtl('example.com')).toBe(10)
    }
  })

  it('leave the zone to each other: it ends with the last of them', () => {
    const { set, served, negativeTtl, store } = setUp('192.0.2.53')
    set('a', first)
    set('b', second)
    store.lines.splice(0)

    set('a', undefined)
    expect(served()).toEqual(['b.', 'example.com.'])
    expect(negativeTtl('example.com')).toBe(20)
    expect(store.lines).not.toContain('example.com. is gone')
    expect(wordsOf(store.names.get(ns1))).toBe('192.0.2.53')
    set('b', undefined)

    expect(served()).toEqual([])
    expect([...store.names.keys()]).toEqual([])
  })

  it('a zone of the name of a federation is a zone first: its settings are those of the Domain', () => {
    const { set, served, negativeTtl } = setUp('192.0.2.53')

    set('corp', federation('corp', { domain: 'corp', negativeTTL: 44 }))
    expect(served()).toEqual(['corp.'])
    expect(negativeTtl('corp')).toBe(44)
    set('corp', federation('corp', { domain: 'example.com' }))

    expect(served()).toEqual(['corp.', 'example.com.'])
    expect(negativeTtl('corp')).toBe(5)
  })
})
