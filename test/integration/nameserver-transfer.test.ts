import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { parseDomainName } from '../../src/dns/names.ts'
import type { Answer, NameChange } from '../../src/dns/records.ts'
import { bareReply } from '../../src/dns/wire/bare-reply.ts'
import { decodeMessage } from '../../src/dns/wire/decode.ts'
import { askTcp, askUdp } from '../support/dns-exchange.ts'
import { lineOf } from '../support/dns-lines.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { reached } from '../support/reached.ts'
import { ixfrQuery } from '../support/transfer-requests.ts'
import {
  signedRequest,
  startTransferServer,
  StreamClient,
  type TransferServer,
} from '../support/transfer-server.ts'
import { testKey, tsigOf } from '../support/tsig-messages.ts'

const key = testKey()
const soa = (serial: number): string => `fed.test. 60 SOA ns.fed.test. host.fed.test. ${serial} 1 2 3 4`
const small = [soa(1), 'fed.test. 60 NS ns.fed.test.', 'www.fed.test. 30 A 192.0.2.1']
/** 500 messages, 8 MB: more than sockets hold by themselves. */
const large = [soa(1), ...Array.from({ length: 500 }, (_, i) => long(i, 0))]

function long(which: number, version: number): NameChange {
  const string = Uint8Array.of(255, ...Array.from({ length: 255 }, () => 97 + version))
  const rdata = [Buffer.concat(Array.from({ length: 60 }, () => string))]
  const answer: Answer = { kind: 'records', sets: [{ type: 16, ttlSeconds: 30, rdata }] }
  return { name: parseDomainName(`n${which}.fed.test`), answer, urgent: false }
}
const axfr = queryBytes({ ask: 'fed.test AXFR' })

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})

async function serve(...args: Parameters<typeof startTransferServer>): Promise<TransferServer> {
  const server = await startTransferServer(...args)
  open.push(server)
  return server
}

function client(server: TransferServer): StreamClient {
  const stream = new StreamClient(server.port)
  open.push(stream)
  return stream
}

/** What is counted follows what is received a moment later: the main thread learns last that all has left. */
function counts({ transfers }: TransferServer): () => TransferServer['transfers']['counts'] {
  return () => transfers.counts
}

/** True for the message of a transfer with the id that ends it: its last record is a SOA, and not its only one. */
function ends(id = 0x1234): (message: Buffer) => boolean {
  let seen = 0
  return (message) => {
    const decoded = decodeMessage(message).message!
    if (decoded.header.id !== id) return false
    seen += decoded.answers.length
    return decoded.answers.at(-1)?.type === 6 && seen > 1
  }
}

function linesIn(messages: readonly Buffer[], id = 0x1234): readonly string[] {
  return messages
    .map((message) => decodeMessage(message).message!)
    .filter(({ header }) => header.id === id)
    .flatMap(({ answers }) => answers.map((record) => lineOf(record).slice(0, 80)))
}

