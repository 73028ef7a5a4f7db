import type { ConnectionOptions } from 'node:tls'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { startSecureServer, type SecureServer } from '../support/secure-server.ts'
import { openTls } from '../support/tls-client.ts'

const SOA = 'fed.test. 60 SOA ns.fed.test. host.fed.test. 1 2 3 4 15'

let server: SecureServer
beforeAll(async () => {
  server = await startSecureServer([SOA], {
    requests: {
      keys: [],
      handler: {
        rules: { transfer: [{}] },
        *handle({ message }) {
          const reply = Buffer.from(message) // header and question go back, three times
          reply[2] = 0x84
          for (let i = 0; i < 3; i += 1) yield reply
        },
      },
    },
  })
})
afterAll(() => server.nameserver.close())

/** How many messages come back to a request for a transfer, and with which code. */
async function transferred(options: ConnectionOptions, count: number): Promise<string> {
  const client = await openTls(server.tlsPort, { ca: server.authority.certPem, ...options })
  try {
    client.send(queryBytes({ ask: 'fed.test AXFR' }))
    const messages = await client.received(count)
    return messages.map((message) => replyOf(message).rcode).join(' ')
  } finally {
    client.socket.destroy()
  }
}

describe('RFC 9103, 7: zones are sent', () => {
  it('7: over TLS 1.3 with the protocol `dot`', async () => {
    expect(await transferred({}, 3)).toBe('NOERROR NOERROR NOERROR')
  })

  it.each<{ name: string; options: ConnectionOptions }>([
    { name: 'an earlier version', options: { maxVersion: 'TLSv1.2' } },
    { name: 'no protocol', options: { ALPNProtocols: [] } },
  ])('7: not over $name', async ({ options }) => {
    expect(await transferred(options, 1)).toBe('REFUSED')
  })
})
