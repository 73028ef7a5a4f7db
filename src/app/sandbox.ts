import { KINDS, admissionProblems } from '../api/kinds.ts'
import { toCustomResourceDefinition } from '../api/crd.ts'
import type { CliIo } from '../cli/io.ts'
import type { SandboxConfig } from '../config/config.ts'
import { tokenCredentials } from '../kube/access.ts'
import type { Lookup } from '../resolver/host-addresses.ts'
import { systemClock, type Clock } from '../runtime/clock.ts'
import { startApiServer } from '../sandbox/apiserver/start.ts'
import type { Admission, ApiServer, ApiServerOptions } from '../sandbox/apiserver/types.ts'
import { sandboxFaultRoutes } from '../sandbox/fault-routes.ts'
import { createSandbox, type Sandbox } from '../sandbox/sandbox.ts'
import { writeEndpoints } from '../sandbox/state-dir.ts'
import { defaultWorld, emptyWorld } from '../sandbox/world/demo-world.ts'
import { CONTROL_PLANE_NAMESPACE } from '../sandbox/world/manifests.ts'
import { readWorldFile } from '../sandbox/world/world-file.ts'
import { HOST_CLUSTER, type World } from '../sandbox/world/world.ts'
import type { Logger } from '../telemetry/logger.ts'
import { createLogger } from '../telemetry/pino-logger.ts'
import { answeringLocally } from './answering.ts'
import { jsonReply, type HttpRoute } from './http/http-server.ts'
import { startInstance, type Instance } from './instance.ts'
import { readyLines, type ReadyPlaces } from './ready-lines.ts'
import { readPeers, type Peers } from './peers.ts'
import { createStory } from './story.ts'
import { untilAborted } from './until-aborted.ts'

const LOOPBACK = '127.0.0.1'

/** `waypost sandbox`: a world of simulated clusters, and the controller and DNS server on it, until a signal. */
export async function runSandbox(config: SandboxConfig, io: CliIo): Promise<number> {
  const logger = createLogger({ level: config.logLevel })
  const started = await startSandbox({
    peers: readPeers(config, { clock: systemClock, logger }),
    dnssecKeys: config.dnssecKeys,
    world: worldOf(config),
    stateDir: config.stateDir,
    manifests: config.manifests,
    dnsPort: config.dnsPort,
    httpPort: config.httpPort,
    ...{ clock: systemClock, logger },
    tell: io.stdout,
  })
  try {
    await Promise.race([started.instance.controlPlane.serving, untilAborted(io.signal)])
    if (!io.signal.aborted) for (const line of readyLines(placesOf(started))) io.stdout(line)
    await untilAborted(io.signal)
    return 0
  } finally {
    await started.stop()
  }
}

export interface StartSandboxOptions {
  readonly world: World
  readonly stateDir: string
  readonly manifests: readonly string[]
  /** 0 = a free one. */
  readonly dnsPort: number
  readonly httpPort: number
  /** Other DNS servers; absent: there are none. */
  readonly peers?: Peers
  /** A folder of DNSSEC keys; absent: no zone is signed. */
  readonly dnssecKeys?: string | undefined
  readonly clock: Clock
  readonly logger: Logger
  /** Takes one line for a person at a time. */
  readonly tell: (line: string) => void
}

/** A running sandbox. */
export interface StartedSandbox {
  readonly sandbox: Sandbox
  readonly instance: Instance
  stop(): Promise<void>
}

/** Start everything; resolves when all servers listen and `endpoints.json` is written. */
export async function startSandbox(options: StartSandboxOptions): Promise<StartedSandbox> {
  const { clock, logger, tell } = options
  const sandbox = await createSandbox({
    ...{ world: options.world, stateDir: options.stateDir, manifests: options.manifests, clock, logger },
    startApiServer: startWithRules,
    crds: KINDS.map((kind) => toCustomResourceDefinition(kind.definition)),
    story: tell,
  })
  try {
    const instance = await startOn(sandbox, options)
    const stop = async (): Promise<void> => {
      try {
        await instance.stop()
      } finally {
        await sandbox.close()
      }
    }
    return { sandbox, instance, stop }
  } catch (error) {
    await sandbox.close()
    throw error
  }
}

/** The controller and its servers on a sandbox's host cluster, and where to find them all in its state folder. */
async function startOn(
  sandbox: Sandbox,
  { clock, logger, tell, dnsPort, httpPort, peers, dnssecKeys }: StartSandboxOptions,
): Promise<Instance> {
  const host = sandbox.servers.get(HOST_CLUSTER)! // a sandbox always has one
  const story = createStory(tell)
  const credentials = tokenCredentials(host.token)
  const instance = await startInstance({
    host: { server: host.url, caPem: host.caPem, skippedChecks: [], credentials },
    namespace: CONTROL_PLANE_NAMESPACE,
    dnsListen: [{ host: LOOPBACK, port: dnsPort }],
    dnsWorkers: 1,
    answering: answeringLocally(),
    ...(peers === undefined ? {} : { peers }),
    dnssecKeys,
    httpListen: { host: LOOPBACK, port: httpPort },
    routes: [faultRoutes(sandbox)],
    lookup: sandboxLookup(sandbox),
    ...{ clock, logger },
    random: Math.random,
    published: story.published,
  })
  story.follow(instance.controlPlane)
  try {
    writeHandles(sandbox, instance)
    return instance
  } catch (error) {
    await instance.stop()
    throw error
  }
}

function worldOf({ topology, empty }: SandboxConfig): World {
  const world = topology === undefined ? defaultWorld() : readWorldFile(topology)
  return empty ? emptyWorld(world) : world
}

/** The host refuses what the rules of our kinds refuse, as a validating webhook would. */
function startWithRules(options: ApiServerOptions): Promise<ApiServer> {
  const admit: Admission = (object, old) =>
    admissionProblems(object, old).map((detail) => ({ field: '', kind: 'invalid', detail }))
  const kinds = KINDS.map(({ definition }) => [`${definition.kind}.${definition.group}`, admit] as const)
  return startApiServer({ ...options, admission: Object.fromEntries(kinds) })
}

/** Host names of simulated load balancers; nothing else exists, and no packet leaves. */
function sandboxLookup({ balancers }: Sandbox): Lookup {
  return (host) => Promise.resolve({ addresses: balancers.lookup(host) ?? [], ttlSeconds: 30 })
}

function faultRoutes({ servers }: Sandbox): HttpRoute {
  const route = sandboxFaultRoutes(servers)
  return (request) => {
    const response = route(request)
    return response === undefined ? undefined : jsonReply(response.status, response.body)
  }
}

function placesOf({ sandbox, instance }: StartedSandbox): ReadyPlaces {
  const { world, kubeconfigPath } = sandbox
  return { world, kubeconfigPath, dns: dnsOf(instance), httpUrl: instance.http.url }
}

function dnsOf({ nameserver }: Instance): ReadyPlaces['dns'] {
  const [first] = nameserver.listening
  return { host: first?.host ?? LOOPBACK, port: first?.port ?? 0 }
}

function writeHandles(sandbox: Sandbox, instance: Instance): void {
  writeEndpoints(sandbox.stateDir, {
    dns: dnsOf(instance),
    http: { url: instance.http.url },
    clusters: Object.fromEntries([...sandbox.servers.values()].map(({ name, url }) => [name, { url }])),
    loadBalancers: sandbox.balancers.listeners(),
  })
}
