import { createServer as createHttpServer } from 'node:http'
import { createServer, type Server, type Socket } from 'node:net'

/** One listening port of a load balancer. */
export interface Listener {
  /** The port on 127.0.0.1; kept while shut. Undefined until it has been bound for the first time. */
  readonly port: number | undefined
  /** Answer, or turn clients away. */
  setReady(ready: boolean): void
  close(): void
}

export interface ListenerOptions {
  /** What it answers every request with. */
  readonly body: string
  /** How clients are turned away while not ready: nobody listens, or each connection is cut. */
  readonly whenShut: 'refuse' | 'reset'
}

const IDLE_MS = 30_000

/** Listeners on 127.0.0.1, many ports behind one HTTP server. */
export class LoopbackListeners {
  readonly #bodies = new WeakMap<Socket, string>()
  readonly #http = createHttpServer((request, response) => {
    request.resume()
    response.writeHead(200, { 'content-type': 'text/plain' })
    response.end(this.#bodies.get(request.socket) ?? '')
  })
  readonly #ports = new Set<Port>()

  open(options: ListenerOptions): Listener {
    const port = new Port(options, (socket) => {
      this.#bodies.set(socket, options.body)
      this.#http.emit('connection', socket)
    })
    this.#ports.add(port)
    return {
      get port() {
        return port.number
      },
      setReady: (ready) => port.setReady(ready),
      close: () => {
        this.#ports.delete(port)
        void port.close()
      },
    }
  }

  /** Every port is as it was last asked to be. */
  async settled(): Promise<void> {
    await Promise.all([...this.#ports].map((port) => port.settled()))
  }

  async close(): Promise<void> {
    const ports = [...this.#ports]
    this.#ports.clear()
    await Promise.all(ports.map((port) => port.close()))
  }
}

/** A port that opens and shuts as asked, one step after the other; it comes back under the number it first had. */
class Port {
  readonly #options: ListenerOptions
  readonly #serve: (socket: Socket) => void
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #number: number | undefined
  #ready = true
  #wanted: 'open' | 'shut' | 'closed' = 'open'
  #work: Promise<void>

  constructor(options: ListenerOptions, serve: (socket: Socket) => void) {
    this.#options = options
    this.#serve = serve
    this.#work = this.#step()
  }

  get number(): number | undefined {
    return this.#number
  }

  setReady(ready: boolean): void {
    if (this.#wanted === 'closed' || ready === this.#ready) return
    this.#ready = ready
    this.#wanted = ready || this.#options.whenShut === 'reset' ? 'open' : 'shut'
    if (!ready) for (const socket of this.#sockets) socket.resetAndDestroy()
    this.#work = this.#work.then(() => this.#step())
  }

  settled(): Promise<void> {
    return this.#work
  }

  async close(): Promise<void> {
    this.#wanted = 'closed'
    this.#work = this.#work.then(() => this.#step())
    await this.#work
  }

  /** A port must be bound once even when it starts shut, so that it has a number. */
  async #step(): Promise<void> {
    const neverBound = this.#number === undefined && this.#wanted !== 'closed'
    if ((this.#wanted === 'open' || neverBound) && this.#server === undefined) await this.#listen()
    if (this.#wanted !== 'open' && this.#server !== undefined) await this.#shut(this.#server)
  }

  async #listen(): Promise<void> {
    const server = createServer((socket) => this.#accept(socket))
    this.#server = server
    // somebody else may have taken the number while the port was shut; then any other will do
    if (!(await bound(server, this.#number ?? 0)) && !(await bound(server, 0))) {
      this.#server = undefined
      return
    }
    server.unref()
    const address = server.address()
    this.#number = typeof address === 'object' ? address?.port : undefined
  }

  #accept(socket: Socket): void {
    if (!this.#ready) {
      socket.resetAndDestroy()
      return
    }
    this.#sockets.add(socket)
    socket.on('error', () => {}) // clients may go as they like
    socket.on('close', () => this.#sockets.delete(socket))
    socket.setTimeout(IDLE_MS, () => socket.destroy())
    this.#serve(socket)
  }

  async #shut(server: Server): Promise<void> {
    this.#server = undefined
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => server.close(() => resolve()))
  }
}

function bound(server: Server, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const failed = () => resolve(false)
    server.once('error', failed)
    server.listen({ host: '127.0.0.1', port }, () => {
      server.off('error', failed)
      resolve(true)
    })
  })
}
