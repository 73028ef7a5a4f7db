import { createServer, isIPv6, type AddressInfo, type Server } from 'node:net'
import { BindError } from './bind-failure.ts'
import type { ListenAddress } from './types.ts'
import type { UdpBackend, UdpPort } from './udp-backend.ts'

/** Both sockets of one address, on the same port. */
export interface BoundAddress extends ListenAddress {
  readonly udp: UdpPort
  readonly tcp: Server
}

export interface BindOptions {
  /** SO_REUSEPORT: several workers on one port. */
  readonly shared: boolean
  /** With `shared`: make sure first that no one else holds the port, which sharing would hide. */
  readonly first: boolean
  readonly udp: UdpBackend
  newTcpServer(): Server
}

export interface BindStreamsOptions {
  readonly transport: 'tls' | 'https'
  readonly shared: boolean
  readonly first: boolean
  newServer(): Server
}

/** With port 0 the system's choice for UDP may be taken for TCP; then another one is tried. */
const MAX_PORT_TRIES = 20

/**
 * Bind UDP and TCP to the same port of every address.
 * @param listen - port 0 = one that is free for both
 * @throws BindError; nothing stays bound then
 */
export async function bindAll(
  listen: readonly ListenAddress[],
  options: BindOptions,
): Promise<readonly BoundAddress[]> {
  const bound: BoundAddress[] = []
  try {
    for (const address of listen) bound.push(await bindBoth(address, options))
    return bound
  } catch (error) {
    for (const address of bound) release(address)
    throw error
  }
}

/**
 * Bind the servers of an encrypted transport. @param listen - port 0 = a free one
 * @returns what is bound, ports resolved
 * @throws BindError; nothing stays bound then
 */
export async function bindStreams(
  listen: readonly ListenAddress[],
  { transport, shared, first, newServer }: BindStreamsOptions,
): Promise<readonly (ListenAddress & { readonly server: Server })[]> {
  const bound: (ListenAddress & { readonly server: Server })[] = []
  try {
    for (const { host, port } of listen) {
      const at = { host, port, transport }
      if (shared && first && port !== 0) await assertFreeStream(at)
      const server = await listenStream(newServer(), at, shared)
      bound.push({ host, port: (server.address() as AddressInfo).port, server }) // it listens on TCP
    }
    return bound
  } catch (error) {
    for (const { server } of bound) server.close()
    throw error
  }
}

async function bindBoth({ host, port }: ListenAddress, options: BindOptions): Promise<BoundAddress> {
  if (options.shared && options.first && port !== 0) await assertFree({ host, port }, options.udp)
  for (let attempt = 1; ; attempt += 1) {
    const udp = await options.udp.bind({ host, port }, options.shared)
    const chosen = udp.port
    try {
      return {
        host,
        port: chosen,
        udp,
        tcp: await listenStream(
          options.newTcpServer(),
          { host, port: chosen, transport: 'tcp' },
          options.shared,
        ),
      }
    } catch (error) {
      udp.close()
      const taken = error instanceof BindError && error.failure.errno === 'EADDRINUSE'
      if (port !== 0 || !taken || attempt === MAX_PORT_TRIES) throw error
    }
  }
}

async function assertFree(address: ListenAddress, backend: UdpBackend): Promise<void> {
  const udp = await backend.bind(address, false)
  udp.close()
  await assertFreeStream({ ...address, transport: 'tcp' })
}

async function assertFreeStream(at: StreamAddress): Promise<void> {
  const server = await listenStream(createServer(), at, false)
  await new Promise((resolve) => server.close(resolve))
}

interface StreamAddress extends ListenAddress {
  readonly transport: 'tcp' | 'tls' | 'https'
}

function listenStream(
  server: Server,
  { host, port, transport }: StreamAddress,
  shared: boolean,
): Promise<Server> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => {
      reject(new BindError({ host, port, transport, errno: error.code ?? 'UNKNOWN' }))
    }
    server.once('error', failed)
    server.listen(
      {
        host,
        port,
        exclusive: true,
        ...(isIPv6(host) ? { ipv6Only: true } : {}),
        ...(shared ? { reusePort: true } : {}),
      },
      () => {
        server.off('error', failed)
        resolve(server)
      },
    )
  })
}

function release({ udp, tcp }: BoundAddress): void {
  udp.close()
  tcp.close()
}
