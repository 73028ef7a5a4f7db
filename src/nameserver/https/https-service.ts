import { createServer, type Server } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { COUNTER } from '../counters.ts'
import type { Observer } from '../observe/observer.ts'
import { MessageAnswerer } from '../streams/message-stream.ts'
import { StreamService, type Admitted } from '../streams/stream-service.ts'
import type { TlsCredentials } from '../tls/credentials.ts'
import { HANDSHAKES_PER_SECOND, TlsFront } from '../tls/tls-front.ts'
import type { SecureServiceOptions } from '../tls/tls-service.ts'
import type { ZoneReader } from '../types.ts'
import { answerHead, answerMessage, type DohClient, type DohReply } from './exchange.ts'
import { Http1Session } from './http1-session.ts'
import { Http2Session, MAX_HEADER_BYTES } from './http2-session.ts'

/** DNS over HTTPS (RFC 8484): HTTP/2, and HTTP/1.1 for who has nothing else; limited as TCP, counted on its own. */
export class HttpsService extends StreamService {
  readonly #answerer: MessageAnswerer
  readonly #observer: Observer
  readonly #front: TlsFront
  /** Listens nowhere: reads HTTP/1.1 on connections that it is given. */
  readonly #http1: Server
  readonly #http1Sessions = new WeakMap<object, Http1Session>()

  constructor(reader: ZoneReader, observer: Observer, { limits, credentials }: SecureServiceOptions) {
    const { counters } = observer
    super({
      counters,
      counts: {
        connections: COUNTER.https_connections,
        refused: COUNTER.https_refused,
        timeouts: COUNTER.https_timeouts,
      },
      limits: { newPerSecond: HANDSHAKES_PER_SECOND, ...limits },
      halfOpen: false,
    })
    this.#answerer = new MessageAnswerer(reader, observer)
    this.#observer = observer
    this.#front = new TlsFront({
      credentials,
      protocols: ['h2', 'http/1.1'],
      failed: () => counters.add(COUNTER.https_handshake_failures),
      secured: (socket, admitted) => this.#speak(socket, admitted),
    })
    this.#http1 = createServer(
      { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: limits.idleMs },
      (request, response) => this.#http1Sessions.get(request.socket)?.take(request, response),
    )
  }

  /** For handshakes from now on. */
  renew(credentials: TlsCredentials): void {
    this.#front.renew(credentials)
  }

  protected override begin(admitted: Admitted): void {
    this.#front.begin(admitted)
  }

  #speak(socket: TLSSocket, admitted: Admitted): void {
    const client = this.#clientOf(admitted)
    if (socket.alpnProtocol === 'h2') {
      admitted.session = new Http2Session(socket, client)
      return
    }
    const session = new Http1Session(socket, client)
    admitted.session = session
    this.#http1Sessions.set(socket, session)
    this.#http1.emit('connection', socket)
  }

  #clientOf(admitted: Admitted): DohClient {
    const { client } = admitted
    const { counters } = this.#observer
    const counted = (reply: DohReply): DohReply => {
      if (reply.status === 200) this.touch(admitted) // what is no query keeps no connection
      else counters.add(COUNTER.https_bad_requests)
      return reply
    }
    return {
      requestMs: this.limits.idleMs,
      head: (head) => {
        const reply = answerHead(head, client, this.#answerer)
        return reply === undefined ? undefined : counted(reply)
      },
      message: (body) => counted(answerMessage(body, client, this.#answerer)),
      failed: () => counters.add(COUNTER.https_bad_requests),
    }
  }
}
