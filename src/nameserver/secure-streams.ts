import type { Server } from 'node:net'
import type { Transport } from '../dns/answer/context.ts'
import { bindStreams } from './bind.ts'
import { HttpsService } from './https/https-service.ts'
import type { Proto } from './observe/cells.ts'
import type { Observer } from './observe/observer.ts'
import type { StreamService } from './streams/stream-service.ts'
import type { TlsCredentials } from './tls/credentials.ts'
import { TlsService } from './tls/tls-service.ts'
import type { DnsWorkerData, SecureListen, ZoneReader } from './types.ts'

/** What the transports of a worker are made with. */
export interface TransportParts {
  reader(transport: Transport): ZoneReader
  observer(proto: Proto): Observer
}

/** The encrypted transports of one worker: those that are listened for. */
export class SecureStreams {
  readonly #data: Pick<DnsWorkerData, 'secure' | 'shared' | 'first'>
  readonly #tls: TlsService | undefined
  readonly #https: HttpsService | undefined
  readonly #servers: Server[] = []

  constructor(
    data: Pick<DnsWorkerData, 'secure' | 'shared' | 'first' | 'tcpLimits'>,
    { reader, observer }: TransportParts,
  ) {
    this.#data = data
    if (data.secure === undefined) return
    const { tls, https, tlsLimits, credentials } = data.secure
    if (tls.length > 0)
      this.#tls = new TlsService(reader('tls'), observer('dot'), { limits: tlsLimits, credentials })
    if (https.length > 0)
      this.#https = new HttpsService(reader('https'), observer('doh'), {
        limits: data.tcpLimits,
        credentials,
      })
  }

  /** Those that there are. */
  get services(): readonly StreamService[] {
    return [this.#tls, this.#https].filter((service) => service !== undefined)
  }

  /** @throws BindError; nothing stays bound then */
  async bind(): Promise<SecureListen> {
    const { tls = [], https = [] } = this.#data.secure ?? {}
    try {
      return {
        tls: this.#tls === undefined ? [] : await this.#bind('tls', tls, this.#tls),
        https: this.#https === undefined ? [] : await this.#bind('https', https, this.#https),
      }
    } catch (error) {
      this.stopAccepting()
      throw error
    }
  }

  stopAccepting(): void {
    for (const server of this.#servers) server.close()
  }

  /** For handshakes from now on. */
  renew(credentials: TlsCredentials): void {
    this.#tls?.renew(credentials)
    this.#https?.renew(credentials)
  }

  async #bind(
    transport: 'tls' | 'https',
    listen: SecureListen['tls'],
    service: StreamService,
  ): Promise<SecureListen['tls']> {
    const { shared, first } = this.#data
    const newServer = (): Server => service.createServer()
    const bound = await bindStreams(listen, { transport, shared, first, newServer })
    this.#servers.push(...bound.map(({ server }) => server))
    return bound.map(({ host, port }) => ({ host, port }))
  }
}
