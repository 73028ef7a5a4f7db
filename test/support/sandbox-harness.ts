import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { answeringLocally } from '../../src/app/answering.ts'
import { startInstance, type Instance } from '../../src/app/instance.ts'
import { NO_PEERS, type Peers } from '../../src/app/peers.ts'
import { startSandbox } from '../../src/app/sandbox.ts'
import { KINDS } from '../../src/api/kinds.ts'
import type { ResourceId } from '../../src/api/object.ts'
import { tokenCredentials } from '../../src/kube/access.ts'
import type { ApiServer, Fault } from '../../src/sandbox/apiserver/types.ts'
import { CONTROL_PLANE_NAMESPACE } from '../../src/sandbox/world/manifests.ts'
import { defaultWorld } from '../../src/sandbox/world/demo-world.ts'
import { HOST_CLUSTER, type World, type WorldInput } from '../../src/sandbox/world/world.ts'
import type { Sandbox } from '../../src/sandbox/sandbox.ts'
import type { Clock } from '../../src/runtime/clock.ts'
import type { Logger } from '../../src/telemetry/logger.ts'
import { openApiClients, type ApiClient } from './api-client.ts'
import { openDnsClient, type DnsClient } from './dns-client.ts'
import { JumpClock } from './jump-clock.ts'
import { Pulse } from './pulse.ts'

export interface StartAppOptions {
  /** Without it the demo's. */
  readonly world?: World
  /** Files or folders, as `--manifests`. */
  readonly manifests?: readonly string[]
  /** Other DNS servers, and what they may do. */
  readonly peers?: Peers | ((deps: { readonly clock: Clock; readonly logger: Logger }) => Peers)
  /** A folder of DNSSEC keys. */
  readonly dnssecKeys?: string
  /** Messages of errors that a test brings about; all others are faults. */
  readonly expectedErrors?: readonly string[]
}

/** By name, all that it may say. */
export type Allowed = Readonly<Record<string, readonly (readonly string[])[]>>

/** Names that must keep saying what they may for as long as this is held. */
export interface Hold {
  /** Stop asking. @throws for the first answer that was another one; @returns how often was asked */
  end(): Promise<number>
}

/** A whole sandbox in this process, with clients that know no more than a user: DNS over sockets, the API over HTTPS. */
export interface App {
  readonly sandbox: Sandbox
  /** The controller that runs now. */
  readonly instance: Instance
  readonly dns: DnsClient
  /** The host's API. */
  readonly host: ApiClient
  member(name: string): ApiClient
  /** Lines that were told a person. */
  readonly story: readonly string[]
  /** What was written into the host, by whom ever: `<event> <kind> <namespace>/<name>`. */
  readonly writes: readonly string[]
  /** Log lines of level warn and above: `<level> <message> <fields>`. */
  readonly log: readonly string[]
  /** Break a cluster; without a fault, mend it. */
  fault(cluster: string, fault?: Fault): void
  /** Look until it does not throw: now, and whenever something happened. @throws what the last look threw */
  until<T>(look: () => T | Promise<T>): Promise<T>
  /** Look until it does not throw, with time passing between: for what is done after a while. @throws what the last look threw */
  untilTime<T>(look: () => T | Promise<T>): Promise<T>
  /** Wait for a name to say this: see DnsClient.short. */
  untilSays(name: string, says: readonly string[], type?: string): Promise<void>
  /** Let this much time pass, in small steps, with everything done that each brings. */
  pass(seconds: number): Promise<void>
  /** Ask for these names without pause, and take none but these answers: see DnsClient.short. */
  hold(names: Allowed): Hold
  /** End the controller and its DNS server; the clusters stay. */
  stopController(): Promise<void>
  /** Start another one over the same clusters, at other ports. Resolves when it listens. */
  startController(): Promise<void>
  /** @throws when an error was logged: nothing that these tests do to an application may be one */
  close(): Promise<void>
}

/** Below every limit of time in the application: what is under way in a step is not late by it. */
const STEP_SECONDS = 2
const TURNS = 20
/** Beyond the longest that a server may ask to be left alone. */
const MAX_STEPS = 200
/** What is on its way comes before the next step. Writes are limited by real seconds, whatever the clock says. */
const STEP_LIMIT_MS = 10
const WRITTEN_BY_US: readonly ResourceId[] = [
  ...KINDS.map(({ definition }) => definition),
  { group: '', version: 'v1', plural: 'events' },
]

