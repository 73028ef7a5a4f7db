import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import { RCODE } from '../../src/dns/protocol.ts'
import { signRequest } from '../../src/dns/tsig/client.ts'
import { findTsig, TSIG_ERROR } from '../../src/dns/tsig/record.ts'
import { ROOT } from '../../src/nameserver/server.ts'
import type { EdnsOption, Message } from '../../src/dns/wire/message.ts'
import { FLAG, queryBytes, type QueryShape } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { startTestServer, type TestServer } from '../support/dns-server.ts'

/**
 * The cases of ISC's DNS compliance checker (genreport, after RFC 8906), by its names: what registries hold name servers
 * to. All ask for the SOA of the zone, RD=0, unless said.
 */
interface Case {
  readonly name: string
  readonly in: QueryShape
  readonly want: 'soa' | 'no data' | 'badvers' | 'notimp'
}

const ask = 'fed.test SOA'
const option = (code: number, ...data: readonly number[]) => ({ code, data: Uint8Array.from(data) })
const NSID = option(3)
const SUBNET = option(8, 0, 1, 0, 0)
const EXPIRE = option(9)
const COOKIE = option(10, 1, 2, 3, 4, 5, 6, 7, 8)
const UNKNOWN = option(100)
const DO = 0x8000
const ALL_FLAGS = 0x07f0

const CASES: readonly Case[] = [
  { name: 'dns', in: { ask }, want: 'soa' },
  ...(['aa', 'ad', 'cd', 'ra', 'rd', 'tc'] as const).map((flag) => ({
    name: flag,
    in: { ask, flags: FLAG[flag] },
    want: 'soa' as const,
  })),
  { name: 'zflag', in: { ask, flags: FLAG.z }, want: 'soa' },
  { name: 'opcode', in: { opcode: 15 }, want: 'notimp' },
  { name: 'opcodeflg', in: { opcode: 15, flags: ALL_FLAGS }, want: 'notimp' },
  { name: 'type666', in: { ask: 'fed.test TYPE666' }, want: 'no data' },
  { name: 'edns', in: { ask, edns: { payloadBytes: 4096 } }, want: 'soa' },
  { name: 'edns1', in: { ask, edns: { version: 1 } }, want: 'badvers' },
  {
    name: 'edns@512',
    in: { ask: 'fed.test DNSKEY', edns: { payloadBytes: 512, flags: DO } },
    want: 'no data',
  },
  { name: 'ednsopt', in: { ask, edns: { options: [UNKNOWN] } }, want: 'soa' },
  { name: 'edns1opt', in: { ask, edns: { version: 1, options: [UNKNOWN] } }, want: 'badvers' },
  { name: 'do', in: { ask, edns: { flags: DO } }, want: 'soa' },
  { name: 'docd', in: { ask, flags: FLAG.cd, edns: { flags: DO } }, want: 'soa' },
  { name: 'edns1do', in: { ask, edns: { version: 1, flags: DO } }, want: 'badvers' },
  { name: 'ednsflags', in: { ask, edns: { flags: 0x0080 } }, want: 'soa' },
  { name: 'optlist', in: { ask, edns: { options: [NSID, SUBNET, EXPIRE, COOKIE] } }, want: 'soa' },
  { name: 'ednsnsid', in: { ask, edns: { options: [NSID] } }, want: 'soa' },
  { name: 'ednscookie', in: { ask, edns: { options: [COOKIE] } }, want: 'soa' },
  { name: 'ednsexpire', in: { ask, edns: { options: [EXPIRE] } }, want: 'soa' },
  { name: 'ednssubnet', in: { ask, edns: { options: [SUBNET] } }, want: 'soa' },
  { name: 'edns1nsid', in: { ask, edns: { version: 1, options: [NSID] } }, want: 'badvers' },
  { name: 'edns1cookie', in: { ask, edns: { version: 1, options: [COOKIE] } }, want: 'badvers' },
  { name: 'edns1expire', in: { ask, edns: { version: 1, options: [EXPIRE] } }, want: 'badvers' },
  { name: 'edns1subnet', in: { ask, edns: { version: 1, options: [SUBNET] } }, want: 'badvers' },
  {
    name: 'ednstcp',
    in: { ask: 'fed.test DNSKEY', edns: { payloadBytes: 512, flags: DO } },
    want: 'no data',
  },
  { name: 'bind11', in: { ask, edns: { flags: DO, options: [COOKIE] } }, want: 'soa' },
  { name: 'dig11', in: { ask, flags: FLAG.ad | FLAG.rd, edns: { options: [COOKIE] } }, want: 'soa' },
]

