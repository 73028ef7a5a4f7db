import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCookieLength, ServerCookies } from '../../../../src/dns/answer/cookies.ts'
import type { Requester } from '../../../../src/dns/answer/requester.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'hex'))

function requester(address: readonly number[], nowSeconds: number): Requester {
  const octets = new Uint8Array(16)
  octets.set(address)
  return { octets, length: address.length === 4 ? 4 : 16, nowSeconds }
}

/** What read() proves and write() gives. */
function exchange(cookies: ServerCookies, option: Uint8Array, from: Requester) {
  const proof = cookies.read(option, 0, { length: option.length, requester: from })
  const out = new Uint8Array(24)
  cookies.write(out, 0)
  return { proof, answer: Buffer.from(out).toString('hex') }
}

const SECRET = hex('e5e973e5a6b2a43f48e7dc849e37bfcf')
const IPV6 = [0x20, 0x01, 0x0d, 0xb8, 0x02, 0x20, 0x00, 0x01, 0x59, 0xde, 0xd0, 0xf4, 0x87, 0x69, 0x82, 0xb8]

describe('ServerCookies', () => {
  it.each([
    {
      name: 'RFC 9018, A.1: a new client',
      secret: SECRET,
      option: '2464c4abcf10c957',
      from: requester([198, 51, 100, 100], 1_559_731_985),
      want: { proof: 'none', answer: '2464c4abcf10c957010000005cf79f111f8130c3eee29480' },
    },
    {
      name: 'RFC 9018, 4.3: the same client soon again, its cookie not renewed yet',
      secret: SECRET,
      option: '2464c4abcf10c957010000005cf79f111f8130c3eee29480',
      from: requester([198, 51, 100, 100], 1_559_731_985 + 40),
      want: { proof: 'proven', answer: '2464c4abcf10c957010000005cf79f111f8130c3eee29480' },
    },
    {
      name: 'RFC 9018, A.2: half an hour later, renewed',
      secret: SECRET,
      option: '2464c4abcf10c957010000005cf79f111f8130c3eee29480',
      from: requester([198, 51, 100, 100], 1_559_734_385),
      want: { proof: 'proven', answer: '2464c4abcf10c957010000005cf7a871d4a564a1442aca77' },
    },
    {
      name: 'RFC 9018, A.3: a cookie with reserved octets set, in its time',
      secret: SECRET,
      option: 'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5',
      from: requester([203, 0, 113, 203], 1_559_727_985),
      want: { proof: 'proven', answer: 'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5' },
    },
    {
      name: 'RFC 9018, A.3: the same at the time told there, when it is too old, and replaced',
      secret: SECRET,
      option: 'fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5',
      from: requester([203, 0, 113, 203], 1_559_734_700),
      want: { proof: 'none', answer: 'fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e' },
    },
    {
      name: 'RFC 9018, A.4: an IPv6 client, its cookie made with the secret before',
      secret: hex('dd3bdf9344b678b185a6f5cb60fca715'),
      option: '22681ab97d52c298010000005cf7c57926556bd0934c72f8',
      from: requester(IPV6, 1_559_741_961),
      want: { proof: 'proven', answer: '22681ab97d52c298010000005cf7c609a6bb79d16625507a' },
      old: hex('445536bcd2513298075a5d379663c962'),
    },
  ])('$name', ({ secret, option, from, want, old }) => {
    const secrets = old === undefined ? [secret] : [old, secret]

    expect(exchange(new ServerCookies(secrets), hex(option), from)).toEqual(want)
  })

  const valid = '2464c4abcf10c957010000005cf79f111f8130c3eee29480'
  const madeAt = 1_559_731_985
  it.each([
    { name: 'an hour old', option: valid, after: 3_600, want: 'proven' },
    { name: 'older than an hour', option: valid, after: 3_601, want: 'none' },
    { name: 'five minutes ahead of our clock', option: valid, after: -300, want: 'proven' },
    { name: 'further ahead', option: valid, after: -301, want: 'none' },
    { name: 'with another version', option: valid.replace('57010000', '57020000'), after: 0, want: 'none' },
    { name: 'with one bit changed', option: `${valid.slice(0, -1)}1`, after: 0, want: 'none' },
    { name: 'of another length', option: `${valid}00`, after: 0, want: 'none' },
  ])('a cookie $name proves: $want', ({ option, after, want }) => {
    const from = requester([198, 51, 100, 100], madeAt + after)

    expect(exchange(new ServerCookies([SECRET]), hex(option), from).proof).toBe(want)
  })

  it('is given anew when older than half an hour, and otherwise kept', () => {
    const cookies = new ServerCookies([SECRET])
    const after = (seconds: number) => requester([198, 51, 100, 100], madeAt + seconds)

    expect(exchange(cookies, hex(valid), after(1_800)).answer).toBe(valid)
    expect(exchange(cookies, hex(valid), after(1_801)).answer).not.toBe(valid)
  })

  it('what it gave to one address proves itself there and nowhere else', () => {
    const octet = fc.integer({ min: 0, max: 255 })
    const address = fc.oneof(
      fc.array(octet, { minLength: 4, maxLength: 4 }),
      fc.array(octet, { minLength: 16, maxLength: 16 }),
    )
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 16, maxLength: 16 }),
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        address,
        address,
        (secret, client, here, there) => {
          fc.pre(here.join() !== there.join())
          const cookies = new ServerCookies([secret])
          const given = hex(exchange(cookies, client, requester(here, madeAt)).answer)

          expect(exchange(cookies, given, requester(here, madeAt + 60)).proof).toBe('proven')
          expect(exchange(cookies, given, requester(there, madeAt + 60)).proof).toBe('none')
        },
      ),
    )
  })

  it('has options of 8 and of 16 to 40 octets (RFC 7873, 5.2.2)', () => {
    const lengths = Array.from({ length: 64 }, (_, length) => length).filter(isCookieLength)

    expect(lengths).toEqual([8, ...Array.from({ length: 25 }, (_, i) => 16 + i)])
  })
})
