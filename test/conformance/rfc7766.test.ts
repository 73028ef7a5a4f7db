import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { askTcpMany, framed, withLength } from '../support/dns-exchange.ts'
import { queryBytes } from '../support/dns-query.ts'
import { startTestServer, type TestServer } from '../support/dns-server.ts'

const SOA = 'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15'

describe('RFC 7766', () => {
  let server: TestServer
  beforeAll(async () => {
    const hosts = Array.from({ length: 50 }, (_, i) => `h${i}.fed.test. 30 A 192.0.2.${i}`)
    server = await startTestServer(['fed.test'], [SOA, ...hosts])
  })
  afterAll(() => server.nameserver.close())

  const query = (i: number): Buffer => queryBytes({ ask: `h${i}.fed.test A`, id: i })

  /** Read until there are so many messages. */
  async function read(socket: Socket, count: number): Promise<readonly Buffer[]> {
    let stream = Buffer.alloc(0)
    while (framed(stream).length < count) {
      const [chunk] = (await once(socket, 'data')) as [Buffer] // no encoding is set
      stream = Buffer.concat([stream, chunk])
    }
    return framed(stream)
  }

  it('5: a query that would fit into UDP is answered over TCP too', async () => {
    expect(await server.ask('tcp', 'h1.fed.test A')).toMatchObject({
      answer: ['h1.fed.test. 30 A 192.0.2.1'],
    })
  })

  it('6.2.1: one connection serves one query after another', async () => {
    const socket = connect(server.port, '127.0.0.1')
    const ids: number[] = []
    for (const i of [1, 2, 3]) {
      socket.write(withLength(query(i)))
      ids.push((await read(socket, 1))[0]!.readUInt16BE(0))
    }
    socket.destroy()

    expect(ids).toEqual([1, 2, 3])
  })

  it('6.2.1.1: queries sent without waiting are all answered', async () => {
    const answers = await askTcpMany(
      server.port,
      Array.from({ length: 50 }, (_, i) => query(i)),
    )

    expect(answers.map((answer) => [answer.readUInt16BE(0), answer.at(-1)])).toEqual(
      Array.from({ length: 50 }, (_, i) => [i, i]),
    )
  })

  it('8: a query that comes octet by octet is put together', async () => {
    const socket = connect({ port: server.port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    for (const octet of withLength(query(7))) {
      socket.write(Buffer.from([octet]))
      await new Promise((resolve) => setImmediate(resolve))
    }

    const [answer] = await read(socket, 1)
    socket.destroy()

    expect(answer?.readUInt16BE(0)).toBe(7)
  })

  it('8: the end of one query and the beginning of the next may come together', async () => {
    const stream = Buffer.concat([withLength(query(1)), withLength(query(2))])
    const socket = connect(server.port, '127.0.0.1')
    socket.write(stream.subarray(0, stream.length - 5))
    const [first] = await read(socket, 1)
    socket.write(stream.subarray(stream.length - 5))
    const [second] = await read(socket, 1)
    socket.destroy()

    expect([first?.readUInt16BE(0), second?.readUInt16BE(0)]).toEqual([1, 2])
  })

  it('8: length and message come in one piece', async () => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(withLength(query(3)))
    const [chunk] = (await once(socket, 'data')) as [Buffer] // no encoding is set
    socket.destroy()

    expect(framed(chunk)).toHaveLength(1)
  })

  it('6.2.4: a client that shuts its side after asking still gets what it asked for', async () => {
    const socket = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true })
    socket.end(withLength(query(4)))
    const [answer] = await read(socket, 1)
    await once(socket, 'end')
    socket.destroy()

    expect(answer?.readUInt16BE(0)).toBe(4)
  })

  it.each([
    { name: 'a response', octets: withLength(queryBytes({ ask: 'h1.fed.test A', flags: 0x8000 })) },
    { name: 'a message shorter than a header', octets: withLength(Buffer.alloc(5)) },
    { name: 'a message of no length', octets: Buffer.from([0, 0]) },
  ])('7: $name ends the connection', async ({ octets }) => {
    const socket = connect(server.port, '127.0.0.1')
    socket.write(octets)
    socket.resume()
    const [hadError] = (await once(socket, 'close')) as [boolean] // as documented

    expect(hadError).toBe(false)
  })
})
