import { beforeEach, describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { HeldZone } from '../../../../src/nameserver/transfer/held-zone.ts'
import { changesOf } from '../../../support/dns-lines.ts'

const origin = parseDomainName('fed.test')
let zone: HeldZone

function put(...lines: readonly string[]): boolean[] {
  return changesOf(lines).map(({ name, answer }) => zone.put(name, answer))
}

function soa(serial: number): string {
  return `fed.test. 60 SOA ns.fed.test. host.fed.test. ${serial} 1 2 3 4`
}

/** The zone moves on: content, then serial. @returns the serial that others may have from now on */
function move(serial: number, ...lines: readonly string[]): number | undefined {
  put(...lines, soa(serial))
  return zone.commit()?.serial
}

/** Serials that lead from one to the latest. */
function path(serial: number): readonly number[] | undefined {
  return zone.since(serial)?.map(({ to }) => to)
}

beforeEach(() => {
  zone = new HeldZone(origin)
})

describe('versions', () => {
  it('there is none without a SOA', () => {
    put('www.fed.test. 1 A 192.0.2.1')

    expect(zone.commit()).toBeUndefined()
  })

  it('changes become one step, from the version that was looked at last to the one that is', () => {
    move(1)
    put('a.fed.test. 1 A 192.0.2.1', soa(2))
    put('b.fed.test. 1 A 192.0.2.2', soa(3))

    expect(zone.commit()?.serial).toBe(3)
    expect(path(1)).toEqual([3])
    expect([...zone.since(1)![0]!.changes].map(({ name }) => name).sort()).toEqual([
      'a.fed.test.',
      'b.fed.test.',
      'fed.test.',
    ])
  })

  it('a step holds what a name said before the first and after the last change', () => {
    move(1, 'a.fed.test. 1 A 192.0.2.1')
    put('a.fed.test. 1 A 192.0.2.2')
    move(2, 'a.fed.test. 1 A 192.0.2.3')

    const change = [...zone.since(1)![0]!.changes].find(({ name }) => name === parseDomainName('a.fed.test'))

    expect(change).toEqual({
      name: 'a.fed.test.',
      before: changesOf(['a.fed.test. 1 A 192.0.2.1'])[0]!.answer,
      after: changesOf(['a.fed.test. 1 A 192.0.2.3'])[0]!.answer,
    })
  })

  it.each<{ name: string; serials: readonly number[]; from: number; want: readonly number[] | undefined }>([
    { name: 'each version looked at is one to go from', serials: [1, 2, 3], from: 1, want: [2, 3] },
    {
      name: 'serials go on from 2^32 - 1 with 0 (RFC 1982, 3.1)',
      serials: [2 ** 32 - 1, 0, 5],
      from: 2 ** 32 - 1,
      want: [0, 5],
    },
    { name: 'a serial that goes back begins anew', serials: [5, 6, 2], from: 5, want: undefined },
    { name: 'and is one to go from again', serials: [5, 2, 3], from: 2, want: [3] },
    { name: 'a serial that nobody had is none', serials: [1, 5], from: 3, want: undefined },
  ])('$name', ({ serials, from, want }) => {
    for (const serial of serials) move(serial, `n${serial}.fed.test. 1 A 192.0.2.1`)

    expect(path(from)).toEqual(want)
  })

  it('content that changes under the same serial is nothing to go from, before or after', () => {
    move(1)
    move(2, 'a.fed.test. 1 A 192.0.2.1')
    put('a.fed.test. 1 A 192.0.2.2')
    expect(zone.commit()?.serial).toBe(2)
    expect(path(1)).toBeUndefined()
    move(3, 'a.fed.test. 1 A 192.0.2.3')
    expect(path(2)).toBeUndefined()

    move(4, 'a.fed.test. 1 A 192.0.2.4')

    expect(path(3)).toEqual([4])
  })

  it('content that goes there and back under the same serial has not changed', () => {
    move(1)
    move(2, 'a.fed.test. 1 A 192.0.2.1')
    put('a.fed.test. 1 A 192.0.2.2')
    put('a.fed.test. 1 A 192.0.2.1')
    zone.commit()

    expect(path(1)).toEqual([2])
  })

  it('steps larger than the zone are not kept', () => {
    move(1)
    const many = Array.from({ length: 3_000 }, (_, i) => `n${i}.fed.test. 1 A 192.0.2.1`)
    put(...many)
    for (const { name } of changesOf(many)) zone.put(name, undefined)
    move(2)
    expect(path(1)).toBeUndefined()

    move(3, 'a.fed.test. 1 A 192.0.2.1')

    expect(path(2)).toEqual([3])
  })
})

describe('put', () => {
  it('tells what others would not see from what they would', () => {
    const answer = { kind: 'addresses', ttlSeconds: 5, a: [], aaaa: [] } as const
    const name = parseDomainName('a.fed.test')

    expect(zone.put(name, answer)).toBe(false)
    expect(zone.put(name, { ...answer, select: { most: 1, rotate: true } })).toBe(false)
    expect(put('a.fed.test. 1 A 192.0.2.1')).toEqual([true])
    expect(put('a.fed.test. 1 A 192.0.2.1')).toEqual([false])
    expect(zone.put(name, undefined)).toBe(true)
  })
})

describe('isSignedHere', () => {
  const key = 'fed.test. 60 DNSKEY 257 3 13 AAAA'

  it.each([
    { name: 'keys without signatures', lines: [key], want: true },
    { name: 'no keys', lines: [], want: false },
  ])('$name: $want', ({ lines, want }) => {
    put(soa(1), ...lines)

    expect(zone.isSignedHere).toBe(want)
  })
})
