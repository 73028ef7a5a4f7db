import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'

/** What the proxy does to every connection, the open ones included, until it is cleared. */
export type TransportFault =
  /** Everything is accepted, and nothing goes through any more, in either direction. */
  | { readonly kind: 'hang' }
  /** Every connection is reset, the open ones at once, new ones as they come. */
  | { readonly kind: 'reset' }
  /** Each piece of an answer waits this long; order is kept. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Each connection ends without a word after this many bytes of answers, counted from now. */
  | { readonly kind: 'cut'; readonly afterBytes: number }

interface Pair {
  readonly client: Socket
  readonly server: Socket
  /** Bytes of answers under the present fault. */
  bytes: number
}

/** Which server a proxy stands before. */
export interface ProxyTarget {
  readonly host: string
  readonly port: number
}

/** A TCP proxy that breaks connections in the ways networks do. TLS passes through: it works before any API server. */
export class FaultProxy {
  readonly port: number
  readonly #server: Server
  readonly #target: ProxyTarget
  readonly #pairs = new Set<Pair>()
  /** Pieces that hang: they go on when the fault is cleared. */
  #held: (() => void)[] = []
  #fault: TransportFault | undefined
  /** Connections ever accepted. */
  accepted = 0

  constructor(server: Server, target: ProxyTarget) {
    this.#server = server
    this.#target = target
    this.port = (server.address() as AddressInfo).port // it listens on TCP
    server.on('connection', (client) => this.#accept(client))
  }

  get fault(): TransportFault | undefined {
    return this.#fault
  }

  get connections(): number {
    return this.#pairs.size
  }

  /** The target's URL with this proxy's port. */
  url(scheme: 'https' | 'http' = 'https'): string {
    return `${scheme}://127.0.0.1:${this.port}`
  }

  set(fault: TransportFault): void {
    this.#fault = fault
    for (const pair of this.#pairs) pair.bytes = 0
    if (fault.kind === 'reset') for (const pair of this.#pairs) end(pair)
  }

  /** What hung goes on; what was broken stays broken. */
  clear(): void {
    this.#fault = undefined
    const held = this.#held
    this.#held = []
    for (const go of held) go()
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) end(pair)
    this.#server.close()
    await once(this.#server, 'close')
  }

  #accept(client: Socket): void {
    this.accepted += 1
    if (this.#fault?.kind === 'reset') {
      client.on('error', () => {})
      client.resetAndDestroy()
      return
    }
    const server = connect({ ...this.#target, noDelay: true })
    const pair: Pair = { client, server, bytes: 0 }
    this.#pairs.add(pair)
    client.setNoDelay(true)
    this.#pipe(client, server, () => this.#up(pair))
    this.#pipe(server, client, (bytes) => this.#down(pair, bytes))
    for (const socket of [client, server]) {
      socket.on('error', () => {})
      socket.on('close', () => {
        this.#pairs.delete(pair)
        end(pair)
      })
    }
  }

  /** Pieces in order, each when `pass` allows it. */
  #pipe(from: Socket, to: Socket, pass: (bytes: number) => Promise<void>): void {
    let last = Promise.resolve()
    from.on('data', (chunk: Buffer) => {
      from.pause()
      last = last
        .then(() => pass(chunk.length))
        .then(() => {
          if (!to.destroyed) to.write(chunk)
          from.resume()
        })
    })
    from.on('end', () => void last.then(() => to.end()))
  }

  #up(pair: Pair): Promise<void> {
    return this.#fault?.kind === 'hang' ? this.#hold(pair) : Promise.resolve()
  }

  async #down(pair: Pair, bytes: number): Promise<void> {
    const fault = this.#fault
    switch (fault?.kind) {
      case 'hang':
        return this.#hold(pair)
      case 'slow':
        return new Promise((resolve) => setTimeout(resolve, fault.delayMs))
      case 'cut':
        pair.bytes += bytes
        if (pair.bytes > fault.afterBytes) end(pair)
        return undefined
      case 'reset':
      case undefined:
        return undefined
    }
  }

  #hold(pair: Pair): Promise<void> {
    return new Promise((resolve) => {
      this.#held.push(resolve)
      pair.client.once('close', resolve)
    })
  }
}

function end({ client, server }: Pair): void {
  if (!client.destroyed) client.resetAndDestroy()
  server.destroy()
}

/** Start before a server of this machine, on a free port of 127.0.0.1. */
export async function startFaultProxy(target: ProxyTarget): Promise<FaultProxy> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return new FaultProxy(server, target)
}
