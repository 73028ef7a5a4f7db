import { describe, expect, it } from 'vitest'
import type { QueryShape } from '../support/dns-query.ts'
import { CHILD, EDWARDS, KSK, ZSK, zoneKeyOf } from '../support/dnssec-keys.ts'
import { ALWAYS, DO, SignedStore, type SignedReply } from '../support/dnssec-zone.ts'

const SOA = 'ns1.signed.test. hostmaster.signed.test. 7 60 15 1209600 15'
const CHILD_DS = `${CHILD.tag} 15 2 ${CHILD.ds.sha256.toLowerCase()}`

const zones = new SignedStore({
  origins: ['signed.test', 'child.signed.test', 'plain.test'],
  lines: [
    `signed.test. 3600 SOA ${SOA}`,
    'signed.test. 3600 NS ns1.signed.test.',
    'ns1.signed.test. 3600 A 192.0.2.53',
    'www.signed.test. 30 A 192.0.2.1',
    'www.signed.test. 30 A 192.0.2.2',
    'mail.signed.test. 60 MX 10 www.signed.test.',
    'mail.signed.test. 60 MX 20 mx.elsewhere.test.',
    'alias.signed.test. 30 CNAME www.signed.test.',
    'out.signed.test. 30 CNAME www.plain.test.',
    'old.signed.test. 30 DNAME new.signed.test.',
    'www.new.signed.test. 30 A 192.0.2.3',
    'child.signed.test. 300 NS ns1.signed.test.',
    `child.signed.test. 300 DS ${CHILD_DS}`,
    'secure.signed.test. 300 NS ns.secure.signed.test.',
    `secure.signed.test. 300 DS ${CHILD_DS}`,
    'ns.secure.signed.test. 300 A 192.0.2.55',
    ...Array.from({ length: 60 }, (_, i) => `many.signed.test. 30 A 192.0.2.${i}`),
    ...Array.from({ length: 10 }, (_, i) => `mx.signed.test. 60 MX ${i} m${i}.signed.test.`),
    ...Array.from({ length: 10 }, (_, i) => `m${i}.signed.test. 60 A 192.0.2.${i}`),
    'child.signed.test. 3600 SOA ns1.signed.test. hostmaster.signed.test. 7 60 15 1209600 15',
    'www.child.signed.test. 30 A 192.0.2.77',
    `plain.test. 60 SOA ${SOA}`,
    'www.plain.test. 30 A 192.0.2.99',
  ],
  keys: [KSK, ZSK, CHILD].map((key) => zoneKeyOf(key, ALWAYS)),
})

const sig = (owner: string, ttl: number, rest: string): string =>
  `${owner} ${ttl} RRSIG ${rest} ${ZSK.tag} signed.test.`
const secure = (more: Partial<SignedReply>): SignedReply => ({
  rcode: 'NOERROR',
  flags: 'qr aa',
  edns: 'v0 1232 do',
  ...more,
})
const WWW = ['www.signed.test. 30 A 192.0.2.1', 'www.signed.test. 30 A 192.0.2.2']
const WWW_SIG = sig('www.signed.test.', 30, 'A 13 3 30')

