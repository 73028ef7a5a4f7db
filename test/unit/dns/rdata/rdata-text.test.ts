import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PresentationError } from '../../../../src/dns/presentation.ts'
import { type FieldKind, layoutOf } from '../../../../src/dns/rdata/layouts.ts'
import { presentRdata } from '../../../../src/dns/rdata/present-rdata.ts'
import { rdataProblem } from '../../../../src/dns/rdata/rdata-problem.ts'
import { readRdata } from '../../../../src/dns/rdata/read-rdata.ts'
import { typeBitmap } from '../../../../src/dns/rdata/type-bitmap.ts'
import { typeName, typeNumber } from '../../../../src/dns/rdata/type-names.ts'
import { entriesOf } from '../../../../src/dns/zone-file/entries.ts'
import { wireNames } from '../../../support/arbitrary-dns.ts'

const ORIGIN = Uint8Array.from([7, ...Buffer.from('example'), 3, ...Buffer.from('com'), 0])

/** What a master file would read on a line of its own. */
function read(type: string, text: string): Uint8Array {
  const [entry] = entriesOf(` ${text}\n`)
  if (entry !== undefined && 'error' in entry) throw entry.error
  return readRdata(typeNumber(type) ?? 0, entry?.words ?? [], ORIGIN)
}

const hexOf = (octets: Uint8Array) => Buffer.from(octets).toString('hex')
const name = (...labels: string[]) =>
  hexOf(Uint8Array.from([...labels.flatMap((label) => [label.length, ...Buffer.from(label, 'latin1')]), 0]))

