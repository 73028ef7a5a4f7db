import { Packet, TCPClient, UDPClient } from 'dns2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestServer, type TestServer } from '../support/dns-server.ts'

/** Our answers as another library understands them, on the wire that it asks over. */
describe('read by dns2', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer(
      ['fed.test'],
      [
        'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15',
        'fed.test. 60 NS ns.fed.test.',
        'ns.fed.test. 60 A 192.0.2.53',
        'www.fed.test. 30 A 192.0.2.1',
        'www.fed.test. 30 A 192.0.2.2',
        'www.fed.test. 30 AAAA 2001:db8::1',
        'zone.fed.test. 30 CNAME region.fed.test.',
        'region.fed.test. 30 CNAME www.fed.test.',
      ],
    )
  })
  afterAll(() => server.nameserver.close())

  const clients = { udp: UDPClient, tcp: TCPClient }

  async function ask(transport: 'udp' | 'tcp', name: string, type: 'A' | 'AAAA' | 'NS' | 'SOA') {
    const resolve = clients[transport]({ dns: '127.0.0.1', port: server.port })
    const reply = await resolve(name, type)
    const text = (records: readonly unknown[]): readonly string[] =>
      records.map((record) => lineOf(record as Fields))
    return { rcode: reply.header.rcode, answers: text(reply.answers), authorities: text(reply.authorities) }
  }

  describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
    it.each([
      {
        name: 'addresses',
        ask: ['www.fed.test', 'A'] as const,
        want: {
          rcode: 0,
          answers: ['www.fed.test 30 A 192.0.2.1', 'www.fed.test 30 A 192.0.2.2'],
          authorities: [],
        },
      },
      {
        name: 'IPv6 addresses',
        ask: ['www.fed.test', 'AAAA'] as const,
        want: { rcode: 0, answers: ['www.fed.test 30 AAAA 2001:db8::1'], authorities: [] },
      },
      {
        name: 'a chain of aliases',
        ask: ['zone.fed.test', 'AAAA'] as const,
        want: {
          rcode: 0,
          answers: [
            'zone.fed.test 30 CNAME region.fed.test',
            'region.fed.test 30 CNAME www.fed.test',
            'www.fed.test 30 AAAA 2001:db8::1',
          ],
          authorities: [],
        },
      },
      {
        name: 'name servers',
        ask: ['fed.test', 'NS'] as const,
        want: { rcode: 0, answers: ['fed.test 60 NS ns.fed.test'], authorities: [] },
      },
      {
        name: 'a denial with its SOA',
        ask: ['nope.fed.test', 'A'] as const,
        want: {
          rcode: 3,
          answers: [],
          authorities: ['fed.test 15 SOA ns.fed.test host.fed.test 1 2 3 4 15'],
        },
      },
    ])('$name', async ({ ask: [name, type], want }) => {
      expect(await ask(transport, name, type)).toEqual(want)
    })
  })
})

/** What dns2 gives for a record, by type. */
type Fields = Readonly<Record<string, string | number>>

function lineOf(record: Fields): string {
  const type = Object.entries(Packet.TYPE).find(([, number]) => number === record['type'])?.[0]
  const soa = ['primary', 'admin', 'serial', 'refresh', 'retry', 'expiration', 'minimum'].map(
    (field) => record[field],
  )
  const data = type === 'SOA' ? soa.join(' ') : (record['address'] ?? record['domain'] ?? record['ns'])
  return `${record['name']} ${record['ttl']} ${type} ${data}`
}
