import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import type { NameChange } from '../../../../src/dns/records.ts'
import { HeldZones } from '../../../../src/nameserver/transfer/held-zones.ts'
import type { ZoneState, ZoneWriter } from '../../../../src/nameserver/types.ts'
import { ZoneStoreError } from '../../../../src/nameserver/zone-store/zone-writer.ts'
import { changesOf } from '../../../support/dns-lines.ts'
import { ModelSecondary, TestPrimary } from '../../../support/model-secondary.ts'

const soa = (zone: string, serial = 1): string =>
  `${zone}. 60 SOA ns.${zone}. host.${zone}. ${serial} 1 2 3 4`

/** What a server gets of a zone, without its SOA. */
function contentOf(primary: TestPrimary, zone: string): readonly string[] {
  const secondary = new ModelSecondary(primary, zone)
  secondary.sync()
  return secondary.lines.filter((line) => !line.includes(' SOA '))
}

describe('names', () => {
  it('are in the innermost zone around them', () => {
    const primary = new TestPrimary()
      .serve('test', 'fed.test')
      .publish(
        soa('test'),
        soa('fed.test'),
        'www.test. 1 A 192.0.2.1',
        'www.fed.test. 1 A 192.0.2.2',
        'www.example. 1 A 192.0.2.3',
      )

    expect(contentOf(primary, 'test')).toEqual(['www.test. 1 A 192.0.2.1'])
    expect(contentOf(primary, 'fed.test')).toEqual(['www.fed.test. 1 A 192.0.2.2'])
  })

  it('that were there before their zone are in it', () => {
    const primary = new TestPrimary()
      .publish('www.fed.test. 1 A 192.0.2.2', soa('fed.test'))
      .serve('fed.test')

    expect(contentOf(primary, 'fed.test')).toEqual(['www.fed.test. 1 A 192.0.2.2'])
  })

  it('go over to a zone that is declared inside, and come back when it goes', () => {
    const primary = new TestPrimary().serve('test').publish(soa('test'), 'www.fed.test. 1 A 192.0.2.2')
    const secondary = new ModelSecondary(primary, 'test')
    secondary.sync()

    primary.publish(soa('fed.test')).serve('fed.test').publish(soa('test', 2))
    secondary.sync()
    expect(secondary.lines).toEqual([soa('test', 2)])
    primary.withdraw('fed.test').zones.setState(parseDomainName('fed.test'), 'gone')
    primary.publish(soa('test', 3))
    secondary.sync()

    expect(secondary.lines).toEqual([soa('test', 3), 'www.fed.test. 1 A 192.0.2.2'])
    expect(secondary.seen).toEqual(['whole', 'increment', 'increment'])
  })

  it('of the root zone, escaped ones among them', () => {
    const primary = new TestPrimary()
      .serve('.')
      .publish('. 60 SOA ns.test. host.test. 1 1 2 3 4', 'a.test. 1 A 192.0.2.1')

    expect(contentOf(primary, '.')).toEqual(['a.test. 1 A 192.0.2.1'])
  })
})