describe('AXFR over TCP', () => {
  it('is the zone, from SOA to SOA', async () => {
    const stream = client(await serve(['fed.test'], small))

    stream.send(axfr)

    expect(linesIn(await stream.until(ends()))).toEqual([...small, soa(1)])
  })

  it('is refused where the address is not allowed, and the connection goes on', async () => {
    const stream = client(
      await serve(['fed.test'], small, { transfers: { rules: [{ prefix: '192.0.2.0/24' }] } }),
    )

    stream.send(axfr, queryBytes({ ask: 'www.fed.test A', id: 2 }))

    expect(replyOf((await stream.next())!)).toMatchObject({ rcode: 'REFUSED' })
    expect(replyOf((await stream.next())!)).toMatchObject({ rcode: 'NOERROR' })
  })

  it('is refused where nobody may', async () => {
    const { port } = await serve(['fed.test'], small, { transfers: { rules: [] } })

    expect(replyOf(await askTcp(port, axfr)).rcode).toBe('REFUSED')
  })

  it('with a key: every message is signed, and none is given without it', async () => {
    const server = await serve(['fed.test'], large, {
      transfers: { rules: [{ prefix: '127.0.0.1', key: key.name }] },
      keys: [key],
    })
    const stream = client(server)
    const signed = signedRequest(axfr, key)

    stream.send(axfr)
    expect(replyOf((await stream.next())!).rcode).toBe('REFUSED')
    stream.send(signed.request)
    const end = ends()
    const messages = await stream.until((message) => end(signed.verified(message)))

    expect(messages.length).toBeGreaterThan(100)
    expect(linesIn(messages)).toHaveLength(large.length + 1)
  })

  it('ends with the key that it began with, whatever is known meanwhile', async () => {
    const server = await serve(['fed.test'], large, {
      transfers: { rules: [{ key: key.name }] },
      keys: [key],
    })
    const other = { ...key, secret: Buffer.from('another secret') }
    const [before, after] = [client(server), client(server)]
    const signed = signedRequest(axfr, key)
    before.send(signed.request)
    const first = (await before.next())!
    before.socket.pause()

    server.nameserver.setTsigKeys([other])
    const next = signedRequest(axfr, other)
    after.send(next.request)
    const endsAfter = ends()
    await after.until((message) => endsAfter(next.verified(message)))
    before.socket.resume()
    const endsBefore = ends()
    endsBefore(signed.verified(first))
    const messages = [first, ...(await before.until((message) => endsBefore(signed.verified(message))))]

    expect(linesIn(messages)).toHaveLength(large.length + 1)
  })

  it('with a signature that is wrong, it is NOTAUTH', async () => {
    const { port } = await serve(['fed.test'], small, { keys: [key] })

    const reply = await askTcp(port, signedRequest(axfr, testKey('hmac-sha512')).request)

    expect(replyOf(reply).rcode).toBe('NOTAUTH')
    expect(tsigOf(reply).error).toBe(17)
  })

  it('several on one connection, and other queries in between', async () => {
    const server = await serve(['fed.test'], large)
    const stream = client(server)

    stream.send(
      queryBytes({ ask: 'fed.test AXFR', id: 1 }),
      queryBytes({ ask: 'fed.test AXFR', id: 2 }),
      queryBytes({ ask: 'fed.test SOA', id: 3 }),
    )
    const [endsFirst, endsSecond] = [ends(1), ends(2)]
    let left = 2
    const messages = await stream.until((message) => {
      if (endsFirst(message) || endsSecond(message)) left -= 1
      return left === 0
    })

    expect(linesIn(messages, 1)).toHaveLength(large.length + 1)
    expect(linesIn(messages, 2)).toHaveLength(large.length + 1)
    expect(messages.findIndex((message) => message.readUInt16BE(0) === 3)).toBeLessThan(messages.length - 1)
  })

  it('to a client that does not read waits for it, is of one version, and nothing else waits', async () => {
    const server = await serve(['fed.test'], large)
    const slow = client(server)
    slow.socket.pause()
    slow.send(axfr)
    const other = client(server)
    other.send(axfr)
    await other.until(ends())
    server.publish('n1.fed.test. 30 TXT "changed"', 'n499.fed.test. 30 TXT "changed"', soa(2))
    expect(replyOf(await askUdp(server.port, queryBytes({ ask: 'n1.fed.test TXT' }))).answer).toEqual([
      'n1.fed.test. 30 TXT "changed"',
    ])

    await reached(counts(server), ({ whole }) => whole === 1)

    slow.socket.resume()
    const lines = linesIn(await slow.until(ends()))

    expect(lines.at(-1)).toBe(soa(1))
    expect(lines.filter((line) => line.includes('changed'))).toEqual([])
    await reached(counts(server), ({ whole }) => whole === 2)
    expect(server.transfers.counts.broken).toBe(0)
  })

  it('to a client that never reads ends with its idle time', async () => {
    const server = await serve(['fed.test'], large, { nameserver: { tcpLimits: { idleMs: 300 } } })
    const stream = client(server)
    stream.socket.pause()
    stream.send(axfr)

    await reached(counts(server), ({ broken }) => broken === 1)

    expect(server.transfers.counts.whole).toBe(0)
  })

  it('lets go of everything when the client resets', async () => {
    const server = await serve(['fed.test'], large)
    const stream = client(server)
    stream.send(axfr)
    await stream.next()

    stream.socket.resetAndDestroy()

    await reached(counts(server), ({ broken }) => broken === 1)
    expect(server.transfers.counts.whole).toBe(0)
  })

  it('for many at once', async () => {
    const some = large.slice(0, 50)
    const server = await serve(['fed.test'], some, { nameserver: { workers: 2 } })

    const streams = Array.from({ length: 10 }, () => client(server))
    for (const stream of streams) stream.send(axfr)
    const read = await Promise.all(streams.map(async (stream) => linesIn(await stream.until(ends())).length))

    expect(read).toEqual(streams.map(() => some.length + 1))
    await reached(counts(server), ({ whole }) => whole === 10)
    expect(server.transfers.counts.broken).toBe(0)
  })

  it('goes on to its end when the client has closed its side', async () => {
    const stream = client(await serve(['fed.test'], large))

    stream.send(axfr)
    stream.socket.end()

    expect(linesIn(await stream.until(ends()))).toHaveLength(large.length + 1)
    expect(await stream.next()).toBeUndefined()
  })
})

