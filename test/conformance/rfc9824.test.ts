import { describe, expect, it } from 'vitest'
import type { QueryShape } from '../support/dns-query.ts'
import { KSK, ZSK, zoneKeyOf } from '../support/dnssec-keys.ts'
import { ALWAYS, DO, DO_CO, SignedStore, type SignedReply } from '../support/dnssec-zone.ts'

const SOA = 'ns1.signed.test. hostmaster.signed.test. 7 60 15 1209600 15'
const LONG = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(48)}.signed.test.`
const FULL = `${'e'.repeat(63)}.signed.test.`

const zones = new SignedStore({
  origins: ['signed.test', 'plain.test'],
  lines: [
    `signed.test. 3600 SOA ${SOA}`,
    'signed.test. 3600 NS ns1.signed.test.',
    'ns1.signed.test. 3600 A 192.0.2.53',
    'www.signed.test. 30 A 192.0.2.1',
    'www.signed.test. 60 TXT "hello"',
    'a.b.ent.signed.test. 30 A 192.0.2.2',
    '*.wild.signed.test. 30 A 192.0.2.9',
    '*.wild.signed.test. 30 TXT "any"',
    '*.alias.signed.test. 30 CNAME www.signed.test.',
    'insecure.signed.test. 300 NS ns.insecure.signed.test.',
    'ns.insecure.signed.test. 300 A 192.0.2.54',
    `${FULL} 300 NS ns1.signed.test.`,
    'glue.signed.test. 300 NS glue.signed.test.',
    'glue.signed.test. 300 A 192.0.2.55',
    'glue.signed.test. 300 TXT "below the cut"',
    'gone.signed.test. 30 CNAME nothing.signed.test.',
    'plain.test. 60 SOA ns1.signed.test. hostmaster.signed.test. 7 60 15 1209600 15',
  ],
  keys: [KSK, ZSK].map((key) => zoneKeyOf(key, ALWAYS)),
})

const sig = (owner: string, ttl: number, rest: string): string =>
  `${owner} ${ttl} RRSIG ${rest} ${ZSK.tag} signed.test.`
/** What goes before every proof. */
const DENIAL = [`signed.test. 15 SOA ${SOA}`, sig('signed.test.', 15, 'SOA 13 2 3600')]
const proof = (owner: string, nsec: string, labels: number): readonly string[] => [
  ...DENIAL,
  `${owner} 15 NSEC ${nsec}`,
  sig(owner, 15, `NSEC 13 ${labels} 15`),
]
const secure = (more: Partial<SignedReply>): SignedReply => ({
  rcode: 'NOERROR',
  flags: 'qr aa',
  edns: 'v0 1232 do',
  ...more,
})

describe('RFC 9824', () => {
  it.each<{ name: string; in: QueryShape | string; want: SignedReply }>([
    {
      name: '3.1: a name that does not exist is NOERROR, with one NSEC at the name itself: RRSIG NSEC NXNAME',
      in: 'nope.signed.test A',
      want: secure({
        authority: proof('nope.signed.test.', '\\000.nope.signed.test. RRSIG NSEC NXNAME', 3),
      }),
    },
    {
      name: '3.1: the owner has the spelling of the query, the next name is in lower case',
      in: 'NoPe.Signed.test A',
      want: secure({
        authority: [
          `Signed.test. 15 SOA ${SOA}`,
          sig('Signed.test.', 15, 'SOA 13 2 3600'),
          'NoPe.Signed.test. 15 NSEC \\000.nope.signed.test. RRSIG NSEC NXNAME',
          sig('NoPe.Signed.test.', 15, 'NSEC 13 3 15'),
        ],
      }),
    },
    {
      name: '3.1: a name too long for another label in front: the next one has an octet more in its first label, or a larger one',
      in: `${LONG} A`,
      want: secure({
        authority: proof(LONG, `${'a'.repeat(62)}b${LONG.slice(63)} RRSIG NSEC NXNAME`, 6),
      }),
    },
    {
      name: '3.1: the last name of an alias chain does not exist',
      in: 'gone.signed.test A',
      want: secure({
        answer: [
          'gone.signed.test. 30 CNAME nothing.signed.test.',
          sig('gone.signed.test.', 30, 'CNAME 13 3 30'),
        ],
        authority: proof('nothing.signed.test.', '\\000.nothing.signed.test. RRSIG NSEC NXNAME', 3),
      }),
    },
    {
      name: '3.2: a type that is not there: the types that are',
      in: 'www.signed.test AAAA',
      want: secure({
        authority: proof('www.signed.test.', '\\000.www.signed.test. A TXT RRSIG NSEC', 3),
      }),
    },
    {
      name: '3.2: an empty non-terminal has RRSIG and NSEC, and no NXNAME',
      in: 'b.ent.signed.test A',
      want: secure({
        authority: proof('b.ent.signed.test.', '\\000.b.ent.signed.test. RRSIG NSEC', 4),
      }),
    },
    {
      name: '3.2: the origin has its keys among its types',
      in: 'signed.test TXT',
      want: secure({
        authority: proof('signed.test.', '\\000.signed.test. NS SOA RRSIG NSEC DNSKEY', 2),
      }),
    },
    {
      name: '3.3: a wildcard answers as if the name existed: all its labels are signed, and nothing is proven',
      in: 'x.y.wild.signed.test A',
      want: secure({
        answer: ['x.y.wild.signed.test. 30 A 192.0.2.9', sig('x.y.wild.signed.test.', 30, 'A 13 5 30')],
      }),
    },
    {
      name: '3.3: a type that the wildcard does not have: the types of the wildcard',
      in: 'x.wild.signed.test AAAA',
      want: secure({
        authority: proof('x.wild.signed.test.', '\\000.x.wild.signed.test. A TXT RRSIG NSEC', 4),
      }),
    },
    {
      name: '3.3: an alias by a wildcard, followed',
      in: 'x.alias.signed.test A',
      want: secure({
        answer: [
          'x.alias.signed.test. 30 CNAME www.signed.test.',
          sig('x.alias.signed.test.', 30, 'CNAME 13 4 30'),
          'www.signed.test. 30 A 192.0.2.1',
          sig('www.signed.test.', 30, 'A 13 3 30'),
        ],
      }),
    },
    {
      name: '3.3: the wildcard asked for by its own name, one label less signed (RFC 4034, 3.1.3)',
      in: '*.wild.signed.test A',
      want: secure({
        answer: ['*.wild.signed.test. 30 A 192.0.2.9', sig('*.wild.signed.test.', 30, 'A 13 3 30')],
      }),
    },
    {
      name: '3.4: a referral without DS: an NSEC at the cut, up to what follows all below it',
      in: 'www.insecure.signed.test A',
      want: {
        rcode: 'NOERROR',
        flags: 'qr',
        edns: 'v0 1232 do',
        authority: [
          'insecure.signed.test. 300 NS ns.insecure.signed.test.',
          'insecure.signed.test. 15 NSEC insecure\\000.signed.test. NS RRSIG NSEC',
          sig('insecure.signed.test.', 15, 'NSEC 13 3 15'),
        ],
        additional: ['ns.insecure.signed.test. 300 A 192.0.2.54'],
      },
    },
    {
      name: '3.4: what stands at the cut beside NS is not ours to say, glue neither (RFC 4035, 2.3)',
      in: 'glue.signed.test DS',
      want: secure({
        authority: proof('glue.signed.test.', 'glue\\000.signed.test. NS RRSIG NSEC', 3),
      }),
    },
    {
      name: '3.4: the same NSEC for the DS record that is not there',
      in: 'insecure.signed.test DS',
      want: secure({
        authority: proof('insecure.signed.test.', 'insecure\\000.signed.test. NS RRSIG NSEC', 3),
      }),
    },
    {
      name: '3.4: a first label that is full is counted up',
      in: `${FULL} DS`,
      want: secure({
        authority: proof(FULL, `${'e'.repeat(62)}f.signed.test. NS RRSIG NSEC`, 3),
      }),
    },
    {
      name: '5: without DO a name that does not exist is NXDOMAIN, without proof',
      in: { ask: 'nope.signed.test A', edns: {} },
      want: { rcode: 'NXDOMAIN', flags: 'qr aa', edns: 'v0 1232', authority: [DENIAL[0]!] },
    },
    {
      name: '5.1: with CO the response code is NXDOMAIN, and CO goes back',
      in: { ask: 'nope.signed.test A', edns: DO_CO },
      want: {
        rcode: 'NXDOMAIN',
        flags: 'qr aa',
        edns: 'v0 1232 0xc000',
        authority: proof('nope.signed.test.', '\\000.nope.signed.test. RRSIG NSEC NXNAME', 3),
      },
    },
    {
      name: '5.1: CO goes back with other answers too, whose code is as ever',
      in: { ask: 'www.signed.test A', edns: DO_CO },
      want: secure({
        edns: 'v0 1232 0xc000',
        answer: ['www.signed.test. 30 A 192.0.2.1', sig('www.signed.test.', 30, 'A 13 3 30')],
      }),
    },
    {
      name: '5.1: not from a zone that is not signed, whose denials are plain',
      in: { ask: 'nope.plain.test A', edns: DO_CO },
      want: {
        rcode: 'NXDOMAIN',
        flags: 'qr aa',
        edns: 'v0 1232 do',
        authority: [`plain.test. 15 SOA ${SOA}`],
      },
    },
    {
      name: '3.5: NXNAME as a question is a format error',
      in: { ask: 'nope.signed.test NXNAME', edns: DO },
      want: { rcode: 'FORMERR', flags: 'qr', edns: 'v0 1232 do option15' },
    },
  ])('$name', ({ in: ask, want }) => {
    expect(zones.ask(ask)).toEqual(want)
    expect(zones.ask(ask, 'tcp')).toEqual(want)
  })
})
