import { parseDomainName } from '../../src/dns/names.ts'
import { startNameserver, type Nameserver, type NameserverOptions } from '../../src/nameserver/server.ts'
import { silentLogger } from '../../src/telemetry/logger.ts'
import { askTcp, askUdp } from './dns-exchange.ts'
import { changesOf } from './dns-lines.ts'
import { queryBytes, type QueryShape } from './dns-query.ts'
import { replyOf, type Reply } from './dns-reply.ts'

/** A nameserver on loopback, with the zones that a test needs. */
export interface TestServer {
  readonly port: number
  readonly nameserver: Nameserver
  ask(transport: 'udp' | 'tcp', shape: QueryShape | string): Promise<Reply>
  /** Raw octets there and back. */
  send(transport: 'udp' | 'tcp', octets: Uint8Array): Promise<Buffer>
}

/** Start on a free port with zone lines (dns-lines.ts), these origins served. */
export async function startTestServer(
  origins: readonly string[],
  lines: readonly string[],
  options: Partial<NameserverOptions> = {},
): Promise<TestServer> {
  const nameserver = await startNameserver({
    listen: [{ host: '127.0.0.1', port: 0 }],
    workers: 1,
    io: 'dgram',
    reservedBytes: 16 * 1024 * 1024,
    seed: Uint32Array.of(1, 2),
    logger: silentLogger,
    ...options,
  })
  nameserver.writer.publish(changesOf(lines))
  for (const origin of origins) nameserver.writer.setState(parseDomainName(origin), 'serving')
  const port = nameserver.listening[0]!.port // one address was asked for
  const send = (transport: 'udp' | 'tcp', octets: Uint8Array): Promise<Buffer> =>
    transport === 'udp' ? askUdp(port, octets) : askTcp(port, octets)
  return {
    port,
    nameserver,
    send,
    async ask(transport, shape) {
      return replyOf(await send(transport, queryBytes(typeof shape === 'string' ? { ask: shape } : shape)))
    },
  }
}
