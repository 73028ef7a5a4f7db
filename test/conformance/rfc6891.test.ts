import { expect, it } from 'vitest'
import { conformance, DENIAL } from '../support/dns-conformance.ts'
import { changesOf } from '../support/dns-lines.ts'
import { optBytes, questionBytes } from '../support/dns-query.ts'

const ask = 'www.fed.test TXT'
const question = 'www.fed.test. TXT'
const answer = ['www.fed.test. 60 TXT "hello"']
const good = { rcode: 'NOERROR', flags: 'qr aa', question, answer }
const bad = { rcode: 'FORMERR', flags: 'qr', question, edns: 'v0 1232' }

/** The question, then raw octets as the additional section. */
function additional(count: number, ...octets: readonly Buffer[]) {
  return { counts: [1, 0, 0, count] as const, tail: [...questionBytes(ask, 1), ...Buffer.concat(octets)] }
}

conformance(
  'RFC 6891',
  [
    {
      name: '6.1.1: OPT in the query, OPT in the response',
      in: { ask, edns: {} },
      want: { ...good, edns: 'v0 1232' },
    },
    { name: '6.1.1: no OPT in the query, none in the response', in: { ask }, want: good },
    {
      name: '6.1.1: two OPT records are a format error',
      in: additional(2, optBytes({}), optBytes({})),
      want: bad,
    },
    {
      name: '6.1.2: an OPT record at another name than the root is a format error',
      in: additional(1, Buffer.from([1, 97]), optBytes({})),
      want: bad,
    },
    {
      name: '6.1.2: an option that runs beyond the record is a format error',
      in: additional(1, Buffer.from([0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 5, 0, 3, 0, 9, 0])),
      want: bad,
    },
    {
      name: '6.1.2: options that we do not know are ignored, and not given back',
      in: {
        ask,
        edns: {
          options: [
            { code: 100, data: Buffer.from('x') },
            { code: 65_001, data: Buffer.alloc(0) },
          ],
        },
      },
      want: { ...good, edns: 'v0 1232' },
    },
    {
      name: '6.1.3: a version that we do not know is BADVERS, with ours',
      in: { ask, edns: { version: 1 } },
      want: { rcode: 'BADVERS', flags: 'qr', question, edns: 'v0 1232' },
    },
    {
      name: '6.1.4 (RFC 3225, 3): DO is given back, every other flag is cleared',
      in: { ask, edns: { flags: 0xffff } },
      want: { ...good, edns: 'v0 1232 do' },
    },
    {
      name: '7: errors keep the OPT record',
      in: { ask: 'www.elsewhere.example A', edns: {} },
      want: { rcode: 'REFUSED', flags: 'qr', question: 'www.elsewhere.example. A', edns: 'v0 1232 option15' },
    },
    {
      name: '7: denials keep the OPT record',
      in: { ask: 'nope.fed.test A', edns: {} },
      want: {
        rcode: 'NXDOMAIN',
        flags: 'qr aa',
        question: 'nope.fed.test. A',
        authority: [DENIAL],
        edns: 'v0 1232',
      },
    },
    {
      name: '6.2.3: a size below 512 counts as 512: an answer of that size is sent',
      in: { ask: 'fed.test NS', edns: { payloadBytes: 0 } },
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'fed.test. NS',
        answer: ['fed.test. 3600 NS ns1.fed.test.', 'fed.test. 3600 NS ns2.fed.test.'],
        additional: [
          'ns1.fed.test. 3600 A 192.0.2.53',
          'ns1.fed.test. 3600 AAAA 2001:db8::53',
          'ns2.fed.test. 3600 A 192.0.2.54',
        ],
        edns: 'v0 1232',
      },
    },
    {
      name: '6.2.4: we send at most 1232 octets over UDP whatever the client takes; a truncated response keeps OPT',
      in: { ask: 'many.fed.test A', edns: { payloadBytes: 65_535 } },
      only: 'udp',
      want: { rcode: 'NOERROR', flags: 'qr aa tc', question: 'many.fed.test. A', edns: 'v0 1232' },
    },
  ],
  (server) => {
    it.each([
      { name: 'an answer that fits to the octet is whole', records: 41, spare: 0, flags: 'qr aa' },
      { name: 'with one record more it is truncated', records: 42, spare: 0, flags: 'qr aa tc' },
      { name: 'the OPT record counts', records: 42, spare: 10, flags: 'qr aa tc' },
    ])('6.2.5: the size that the client gave is the limit: $name', async ({ records, spare, flags }) => {
      const payloadBytes = 12 + 16 + 4 + 41 * 16 + 11 + spare
      server().nameserver.writer.publish(
        changesOf(Array.from({ length: records }, (_, i) => `sized.fed.test 30 A 192.0.2.${i}`)),
      )

      const reply = await server().ask('udp', { ask: 'sized.fed.test A', edns: { payloadBytes } })

      expect(reply).toMatchObject({ rcode: 'NOERROR', flags })
      expect(reply.answer ?? []).toHaveLength(flags === 'qr aa' ? records : 0)
    })
  },
)