const TABLE = [
  { name: 'A', type: 'A', text: '192.0.2.1', wire: 'c0000201' },
  {
    name: 'AAAA, shortest spelling',
    type: 'AAAA',
    text: '2001:DB8::0:1',
    wire: '20010db8000000000000000000000001',
    again: '2001:db8::1',
  },
  {
    name: 'AAAA keeps an IPv4-mapped address',
    type: 'AAAA',
    text: '::ffff:192.0.2.1',
    wire: '00000000000000000000ffffc0000201',
    again: '::ffff:c000:201',
  },
  {
    name: 'a relative name gets the origin',
    type: 'NS',
    text: 'ns1',
    wire: name('ns1', 'example', 'com'),
    again: 'ns1.example.com.',
  },
  { name: '@ is the origin', type: 'CNAME', text: '@', wire: name('example', 'com'), again: 'example.com.' },
  { name: 'the root', type: 'PTR', text: '.', wire: '00' },
  {
    name: 'escapes in a name (RFC 1035, 5.1)',
    type: 'NS',
    text: 'a\\.b\\032c\\;.example.',
    wire: name('a.b c;', 'example'),
    again: 'a\\.b\\032c\\;.example.',
  },
  {
    name: 'SOA with units',
    type: 'SOA',
    text: 'ns hostmaster\\.x 1 1h 15m ( 1w ; a week\n 30 )',
    wire: `${name('ns', 'example', 'com')}${name('hostmaster.x', 'example', 'com')}0000000100000e100000038400093a800000001e`,
    again: 'ns.example.com. hostmaster\\.x.example.com. 1 3600 900 604800 30',
  },
  {
    name: 'MX',
    type: 'MX',
    text: '10 mail',
    wire: `000a${name('mail', 'example', 'com')}`,
    again: '10 mail.example.com.',
  },
  {
    name: 'TXT, quoted and bare strings',
    type: 'TXT',
    text: '"a; b" c\\"d ""',
    wire: '04613b20620363226400',
    again: '"a; b" "c\\"d" ""',
  },
  { name: 'HINFO', type: 'HINFO', text: 'RFC8482 ""', wire: '075246433834383200', again: '"RFC8482" ""' },
  { name: 'SRV (RFC 2782)', type: 'SRV', text: '0 5 443 .', wire: '0000000501bb00' },
  {
    name: 'NAPTR (RFC 3403)',
    type: 'NAPTR',
    text: '100 50 "s" "z3950+I2L" "" _z3950._tcp.gatech.edu.',
    wire: `006400320173097a333935302b49324c00${name('_z3950', '_tcp', 'gatech', 'edu')}`,
  },
  {
    name: 'DS, digits in groups',
    type: 'DS',
    text: '60485 5 1 2BB183AF5F22588179A53B0A 98631FAD1A292118',
    wire: 'ec4505012bb183af5f22588179a53b0a98631fad1a292118',
    again: '60485 5 1 2bb183af5f22588179a53b0a98631fad1a292118',
  },
  {
    name: 'DNSKEY',
    type: 'DNSKEY',
    text: '257 3 15 l02W oi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=',
    wire: '0101030f' + Buffer.from('l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=', 'base64').toString('hex'),
    again: '257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=',
  },
  {
    name: 'RRSIG, times as dates (RFC 4034, 3.2)',
    type: 'RRSIG',
    text: 'A 13 2 3600 20300101000000 20200101000000 2642 example.com. AQID',
    wire: `00010d0200000e10${(Date.UTC(2030, 0, 1) / 1000).toString(16)}${(Date.UTC(2020, 0, 1) / 1000).toString(16)}0a52${name('example', 'com')}010203`,
  },
  {
    name: 'NSEC (RFC 4034, 4.3)',
    type: 'NSEC',
    text: 'host.example.com. A MX RRSIG NSEC TYPE1234',
    wire: `${name('host', 'example', 'com')}0006400100000003041b${'00'.repeat(26)}20`,
  },
  {
    name: 'NSEC3 (RFC 5155, 3.3)',
    type: 'NSEC3',
    text: '1 1 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX DNSKEY NS SOA NSEC3PARAM RRSIG',
    wire: '010100000014174eb2409fe28bcb4887a1836f957f0a8425e27b000722010000000290',
    again: '1 1 0 - 2t7b4g4vsa5smi47k61mv5bv1a22bojr NS SOA MX RRSIG DNSKEY NSEC3PARAM',
  },
  { name: 'TLSA (RFC 6698)', type: 'TLSA', text: '3 1 1 00ff', wire: '03010100ff' },
  {
    name: 'CAA (RFC 8659)',
    type: 'CAA',
    text: '0 issue "ca.example; k=v"',
    wire: `0005${hexOf(Buffer.from('issueca.example; k=v'))}`,
  },
  {
    name: 'URI (RFC 7553)',
    type: 'URI',
    text: '10 1 "https://example/x"',
    wire: `000a0001${hexOf(Buffer.from('https://example/x'))}`,
  },
  {
    name: 'SVCB AliasMode (RFC 9460, D.1)',
    type: 'HTTPS',
    text: '0 foo.example.com.',
    wire: `0000${name('foo', 'example', 'com')}`,
  },
  { name: 'SVCB without parameters (D.2)', type: 'SVCB', text: '1 .', wire: '000100' },
  {
    name: 'SVCB port (D.2)',
    type: 'SVCB',
    text: '16 foo.example.com. port=53',
    wire: `0010${name('foo', 'example', 'com')}000300020035`,
  },
  {
    name: 'SVCB unknown key, quoted (D.2)',
    type: 'SVCB',
    text: '1 foo.example.com. key667="hello\\210qoo"',
    wire: `0001${name('foo', 'example', 'com')}029b000968656c6c6fd2716f6f`,
  },
  {
    name: 'SVCB IPv6 hints (D.2)',
    type: 'SVCB',
    text: '1 foo.example.com. ipv6hint="2001:db8::1,2001:db8::53:1"',
    wire: `0001${name('foo', 'example', 'com')}0006002020010db800000000000000000000000120010db8000000000000000000530001`,
    again: '1 foo.example.com. ipv6hint=2001:db8::1,2001:db8::53:1',
  },
  {
    name: 'SVCB keys are sorted (D.2)',
    type: 'SVCB',
    text: '16 foo.example.org. alpn=h2,h3-19 mandatory=ipv4hint,alpn ipv4hint=192.0.2.1',
    wire: `0010${name('foo', 'example', 'org')}0000000400010004000100090268320568332d313900040004c0000201`,
    again: '16 foo.example.org. mandatory=alpn,ipv4hint alpn="h2,h3-19" ipv4hint=192.0.2.1',
  },
  {
    name: 'SVCB alpn with an escaped comma (D.2)',
    type: 'SVCB',
    text: '16 foo.example.org. alpn="f\\\\\\\\oo\\\\,bar,h2"',
    wire: `0010${name('foo', 'example', 'org')}0001000c08665c6f6f2c626172026832`,
  },
  { name: 'EUI48 (RFC 7043)', type: 'EUI48', text: '00-00-5e-00-53-2a', wire: '00005e00532a' },
  { name: 'L64 (RFC 6742)', type: 'L64', text: '10 2001:0db8:1140:1000', wire: '000a20010db811401000' },
  {
    name: 'an unknown type (RFC 3597, 5)',
    type: 'TYPE731',
    text: '\\# 6 abcd ef 012345',
    wire: 'abcdef012345',
    again: '\\# 6 abcdef012345',
  },
  {
    name: 'a known type in the generic form',
    type: 'A',
    text: '\\# 4 0A000001',
    wire: '0a000001',
    again: '10.0.0.1',
  },
  { name: 'no octets at all', type: 'TYPE65280', text: '\\# 0', wire: '' },
] as const

