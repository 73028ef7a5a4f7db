import { describe, expect, it } from 'vitest'
import { PLAIN_UDP_BYTES } from '../../../../src/dns/protocol.ts'
import { signRequest, type VerifiedReply } from '../../../../src/dns/tsig/client.ts'
import { tsigKeys } from '../../../../src/dns/tsig/keys.ts'
import { queryBytes, type QueryShape } from '../../../support/dns-query.ts'
import { replyOf } from '../../../support/dns-reply.ts'
import { TestStore } from '../../../support/dns-store.ts'
import { testKey, tsigOf } from '../../../support/tsig-messages.ts'

const key = testKey()
const NOW_SECONDS = 0 // of the store's client
const LINES = [
  'fed.test. 3600 SOA ns1.fed.test. hostmaster.fed.test. 1 60 15 1209600 15',
  'fed.test. 3600 NS ns1.fed.test.',
  'www.fed.test. 30 A 192.0.2.1',
  // one address more would not fit into 512 octets
  ...Array.from({ length: 29 }, (_, i) => `many.fed.test. 30 A 192.0.2.${i}`),
]
const store = new TestStore(8 * 1024 * 1024, { requests: { keys: tsigKeys([key]) } }).serve(
  ['fed.test'],
  LINES,
)

function asked(
  shape: QueryShape,
  transport: 'udp' | 'tcp' = 'udp',
): { response: Uint8Array; checked: VerifiedReply } {
  const { request, verifier } = signRequest(queryBytes(shape), key, NOW_SECONDS)
  const response = store.octets(request, transport)!
  return { response, checked: verifier.check(response, NOW_SECONDS) }
}

describe('an ordinary query with a signature', () => {
  it.each<{ name: string; in: QueryShape; want: object }>([
    {
      name: 'an answer',
      in: { ask: 'WWW.fed.test A', edns: { flags: 0x8000 } },
      want: {
        rcode: 'NOERROR',
        flags: 'qr aa',
        answer: ['WWW.fed.test. 30 A 192.0.2.1'],
        edns: 'v0 1232 do',
      },
    },
    { name: 'a denial', in: { ask: 'none.fed.test A' }, want: { rcode: 'NXDOMAIN' } },
    { name: 'a refusal', in: { ask: 'example.com A' }, want: { rcode: 'REFUSED' } },
    { name: 'a transfer that may not be', in: { ask: 'fed.test AXFR' }, want: { rcode: 'REFUSED' } },
    {
      name: 'an option that cannot be read',
      in: { ask: 'www.fed.test A', edns: { options: [{ code: 8, data: Uint8Array.of(9) }] } },
      want: { rcode: 'FORMERR' },
    },
    { name: 'a NOTIFY that nobody takes', in: { ask: 'fed.test SOA', opcode: 4 }, want: { rcode: 'NOTIMP' } },
  ])('$name is signed', ({ in: shape, want }) => {
    const { checked } = asked(shape)

    expect(checked).toMatchObject({ kind: 'good', proven: true })
    if (checked.kind === 'good') expect(replyOf(checked.message)).toMatchObject(want)
  })

  it('that fits without its signature only is truncated, and signed', () => {
    const plain = store.octets(queryBytes({ ask: 'many.fed.test A' }))!
    const { response, checked } = asked({ ask: 'many.fed.test A' })

    expect(plain.length).toBeGreaterThan(PLAIN_UDP_BYTES - 20)
    expect(replyOf(plain).flags).toBe('qr aa')
    expect(response.length).toBeLessThanOrEqual(PLAIN_UDP_BYTES)
    expect(checked.kind === 'good' && replyOf(checked.message).flags).toBe('qr aa tc')
  })

  it('is answered whole over TCP', () => {
    const { checked } = asked({ ask: 'many.fed.test A' }, 'tcp')

    expect(checked.kind === 'good' && replyOf(checked.message).answer).toHaveLength(29)
  })

  it('is refused where the signature is wrong, and not answered', () => {
    const { request } = signRequest(queryBytes({ ask: 'www.fed.test A' }), testKey('hmac-sha1'), NOW_SECONDS)

    const response = store.octets(request)!

    expect(replyOf(response)).toMatchObject({ rcode: 'NOTAUTH', question: 'www.fed.test. A' })
    expect(tsigOf(response)).toMatchObject({ error: 17 })
  })

  it.each([
    { name: 'is refused in short where the client takes no more', edns: undefined, want: { flags: 'qr tc' } },
    { name: 'is refused with its signature where the client takes it', edns: {}, want: { flags: 'qr' } },
  ])('of names that fill a datagram $name', ({ edns, want }) => {
    const long = [63, 63, 63, 60].map((bytes) => 'x'.repeat(bytes)).join('.')
    const shape = edns === undefined ? { ask: `${long} A` } : { ask: `${long} A`, edns }
    const { request } = signRequest(queryBytes(shape), testKey('hmac-sha512', long), 0)

    const response = store.octets(request)!

    expect(replyOf(response)).toMatchObject({ rcode: 'NOTAUTH', question: `${long}. A`, ...want })
    expect(response.length <= PLAIN_UDP_BYTES).toBe(edns === undefined)
  })

  it('of an opcode that nobody knows is not looked into', () => {
    const { request } = signRequest(
      queryBytes({ opcode: 6, ask: 'www.fed.test A' }),
      testKey('hmac-sha1'),
      NOW_SECONDS,
    )

    expect(replyOf(store.octets(request)!)).toEqual({ rcode: 'NOTIMP', flags: 'qr opcode6' })
  })
})
