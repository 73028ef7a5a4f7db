import { randomBytes } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import type { Transport } from '../dns/answer/context.ts'
import { tsigKeys } from '../dns/tsig/keys.ts'
import { answerSettings, withoutKeepalive } from './answer-settings.ts'
import { BindError } from './bind-failure.ts'
import { bindAll, type BoundAddress } from './bind.ts'
import { requestsOf } from './control/worker-requests.ts'
import { CounterRow } from './counters.ts'
import type { Proto } from './observe/cells.ts'
import { Observer } from './observe/observer.ts'
import { openTaps, type Taps } from './observe/taps.ts'
import { OnlineSigner } from './dnssec/online-signer.ts'
import { LimitedReader } from './rate-limit/limited-reader.ts'
import { RateLimiter } from './rate-limit/rate-limiter.ts'
import { SecureStreams } from './secure-streams.ts'
import { TcpService } from './tcp.ts'
import type {
  DnsWorkerData,
  DnsWorkerMessage,
  DnsWorkerReport,
  ListenAddress,
  SecureListen,
  TcpLimits,
  ZoneReader,
} from './types.ts'
import { openUdpBackend } from './udp-io.ts'
import { SharedZoneReader, type ReaderSettings } from './zone-store/zone-reader.ts'

/** A DNS worker: its sockets, and readers of the shared zone store. It holds no records of its own. */
const data = workerData as DnsWorkerData // made by server.ts
const port = parentPort
if (port !== null) void run(port)

async function run(main: NonNullable<typeof parentPort>): Promise<void> {
  const counters = new CounterRow(data.counters, data.row)
  const signer = new OnlineSigner({ counters })
  signer.setZones(data.signing)
  const requests = requestsOf(data.requests ?? { keys: [] })
  const settings: LiveSettings = { ...answerSettings(data), signer, requests }
  const report = (message: DnsWorkerReport): void => main.postMessage(message)
  const now = (): number => performance.now()
  const taps = openTaps(data.observe ?? {}, {
    ...{ counters, now },
    report: (trouble) => report({ kind: 'trouble', trouble }),
  })
  const observer = (proto: Proto, local?: ListenAddress): Observer =>
    new Observer(counters, proto, { now, local, tap: taps.tap })
  const readerOf = (transport: Transport): ZoneReader =>
    new SharedZoneReader(data.zone, transport, transport === 'https' ? withoutKeepalive(settings) : settings)
  const tcp = new TcpService(readerOf('tcp'), observer('tcp'), data.tcpLimits)
  const secure = new SecureStreams(data, { reader: readerOf, observer })
  const { backend, batchProblem } = await openUdpBackend(data.io)
  let secureListen: SecureListen
  let bound: readonly BoundAddress[]
  try {
    secureListen = await secure.bind()
    bound = await bindAll(data.listen, {
      shared: data.shared,
      first: data.first,
      udp: backend,
      newTcpServer: () => tcp.createServer(),
    })
  } catch (error) {
    if (!(error instanceof BindError)) throw error
    secure.stopAccepting()
    report({ kind: 'failed', failure: error.failure })
    await taps.close() // what is open would keep the worker here
    main.close()
    return
  }
  const reader = limited(readerOf('udp'), data, counters)
  for (const { udp, host, port } of bound) udp.serve(reader, observer('udp', { host, port }))
  main.on('message', (message: DnsWorkerMessage) => {
    if (message.kind === 'signing') signer.setZones(message.zones)
    else if (message.kind === 'tsig-keys') requests.keys = tsigKeys(message.keys)
    else if (message.kind === 'reopen') void taps.reopen().then(() => report({ kind: 'reopened' }))
    else void obey(message, { bound, tcp, secure, settings, taps }).then((isOver) => isOver && main.close())
  })
  report({
    kind: 'listening',
    listen: bound.map(({ host, port: chosen }) => ({ host, port: chosen })),
    secure: secureListen,
    receiveBufferBytes: Math.min(...bound.map(({ udp }) => udp.receiveBufferBytes)),
    ...(batchProblem === undefined ? {} : { batchProblem }),
  })
}

/** UDP alone is limited: over TCP a client has proven its address. */
function limited(reader: ZoneReader, { rateLimits }: DnsWorkerData, counters: CounterRow): ZoneReader {
  if (rateLimits.responsesPerSecond === 0) return reader
  const seed = randomBytes(4).readInt32LE()
  return new LimitedReader(reader, new RateLimiter(rateLimits, { now: Date.now, seed }), counters)
}

/** Settings that change while readers have them. */
type LiveSettings = { -readonly [K in keyof ReaderSettings]: ReaderSettings[K] }

interface Running {
  readonly bound: readonly BoundAddress[]
  readonly tcp: TcpService
  readonly secure: SecureStreams
  readonly settings: LiveSettings
  readonly taps: Taps
}

/** @returns true when the worker has come to its end */
async function obey(
  message: Exclude<DnsWorkerMessage, { kind: 'signing' | 'tsig-keys' | 'reopen' }>,
  { bound, tcp, secure, settings, taps }: Running,
): Promise<boolean> {
  const services = [tcp, ...secure.services]
  switch (message.kind) {
    case 'limits': {
      const limits = message.limits satisfies Partial<TcpLimits>
      for (const service of services) service.setLimits(limits)
      settings.tcpIdleMs = limits['idleMs'] ?? settings.tcpIdleMs ?? 0
      return false
    }
    case 'credentials':
      secure.renew(message.credentials)
      return false
    case 'leave':
      settings.tcpIdleMs = 0 // RFC 7828, 3.3.2: clients may ask on, but should close
      return false
    case 'drain':
    case 'stop':
      for (const { tcp: server } of bound) server.close()
      secure.stopAccepting()
      await Promise.all(services.map((service) => service.drain()))
      if (message.kind === 'drain') return false
      for (const { udp } of bound) udp.close()
      await taps.close()
      return true
  }
}
