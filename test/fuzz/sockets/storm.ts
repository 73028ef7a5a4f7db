import type { NameserverOptions } from '../../../src/nameserver/server.ts'
import { queryBytes } from '../../support/dns-query.ts'
import { startTestServer, type TestServer } from '../../support/dns-server.ts'
import type { Random } from '../random.ts'
import { FuzzFault } from '../target.ts'
import { ORIGINS, ZONE_LINES } from '../zones.ts'
import { halfOpen, overTcp, slowReaders, slowWriters } from './tcp.ts'
import { overUdp } from './udp.ts'

const SOURCES = Array.from({ length: 40 }, (_, i) => `127.0.0.${i + 2}`)
const LONG_ANSWER = queryBytes({ ask: 'many.fed.test A' })

/** A server with all kinds of zones, for a storm. */
export function startForStorm(options: Partial<NameserverOptions> = {}): Promise<TestServer> {
  return startTestServer(ORIGINS, ZONE_LINES, {
    identity: { serverId: 'fuzz', version: '1', cookieSecrets: [new Uint8Array(16)] },
    ...options,
  })
}

/**
 * One round of all that a server meets on the Internet, at once: nonsense over UDP from one source and from many, over TCP,
 * slow readers and writers, connections that are half open. Afterwards it must answer as ever.
 */
export async function storm(server: TestServer, random: Random, packets: number): Promise<void> {
  const { port } = server
  const held = await Promise.all([
    slowWriters(port, random, 5),
    slowReaders(port, LONG_ANSWER, 5),
    halfOpen(port, random, 5),
  ])
  try {
    await overUdp({ port }, random, packets)
    await overUdp({ port, from: SOURCES }, random, packets)
    await overTcp(port, random, 500)
    const { answer } = await server.ask('udp', 'www.fed.test AAAA')
    if (answer?.[0] !== 'www.fed.test. 30 AAAA 2001:db8::1')
      throw new FuzzFault('after the storm, another answer', String(answer))
  } finally {
    for (const each of held) each.release()
  }
}
