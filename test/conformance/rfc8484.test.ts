import type { ClientHttp2Session } from 'node:http2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queryBytes, type QueryShape } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { option, optionsOf } from '../support/edns-claims.ts'
import {
  askHttp1,
  askHttp2,
  getPath,
  MESSAGE_TYPE,
  openHttp2,
  post,
  type HttpAnswer,
  type HttpAsk,
} from '../support/https-client.ts'
import { startSecureServer, type SecureServer } from '../support/secure-server.ts'

let server: SecureServer
let session: ClientHttp2Session

beforeAll(async () => {
  server = await startSecureServer([
    'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15',
    'www.fed.test. 30 A 192.0.2.1',
    'www.fed.test. 30 A 192.0.2.2',
    'alias.fed.test. 20 CNAME www.fed.test.',
    'lost.fed.test. 10 CNAME nope.fed.test.',
    'late.fed.test. 40 CNAME nope.fed.test.',
    'sub.fed.test. 50 NS ns.sub.fed.test.',
    'ns.sub.fed.test. 5 A 192.0.2.3',
  ])
  session = await openHttp2(server.httpsPort, { ca: server.authority.certPem })
})
afterAll(async () => {
  session.destroy()
  await server.nameserver.close()
})

const query = queryBytes({ ask: 'www.fed.test A', id: 0 })
const WWW = ['www.fed.test. 30 A 192.0.2.1', 'www.fed.test. 30 A 192.0.2.2']

/** One request over each version of HTTP: the answers must be the same in what counts. */
async function ask(what: HttpAsk): Promise<HttpAnswer> {
  const two = await askHttp2(session, what)
  const one = await askHttp1(server.httpsPort, server.authority.certPem, what)
  expect(essence(one)).toEqual(essence(two))
  return two
}

function essence({ status, headers }: HttpAnswer): unknown {
  return [
    status,
    headers['content-type'],
    headers['cache-control'],
    headers['content-length'],
    headers['allow'],
  ]
}

const dnsOf = ({ body }: HttpAnswer) => replyOf(body)
const padded = (text: string): string => `/dns-query?dns=${text}`
const text = query.toString('base64url')

describe('RFC 8484, 4.1: the request', () => {
  it.each([
    { name: 'POST of a message', what: post(query) },
    {
      name: 'a type with a parameter, in any case',
      what: { ...post(query), headers: { 'content-type': 'Application/DNS-Message; v=1' } },
    },
    { name: 'GET of a message in base64url', what: { path: getPath(query) } },
    { name: 'other parameters beside it', what: { path: `/dns-query?a=b&dns=${text}&c` } },
    {
      name: 'a Host that is not ours',
      what: { path: getPath(query), headers: { host: 'elsewhere.example' } },
    },
  ])('4.1: $name is answered', async ({ what }) => {
    const answer = await ask(what)

    expect(answer.status).toBe(200)
    expect(dnsOf(answer).answer?.toSorted()).toEqual(WWW)
  })

  it.each([
    { name: 'another path', what: { path: '/' }, want: 404 },
    { name: 'a path below ours', what: { path: `/dns-query/?dns=${text}` }, want: 404 },
    { name: 'another method', what: { method: 'PUT', body: query }, want: 405 },
    { name: 'another type', what: { ...post(query), headers: { 'content-type': 'text/plain' } }, want: 415 },
    { name: 'no type', what: { method: 'POST', body: query }, want: 415 },
    { name: 'GET without a message', what: { path: '/dns-query' }, want: 400 },
    { name: 'an empty message', what: { path: padded('') }, want: 400 },
    { name: 'two messages', what: { path: `${getPath(query)}&dns=${text}` }, want: 400 },
    { name: 'padding (RFC 8484, 6)', what: { path: padded('AAAA==') }, want: 400 },
    { name: 'base64 that is none of base64url', what: { path: padded('AA+/') }, want: 400 },
    { name: 'base64url of no whole octets', what: { path: padded('AAAAA') }, want: 400 },
    { name: 'a message shorter than a header', what: post(Buffer.alloc(11)), want: 400 },
    { name: 'no message in the body', what: post(Buffer.alloc(0)), want: 400 },
    { name: 'a body longer than any message', what: post(Buffer.alloc(65_536)), want: 413 },
  ])('4.1: $name is $want', async ({ what, want }) => {
    const { status, headers, body } = await ask(what)

    expect(status).toBe(want)
    expect(headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'no-store',
    })
    expect(body.toString()).toMatch(/^[^\n]{5,100}\n$/)
    if (want === 405) expect(headers['allow']).toBe('GET, POST')
  })

  it('4.1: a body longer than any message is refused while it comes, whatever it was said to be', async () => {
    const { status } = await askHttp2(session, {
      ...post(Buffer.alloc(200_000)),
      headers: { 'content-type': MESSAGE_TYPE },
    })

    expect(status).toBe(413)
  })

  it('4.1: a response gets no DNS message back', async () => {
    const answer = await ask(post(queryBytes({ ask: 'www.fed.test A', flags: 0x8000 })))

    expect(answer.status).toBe(400)
  })

  it('4.1: the id of the query is that of the answer', async () => {
    expect((await ask(post(queryBytes({ ask: 'www.fed.test A', id: 0xabcd })))).body.readUInt16BE(0)).toBe(
      0xabcd,
    )
  })
})

