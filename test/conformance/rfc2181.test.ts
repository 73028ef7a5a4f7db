import { describe, expect, it } from 'vitest'
import { parseDomainName } from '../../src/dns/names.ts'
import { readZoneFile } from '../../src/dns/zone-file/read-zone-file.ts'
import { conformanceOf } from '../support/dns-conformance.ts'

const SOA = 'ns.fed.test. host.fed.test. 1 60 15 1209600 15'
const HEAD = `@ 60 SOA ${SOA}\n@ 60 NS ns\nns 60 A 192.0.2.53\n`
const MANY = Array.from({ length: 40 }, (_, i) => `many.fed.test. 30 A 192.0.2.${i}`)
const MAILS = Array.from({ length: 20 }, (_, i) => `mails.fed.test. 30 MX ${i + 10} m${i}.fed.test.`)

conformanceOf(
  'RFC 2181',
  {
    origins: ['fed.test'],
    lines: [
      `fed.test. 60 SOA ${SOA}`,
      'fed.test. 60 NS ns.fed.test.',
      'ns.fed.test. 60 A 192.0.2.53',
      ...MANY,
      ...MAILS,
      ...Array.from({ length: 20 }, (_, i) => `m${i}.fed.test. 30 A 192.0.2.${i}`),
      ...['80', '443', '8080'].map(
        (port) => `_same.fed.test. 30 SRV 0 0 ${port} ${port === '443' ? 'M1' : 'm1'}.fed.test.`,
      ),
      'cut.fed.test. 60 NS ns.cut.fed.test.',
      'ns.cut.fed.test. 60 A 192.0.2.54',
      'deep.cut.fed.test. 60 A 192.0.2.55',
    ],
  },
  [
    {
      name: '5: and once, however many records lead to it',
      in: { ask: '_same.fed.test SRV' },
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: '_same.fed.test. SRV',
        answer: [
          '_same.fed.test. 30 SRV 0 0 80 m1.fed.test.',
          '_same.fed.test. 30 SRV 0 0 443 M1.fed.test.',
          '_same.fed.test. 30 SRV 0 0 8080 m1.fed.test.',
        ],
        additional: ['m1.fed.test. 30 A 192.0.2.1'],
      },
    },
    {
      name: '5: a set goes out whole',
      in: { ask: 'many.fed.test A' },
      only: 'tcp',
      want: { rcode: 'NOERROR', flags: 'qr aa', question: 'many.fed.test. A', answer: MANY },
    },
    {
      name: '9: or not at all, and TC says so',
      in: { ask: 'many.fed.test A' },
      only: 'udp',
      want: { rcode: 'NOERROR', flags: 'qr aa tc', question: 'many.fed.test. A' },
    },
    {
      name: '9: what was only a courtesy is left out without TC',
      in: { ask: 'mails.fed.test MX' },
      only: 'udp',
      want: { rcode: 'NOERROR', flags: 'qr aa', question: 'mails.fed.test. MX', answer: MAILS },
    },
    {
      name: '6.1: below a cut nothing is ours to say',
      in: 'deep.cut.fed.test A',
      want: {
        rcode: 'NOERROR',
        flags: 'qr',
        question: 'deep.cut.fed.test. A',
        authority: ['cut.fed.test. 60 NS ns.cut.fed.test.'],
        additional: ['ns.cut.fed.test. 60 A 192.0.2.54'],
      },
    },
  ],
)

/** What a reader of zones says to lines behind a good head. */
function fileOf(...lines: readonly string[]) {
  return readZoneFile(HEAD + lines.join('\n'), parseDomainName('fed.test'))
}

describe('RFC 2181', () => {
  it('5.2: members of a set have one TTL, the smallest of those written', () => {
    const file = fileOf('www 60 A 192.0.2.1', 'www 30 A 192.0.2.2')

    expect(file.kind === 'zone' && file.zone.names.get(parseDomainName('www.fed.test'))).toMatchObject([
      { ttlSeconds: 30, rdata: [expect.anything(), expect.anything()] },
    ])
  })

  it('5: a record written twice is one', () => {
    const file = fileOf('www 60 A 192.0.2.1', 'www 60 A 192.0.2.1')

    expect(file.kind === 'zone' && file.zone.names.get(parseDomainName('www.fed.test'))).toMatchObject([
      { rdata: [expect.anything()] },
    ])
  })

  it.each([
    { name: '8: a TTL above 31 bits', lines: ['www 2147483648 A 192.0.2.1'] },
    { name: '10.1: other data beside an alias', lines: ['www 60 CNAME ns', 'www 60 A 192.0.2.1'] },
    { name: '10.1: two aliases at one name', lines: ['www 60 CNAME ns', 'www 60 CNAME @'] },
    { name: '10.1: an alias at the origin', lines: ['@ 60 CNAME www.elsewhere.test.'] },
  ])('$name is refused', ({ lines }) => {
    expect(fileOf(...lines).kind).toBe('broken')
  })

  it('10.3: a mail server that is an alias is warned of', () => {
    const file = fileOf('@ 60 MX 10 mail', 'mail 60 CNAME ns')

    expect(file.kind === 'zone' && file.warnings.map(({ message }) => message)).toEqual([
      expect.stringContaining('alias'),
    ])
  })
})
