import { randomBytes } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { answerSettings } from './answer-settings.ts'
import { bindAll, BindError, type BoundAddress } from './bind.ts'
import { CounterRow } from './counters.ts'
import type { Proto } from './observe/cells.ts'
import { Observer } from './observe/observer.ts'
import { OnlineSigner } from './dnssec/online-signer.ts'
import { LimitedReader } from './rate-limit/limited-reader.ts'
import { RateLimiter } from './rate-limit/rate-limiter.ts'
import { TcpService } from './tcp.ts'
import type { DnsWorkerData, DnsWorkerMessage, DnsWorkerReport, TcpLimits, ZoneReader } from './types.ts'
import { RECEIVE_BUFFER_BYTES, serveUdp } from './udp.ts'
import { SharedZoneReader } from './zone-store/zone-reader.ts'

/** A DNS worker: its sockets, and readers of the shared zone store. It holds no records of its own. */
const data = workerData as DnsWorkerData // made by server.ts
const port = parentPort
if (port !== null) void run(port)

async function run(main: NonNullable<typeof parentPort>): Promise<void> {
  const counters = new CounterRow(data.counters, data.row)
  const signer = new OnlineSigner()
  signer.setZones(data.signing)
  const settings = { ...answerSettings(data), signer }
  const observer = (proto: Proto): Observer => new Observer(counters, proto, { now: () => performance.now() })
  const tcp = new TcpService(
    new SharedZoneReader(data.zone, 'tcp', settings),
    observer('tcp'),
    data.tcpLimits,
  )
  const report = (message: DnsWorkerReport): void => main.postMessage(message)
  let bound: readonly BoundAddress[]
  try {
    bound = await bindAll(data.listen, {
      shared: data.shared,
      first: data.first,
      newTcpServer: () => tcp.createServer(),
    })
  } catch (error) {
    if (!(error instanceof BindError)) throw error
    report({ kind: 'failed', failure: error.failure })
    main.close()
    return
  }
  const reader = limited(new SharedZoneReader(data.zone, 'udp', settings), data, counters)
  for (const { udp } of bound) serveUdp(udp, reader, observer('udp'))
  main.on('message', (message: DnsWorkerMessage) => {
    if (message.kind === 'signing') signer.setZones(message.zones)
    else obey(message, bound, tcp, () => main.close())
  })
  report({
    kind: 'listening',
    listen: bound.map(({ host, port: chosen }) => ({ host, port: chosen })),
    receiveBufferBytes: Math.min(...bound.map(({ udp }) => growReceiveBuffer(udp))),
  })
}

/** UDP alone is limited: over TCP a client has proven its address. */
function limited(reader: ZoneReader, { rateLimits }: DnsWorkerData, counters: CounterRow): ZoneReader {
  if (rateLimits.responsesPerSecond === 0) return reader
  const seed = randomBytes(4).readInt32LE()
  return new LimitedReader(reader, new RateLimiter(rateLimits, { now: Date.now, seed }), counters)
}

function obey(
  message: Exclude<DnsWorkerMessage, { kind: 'signing' }>,
  bound: readonly BoundAddress[],
  tcp: TcpService,
  end: () => void,
): void {
  switch (message.kind) {
    case 'limits':
      tcp.setLimits(message.limits satisfies Partial<TcpLimits>)
      return
    case 'drain':
      for (const address of bound) address.tcp.close()
      void tcp.drain()
      return
    case 'stop':
      for (const address of bound) {
        address.udp.close()
        address.tcp.close()
      }
      tcp.destroy()
      end()
  }
}

/** @returns what the kernel granted; Linux reports twice the size, for its own bookkeeping */
function growReceiveBuffer(udp: BoundAddress['udp']): number {
  try {
    udp.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
  } catch {
    // the default size serves too; what is granted is reported
  }
  return udp.getRecvBufferSize()
}