/** A to AVC and beyond, as the checker's type tests ask for them. */
const TYPES = [
  1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
  30, 33, 35, 36, 37, 38, 39, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52, 53, 55, 56, 57, 58, 59, 60, 61, 62,
  63, 64, 65, 99, 104, 105, 106, 107, 108, 109, 256, 257, 258, 259, 260, 1000, 32_769,
]

const SOA = 'fed.test. 3600 SOA ns1.fed.test. hostmaster.fed.test. 1 60 15 1209600 15'
const DENIAL = SOA.replace(' 3600 ', ' 15 ')

describe('genreport', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer(
      ['fed.test'],
      [SOA, 'fed.test. 3600 NS ns1.fed.test.', 'ns1.fed.test. 3600 A 192.0.2.53'],
      { identity: { serverId: 'here', cookieSecrets: [new Uint8Array(16)] } },
    )
  })
  afterAll(() => server.nameserver.close())

  describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
    it.each(CASES)('$name', async ({ in: shape, want }) => {
      const response = await server.send(transport, queryBytes(shape))

      expectSane(response, shape)
      expect(replyOf(response)).toMatchObject(EXPECTED[want])
    })

    it('dnswkk: a well known key is none of ours', async () => {
      const key = { name: ROOT, algorithm: 'hmac-sha256', secret: new Uint8Array(32) } as const
      const { request } = signRequest(queryBytes({ ask }), key, Math.floor(Date.now() / 1000))

      const found = findTsig(await server.send(transport, request))

      expect(found.kind === 'found' && found.record).toMatchObject({
        error: TSIG_ERROR.BADKEY,
        mac: new Uint8Array(0),
      })
      expect((await server.send(transport, request))[3]! & 15).toBe(RCODE.NOTAUTH)
    })

    it('types: every one is answered with authority, data or not', async () => {
      const rcodes: string[] = []
      for (const type of TYPES) {
        const { rcode, flags } = await server.ask(transport, `fed.test TYPE${type}`)
        rcodes.push(`${type} ${rcode} ${flags}`)
      }

      expect(rcodes).toEqual(TYPES.map((type) => `${type} NOERROR qr aa`))
    })
  })
})

const EXPECTED = {
  soa: { rcode: 'NOERROR', answer: [SOA], flags: expect.stringContaining('aa') as string },
  'no data': { rcode: 'NOERROR', authority: [DENIAL], flags: expect.stringContaining('aa') as string },
  badvers: { rcode: 'BADVERS' },
  notimp: { rcode: 'NOTIMP', flags: 'qr opcode15' },
} as const

/** Nothing that was not asked for; cookies as RFC 7873, 5.2.3, has them. */
function expectOptions(given: readonly EdnsOption[], asked: readonly EdnsOption[]): void {
  const known = [NSID, SUBNET, COOKIE].filter(({ code }) => asked.some((option) => option.code === code))
  expect(known.map(({ code }) => code)).toEqual(expect.arrayContaining(given.map(({ code }) => code)))
  const cookie = given.find(({ code }) => code === COOKIE.code)
  if (cookie === undefined) return
  expect(cookie.data).toHaveLength(24)
  expect([...cookie.data.subarray(0, 8)]).toEqual([...COOKIE.data])
}

/** What the checker holds every response to. */
function expectSane(response: Buffer, shape: QueryShape): void {
  const decoded = decodeMessage(response)
  expect(decoded.kind).toBe('message') // no octets behind it, at most one OPT
  const message: Message = decoded.message! // of kind message
  const { header, edns } = message
  const opcodeKnown = shape.opcode === undefined
  const flags = shape.flags ?? 0
  expect({
    z: header.zero,
    ad: header.authenticData,
    cd: header.checkingDisabled,
    ra: header.recursionAvailable,
    tc: header.truncated,
  }).toEqual({
    z: false,
    ad: false,
    cd: false,
    ra: false,
    tc: false,
  })
  expect(header.recursionDesired).toBe(opcodeKnown && (flags & FLAG.rd) !== 0)
  expect(message.questions).toHaveLength(opcodeKnown ? 1 : 0)
  expect(edns !== undefined).toBe(opcodeKnown && shape.edns !== undefined)
  if (edns === undefined) return
  expect(edns.version).toBe(0)
  expect(edns.flags & ~DO).toBe(0)
  expectOptions(edns.options, shape.edns?.options ?? [])
  if (header.rcode === 16)
    expect([message.answers, message.authority, message.additional]).toEqual([[], [], []])
  if (shape.edns?.payloadBytes === 512) expect(response.length).toBeLessThanOrEqual(512)
}