describe('RFC 8484, 4.2.1: what DNS has to say comes with status 200', () => {
  it.each<{ name: string; shape: QueryShape; want: string }>([
    { name: 'a name that does not exist', shape: { ask: 'nope.fed.test A' }, want: 'NXDOMAIN' },
    { name: 'a zone that is not ours', shape: { ask: 'www.example A' }, want: 'REFUSED' },
    { name: 'a question that breaks off', shape: { counts: [1, 0, 0, 0] }, want: 'FORMERR' },
    { name: 'an opcode that is not known', shape: { ask: 'www.fed.test A', opcode: 14 }, want: 'NOTIMP' },
    { name: 'a transfer of the zone', shape: { ask: 'fed.test AXFR' }, want: 'REFUSED' },
    { name: 'one of what has changed', shape: { ask: 'fed.test IXFR' }, want: 'REFUSED' },
  ])('4.2.1: $name is $want', async ({ shape, want }) => {
    const answer = await ask(post(queryBytes(shape)))

    expect([answer.status, answer.headers['content-type'], dnsOf(answer).rcode]).toEqual([
      200,
      MESSAGE_TYPE,
      want,
    ])
  })
})

describe('RFC 8484, 5.1: for how long an answer is fresh', () => {
  it.each([
    { ask: 'www.fed.test A', want: 30, why: 'the TTL of the answer' },
    { ask: 'alias.fed.test A', want: 20, why: 'the smallest of an alias and what it leads to' },
    { ask: 'fed.test SOA', want: 60, why: 'the TTL of a SOA, not its MINIMUM, where it is the answer' },
    { ask: 'nope.fed.test A', want: 15, why: 'the MINIMUM of the SOA that denies a name' },
    { ask: 'www.fed.test AAAA', want: 15, why: 'the same where the type is denied' },
    { ask: 'lost.fed.test A', want: 10, why: 'that of an alias to nothing, where it is smaller' },
    { ask: 'late.fed.test A', want: 15, why: 'that of the denial, where it is smaller' },
    { ask: 'www.sub.fed.test A', want: 50, why: 'that of a referral, without its addresses' },
    { ask: 'www.example A', want: 0, why: 'nothing for a refusal' },
  ])('5.1: $want s for $ask: $why', async ({ ask: question, want }) => {
    const { headers } = await ask({ path: getPath(queryBytes({ ask: question })) })

    expect(headers['cache-control']).toBe(`max-age=${want}`)
  })
})

describe('RFC 8484, 5.2: HTTP/2', () => {
  it('5.2: queries on one connection are answered at the same time', async () => {
    const asks = Array.from({ length: 80 }, (_, id) =>
      askHttp2(session, post(queryBytes({ ask: 'www.fed.test A', id }))),
    )

    const answers = await Promise.all(asks)

    expect(answers.map(({ body }) => body.readUInt16BE(0))).toEqual(answers.map((_, id) => id))
  })
})

it('RFC 8484, 9: sizes are hidden from who pads (RFC 8467, 4.1), and nothing is told of idle TCP', async () => {
  const options = [option(11), option(12, 0, 0)]
  const { body } = await ask(post(queryBytes({ ask: 'www.fed.test A', edns: { options } })))

  expect(body).toHaveLength(468)
  expect(optionsOf(body).map((line) => line.split(':')[0])).toEqual(['12'])
})
