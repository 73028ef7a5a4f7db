import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  nameOfWire,
  parseDomainName,
  wireLength,
  wireName,
  type DomainName,
} from '../../../../src/dns/names.ts'
import { presentRdata } from '../../../../src/dns/rdata/present-rdata.ts'
import { typeName } from '../../../../src/dns/rdata/type-names.ts'
import { MAX_PROBLEMS, readZoneFile, type ZoneFile } from '../../../../src/dns/zone-file/read-zone-file.ts'
import { wireNames } from '../../../support/arbitrary-dns.ts'

const ORIGIN = parseDomainName('example.com')

/** The least that a zone must have, lines 1 to 4. */
const HEAD = `$TTL 300
@ SOA ns1 hostmaster 7 3600 900 604800 15
@ NS ns1
ns1 A 192.0.2.53
`

/** Every record as a line, names in their canonical form. */
function lines(file: ZoneFile): readonly string[] {
  if (file.kind === 'broken') return file.problems.map(({ line, message }) => `line ${line}: ${message}`)
  return [...file.zone.names].flatMap(([name, sets]) =>
    sets.flatMap(({ type, ttlSeconds, rdata }) =>
      rdata.map((octets) => `${name} ${ttlSeconds} ${typeName(type)} ${presentRdata(type, octets)}`),
    ),
  )
}

function read(text: string): ZoneFile {
  return readZoneFile(text, ORIGIN)
}

const added = (text: string) => lines(read(HEAD + text)).slice(3)

describe('a master file', () => {
  it('gives its records', () => {
    expect(lines(read(HEAD))).toEqual([
      'example.com. 300 NS ns1.example.com.',
      'example.com. 300 SOA ns1.example.com. hostmaster.example.com. 7 3600 900 604800 15',
      'ns1.example.com. 300 A 192.0.2.53',
    ])
  })

  it.each([
    {
      name: 'TTL and class in either order',
      in: 'a 60 IN A 192.0.2.1\nb IN 60 A 192.0.2.2',
      want: ['a.example.com. 60 A 192.0.2.1', 'b.example.com. 60 A 192.0.2.2'],
    },
    {
      name: 'addresses of a name in the order of the file',
      in: 'a A 203.0.113.9\na A 192.0.2.1\na A 198.51.100.1\na A 192.0.2.1',
      want: ['203.0.113.9', '192.0.2.1', '198.51.100.1'].map((at) => `a.example.com. 300 A ${at}`),
    },
    {
      name: 'a blank instead of an owner repeats it',
      in: 'a A 192.0.2.1\n  AAAA 2001:db8::1',
      want: ['a.example.com. 300 A 192.0.2.1', 'a.example.com. 300 AAAA 2001:db8::1'],
    },
    {
      name: 'comments, empty lines, carriage returns',
      in: '; nothing\r\n\r\na A 192.0.2.1 ; one\r\n',
      want: ['a.example.com. 300 A 192.0.2.1'],
    },
    {
      name: 'parentheses over lines',
      in: 'a TXT ( "one"\n  ; between\n "two" )',
      want: ['a.example.com. 300 TXT "one" "two"'],
    },
    {
      name: '$ORIGIN, relative to the one before',
      in: '$ORIGIN sub\nx A 192.0.2.1\n$ORIGIN deep.sub.example.com.\nx A 192.0.2.2',
      want: ['x.sub.example.com. 300 A 192.0.2.1', 'x.deep.sub.example.com. 300 A 192.0.2.2'],
    },
    {
      name: '$TTL with units, from here on',
      in: '$TTL 1h\na A 192.0.2.1',
      want: ['a.example.com. 3600 A 192.0.2.1'],
    },
    {
      name: 'names in any case are one name',
      in: 'WWW A 192.0.2.1\nwww A 192.0.2.2',
      want: ['www.example.com. 300 A 192.0.2.1', 'www.example.com. 300 A 192.0.2.2'],
    },
    {
      name: 'equal records count once (RFC 2181, 5)',
      in: 'a A 192.0.2.1\na A 192.0.2.1',
      want: ['a.example.com. 300 A 192.0.2.1'],
    },
    {
      name: 'one TTL for a set: the smallest (RFC 2181, 5.2)',
      in: 'a 60 A 192.0.2.1\na 30 A 192.0.2.2',
      want: ['a.example.com. 30 A 192.0.2.1', 'a.example.com. 30 A 192.0.2.2'],
    },
    {
      name: 'a type is no owner: a name may be called like one',
      in: 'mx A 192.0.2.1',
      want: ['mx.example.com. 300 A 192.0.2.1'],
    },
    { name: 'a wildcard', in: '*.apps A 192.0.2.1', want: ['*.apps.example.com. 300 A 192.0.2.1'] },
    {
      name: 'a delegation with glue',
      in: 'sub NS ns.sub\nns.sub A 192.0.2.1',
      want: ['sub.example.com. 300 NS ns.sub.example.com.', 'ns.sub.example.com. 300 A 192.0.2.1'],
    },
    {
      name: 'an underscore, a slash and octets that no host name has',
      in: '_dmarc TXT x\n0/25 NS ns.elsewhere.\na\\.b\\200 A 192.0.2.1',
      want: [
        '_dmarc.example.com. 300 TXT "x"',
        '0/25.example.com. 300 NS ns.elsewhere.',
        'a\\046b\\200.example.com. 300 A 192.0.2.1',
      ],
    },
    {
      name: 'a type without a name',
      in: 'a TYPE65534 \\# 2 abcd',
      want: ['a.example.com. 300 TYPE65534 \\# 2 abcd'],
    },
    { name: 'no line end at the end', in: 'a A 192.0.2.1', want: ['a.example.com. 300 A 192.0.2.1'] },
  ])('$name', ({ in: text, want }) => {
    expect(added(text)).toEqual(want)
  })

  it('without $TTL: the TTL of the record before; of the SOA its own MINIMUM', () => {
    const text = '@ SOA ns1 hostmaster 7 3600 900 604800 15\n@ NS ns1\nns1 60 A 192.0.2.53\na A 192.0.2.1\n'

    expect(lines(read(text)).map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'example.com. 15 NS',
      'example.com. 15 SOA',
      'ns1.example.com. 60 A',
      'a.example.com. 60 A',
    ])
  })
})

