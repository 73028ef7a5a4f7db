import { join } from 'node:path'
import type { CliIo } from '../cli/io.ts'
import type { DnsConfig } from '../config/config.ts'
import { domainSettings } from '../api/domain.ts'
import type { Federation } from '../controllers/federations.ts'
import { createLedger } from '../core/discovery/ledger.ts'
import { planTopology } from '../core/discovery/topology.ts'
import { parseDomainName } from '../dns/names.ts'
import { DEFAULT_RESERVED_BYTES, ROOT, startNameserver } from '../nameserver/server.ts'
import { systemClock } from '../runtime/clock.ts'
import { readWorldFile } from '../sandbox/world/world-file.ts'
import type { World } from '../sandbox/world/world.ts'
import type { Logger } from '../telemetry/logger.ts'
import { createLogger } from '../telemetry/pino-logger.ts'
import { createEmbeddedWriter } from '../writers/embedded/embedded-writer.ts'
import { answeringOf } from './answering.ts'
import { readDnssecKeys } from './dnssec-keys.ts'
import { drain } from './drain.ts'
import { readEncryption } from './encryption.ts'
import { publicAddresses, randomSeed } from './instance.ts'
import { serveHealth, type HealthServer } from './http/serve-health.ts'
import { observingOf, writesFiles } from './observing.ts'
import { readPeers, servePeers } from './peers.ts'
import { serveSecondaries, type Secondaries } from './secondary/secondaries.ts'
import { primariesOf, readSecondarySources } from './secondary/secondary-sources.ts'
import { createSnapshots, type Snapshots } from './secondary/snapshots.ts'
import { dnsPlaces } from './places.ts'
import { reopenOnHangup } from './reopen-on-hangup.ts'
import { rereadOnHangup } from './reread-on-hangup.ts'
import { untilAborted } from './until-aborted.ts'
import { publishWorld } from './world-answers.ts'
import { readZoneFileSources } from './zone-files/zone-file-sources.ts'
import { serveZoneFiles, type ZoneFiles } from './zone-files/zone-files.ts'
import { createZones } from './control-plane/zones.ts'

/** A world in which nothing runs. */
const NOTHING: World = { clusters: [], services: [], ingresses: [], records: [] }

/** `waypost dns`: the DNS server alone, answering what master files and the records of a world file say, until a signal. */
export async function runDns(config: DnsConfig, io: CliIo): Promise<number> {
  const logger = createLogger({ level: config.logLevel })
  const world = config.world === undefined ? NOTHING : readWorldFile(config.world)
  const keys = readDnssecKeys({ folder: config.dnssecKeys, clock: systemClock, logger })
  const encryption = readEncryption(config, { clock: systemClock, logger })
  const observe = observingOf(config)
  const federation = federationOf(world)
  const files = readZoneFileSources(config.zone, federation?.domain)
  const peers = readPeers(config, { clock: systemClock, logger })
  const sources = readSecondarySources(config, peers.keys)
  const serving = servePeers(peers, {
    ...{ listen: config.listen, clock: systemClock, logger },
    primaries: primariesOf(sources),
  })
  const { transfers, requests } = serving
  const nameserver = await startNameserver({
    listen: config.listen,
    workers: config.workers,
    io: config.io,
    reservedBytes: DEFAULT_RESERVED_BYTES,
    seed: randomSeed(),
    loading: true,
    ...answeringOf(config),
    ...{ observe, requests },
    ...(encryption.secure === undefined ? {} : { secure: encryption.secure }),
    logger,
  })
  const ledger = createLedger()
  const embedded = createEmbeddedWriter({
    ...{ ledger, zones: transfers.writer(nameserver.writer), keys, logger },
    recordsInTurn: config.rotateRecords,
    clock: systemClock,
  })
  let http: HealthServer | undefined
  let secondaries: Secondaries | undefined
  let zoneFiles: ZoneFiles | undefined
  try {
    http = await serveHealth(config.httpListen, { nameserver, encryption, transfers, logger })
    if (writesFiles(observe)) reopenOnHangup(io, nameserver, logger)
    if (files.length > 0) rereadOnHangup(io, () => zoneFiles, logger)
    keys.serve(nameserver)
    encryption.serve(nameserver)
    peers.keys.serve({
      setTsigKeys(tsigKeys) {
        nameserver.setTsigKeys(tsigKeys)
        secondaries?.retry()
      },
    })
    const zones = createZones({ embedded, ledger, addresses: publicAddresses(nameserver.listening) })
    if (federation !== undefined) zones.set(federation.name, federation)
    publishWorld(world, ledger)
    zoneFiles = await serveZoneFiles({
      ...{ ledger, embedded, logger },
      ...{ clock: systemClock, signal: io.signal },
      files,
    })
    if (io.signal.aborted) return 0
    secondaries = await serveSecondaries({
      ...{ sources, ledger, embedded, logger },
      snapshots: snapshotsFor(sources, config.stateDir, logger),
      clock: systemClock,
    })
    serving.notifications?.bind(secondaries.notify)
    embedded.flush()
    embedded.setState('serving')
    if (embedded.zoneOf(ROOT) === undefined) nameserver.writer.setState(ROOT, 'gone')
    http?.setState('serving')
    const at = http === undefined ? '' : `, HTTP on ${http.url}`
    io.stdout(`ready   ${dnsPlaces(nameserver)}${at}, ${ledger.size} names`)
    await untilAborted(io.signal)
    http?.setState('leaving')
    await drain(nameserver, { seconds: config.drainSeconds, clock: systemClock, logger })
    return 0
  } finally {
    zoneFiles?.close()
    await secondaries?.close()
    keys.close()
    encryption.close()
    peers.keys.close()
    transfers.close()
    embedded.close()
    await http?.close()
    await nameserver.close()
  }
}

/** Where zones of other primaries are kept; nowhere if there are none. */
function snapshotsFor(sources: readonly unknown[], stateDir: string, logger: Logger): Snapshots | undefined {
  if (sources.length === 0) return undefined
  return createSnapshots({ folder: join(stateDir, 'secondary'), clock: systemClock, logger })
}

/** The Domain of a world, as far as its zones need it. */
function federationOf({ federation: name, domain: text }: World): Federation | undefined {
  if (name === undefined || text === undefined) return undefined
  const domain = parseDomainName(text)
  const settings = domainSettings({ metadata: { name }, domain: text })
  return { name, domain, settings, topology: planTopology({ federation: name, domain, clusters: [] }) }
}
