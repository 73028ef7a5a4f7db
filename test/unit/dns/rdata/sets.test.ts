import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { aSet } from '../../../../src/dns/rdata/a.ts'
import { aaaaSet } from '../../../../src/dns/rdata/aaaa.ts'
import { cnameSet } from '../../../../src/dns/rdata/cname.ts'
import { nsSet } from '../../../../src/dns/rdata/ns.ts'
import type { RecordSet } from '../../../../src/dns/records.ts'
import { address } from '../../../support/dns-lines.ts'

const ns = parseDomainName('ns.example')

describe('record sets', () => {
  it.each<{ name: string; set: RecordSet; type: number; hex: readonly string[] }>([
    {
      name: 'A',
      set: aSet([address('192.0.2.1'), address('192.0.2.2')], 30),
      type: 1,
      hex: ['c0000201', 'c0000202'],
    },
    {
      name: 'AAAA',
      set: aaaaSet([address('2001:db8::1')], 30),
      type: 28,
      hex: ['20010db8000000000000000000000001'],
    },
    { name: 'CNAME', set: cnameSet(ns, 30), type: 5, hex: ['026e73076578616d706c6500'] },
    { name: 'NS', set: nsSet([ns], 30), type: 2, hex: ['026e73076578616d706c6500'] },
  ])('$name has its type, its TTL and its rdata in wire form', ({ set, type, hex }) => {
    expect({ ...set, rdata: set.rdata.map((rdata) => Buffer.from(rdata).toString('hex')) }).toEqual({
      type,
      ttlSeconds: 30,
      rdata: hex,
    })
  })
})