describe('a broken file says where and why', () => {
  it.each([
    {
      name: 'a record that cannot be read',
      in: 'a A 192.0.2.1\nb A x\n',
      want: ['line 6: field is not what it should be (wanted=an IPv4 address found=x)'],
    },
    {
      name: 'all of them, not only the first',
      in: 'a A x\nb B\n',
      want: [
        'line 5: field is not what it should be (wanted=an IPv4 address found=x)',
        'line 6: no such type (type=B)',
      ],
    },
    {
      name: 'in an entry of several lines, its first',
      in: 'a TXT ( "x"\n "y"\n',
      want: ['line 5: parenthesis is not closed (opened=1)'],
    },
    {
      name: 'a closing parenthesis',
      in: 'a A 192.0.2.1 )\nb A 192.0.2.1\n',
      want: ['line 5: closing parenthesis without an opening one'],
    },
    {
      name: 'a string that is not closed',
      in: 'a TXT "x\nb A 192.0.2.1\n',
      want: ['line 5: string is not closed'],
    },
    {
      name: '$INCLUDE',
      in: '$INCLUDE /etc/passwd\n',
      want: ['line 5: directive is not supported: write the records into this file (directive=$INCLUDE)'],
    },
    {
      name: 'an unknown directive',
      in: '$ORIGINAL x\n',
      want: ['line 5: unknown directive (directive=$ORIGINAL)'],
    },
    { name: 'another class', in: 'a CH TXT x\n', want: ['line 5: class is not IN (class=CH)'] },
    { name: 'a type that is a question', in: 'a ANY x\n', want: ['line 5: type is no data (type=ANY)'] },
    {
      name: 'a TTL beyond 31 bits (RFC 2181, 8)',
      in: 'a 2147483648 A 192.0.2.1\n',
      want: ['line 5: TTL is not a number of seconds up to 2147483647 (ttl=2147483648)'],
    },
    {
      name: 'a name outside',
      in: 'a.example.org. A 192.0.2.1\n',
      want: ['line 5: a.example.org. is outside of the zone example.com.'],
    },
    {
      name: 'a name that only looks inside',
      in: 'a\\.example.com. A 192.0.2.1\n',
      want: ['line 5: a\\046example.com. is outside of the zone example.com.'],
    },
    {
      name: 'a second SOA',
      in: '@ SOA ns1 other 7 3600 900 604800 15\n',
      want: ['line 2: example.com. has more than one SOA record'],
    },
    {
      name: 'a SOA elsewhere',
      in: 'sub SOA ns1 hostmaster 7 3600 900 604800 15\n',
      want: ['line 5: SOA record at sub.example.com., which is not the origin'],
    },
    {
      name: 'an alias that is not alone (RFC 2181, 10.1)',
      in: 'a CNAME b\na A 192.0.2.1\n',
      want: ['line 5: a.example.com. has a CNAME record and A records beside it'],
    },
    {
      name: 'two aliases',
      in: 'a CNAME b\na CNAME c\n',
      want: ['line 5: a.example.com. has more than one CNAME record'],
    },
    {
      name: 'a name below a DNAME (RFC 6672, 2.4)',
      in: 'd DNAME example.net.\nx.d A 192.0.2.1\n',
      want: ['line 6: x.d.example.com. is below the DNAME record of d.example.com.'],
    },
    {
      name: 'a DNAME beside a delegation (RFC 6672, 2.3)',
      in: 'd DNAME example.net.\nd NS ns.elsewhere.\n',
      want: ['line 5: d.example.com. has a DNAME record and is delegated'],
    },
    {
      name: 'a wildcard with NS (RFC 4592, 4.2)',
      in: '*.a NS ns.elsewhere.\n',
      want: ['line 5: a wildcard cannot own NS records: *.a.example.com.'],
    },
    {
      name: 'a name server that is an alias (RFC 2181, 10.3)',
      in: '@ NS ns2\nns2 CNAME ns1\n',
      want: ['line 3: name server ns2.example.com. of example.com. is an alias'],
    },
    {
      name: 'a name server without an address',
      in: '@ NS ns2\n',
      want: ['line 3: name server ns2.example.com. of example.com. has no address in this zone'],
    },
    {
      name: 'a delegation without its glue',
      in: 'sub NS ns.sub\n',
      want: ['line 5: name server ns.sub.example.com. of sub.example.com. has no address in this zone'],
    },
  ])('$name', ({ in: text, want }) => {
    expect(lines(read(HEAD + text))).toEqual(want)
  })

  const many = (count: number, type: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => `a ${type(i)}\n`).join('')
  const address = (i: number): string => `A 10.0.${i >> 8}.${i & 255}`

  it('more records than one message can carry', () => {
    expect(read(HEAD + many(4_000, address)).kind).toBe('zone')
    expect(lines(read(HEAD + many(5_000, address)))).toEqual([
      'line 5: A records of a.example.com. do not fit into one message (5000 of them)',
    ])
  })

  it('more records at one name than can be kept together', () => {
    const text =
      HEAD +
      many(4_000, address) +
      many(1_500, (i) => `AAAA 2001:db8::${i.toString(16)}`) +
      many(1_500, (i) => `TXT "${String(i).padStart(20, 'x')}"`)

    expect(lines(read(text))).toEqual([
      'line 5: the records of a.example.com. are too many to be kept together',
    ])
  })

  it('no SOA, no NS', () => {
    expect(lines(read('a 60 A 192.0.2.1\n'))).toEqual([
      'line 1: zone has no SOA record at its origin example.com.',
      'line 1: zone has no NS record at its origin example.com.',
    ])
  })

  it('no TTL anywhere; no owner', () => {
    expect(lines(read('a A 192.0.2.1\n'))).toEqual([
      'line 1: record has no TTL, and there is no $TTL and none before it',
    ])
    expect(lines(read(' A 192.0.2.1\n'))).toEqual(['line 1: first record has no owner name'])
  })

  it(`tells of at most ${MAX_PROBLEMS}`, () => {
    expect(lines(read('a A x\n'.repeat(1_000)))).toHaveLength(MAX_PROBLEMS)
  })
})