describe('a zone inside another', () => {
  it('is delegated there, with the addresses of its servers inside', () => {
    const primary = new TestPrimary()
      .serve('test', 'fed.test')
      .publish(
        soa('test'),
        soa('fed.test'),
        'fed.test. 60 NS ns.fed.test.',
        'fed.test. 60 NS ns.elsewhere.example.',
        'fed.test. 60 DS 1 13 2 ' + '00'.repeat(32),
        'fed.test. 60 A 192.0.2.9',
        'ns.fed.test. 60 A 192.0.2.53',
        'ns.fed.test. 60 TXT "not of use"',
      )

    expect(contentOf(primary, 'test')).toEqual([
      `fed.test. 60 DS 1 13 2 ${'00'.repeat(32)}`,
      'fed.test. 60 NS ns.elsewhere.example.',
      'fed.test. 60 NS ns.fed.test.',
      'ns.fed.test. 60 A 192.0.2.53',
    ])
    expect(contentOf(primary, 'fed.test')).toEqual([
      'fed.test. 60 A 192.0.2.9',
      'fed.test. 60 NS ns.elsewhere.example.',
      'fed.test. 60 NS ns.fed.test.',
      'ns.fed.test. 60 A 192.0.2.53',
      'ns.fed.test. 60 TXT "not of use"',
    ])
  })

  it('whose server has its own name', () => {
    const primary = new TestPrimary()
      .serve('test', 'fed.test')
      .publish(soa('test'), soa('fed.test'), 'fed.test. 60 NS fed.test.', 'fed.test. 60 A 192.0.2.9')

    expect(contentOf(primary, 'test')).toEqual(['fed.test. 60 A 192.0.2.9', 'fed.test. 60 NS fed.test.'])
  })

  it('takes its delegation along when servers or addresses change, or it goes', () => {
    const primary = new TestPrimary()
      .serve('test', 'fed.test')
      .publish(soa('test'), soa('fed.test'), 'fed.test. 60 NS ns.fed.test.', 'ns.fed.test. 60 A 192.0.2.53')
    const secondary = new ModelSecondary(primary, 'test')
    secondary.sync()

    primary.publish('ns.fed.test. 60 A 192.0.2.54', soa('test', 2))
    secondary.sync()
    expect(secondary.lines).toContain('ns.fed.test. 60 A 192.0.2.54')
    primary.publish(soa('fed.test', 2), 'fed.test. 60 NS ns.example.', soa('test', 3))
    secondary.sync()
    expect(secondary.lines).toEqual(['fed.test. 60 NS ns.example.', soa('test', 3)])
    primary.withdraw('fed.test', 'ns.fed.test').zones.setState(parseDomainName('fed.test'), 'gone')
    primary.publish(soa('test', 4))
    secondary.sync()

    expect(secondary.lines).toEqual([soa('test', 4)])
    expect(secondary.seen).toEqual(['whole', 'increment', 'increment', 'increment'])
  })

  it('is delegated by a zone that comes between', () => {
    const primary = new TestPrimary()
      .serve('test', 'a.b.test')
      .publish(soa('test'), soa('a.b.test'), 'a.b.test. 60 NS ns.example.')
    expect(contentOf(primary, 'test')).toEqual(['a.b.test. 60 NS ns.example.'])

    primary.publish(soa('b.test'), 'b.test. 60 NS ns.example.').serve('b.test')
    expect(contentOf(primary, 'test')).toEqual(['b.test. 60 NS ns.example.'])
    expect(contentOf(primary, 'b.test')).toEqual(['a.b.test. 60 NS ns.example.', 'b.test. 60 NS ns.example.'])
    primary.withdraw('b.test').zones.setState(parseDomainName('b.test'), 'gone')

    expect(contentOf(primary, 'test')).toEqual(['a.b.test. 60 NS ns.example.'])
  })
})

describe('writer', () => {
  class Store implements ZoneWriter {
    readonly calls: string[] = []
    full: readonly string[] = []

    publish(changes: readonly NameChange[]): void {
      this.calls.push(changes.map(({ name }) => name).join(' '))
      const refused = changes.filter(({ name }) => this.full.includes(name)).map(({ name }) => name)
      if (refused.length > 0) throw new ZoneStoreError('full', refused, {})
    }

    setState(origin: string, state: ZoneState): void {
      this.calls.push(`${origin} ${state}`)
      if (this.full.includes(origin)) throw new Error('full')
    }

    usage(): ReturnType<ZoneWriter['usage']> {
      return { usedBytes: 1, reservedBytes: 2, names: 3 }
    }
  }

  it('passes everything on, and holds what the store takes', () => {
    const store = new Store()
    const primary = new TestPrimary()
    const writer = primary.zones.writer(store)
    store.full = ['b.fed.test.']

    writer.setState(parseDomainName('fed.test'), 'serving')
    writer.publish(changesOf([soa('fed.test')]))
    const publish = (): void =>
      writer.publish(changesOf(['a.fed.test. 1 A 192.0.2.1', 'b.fed.test. 1 A 192.0.2.1']))

    expect(publish).toThrow(ZoneStoreError)
    expect(store.calls).toEqual(['fed.test. serving', 'fed.test.', 'a.fed.test. b.fed.test.'])
    expect(contentOf(primary, 'fed.test')).toEqual(['a.fed.test. 1 A 192.0.2.1'])
    expect(writer.usage().names).toBe(3)
  })

  it('declares no zone that the store does not', () => {
    const store = new Store()
    const zones = new HeldZones()
    store.full = ['fed.test.']

    expect(() => zones.writer(store).setState(parseDomainName('fed.test'), 'serving')).toThrow('full')

    expect(zones.zone(parseDomainName('fed.test'))).toBeUndefined()
  })
})