describe('rdata as text', () => {
  it.each(TABLE)('$name', (row) => {
    const wire = read(row.type, row.text)

    expect(hexOf(wire)).toBe(row.wire)
    const again = presentRdata(typeNumber(row.type) ?? 0, wire)
    expect(again).toBe('again' in row ? row.again : row.text)
    expect(hexOf(read(row.type, again))).toBe(hexOf(wire))
  })

  it.each([
    { name: 'a short IPv4 address', type: 'A', text: '10.1' },
    { name: 'octal IPv4', type: 'A', text: '010.0.0.1' },
    { name: 'an IPv6 address in A', type: 'A', text: '2001:db8::1' },
    { name: 'an address with a zone', type: 'AAAA', text: 'fe80::1%eth0' },
    { name: 'nothing', type: 'A', text: '' },
    { name: 'more than its fields', type: 'A', text: '10.0.0.1 10.0.0.2' },
    { name: 'an empty label', type: 'NS', text: 'a..b.' },
    { name: 'a label of 64 octets', type: 'NS', text: `${'a'.repeat(64)}.` },
    { name: 'a name of 256 octets', type: 'NS', text: `${'a'.repeat(49)}.`.repeat(5) + 'bbbb.' },
    { name: 'an escape above 255', type: 'NS', text: 'a\\256.' },
    { name: 'half an escape', type: 'NS', text: 'a\\2.' },
    { name: 'a preference above 16 bits', type: 'MX', text: '65536 mail' },
    { name: 'a negative preference', type: 'MX', text: '-1 mail' },
    { name: 'a string of 256 octets', type: 'TXT', text: `"${'x'.repeat(256)}"` },
    { name: 'no string', type: 'TXT', text: '' },
    { name: 'odd hexadecimal digits', type: 'DS', text: '1 13 2 abc' },
    { name: 'base64 without padding', type: 'DNSKEY', text: '256 3 13 AQI' },
    {
      name: 'a date that is none',
      type: 'RRSIG',
      text: 'A 13 2 3600 20300231000000 20200101000000 1 . AQID',
    },
    { name: 'a tag with a hyphen', type: 'CAA', text: '0 issue-x "ca"' },
    { name: 'a service parameter twice', type: 'SVCB', text: '1 . port=1 port=2' },
    { name: 'an unknown service parameter', type: 'SVCB', text: '1 . nope=2' },
    {
      name: 'a mandatory parameter that is not there (RFC 9460, D.3)',
      type: 'SVCB',
      text: '1 . mandatory=key123',
    },
    { name: 'mandatory naming itself (D.3)', type: 'SVCB', text: '1 . mandatory=mandatory' },
    { name: 'a value where none may be (D.3)', type: 'SVCB', text: '1 . no-default-alpn=abc alpn=h2' },
    { name: 'no-default-alpn alone', type: 'SVCB', text: '1 . no-default-alpn' },
    { name: 'no value where one must be (D.3)', type: 'SVCB', text: '1 . port' },
    { name: 'a generic form that lies about its length', type: 'TYPE731', text: '\\# 5 abcd' },
    { name: 'a generic form that is no A record', type: 'A', text: '\\# 3 010203' },
    { name: 'an unknown type without the generic form', type: 'TYPE731', text: 'abc' },
  ])('refuses $name', ({ type, text }) => {
    expect(errorOf(() => read(type, text)).code).toBe('DNS_TEXT_INVALID')
  })

  it('says what stood there and what may', () => {
    expect(errorOf(() => read('MX', 'ten mail')).fields).toEqual({
      wanted: 'a number up to 65535',
      found: 'ten',
    })
  })
})

