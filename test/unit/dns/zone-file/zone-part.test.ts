import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { readZonePart } from '../../../../src/dns/zone-file/read-zone-file.ts'
import { presentRdata } from '../../../../src/dns/rdata/present-rdata.ts'
import { typeName } from '../../../../src/dns/rdata/type-names.ts'

const origin = parseDomainName('example.com')

function read(text: string): readonly string[] {
  const part = readZonePart(text, { origin, defaultTtlSeconds: 77 })
  if (part.kind === 'broken') return part.problems.map(({ line, message }) => `line ${line}: ${message}`)
  const records = [...part.records.names()].flatMap((name) =>
    part.records
      .recordsOf(name)
      .map(
        ({ type, ttlSeconds, rdata }) =>
          `${name} ${ttlSeconds} ${typeName(type)} ${presentRdata(type, rdata)}`,
      ),
  )
  return [...records, ...part.leftOut.map(({ type, line }) => `left out: ${typeName(type)} in line ${line}`)]
}

describe('data that stands beside other data in its zone', () => {
  it.each([
    { name: 'nothing at all', in: '', want: [] },
    {
      name: 'no SOA and no NS are needed; without $TTL records have the default',
      in: 'www A 192.0.2.1',
      want: ['www.example.com. 77 A 192.0.2.1'],
    },
    {
      name: 'the default goes before the TTL of the record above',
      in: 'a 60 A 192.0.2.1\nb A 192.0.2.2\n$TTL 5\nc A 192.0.2.3',
      want: [
        'a.example.com. 60 A 192.0.2.1',
        'b.example.com. 77 A 192.0.2.2',
        'c.example.com. 5 A 192.0.2.3',
      ],
    },
    {
      name: 'SOA and NS of the origin are left out, those of a delegation are not',
      in: '@ SOA ns1 h 1 2 3 4 5\n@ NS ns1\n@ NS ns2\nsub NS ns.example.net.',
      want: [
        'sub.example.com. 77 NS ns.example.net.',
        'left out: SOA in line 1',
        'left out: NS in line 2',
        'left out: NS in line 3',
      ],
    },
    {
      name: 'a name server elsewhere in the zone may have its addresses from somebody else',
      in: 'sub NS ns1',
      want: ['sub.example.com. 77 NS ns1.example.com.'],
    },
    {
      name: 'a name server inside its own delegation needs glue',
      in: 'sub NS ns.sub',
      want: ['line 1: name server ns.sub.example.com. of sub.example.com. has no address in this zone'],
    },
    {
      name: 'the origin cannot be an alias, whose SOA is elsewhere',
      in: '@ CNAME www.example.net.',
      want: ['line 1: example.com. has a CNAME record, and SOA and NS records beside it'],
    },
    {
      name: 'a name is outside',
      in: 'www.example.org. A 192.0.2.1',
      want: ['line 1: www.example.org. is outside of the zone example.com.'],
    },
    {
      name: 'a SOA elsewhere is none that could be left out',
      in: 'sub SOA ns1 h 1 2 3 4 5',
      want: ['line 1: SOA record at sub.example.com., which is not the origin'],
    },
  ])('$name', (row) => {
    expect(read(row.in)).toEqual(row.want)
  })
})
