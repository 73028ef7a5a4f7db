import type { KubeObject } from '../api/object.ts'
import { AppError, describeError } from '../errors.ts'
import type { Clock } from '../runtime/clock.ts'
import { type Logger, silentLogger } from '../telemetry/logger.ts'
import type { ApiServer, ApiServerOptions } from './apiserver/types.ts'
import { applyObject, inOrderOfNeed, resourceOf } from './apply.ts'
import { type ClusterCloud, startClusterCloud } from './cloud/cluster-cloud.ts'
import { addressPlan, type ClusterAddresses } from './cloud/network/address-plan.ts'
import { BalancerFleet } from './cloud/network/balancer-fleet.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { type Manifest, ManifestError, readManifests } from './manifest-files.ts'
import { manifestsOf } from './world/manifests.ts'
import { NAMESPACES } from './resources.ts'
import { claimStateDir, type StateDir } from './state-dir.ts'
import { HOST_CLUSTER, type World } from './world/world.ts'

export interface SandboxOptions {
  readonly world: World
  /** Folder for kubeconfig and endpoints.json; made when it is not there. */
  readonly stateDir: string
  /** Files or folders of further objects (`--manifests`). */
  readonly manifests?: readonly string[]
  readonly clock: Clock
  readonly logger?: Logger
  readonly startApiServer: (options: ApiServerOptions) => Promise<ApiServer>
  /** CustomResourceDefinitions of the host. */
  readonly crds: readonly KubeObject[]
  /** Is told, one readable line each, what happens: clusters that start, load balancers that come and go. */
  readonly story?: (line: string) => void
}

/** A running host, its members and their clouds. */
export interface Sandbox {
  readonly world: World
  readonly stateDir: string
  readonly kubeconfigPath: string
  /** By cluster name, `host` first: url, token, caPem, `objects` for in-process access, `faults`. */
  readonly servers: ReadonlyMap<string, ApiServer>
  /** Load balancers: their loopback listeners, and the addresses behind their host names. */
  readonly balancers: BalancerFleet
  /** Resolves when the clouds have nothing left to do but what waits for the clock. */
  settled(): Promise<void>
  /** Ends everything and gives the state folder free; idempotent. */
  close(): Promise<void>
}

/** Namespaces that every cluster has from its first moment. */
const OWN_NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system']

/**
 * Start a world: one API server per cluster, side by side, each filled with its objects, and a simulated cloud in each
 * member; resolves when every object has what the cloud gives it and the kubeconfig is written. When anything fails,
 * everything that was started is ended first.
 * @throws ManifestError, and AppError SANDBOX_STATE_DIR_IN_USE, SANDBOX_STATE_DIR_UNUSABLE, SANDBOX_START_FAILED
 */
export async function createSandbox(options: SandboxOptions): Promise<Sandbox> {
  const members = options.world.clusters.map((cluster) => cluster.name)
  const manifests = readManifests(options.manifests ?? [], members)
  checkKinds(manifests, options.crds)
  const stateDir = claimStateDir(options.stateDir)
  const running = new Running(stateDir)
  try {
    await startServers(options, running)
    fill(options, running, manifests)
    startClouds(options, running)
    await running.settled()
    stateDir.writeKubeconfig(kubeconfigText([...running.servers.values()], HOST_CLUSTER))
  } catch (error) {
    await running.close()
    throw error
  }
  return {
    world: options.world,
    stateDir: stateDir.path,
    kubeconfigPath: stateDir.kubeconfigPath,
    servers: running.servers,
    balancers: running.balancers,
    settled: () => running.settled(),
    close: () => running.close(),
  }
}

/** What has been started so far. */
class Running {
  readonly servers = new Map<string, ApiServer>()
  readonly clouds: ClusterCloud[] = []
  readonly balancers = new BalancerFleet()
  readonly #stateDir: StateDir
  #closing: Promise<void> | undefined

  constructor(stateDir: StateDir) {
    this.#stateDir = stateDir
  }

  async settled(): Promise<void> {
    while (this.clouds.some((cloud) => !cloud.idle))
      await Promise.all(this.clouds.map((cloud) => cloud.settled()))
    await this.balancers.settled()
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    for (const cloud of this.clouds) cloud.close()
    await Promise.allSettled([
      this.balancers.close(),
      ...[...this.servers.values()].map((server) => server.close()),
    ])
    this.#stateDir.release()
  }
}