describe('warnings', () => {
  it.each([
    {
      name: 'data below a delegation is hidden',
      in: 'sub NS ns.elsewhere.\nx.sub TXT y\n',
      want: ['x.sub.example.com. is hidden by the delegation of sub.example.com.'],
    },
    {
      name: 'TTLs that differ',
      in: 'a 60 A 192.0.2.1\na 30 A 192.0.2.2\n',
      want: ['A records of a.example.com. differ in TTL: the smallest is used for all'],
    },
    {
      name: 'mail to an alias',
      in: '@ MX 10 m\nm CNAME ns1\n',
      want: ['MX record of example.com. names the alias m.example.com.'],
    },
    { name: 'none', in: '', want: [] },
  ])('$name', ({ in: text, want }) => {
    const file = read(HEAD + text)

    expect(file.kind === 'zone' && file.warnings.map(({ message }) => message)).toEqual(want)
  })
})

describe('properties', () => {
  it('any text is read or refused, with lines that are in it', () => {
    const pieces = fc.constantFrom(
      'a',
      'A',
      '192.0.2.1',
      ' ',
      '\n',
      '(',
      ')',
      '"',
      '\\',
      '\\032',
      ';',
      '$TTL',
      '$ORIGIN',
      '60',
      'IN',
      'TXT',
      'SOA',
      '@',
      '.',
      '\\#',
      '\u00ff',
    )
    const texts = fc.oneof(
      fc.string({ unit: 'binary-ascii' }),
      fc.array(pieces, { maxLength: 60 }).map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(texts, (text) => {
        const file = read(HEAD + text)
        if (file.kind === 'zone') return
        for (const { line } of file.problems)
          expect(line).toBeLessThanOrEqual((HEAD + text).split('\n').length)
      }),
      { numRuns: 2_000 },
    )
  })

  it('a name of any octets is one DomainName, and back', () => {
    fc.assert(
      fc.property(wireNames, (wire) => {
        const name: DomainName = nameOfWire(wire)
        expect(wireLength(name)).toBe(wire.length)
        expect(nameOfWire(wireName(name))).toBe(name)
        expect(Buffer.from(wireName(name)).toString('latin1').toLowerCase()).toBe(
          Buffer.from(wire)
            .toString('latin1')
            .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
            .toLowerCase(),
        )
      }),
    )
  })
})
