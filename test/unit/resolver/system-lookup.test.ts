import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { parseDomainName } from '../../../src/dns/names.ts'
import { systemLookup } from '../../../src/resolver/system-lookup.ts'

const host = parseDomainName('lb.example.net')
const TYPE_A = 1
const TYPE_AAAA = 28

/** What a server says of one type: its records, a response code, or nothing at all. */
type Said =
  | readonly { readonly ttl: number; readonly bytes: readonly number[] }[]
  | { readonly rcode: number }
  | 'silence'

const open: Socket[] = []
afterEach(() => {
  for (const socket of open.splice(0)) socket.close()
})

/** A DNS server on loopback; its address as `systemLookup` takes it. */
async function serve(said: { readonly a: Said; readonly aaaa: Said }): Promise<string> {
  const socket = createSocket('udp4')
  open.push(socket)
  socket.on('message', (query, from) => {
    const questionEnd = query.indexOf(0, 12) + 5
    const type = query.readUInt16BE(questionEnd - 4)
    const answer = type === TYPE_A ? said.a : type === TYPE_AAAA ? said.aaaa : 'silence'
    if (answer === 'silence') return
    const records = 'rcode' in answer ? [] : answer
    const header = Buffer.from(query.subarray(0, 12))
    header.writeUInt16BE(0x8180 | ('rcode' in answer ? answer.rcode : 0), 2)
    header.writeUInt16BE(records.length, 6)
    header.writeUInt32BE(0, 8) // neither authority nor additional records
    const body = records.map(({ ttl, bytes }) => {
      const record = Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length, ...bytes])
      record.writeUInt32BE(ttl, 6)
      return record
    })
    socket.send(Buffer.concat([header, query.subarray(12, questionEnd), ...body]), from.port, from.address)
  })
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  return `127.0.0.1:${socket.address().port}`
}

const NXDOMAIN = { rcode: 3 }
const SERVFAIL = { rcode: 2 }

describe('systemLookup', () => {
  it('gives addresses of both families with the smallest TTL', async () => {
    const server = await serve({
      a: [
        { ttl: 60, bytes: [192, 0, 2, 1] },
        { ttl: 30, bytes: [192, 0, 2, 2] },
      ],
      aaaa: [{ ttl: 300, bytes: [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1] }],
    })

    const found = await systemLookup([server])(host, new AbortController().signal)

    expect([...found.addresses].sort()).toEqual(['192.0.2.1', '192.0.2.2', '2001:db8::1'])
    expect(found.ttlSeconds).toBe(30)
  })

  const empty: readonly { readonly name: string; readonly in: { readonly a: Said; readonly aaaa: Said } }[] =
    [
      { name: 'a name that does not exist', in: { a: NXDOMAIN, aaaa: NXDOMAIN } },
      { name: 'a name without addresses', in: { a: [], aaaa: [] } },
    ]
  for (const row of empty) {
    it(`takes ${row.name} for an answer`, async () => {
      const server = await serve(row.in)

      const found = await systemLookup([server])(host, new AbortController().signal)

      expect(found).toEqual({ addresses: [], ttlSeconds: 0 })
    })
  }

  it('gives one family where the other has none', async () => {
    const server = await serve({ a: [{ ttl: 5, bytes: [192, 0, 2, 1] }], aaaa: [] })

    expect(await systemLookup([server])(host, new AbortController().signal)).toEqual({
      addresses: ['192.0.2.1'],
      ttlSeconds: 5,
    })
  })

  it('rejects when nobody can tell, of either family: half an answer would drop the other half', async () => {
    const server = await serve({ a: [{ ttl: 5, bytes: [192, 0, 2, 1] }], aaaa: SERVFAIL })

    await expect(systemLookup([server])(host, new AbortController().signal)).rejects.toMatchObject({
      code: 'ESERVFAIL',
    })
  })

  it('ends when it is told to, and does not begin when that was before', async () => {
    const server = await serve({ a: 'silence', aaaa: 'silence' })
    const abort = new AbortController()
    const running = systemLookup([server])(host, abort.signal)

    abort.abort(new Error('enough'))

    await expect(running).rejects.toMatchObject({ code: 'ECANCELLED' })
    await expect(systemLookup([server])(host, abort.signal)).rejects.toThrow('enough')
  })
})
