import type { TLSSocket } from 'node:tls'
import { COUNTER } from '../counters.ts'
import type { Observer } from '../observe/observer.ts'
import { MessageAnswerer, MessageStream } from '../streams/message-stream.ts'
import { StreamService, type Admitted } from '../streams/stream-service.ts'
import type { TcpLimits, ZoneReader } from '../types.ts'
import type { TlsCredentials } from './credentials.ts'
import { HANDSHAKES_PER_SECOND, TlsFront } from './tls-front.ts'

/** The protocol's name in a handshake (RFC 7858; IANA registry "TLS ALPN Protocol IDs"). */
const DOT = 'dot'

export interface SecureServiceOptions {
  readonly limits: TcpLimits
  readonly credentials: TlsCredentials
}

/** DNS over TLS (RFC 7858): within TLS as over TCP, with the same limits, counted on their own. */
export class TlsService extends StreamService {
  readonly #answerer: MessageAnswerer
  readonly #front: TlsFront

  constructor(reader: ZoneReader, observer: Observer, { limits, credentials }: SecureServiceOptions) {
    const { counters } = observer
    super({
      counters,
      counts: {
        connections: COUNTER.tls_connections,
        refused: COUNTER.tls_refused,
        timeouts: COUNTER.tls_timeouts,
      },
      limits: { newPerSecond: HANDSHAKES_PER_SECOND, ...limits },
      halfOpen: false, // not during the handshake
    })
    this.#answerer = new MessageAnswerer(reader, observer)
    this.#front = new TlsFront({
      credentials,
      protocols: [DOT],
      failed: () => counters.add(COUNTER.tls_handshake_failures),
      secured: (socket, admitted) => this.#speak(socket, admitted),
    })
  }

  /** For handshakes from now on. */
  renew(credentials: TlsCredentials): void {
    this.#front.renew(credentials)
  }

  protected override begin(admitted: Admitted): void {
    this.#front.begin(admitted)
  }

  #speak(stream: TLSSocket, admitted: Admitted): void {
    stream.allowHalfOpen = true
    admitted.session = new MessageStream({
      stream,
      client: admitted.client,
      answerer: this.#answerer,
      touched: () => this.touch(admitted),
    })
    const isForZones = stream.getProtocol() === 'TLSv1.3' && stream.alpnProtocol === DOT
    if (!isForZones) admitted.client.replies = undefined // no zone is sent over less (RFC 9103, 7)
  }
}