function checkKinds(manifests: readonly Manifest[], crds: readonly KubeObject[]): void {
  const definitions = [...crds, ...manifests.map((manifest) => manifest.object)]
  const stray = manifests.find((manifest) => resourceOf(definitions, manifest.object) === undefined)
  if (stray === undefined) return
  throw new ManifestError({
    file: stray.file,
    document: stray.document,
    reason: `no such kind: ${stray.object.kind} of ${stray.object.apiVersion}; add its CustomResourceDefinition`,
  })
}

async function startServers(options: SandboxOptions, running: Running): Promise<void> {
  const { world, clock, logger = silentLogger, startApiServer } = options
  const wanted = [
    { name: HOST_CLUSTER, crds: options.crds },
    ...world.clusters.map(({ name }, index) => ({
      name,
      serviceRanges: addressPlan(index, world.clusters.length).services,
    })),
  ]
  const started = await Promise.allSettled(
    wanted.map((own) => startApiServer({ ...own, clock, logger: logger.child({ cluster: own.name }) })),
  )
  for (const [index, result] of started.entries())
    if (result.status === 'fulfilled') running.servers.set(wanted[index]!.name, result.value) // same length
  const failed = started.findIndex((result) => result.status === 'rejected')
  if (failed >= 0) {
    throw new AppError('cluster did not start', {
      code: 'SANDBOX_START_FAILED',
      fields: { cluster: wanted[failed]!.name }, // an index of it
      cause: (started[failed] as PromiseRejectedResult).reason,
    })
  }
  for (const server of running.servers.values())
    options.story?.(`cluster ${server.name} listens on ${server.url}`)
}

/** Put the world's objects into their clusters, then the manifests; nothing reacts to them yet. */
function fill(options: SandboxOptions, running: Running, manifests: readonly Manifest[]): void {
  const access = new Map(
    options.world.clusters.map(({ name }) => {
      const { url, token, caPem } = running.servers.get(name)! // all started
      return [name, { apiEndpoint: url, token, caPem }] as const
    }),
  )
  for (const [name, objects] of manifestsOf(options.world, access)) {
    const applying = { objects: running.servers.get(name)!.objects, definitions: options.crds } // all started
    for (const object of [...OWN_NAMESPACES.flatMap(missingNamespace(applying.objects)), ...objects]) {
      try {
        applyObject(applying, object)
      } catch (error) {
        throw new AppError('object of the world was refused', {
          code: 'SANDBOX_START_FAILED',
          fields: { cluster: name, kind: object.kind, name: object.metadata.name },
          cause: error,
        })
      }
    }
  }
  applyManifests(options, running, manifests)
}

function missingNamespace(objects: ApiServer['objects']): (name: string) => readonly KubeObject[] {
  return (name) =>
    objects.get(NAMESPACES, '', name) === undefined
      ? [{ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }]
      : []
}

function applyManifests(options: SandboxOptions, running: Running, manifests: readonly Manifest[]): void {
  const definitions = [...options.crds, ...manifests.map((manifest) => manifest.object)]
  for (const manifest of inOrderOfNeed(manifests, (each) => each.object)) {
    for (const cluster of manifest.clusters) {
      const { objects } = running.servers.get(cluster)! // readManifests knows only names of the world
      try {
        applyObject({ objects, definitions }, manifest.object)
      } catch (error) {
        const { kind, metadata } = manifest.object
        const reason = `${cluster} refused ${kind} ${metadata.name}: ${describeError(error)}`
        throw new ManifestError({ file: manifest.file, document: manifest.document, reason })
      }
    }
  }
}

function startClouds(options: SandboxOptions, running: Running): void {
  const { world, clock, logger = silentLogger, story = () => {} } = options
  for (const [index, { name, ipv6 }] of world.clusters.entries()) {
    const addresses: ClusterAddresses = addressPlan(index, world.clusters.length)
    running.clouds.push(
      startClusterCloud({
        cluster: name,
        objects: running.servers.get(name)!.objects, // all started
        addresses,
        ipv6,
        loadBalancers: running.balancers,
        clock,
        logger: logger.child({ component: 'cloud', cluster: name }),
        story,
      }),
    )
  }
}
