import { describe, expect, it } from 'vitest'
import { ServerCookies } from '../../src/dns/answer/cookies.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { TestStore } from '../support/dns-store.ts'
import { option, optionClaims, optionsOf } from '../support/edns-claims.ts'

const ask = 'www.fed.test A'
const cookies = new ServerCookies([new Uint8Array(16)])
const CLIENT = [1, 2, 3, 4, 5, 6, 7, 8]
const OTHER = [8, 7, 6, 5, 4, 3, 2, 1]

const store = new TestStore(8 * 1024 * 1024, { cookies }).serve(
  ['fed.test'],
  ['fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15', 'www.fed.test. 30 A 192.0.2.1'],
)
const answerTo = (...options: readonly ReturnType<typeof option>[]): Buffer =>
  store.octets(queryBytes({ ask, edns: { options } }))!
const cookieOf = (response: Uint8Array): Buffer =>
  Buffer.from(
    optionsOf(response)
      .find((text) => text.startsWith('10:'))!
      .slice(3),
    'hex',
  )
const learned = cookieOf(answerTo(option(10, ...CLIENT)))

optionClaims('RFC 7873, a server that makes none', {}, [
  { name: '4: the option is ignored', in: { ask, edns: { options: [option(10, ...CLIENT)] } }, want: [] },
  {
    name: '5.2.2: and still has to be well formed',
    in: { ask, edns: { options: [option(10, 1, 2, 3)] } },
    rcode: 'FORMERR',
    want: [],
  },
])

describe('RFC 7873', () => {
  it('5.2.1: without the option, none comes back', () => {
    expect(optionsOf(answerTo())).toEqual([])
  })

  it('5.2.3: a client cookie alone is answered as usual, with a server cookie', () => {
    const response = answerTo(option(10, ...CLIENT))

    expect(replyOf(response)).toMatchObject({ rcode: 'NOERROR', answer: ['www.fed.test. 30 A 192.0.2.1'] })
    expect([...cookieOf(response).subarray(0, 8)]).toEqual(CLIENT)
    expect(cookieOf(response)).toHaveLength(24)
    expect(store.client.proven).toBe(false)
  })

  it('5.2.4: a server cookie that is not ours counts as none, and is replaced', () => {
    const foreign = Array.from({ length: 16 }, () => 7)

    const response = answerTo(option(10, ...CLIENT, ...foreign))

    expect(cookieOf(response)).toEqual(learned)
    expect(store.client.proven).toBe(false)
  })

  it('5.2.5: a server cookie of ours proves where the client is', () => {
    expect(cookieOf(answerTo(option(10, ...learned)))).toEqual(learned)
    expect(store.client.proven).toBe(true)
  })

  it('5.2: only the first COOKIE option counts', () => {
    const response = answerTo(option(10, ...learned), option(10, ...OTHER))

    expect(optionsOf(response)).toEqual([`10:${learned.toString('hex')}`])
    expect(store.client.proven).toBe(true)
  })

  it.each([0, 1, 7, 9, 15, 41, 64])(
    '5.2.2: an option of %i octets is a format error, without cookie',
    (length) => {
      const response = answerTo(option(10, ...new Uint8Array(length)))

      expect(replyOf(response)).toEqual({
        rcode: 'FORMERR',
        flags: 'qr',
        question: 'www.fed.test. A',
        edns: 'v0 1232',
      })
    },
  )

  it('5.4: a query for nothing but a cookie gets one', () => {
    const response = store.octets(queryBytes({ edns: { options: [option(10, ...CLIENT)] } }))!

    expect(replyOf(response)).toEqual({ rcode: 'NOERROR', flags: 'qr', edns: 'v0 1232 option10' })
    expect(cookieOf(response)).toEqual(learned)
  })

  it('5.4: a query for nothing at all is a format error', () => {
    expect(replyOf(store.octets(queryBytes({ edns: {} }))!).rcode).toBe('FORMERR')
  })

  it.each([
    { name: 'denials', ask: 'nope.fed.test A' },
    { name: 'refusals', ask: 'www.elsewhere A' },
    { name: 'what takes the long way', ask: 'fed.test ANY' },
  ])('5.2.3: $name carry the cookie too', ({ ask: other }) => {
    const response = store.octets(queryBytes({ ask: other, edns: { options: [option(10, ...learned)] } }))!

    expect(cookieOf(response)).toEqual(learned)
    expect(store.client.proven).toBe(true)
  })

  it('a client is not proven by the cookie of the query before', () => {
    answerTo(option(10, ...learned))
    store.octets(queryBytes({ ask: 'fed.test ANY', edns: {} }))

    expect(store.client.proven).toBe(false)
  })
})