describe('RFC 4035', () => {
  it.each<{ name: string; in: QueryShape | string; want: SignedReply }>([
    {
      name: '3.1: without DO there is not a record of DNSSEC',
      in: { ask: 'www.signed.test A', edns: {} },
      want: { rcode: 'NOERROR', flags: 'qr aa', edns: 'v0 1232', answer: WWW },
    },
    {
      name: '3.1: nor without EDNS',
      in: { ask: 'www.signed.test A' },
      want: { rcode: 'NOERROR', flags: 'qr aa', answer: WWW },
    },
    {
      name: '3.1.1: with DO a signature goes with every set of the answer',
      in: 'alias.signed.test A',
      want: secure({
        answer: [
          'alias.signed.test. 30 CNAME www.signed.test.',
          sig('alias.signed.test.', 30, 'CNAME 13 3 30'),
          ...WWW,
          WWW_SIG,
        ],
      }),
    },
    {
      name: '3.1.1: and with those in the additional section that are ours',
      in: 'mail.signed.test MX',
      want: secure({
        answer: [
          'mail.signed.test. 60 MX 10 www.signed.test.',
          'mail.signed.test. 60 MX 20 mx.elsewhere.test.',
          sig('mail.signed.test.', 60, 'MX 13 3 60'),
        ],
        additional: [...WWW, WWW_SIG],
      }),
    },
    {
      name: '3.1: names outside of signed zones are answered as ever',
      in: 'www.plain.test A',
      want: secure({ answer: ['www.plain.test. 30 A 192.0.2.99'] }),
    },
    {
      name: '3.1: an alias into a zone that is not signed: the alias is signed',
      in: 'out.signed.test A',
      want: secure({
        answer: [
          'out.signed.test. 30 CNAME www.plain.test.',
          sig('out.signed.test.', 30, 'CNAME 13 3 30'),
          'www.plain.test. 30 A 192.0.2.99',
        ],
      }),
    },
    {
      name: '3.1.4: a secure referral carries DS and its signature; NS records and glue are not signed',
      in: 'www.secure.signed.test A',
      want: secure({
        flags: 'qr',
        authority: [
          'secure.signed.test. 300 NS ns.secure.signed.test.',
          `secure.signed.test. 300 DS ${CHILD_DS}`,
          sig('secure.signed.test.', 300, 'DS 13 3 300'),
        ],
        additional: ['ns.secure.signed.test. 300 A 192.0.2.55'],
      }),
    },
    {
      name: '3.1.4.1: DS is answered by the zone above, though the zone below is here too',
      in: 'child.signed.test DS',
      want: secure({
        answer: [`child.signed.test. 300 DS ${CHILD_DS}`, sig('child.signed.test.', 300, 'DS 13 3 300')],
      }),
    },
    {
      name: '3.1.4.1: DS at an origin whose parent is elsewhere is denied by the zone itself',
      in: 'signed.test DS',
      want: secure({
        authority: [
          `signed.test. 15 SOA ${SOA}`,
          sig('signed.test.', 15, 'SOA 13 2 3600'),
          'signed.test. 15 NSEC \\000.signed.test. NS SOA RRSIG NSEC DNSKEY',
          sig('signed.test.', 15, 'NSEC 13 2 15'),
        ],
      }),
    },
    {
      name: '2.1: keys are signed by the key that the parent points at, all else by the other',
      in: 'signed.test DNSKEY',
      want: secure({
        answer: [
          ...[KSK, ZSK].map((key) => `signed.test. 3600 DNSKEY ${dnskeyText(key.publicText)}`),
          `signed.test. 3600 RRSIG DNSKEY 13 2 3600 ${KSK.tag} signed.test.`,
        ],
      }),
    },
    {
      name: '2.1: a zone with one key: it signs all',
      in: 'www.child.signed.test A',
      want: secure({
        answer: [
          'www.child.signed.test. 30 A 192.0.2.77',
          `www.child.signed.test. 30 RRSIG A 15 4 30 ${CHILD.tag} child.signed.test.`,
        ],
      }),
    },
    {
      name: '3.1.6: AD is never set; CD comes back from a signed zone (RFC 8906, 8.1.3.1)',
      in: { ask: 'www.signed.test A', flags: 0x0030, edns: DO },
      want: secure({ flags: 'qr aa cd', answer: [...WWW, WWW_SIG] }),
    },
    {
      name: '3.1.6: and from no other',
      in: { ask: 'www.plain.test A', flags: 0x0030, edns: DO },
      want: secure({ answer: ['www.plain.test. 30 A 192.0.2.99'] }),
    },
    {
      name: 'RFC 6672, 5.3.1: a DNAME is signed, the alias made from it is not',
      in: 'www.old.signed.test A',
      want: secure({
        answer: [
          'old.signed.test. 30 DNAME new.signed.test.',
          sig('old.signed.test.', 30, 'DNAME 13 3 30'),
          'www.old.signed.test. 30 CNAME www.new.signed.test.',
          'www.new.signed.test. 30 A 192.0.2.3',
          sig('www.new.signed.test.', 30, 'A 13 4 30'),
        ],
      }),
    },
    {
      name: 'RFC 8482, 4.1: ANY is answered with one set and its signature',
      in: 'www.signed.test ANY',
      want: secure({ answer: [...WWW, WWW_SIG] }),
    },
    {
      name: 'RFC 8482, 4.1: RRSIG with the signature of one set',
      in: 'www.signed.test RRSIG',
      want: secure({ answer: [WWW_SIG] }),
    },
    {
      name: '3.1: RRSIG, asked for by name, needs no DO',
      in: { ask: 'alias.signed.test RRSIG' },
      want: { rcode: 'NOERROR', flags: 'qr aa', answer: [sig('alias.signed.test.', 30, 'CNAME 13 3 30')] },
    },
    {
      name: '3.1: nor does NSEC, which is at an alias as at any name (2.5)',
      in: { ask: 'alias.signed.test NSEC' },
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        answer: ['alias.signed.test. 15 NSEC \\000.alias.signed.test. CNAME RRSIG NSEC'],
      },
    },
    {
      name: '3.1: with DO it is signed',
      in: 'www.signed.test NSEC',
      want: secure({
        answer: [
          'www.signed.test. 15 NSEC \\000.www.signed.test. A RRSIG NSEC',
          sig('www.signed.test.', 15, 'NSEC 13 3 15'),
        ],
      }),
    },
    {
      name: '3.1: and a name that does not exist has none, without DO',
      in: { ask: 'nope.signed.test NSEC' },
      want: { rcode: 'NXDOMAIN', flags: 'qr aa', authority: [`signed.test. 15 SOA ${SOA}`] },
    },
  ])('$name', ({ in: ask, want }) => {
    expect(zones.ask(ask)).toEqual(want)
    expect(zones.ask(ask, 'tcp')).toEqual(want)
  })

  it('3.1.1: signatures in the additional section that do not fit are left out, without TC', () => {
    const addresses = Array.from({ length: 10 }, (_, i) => `m${i}.signed.test. 60 A 192.0.2.${i}`)
    const query = { ask: 'mx.signed.test MX', edns: { ...DO, payloadBytes: 700 } }

    const { flags, additional } = zones.ask(query)

    expect({ flags, additional }).toEqual({ flags: 'qr aa', additional: addresses })
    expect(zones.ask(query, 'tcp').additional).toHaveLength(18) // of a reply's additional sets, eight at the most are signed
  })

  it('3.1.1: TC where a signature of the answer does not fit, though the set would', () => {
    const query = { ask: 'many.signed.test A', edns: { ...DO, payloadBytes: 1050 } }

    expect(zones.ask(query)).toEqual(secure({ flags: 'qr aa tc' }))
    expect(zones.ask({ ...query, edns: { payloadBytes: 1050 } }).flags).toBe('qr aa')
    expect(zones.ask(query, 'tcp').answer).toHaveLength(61)
  })

  it('2.2: every algorithm of the zone signs every set', () => {
    const both = new SignedStore({
      origins: ['signed.test'],
      lines: [`signed.test. 3600 SOA ${SOA}`, 'www.signed.test. 30 A 192.0.2.1'],
      keys: [KSK, ZSK, EDWARDS].map((key) => zoneKeyOf(key, ALWAYS)),
    })

    expect(both.ask('www.signed.test A').answer).toEqual([
      'www.signed.test. 30 A 192.0.2.1',
      WWW_SIG,
      `www.signed.test. 30 RRSIG A 15 3 30 ${EDWARDS.tag} signed.test.`,
    ])
    expect(both.ask('signed.test DNSKEY').answer?.filter((line) => line.includes('RRSIG'))).toEqual([
      `signed.test. 3600 RRSIG DNSKEY 13 2 3600 ${KSK.tag} signed.test.`,
      `signed.test. 3600 RRSIG DNSKEY 15 2 3600 ${EDWARDS.tag} signed.test.`,
    ])
  })
})

/** Flags, protocol, algorithm and key of a .key file's record, as one line. */
function dnskeyText(publicText: string): string {
  const [, fields = '', key = ''] = /DNSKEY (\d+ \d+ \d+) (.+)/.exec(publicText) ?? []
  return `${fields} ${key.replaceAll(' ', '')}`
}
