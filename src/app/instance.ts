import { randomBytes } from 'node:crypto'
import { tryAddress, type Address } from '../dns/address.ts'
import type { NameChange } from '../dns/records.ts'
import type { ClusterAccess } from '../kube/access.ts'
import {
  DEFAULT_RESERVED_BYTES,
  startNameserver,
  type Nameserver,
  type NameserverOptions,
} from '../nameserver/server.ts'
import type { ObserveSettings } from '../nameserver/observe/settings.ts'
import type { Transfers } from '../nameserver/transfer/transfers.ts'
import type { ListenAddress } from '../nameserver/types.ts'
import type { Lookup } from '../resolver/host-addresses.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import { createMetrics } from '../telemetry/metrics.ts'
import type { Answering } from './answering.ts'
import { readDnssecKeys, type DnssecKeys } from './dnssec-keys.ts'
import { drain } from './drain.ts'
import { NO_ENCRYPTION, observeEncryption, type Encryption } from './encryption.ts'
import { NO_PEERS, servePeers, type Peers } from './peers.ts'
import { apiRoutes } from './http/api-routes.ts'
import { createControlPlane, type ControlPlane } from './control-plane/control-plane.ts'
import { startHttpServer, type HttpRoute, type HttpServer } from './http/http-server.ts'
import { observeControlPlane } from './http/observe.ts'
import { observeNameserver } from './http/observe-nameserver.ts'
import { observeTransfers } from './http/observe-transfers.ts'
import { createTransferRefusals } from './zone-facts/transfer-refusals.ts'
import { createZoneFacts } from './zone-facts/zone-facts.ts'

export interface InstanceOptions {
  readonly host: ClusterAccess
  readonly namespace: string
  readonly dnsListen: readonly ListenAddress[]
  readonly dnsWorkers: number
  /** Without: `dgram`. */
  readonly dnsIo?: NameserverOptions['io']
  readonly answering: Answering
  /** Without: nothing is told of single queries. */
  readonly observe?: ObserveSettings
  /** A folder of DNSSEC keys; none: no zone is signed. */
  readonly dnssecKeys?: string | undefined
  /** Without: nothing is encrypted. */
  readonly encryption?: Encryption
  /** Without: there are none. */
  readonly peers?: Peers
  readonly httpListen: ListenAddress
  /** Tried before our own. */
  readonly routes: readonly HttpRoute[]
  readonly lookup: Lookup
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly published?: (changes: readonly NameChange[]) => void
}

/** A running controller with its DNS and HTTP servers. */
export interface Instance {
  readonly controlPlane: ControlPlane
  readonly nameserver: Nameserver
  readonly http: HttpServer
  /** Not ready any more, but at work as ever for so long: see drain. */
  drain(seconds: number): Promise<void>
  stop(): Promise<void>
}

/** A random 64-bit seed: nobody outside can know which names share a slot of the zone store. */
export function randomSeed(): Uint32Array {
  return new Uint32Array(new Uint8Array(randomBytes(8)).buffer)
}

/**
 * Start everything, sockets first: a port in use ends it before anything is watched. Resolves as soon as the servers
 * listen; `controlPlane.serving` tells when names are answered.
 */
export async function startInstance(options: InstanceOptions): Promise<Instance> {
  const { clock, logger, random } = options
  const keys = readDnssecKeys({ folder: options.dnssecKeys, clock, logger })
  const { encryption = NO_ENCRYPTION, peers = NO_PEERS } = options
  const refusals = createTransferRefusals(clock)
  const { transfers, requests, updates } = servePeers(peers, {
    ...{ listen: options.dnsListen, clock, logger },
    refused: (refusal) => refusals.note(refusal),
  })
  const nameserver = await startNameserver({
    listen: options.dnsListen,
    workers: options.dnsWorkers,
    io: options.dnsIo ?? 'dgram',
    reservedBytes: DEFAULT_RESERVED_BYTES,
    seed: randomSeed(),
    loading: true,
    requests,
    ...options.answering,
    ...(options.observe === undefined ? {} : { observe: options.observe }),
    ...(encryption.secure === undefined ? {} : { secure: encryption.secure }),
    logger,
  })
  try {
    const controlPlane = createControlPlane({
      ...{ host: options.host, namespace: options.namespace, keys },
      zoneFacts: createZoneFacts({
        ...{ standings: keys.standings, rules: peers.transfer, refusals },
        isSignedHere: (zone) => transfers.isSignedHere(zone),
      }),
      zones: transfers.writer(nameserver.writer),
      ...{ lookup: options.lookup, clock, random, logger },
      nameServerAddresses: publicAddresses(nameserver.listening),
      ...(options.published === undefined ? {} : { published: options.published }),
    })
    updates?.bind((request) => controlPlane.updates.handle(request))
    let isLeaving = false
    const http = await startHttp({ controlPlane, nameserver, transfers, isLeaving: () => isLeaving }, options)
    keys.serve(nameserver)
    encryption.serve(nameserver)
    peers.keys.serve(nameserver)
    controlPlane.start()
    return {
      ...{ controlPlane, nameserver, http },
      drain(seconds) {
        isLeaving = true
        return drain(nameserver, { seconds, clock, logger })
      },
      stop: () => stopAll({ controlPlane, nameserver, http, keys, encryption, peers, transfers }),
    }
  } catch (error) {
    await nameserver.close()
    throw error
  }
}

function startHttp(
  running: Pick<Instance, 'controlPlane' | 'nameserver'> & {
    readonly transfers: Transfers
    readonly isLeaving: () => boolean
  },
  { httpListen, routes, logger, encryption = NO_ENCRYPTION }: InstanceOptions,
): Promise<HttpServer> {
  const { controlPlane, nameserver, transfers, isLeaving } = running
  const metrics = createMetrics({ process: true })
  observeControlPlane(metrics, { controlPlane })
  observeNameserver(metrics, {
    nameserver,
    listening: { dns: nameserver.listening, ...nameserver.listeningSecure },
  })
  observeEncryption(metrics, encryption)
  observeTransfers(metrics, transfers.counts)
  const own = apiRoutes({ controlPlane, metrics, host: httpListen.host, isLeaving })
  return startHttpServer({ ...httpListen, routes: [...routes, own], logger })
}

type Running = Omit<Instance, 'stop' | 'drain'> & {
  readonly keys: DnssecKeys
  readonly encryption: Encryption
  readonly peers: Peers
  readonly transfers: Transfers
}

/** Whatever one of them does, the sockets are closed in the end. */
async function stopAll(running: Running): Promise<void> {
  const { controlPlane, nameserver, http, keys, encryption, peers, transfers } = running
  keys.close()
  encryption.close()
  peers.keys.close()
  transfers.close()
  try {
    await Promise.all([controlPlane.stop(), http.close()])
  } finally {
    await nameserver.close()
  }
}

/** Addresses at which others may ask; those of loopback are told when there is nothing else. */
export function publicAddresses(listening: readonly ListenAddress[]): readonly Address[] {
  const addresses = listening.map(({ host }) => tryAddress(host)).filter((address) => address !== undefined)
  const outside = addresses.filter((address) => !address.startsWith('127.') && address !== '::1')
  return [...new Set(outside.length > 0 ? outside : addresses)]
}
