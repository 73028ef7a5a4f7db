import type { Observer } from './observe/observer.ts'
import { MessageAnswerer, MessageStream } from './streams/message-stream.ts'
import { StreamService, type Admitted } from './streams/stream-service.ts'
import { COUNTER } from './counters.ts'
import type { TcpLimits, ZoneReader } from './types.ts'

export const DEFAULT_TCP_LIMITS: TcpLimits = { idleMs: 10_000, connections: 150, connectionsPerSource: 25 }
/** Of DNS over TLS: more, since a forwarder has a connection for each query under way, and asks nothing over UDP. */
export const TLS_CONNECTIONS = 500

/** DNS over TCP: many queries on a connection, answered in order; all limits of one worker. */
export class TcpService extends StreamService {
  readonly #answerer: MessageAnswerer

  constructor(reader: ZoneReader, observer: Observer, limits: TcpLimits) {
    super({
      counters: observer.counters,
      counts: {
        connections: COUNTER.tcp_connections,
        refused: COUNTER.tcp_refused,
        timeouts: COUNTER.tcp_timeouts,
      },
      limits,
      halfOpen: true,
    })
    this.#answerer = new MessageAnswerer(reader, observer)
  }

  protected override begin(admitted: Admitted): void {
    admitted.session = new MessageStream({
      stream: admitted.socket,
      client: admitted.client,
      answerer: this.#answerer,
      touched: () => this.touch(admitted),
    })
  }
}