/** Start a sandbox and its controller; resolves when names are answered. */
export async function startApp(options: StartAppOptions = {}): Promise<App> {
  const stateDir = mkdtempSync(join(tmpdir(), 'waypost-app-'))
  const clock = new JumpClock()
  const pulse = new Pulse()
  const story: string[] = []
  const log: string[] = []
  const logger = recorder(log)
  const { peers: given = NO_PEERS } = options
  const peers = typeof given === 'function' ? given({ clock, logger }) : given
  const started = await startSandbox({
    ...{ stateDir, clock, logger, dnsPort: 0, httpPort: 0, peers },
    dnssecKeys: options.dnssecKeys,
    world: options.world ?? defaultWorld(),
    manifests: options.manifests ?? [],
    tell(line) {
      story.push(line)
      pulse.beat()
    },
  }).catch((error: unknown) => {
    rmSync(stateDir, { recursive: true, force: true })
    throw error
  })
  const { sandbox } = started
  const host = sandbox.servers.get(HOST_CLUSTER)! // a sandbox always has one
  const writes: string[] = []
  const unwatch = WRITTEN_BY_US.map((resource) =>
    host.objects.watch(resource, ({ type, object: { kind, metadata } }) => {
      writes.push(`${type} ${kind} ${metadata.namespace ?? ''}/${metadata.name}`)
      pulse.beat()
    }),
  )
  const clients = openApiClients(sandbox.kubeconfigPath)
  let instance: Instance = started.instance
  await instance.controlPlane.serving
  let dns = await openDnsClient(instance.nameserver.listening[0]!) // it listens on one address
  const until: App['until'] = (look) => pulse.until(look)
  const pass: App['pass'] = async (seconds) => {
    for (let second = 0; second < seconds; second += STEP_SECONDS) {
      clock.jump(STEP_SECONDS * 1_000)
      await turns()
    }
  }

  return {
    ...{ sandbox, story, log, writes, until },
    get instance() {
      return instance
    },
    get dns() {
      return dns
    },
    host: clientOf(clients, HOST_CLUSTER),
    member: (name) => clientOf(clients, name),
    fault(cluster, fault) {
      const { faults } = serverOf(sandbox, cluster)
      if (fault === undefined) faults.clear()
      else faults.set(fault)
    },
    untilSays: (name, says, type) =>
      until(async () => {
        const said = await dns.short(name, type)
        if (said.join() !== says.join()) throw new Error(`${name} says ${said.join()}, not ${says.join()}`)
      }),
    async untilTime(look) {
      for (let step = 0; step < MAX_STEPS; step += 1) {
        try {
          return await look()
        } catch {
          await pulse.next(STEP_LIMIT_MS)
          await pass(STEP_SECONDS)
        }
      }
      return look()
    },
    pass,
    hold: (names) => holdAnswers(dns, names),
    async stopController() {
      dns.close()
      await instance.stop()
    },
    async startController() {
      instance = await startInstance({
        host: {
          server: host.url,
          caPem: host.caPem,
          skippedChecks: [],
          credentials: tokenCredentials(host.token),
        },
        namespace: CONTROL_PLANE_NAMESPACE,
        dnsListen: [{ host: '127.0.0.1', port: 0 }],
        dnsWorkers: 1,
        answering: answeringLocally(),
        peers,
        dnssecKeys: options.dnssecKeys,
        httpListen: { host: '127.0.0.1', port: 0 },
        routes: [],
        lookup: (name) =>
          Promise.resolve({ addresses: sandbox.balancers.lookup(name) ?? [], ttlSeconds: 30 }),
        ...{ clock, logger },
        random: Math.random,
        published: () => pulse.beat(),
      })
      instance.controlPlane.fleet.onSession(() => pulse.beat())
      dns = await openDnsClient(instance.nameserver.listening[0]!) // it listens on one address
    },
    async close() {
      for (const end of unwatch) end()
      dns.close()
      await instance.stop()
      await sandbox.close()
      await Promise.all([...clients.values()].map((client) => client.close()))
      rmSync(stateDir, { recursive: true, force: true })
      const expected = options.expectedErrors ?? []
      const errors = log.filter(
        (line) =>
          line.startsWith('error') && !expected.some((message) => line.startsWith(`error ${message}`)),
      )
      if (errors.length > 0) throw new Error(`errors were logged:\n${errors.join('\n')}`)
    },
  }
}

/** The members of the demo, for worlds that run something else in them. */
export function demoClusters(): WorldInput['clusters'] {
  return defaultWorld().clusters.map(({ name, region, zones }) => ({
    ...{ name, zones: [...zones] },
    ...(region === undefined ? {} : { region }),
  }))
}

function clientOf(clients: ReadonlyMap<string, ApiClient>, name: string): ApiClient {
  const client = clients.get(name)
  if (client === undefined) throw new Error(`there is no cluster "${name}"`)
  return client
}

function serverOf({ servers }: Sandbox, name: string): ApiServer {
  const server = servers.get(name)
  if (server === undefined) throw new Error(`there is no cluster "${name}"`)
  return server
}

/**
 * So many turns of the event loop that what a moment brought has gone over the sockets of this process and come back,
 * a handshake included: loopback delivers at once, and each turn reads what the one before has written.
 */
async function turns(): Promise<void> {
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

function holdAnswers(dns: DnsClient, allowed: Allowed): Hold {
  const over = new AbortController()
  const asking = askUntilWrong(dns, allowed, over.signal)
  return {
    async end() {
      over.abort()
      const { asked, wrong } = await asking
      if (wrong !== undefined) throw new Error(`${wrong}, after ${asked} right answers`)
      return asked
    },
  }
}

async function askUntilWrong(
  dns: DnsClient,
  allowed: Allowed,
  over: AbortSignal,
): Promise<{ readonly asked: number; readonly wrong?: string }> {
  let asked = 0
  while (!over.aborted) {
    for (const [name, answers] of Object.entries(allowed)) {
      const said = (await dns.short(name).catch((error: unknown) => [String(error)])).join()
      if (!answers.some((answer) => answer.join() === said)) return { asked, wrong: `${name} said ${said}` }
      asked += 1
    }
  }
  return { asked }
}

function recorder(log: string[], bound: Readonly<Record<string, unknown>> = {}): Logger {
  const keep =
    (level: string): Logger['warn'] =>
    (fields, message) => {
      log.push(`${level} ${message} ${JSON.stringify({ ...bound, ...fields })}`)
    }
  return {
    debug: () => {},
    info: () => {},
    warn: keep('warn'),
    error: keep('error'),
    child: (fields) => recorder(log, { ...bound, ...fields }),
  }
}
