import type { CliIo } from '../cli/io.ts'
import type { ControllerConfig } from '../config/config.ts'
import { accessFromKubeconfig, accessFromPod } from '../kube/kubeconfig-access.ts'
import type { ClusterAccess } from '../kube/access.ts'
import { systemLookup } from '../resolver/system-lookup.ts'
import { systemClock } from '../runtime/clock.ts'
import { createLogger } from '../telemetry/pino-logger.ts'
import { answeringOf } from './answering.ts'
import { readEncryption } from './encryption.ts'
import { startInstance } from './instance.ts'
import { observingOf, writesFiles } from './observing.ts'
import { readPeers } from './peers.ts'
import { dnsPlaces } from './places.ts'
import { reopenOnHangup } from './reopen-on-hangup.ts'
import { untilAborted } from './until-aborted.ts'

/** `waypost controller`: the controller and its DNS server against a real host cluster, until a signal. */
export async function runController(config: ControllerConfig, io: CliIo): Promise<number> {
  const logger = createLogger({ level: config.logLevel })
  const observe = observingOf(config)
  const instance = await startInstance({
    host: await hostAccess(config),
    namespace: config.kubefedNamespace,
    dnsListen: config.dnsListen,
    dnsWorkers: config.dnsWorkers,
    dnsIo: config.dnsIo,
    answering: answeringOf(config),
    observe,
    dnssecKeys: config.dnssecKeys,
    encryption: readEncryption(config, { clock: systemClock, logger }),
    peers: readPeers(config, { clock: systemClock, logger }),
    httpListen: config.httpListen,
    routes: [],
    lookup: systemLookup(),
    ...{ clock: systemClock, logger },
    random: Math.random,
  })
  if (writesFiles(observe)) reopenOnHangup(io, instance.nameserver, logger)
  try {
    await Promise.race([instance.controlPlane.serving, untilAborted(io.signal)])
    if (!io.signal.aborted) {
      io.stdout(`ready   ${dnsPlaces(instance.nameserver)}, HTTP on ${instance.http.url}`)
    }
    await untilAborted(io.signal)
    await instance.drain(config.drainSeconds)
    return 0
  } finally {
    await instance.stop()
  }
}

async function hostAccess({ kubeconfig, context, pod }: ControllerConfig): Promise<ClusterAccess> {
  if (kubeconfig.length > 0) {
    const source = { paths: kubeconfig, ...(context === undefined ? {} : { context }) }
    return (await accessFromKubeconfig(source, systemClock)).access
  }
  return (await accessFromPod(pod, systemClock)).access
}
