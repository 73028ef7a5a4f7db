import { expect, it } from 'vitest'
import { conformance } from '../support/dns-conformance.ts'
import { nameBytes, queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'

const FORMERR = { rcode: 'FORMERR', flags: 'qr' }

conformance(
  'RFC 1035',
  [
    {
      name: '3.3.13: the SOA, asked for, has its own TTL',
      in: 'fed.test SOA',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'fed.test. SOA',
        answer: ['fed.test. 3600 SOA ns1.fed.test. hostmaster.fed.test. 2026112001 60 15 1209600 15'],
      },
    },
    {
      name: '2.3.3 (RFC 4343, 4.1): names are compared without case, the question keeps its own',
      in: 'wWw.FeD.tEsT TXT',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'wWw.FeD.tEsT. TXT',
        answer: ['wWw.FeD.tEsT. 60 TXT "hello"'],
      },
    },
    {
      name: '2.3.1 (RFC 2181, 11): any octet may stand in a label',
      in: 'w\u0000w\u00ff.fed.test A',
      want: {
        rcode: 'NXDOMAIN',
        flags: 'qr aa',
        question: 'w\\000w\\255.fed.test. A',
        authority: ['fed.test. 15 SOA ns1.fed.test. hostmaster.fed.test. 2026112001 60 15 1209600 15'],
      },
    },
    {
      name: '4.2.1: without EDNS 512 octets are the limit over UDP, and TC says that there is more',
      in: 'many.fed.test A',
      only: 'udp',
      want: { rcode: 'NOERROR', flags: 'qr aa tc', question: 'many.fed.test. A' },
    },
    {
      name: '4.2.2: over TCP all of it fits',
      in: 'many.fed.test A',
      only: 'tcp',
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        question: 'many.fed.test. A',
        answer: Array.from({ length: 100 }, (_, i) => `many.fed.test. 30 A 192.0.2.${i}`),
      },
    },
    {
      name: '3.2.4: only class IN is served',
      in: { ask: 'www.fed.test A', class: 3 },
      want: { rcode: 'REFUSED', flags: 'qr', question: 'www.fed.test. A' },
    },
    {
      name: '3.2.5: class ANY is no class to answer in',
      in: { ask: 'www.fed.test A', class: 255 },
      want: { rcode: 'REFUSED', flags: 'qr', question: 'www.fed.test. A' },
    },
    { name: '4.1.2: no question is a format error', in: {}, want: FORMERR },
    {
      name: '4.1.2 (RFC 9619, 4): two questions are a format error',
      in: { ask: 'www.fed.test A', counts: [2, 0, 0, 0] },
      want: { ...FORMERR, question: 'www.fed.test. A' },
    },
    {
      name: '4.1.1: counts are not believed',
      in: { counts: [65_535, 65_535, 65_535, 65_535] },
      want: FORMERR,
    },
    {
      name: '4.1: octets behind the message are a format error',
      in: { ask: 'www.fed.test A', tail: [1, 2, 3] },
      want: { ...FORMERR, question: 'www.fed.test. A' },
    },
    {
      name: '4.1: and so they are behind an OPT record',
      in: { ask: 'www.fed.test A', edns: {}, tail: [0] },
      want: { ...FORMERR, question: 'www.fed.test. A', edns: 'v0 1232' },
    },
    {
      name: '4.1.4: a pointer in the question points at nothing',
      in: { counts: [1, 0, 0, 0], tail: [0xc0, 0x0c, 0, 1, 0, 1] },
      want: FORMERR,
    },
    {
      name: '3.1: a label of a reserved type is a format error',
      in: { counts: [1, 0, 0, 0], tail: [0x41, 1, 0, 0, 1, 0, 1] },
      want: FORMERR,
    },
    {
      name: '2.3.4: a name above 255 octets is a format error',
      in: { counts: [1, 0, 0, 0], tail: [...nameBytes(`${'a.'.repeat(127)}aa`), 0, 1, 0, 1] },
      want: FORMERR,
    },
    {
      name: '4.3.2: transfers are refused',
      in: 'fed.test AXFR',
      want: { rcode: 'REFUSED', flags: 'qr', question: 'fed.test. AXFR' },
    },
  ],
  (server) => {
    it('4.1.1: a response is never answered, so that two servers cannot answer each other for ever', async () => {
      const before = server().nameserver.counters().dropped
      const response = queryBytes({ ask: 'www.fed.test A', flags: 0x8000, id: 1 })
      const query = queryBytes({ ask: 'www.fed.test A', id: 2 })

      const answered = await Promise.race([
        server().send('udp', response),
        sendLater(() => server().send('udp', query)),
      ])

      expect(answered.readUInt16BE(0)).toBe(2)
      expect(server().nameserver.counters().dropped).toBe(before + 1)
    })

    it('4.1.1: less than a header is not answered', async () => {
      const before = server().nameserver.counters().dropped
      const query = queryBytes({ ask: 'www.fed.test A', id: 3 })

      const answered = await Promise.race([
        server().send('udp', query.subarray(0, 11)),
        sendLater(() => server().send('udp', query)),
      ])

      expect(answered.readUInt16BE(0)).toBe(3)
      expect(server().nameserver.counters().dropped).toBe(before + 1)
    })

    it('4.1.4: owner names are compressed, however often they come', async () => {
      const response = await server().send('tcp', queryBytes({ ask: 'many.fed.test A' }))

      expect(response).toHaveLength(12 + 15 + 4 + 100 * 16)
      expect(replyOf(response).answer).toHaveLength(100)
    })
  },
)

/** In another turn of the loop: what was sent before is on its way. */
async function sendLater<T>(send: () => Promise<T>): Promise<T> {
  await new Promise((resolve) => setImmediate(resolve))
  return send()
}