describe('IXFR', () => {
  it('is what has changed, over TCP and UDP', async () => {
    const server = await serve(['fed.test'], small)
    await askTcp(server.port, axfr) // a version that somebody has
    server.publish('www.fed.test. 30 A 192.0.2.2', soa(2), 'fed.test. 60 NS ns.fed.test.')
    const want = [
      soa(2),
      soa(1),
      'www.fed.test. 30 A 192.0.2.1',
      soa(2),
      'www.fed.test. 30 A 192.0.2.2',
      soa(2),
    ]

    expect(replyOf(await askTcp(server.port, ixfrQuery('fed.test', 1))).answer).toEqual(want)
    expect(replyOf(await askUdp(server.port, ixfrQuery('fed.test', 1))).answer).toEqual(want)
  })

  it('that does not fit into UDP is the SOA alone', async () => {
    const { port } = await serve(['fed.test'], large)

    expect(replyOf(await askUdp(port, ixfrQuery('fed.test', 0))).answer).toEqual([soa(1)])
  })

  it('over UDP, signed', async () => {
    const { port } = await serve(['fed.test'], small, {
      transfers: { rules: [{ key: key.name }] },
      keys: [key],
    })
    const signed = signedRequest(ixfrQuery('fed.test', 1), key)

    const reply = signed.verified(await askUdp(port, signed.request))

    expect(replyOf(reply).answer).toEqual([soa(1)])
  })
})

describe('AXFR over UDP', () => {
  it('is FORMERR', async () => {
    const { port } = await serve(['fed.test'], small)

    expect(replyOf(await askUdp(port, axfr)).rcode).toBe('FORMERR')
  })
})

describe('NOTIFY', () => {
  it('comes when a zone changes, until it is answered', async () => {
    const secondary = createSocket('udp4')
    open.push(secondary)
    secondary.bind(0, '127.0.0.1')
    await once(secondary, 'listening')
    const serials: string[] = []
    secondary.on('message', (message, from) => {
      serials.push(replyOf(message).answer![0]!.split(' ')[5]!)
      secondary.send(bareReply(message, 0), from.port, from.address)
    })
    const target = { host: '127.0.0.1', port: secondary.address().port }
    const server = await serve(['fed.test'], small, { transfers: { notify: [target] } })
    await reached(counts(server), ({ notified }) => notified === 1)

    server.publish(soa(2))
    server.publish(soa(3))

    await reached(counts(server), ({ notified }) => notified === 2)
    expect(serials).toEqual(['1', '3'])
  })

  it('to where nobody listens does no harm', async () => {
    const server = await serve(['fed.test'], small, {
      transfers: { notify: [{ host: '127.0.0.1', port: 9 }] },
    })

    expect(replyOf(await askUdp(server.port, queryBytes({ ask: 'www.fed.test A' }))).rcode).toBe('NOERROR')
  })
})