function errorOf(act: () => unknown): PresentationError {
  try {
    act()
  } catch (error) {
    if (error instanceof PresentationError) return error
  }
  throw new Error('it did not refuse')
}

const octets = (size: number) => fc.uint8Array({ minLength: size, maxLength: size })
const string = (least: number) =>
  fc
    .uint8Array({ minLength: least, maxLength: 255 })
    .map((bytes) => Uint8Array.from([bytes.length, ...bytes]))

const FIELD: Readonly<Record<FieldKind, fc.Arbitrary<Uint8Array>>> = {
  name: wireNames,
  u8: octets(1),
  u16: octets(2),
  u32: octets(4),
  seconds: octets(4),
  type: octets(2),
  time: octets(4),
  ipv4: octets(4),
  ipv6: octets(16),
  string: string(0),
  tag: fc
    .stringMatching(/^[a-zA-Z0-9]{1,15}$/)
    .map((text) => Uint8Array.from([text.length, ...Buffer.from(text)])),
  strings: fc.array(string(0), { minLength: 1, maxLength: 4 }).map((parts) => Buffer.concat(parts)),
  text: fc.uint8Array({ maxLength: 300 }),
  hex: fc.uint8Array({ maxLength: 40 }),
  base64: fc.uint8Array({ minLength: 1, maxLength: 70 }),
  types: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 12 }).map(typeBitmap),
  parameters: fc
    .uniqueArray(fc.integer({ min: 9, max: 65_534 }), { maxLength: 5 })
    .chain((keys) =>
      fc.tuple(
        ...keys
          .sort((a, b) => a - b)
          .map((key) =>
            fc.uint8Array({ maxLength: 20 }).map((value) => [key >> 8, key & 255, 0, value.length, ...value]),
          ),
      ),
    )
    .map((parts) => Uint8Array.from(parts.flat())),
  'short-hex': string(0),
  base32: string(1),
  eui48: octets(6),
  eui64: octets(8),
  ilnp: octets(8),
}

const TYPED = Array.from({ length: 300 }, (_, type) => type).filter((type) => layoutOf(type) !== undefined)

const rdata = fc
  .constantFrom(...TYPED)
  .chain((type) =>
    fc
      .tuple(...(layoutOf(type) ?? []).map((kind) => FIELD[kind]))
      .map((parts) => ({ type, octets: Uint8Array.from(Buffer.concat(parts)) })),
  )

describe('properties', () => {
  it('what is written is read as the same octets, for every type', () => {
    fc.assert(
      fc.property(rdata, ({ type, octets: wire }) => {
        expect(rdataProblem(type, wire)).toBeUndefined()
        expect(hexOf(read(typeName(type), presentRdata(type, wire)))).toBe(hexOf(wire))
      }),
      { numRuns: 600 },
    )
  })

  it('any octets are written on one line, and are read as the same or refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.uint8Array({ maxLength: 60 }), (type, wire) => {
        const text = presentRdata(type, wire)
        expect(text).toMatch(/^[\x20-\x7e]*$/)
        if (rdataProblem(type, wire) === undefined)
          expect(hexOf(read(typeName(type), text))).toBe(hexOf(wire))
        else errorOf(() => read(typeName(type), text))
      }),
      { numRuns: 1_000 },
    )
  })
})
