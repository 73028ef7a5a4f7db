import type { CliIo } from '../cli/io.ts'
import type { DnsConfig } from '../config/config.ts'
import { domainSettings } from '../api/domain.ts'
import { createLedger } from '../core/discovery/ledger.ts'
import { planTopology } from '../core/discovery/topology.ts'
import { tryAddress } from '../dns/address.ts'
import { parseDomainName } from '../dns/names.ts'
import { DEFAULT_RESERVED_BYTES, ROOT, startNameserver } from '../nameserver/server.ts'
import { systemClock } from '../runtime/clock.ts'
import { readWorldFile } from '../sandbox/world/world-file.ts'
import { createLogger } from '../telemetry/pino-logger.ts'
import { createEmbeddedWriter } from '../writers/embedded/embedded-writer.ts'
import { randomSeed } from './instance.ts'
import { untilAborted } from './until-aborted.ts'
import { publishWorld } from './world-answers.ts'
import { createZones } from './control-plane/zones.ts'

/** `waypost dns`: the DNS server alone, answering what the records of a world file say, until a signal. */
export async function runDns(config: DnsConfig, io: CliIo): Promise<number> {
  const logger = createLogger({ level: config.logLevel })
  const world = readWorldFile(config.world)
  const nameserver = await startNameserver({
    listen: config.listen,
    workers: config.workers,
    io: 'dgram',
    reservedBytes: DEFAULT_RESERVED_BYTES,
    seed: randomSeed(),
    loading: true,
    logger,
  })
  const ledger = createLedger()
  const embedded = createEmbeddedWriter({ ledger, zones: nameserver.writer, clock: systemClock, logger })
  try {
    const { federation: name, domain } = world
    if (name !== undefined && domain !== undefined) {
      const addresses = nameserver.listening
        .map(({ host }) => tryAddress(host))
        .filter((address) => address !== undefined)
      const zone = parseDomainName(domain)
      createZones({ embedded, ledger, addresses }).set(name, {
        ...{ name, domain: zone },
        settings: domainSettings({ metadata: { name }, domain }),
        topology: planTopology({ federation: name, domain: zone, clusters: [] }),
      })
    }
    publishWorld(world, ledger)
    embedded.flush()
    embedded.setState('serving')
    nameserver.writer.setState(ROOT, 'gone')
    const at = nameserver.listening.map(({ host, port }) => `${host}:${port}`).join(', ')
    io.stdout(`ready   DNS on ${at}, ${ledger.size} names`)
    await untilAborted(io.signal)
    return 0
  } finally {
    embedded.close()
    await nameserver.close()
  }
}
