import { describe, expect, it } from 'vitest'
import { CHILD, KSK, ZSK, zoneKeyOf } from '../support/dnssec-keys.ts'
import { DO, DO_CO, SignedStore, type SignedReply } from '../support/dnssec-zone.ts'
import type { QueryShape } from '../support/dns-query.ts'

const ALWAYS = { publishSeconds: -1, activateSeconds: -1 }
const SOA = 'ns1.signed.test. hostmaster.signed.test. 7 60 15 1209600 15'
const KEYS = { zsk: `${ZSK.tag} signed.test.`, ksk: `${KSK.tag} signed.test.` }
/** What goes before every proof. */
const DENIAL = [`signed.test. 15 SOA ${SOA}`, `signed.test. 15 RRSIG SOA 13 2 3600 ${KEYS.zsk}`]

const zones = new SignedStore({
  origins: ['signed.test', 'child.signed.test', 'plain.test'],
  lines: [
    `signed.test. 3600 SOA ${SOA}`,
    'signed.test. 3600 NS ns1.signed.test.',
    'ns1.signed.test. 3600 A 192.0.2.53',
    'www.signed.test. 30 A 192.0.2.1',
    'www.signed.test. 60 TXT "hello"',
    'a.b.ent.signed.test. 30 A 192.0.2.2',
    '*.wild.signed.test. 30 A 192.0.2.9',
    '*.wild.signed.test. 30 TXT "any"',
    'insecure.signed.test. 300 NS ns.insecure.signed.test.',
    'ns.insecure.signed.test. 300 A 192.0.2.54',
    'gone.signed.test. 30 CNAME nothing.signed.test.',
    `plain.test. 60 SOA ${SOA}`,
  ],
  keys: [KSK, ZSK, CHILD].map((key) => zoneKeyOf(key, ALWAYS)),
})

const secure = (more: Partial<SignedReply>): SignedReply => ({
  rcode: 'NOERROR',
  flags: 'qr aa',
  edns: 'v0 1232 do',
  ...more,
})
const proof = (line: string, labels: number): readonly string[] => [
  ...DENIAL,
  line,
  `${line.split(' ')[0]} 15 RRSIG NSEC 13 ${labels} 15 ${KEYS.zsk}`,
]

describe('RFC 9824', () => {
  it.each<{ name: string; in: QueryShape | string; want: SignedReply }>([
    {
      name: '3.1: a name that does not exist is NOERROR, with one NSEC at the name itself: RRSIG NSEC NXNAME',
      in: 'nope.signed.test A',
      want: secure({ authority: proof('nope.signed.test. 15 NSEC \\000.nope.signed.test. NXNAME', 3) }),
    },
  ])('$name', ({ in: ask, want }) => {
    expect(zones.ask(ask)).toEqual(want)
  })
})
