import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, type RunnerTask } from 'vitest'
import { defaultWorld } from '../../../src/sandbox/world/demo-world.ts'
import type { World } from '../../../src/sandbox/world/world.ts'
import { sceneAddresses } from './addresses.ts'
import { playCloud, type Cloud } from './cloud.ts'
import type { Cluster } from './cluster.ts'
import { ask, type Told } from './dns/ask.ts'
import { hold, type Hold, type HoldOptions } from './dns/hold.ts'
import { startParents } from './dns/nsd.ts'
import { startResolver } from './dns/unbound.ts'
import { startFleet, type Fleet } from './fleet.ts'
import type { SceneAddresses } from './types.ts'
import { WaypostController } from './waypost.ts'
import { applyWorld } from './world.ts'

export interface SceneOptions {
  /** Default: the demo's. */
  readonly world?: World
  /** Members that the world is cut to; default: all of it. */
  readonly members?: readonly string[]
  /** Members whose state is in an etcd of their own. */
  readonly apart?: readonly string[]
  readonly apiServerFlags?: (cluster: string, folder: string) => readonly string[]
  readonly controllerArgs?: readonly string[]
  /** Default true: started, and ready. */
  readonly startController?: boolean
  /** NSD above us and two Unbounds, one that caches and one that does not; default true. */
  readonly resolvers?: boolean
  /** After the world has been applied, before the controller starts. */
  readonly prepare?: (scene: Scene) => Promise<void>
}

const LOOK_EVERY_MS = 25

/** Real clusters with a world in them, our controller, and resolvers in front of it. */
export interface Scene {
  readonly folder: string
  readonly addresses: SceneAddresses
  readonly fleet: Fleet
  readonly controller: WaypostController
  readonly host: Cluster
  member(name: string): Cluster
  /** Straight from our server. */
  ask(name: string, type?: 'A' | 'AAAA'): Promise<Told>
  /** Ask our server until it gives these addresses, or time is up. @returns those it gave last, sorted */
  settled(name: string, addresses: readonly string[], timeoutMs?: number): Promise<readonly string[]>
  /** Ask through the resolvers, with and without cache, from now on. */
  hold(options: Pick<HoldOptions, 'name' | 'allowed' | 'tolerated'>): Hold
  /** Is ended before all that was started earlier. */
  own(end: () => Promise<unknown>): void
}

/** A scene for the tests of one `describe`: made before them, ended after them. What it is made of is kept when one of them fails. */
export function useScene(options: SceneOptions = {}): Scene {
  const scene = new RunningScene(options)
  beforeAll(() => scene.start())
  // oxlint-disable-next-line no-empty-pattern -- the runner wants a pattern here, and nothing of it is needed
  afterAll(async ({}, suite) => {
    await scene.close()
    if (allPassed(suite.tasks)) rmSync(scene.folder, { recursive: true, force: true })
    else process.stderr.write(`kept: ${scene.folder}\n`)
  })
  return scene
}

/** A test that never ran, because what comes before it failed, has not passed either. */
function allPassed(tasks: readonly RunnerTask[]): boolean {
  return tasks.every((task) =>
    task.type === 'suite' ? allPassed(task.tasks) : task.result?.state === 'pass',
  )
}

class RunningScene implements Scene {
  readonly folder = mkdtempSync(join(tmpdir(), 'waypost-e2e-'))
  readonly addresses = sceneAddresses()
  readonly #options: SceneOptions
  readonly #world: World
  readonly #ends: (() => Promise<unknown>)[] = []
  #fleet: Fleet | undefined
  #controller: WaypostController | undefined

  constructor(options: SceneOptions) {
    this.#options = options
    this.#world = cutTo(options.world ?? defaultWorld(), options.members)
  }

  get fleet(): Fleet {
    return started(this.#fleet)
  }

  get controller(): WaypostController {
    return started(this.#controller)
  }

  get host(): Cluster {
    return this.fleet.host
  }

  member(name: string): Cluster {
    return started(this.fleet.members.get(name))
  }

  ask(name: string, type: 'A' | 'AAAA' = 'A'): Promise<Told> {
    return ask({ server: this.addresses.waypost, name, type })
  }

  async settled(name: string, addresses: readonly string[], timeoutMs = 30_000): Promise<readonly string[]> {
    const wanted = [...addresses].sort().join()
    const deadline = performance.now() + timeoutMs
    for (;;) {
      const told = await this.ask(name)
      if (told.addresses.join() === wanted || performance.now() > deadline) return [...told.addresses]
      await sleep(LOOK_EVERY_MS)
    }
  }

  hold(options: Pick<HoldOptions, 'name' | 'allowed' | 'tolerated'>): Hold {
    const { resolver } = this.addresses
    return both(hold({ ...options, server: resolver }), hold({ ...options, server: uncached(resolver) }))
  }

  own(end: () => Promise<unknown>): void {
    this.#ends.push(end)
  }

  async start(): Promise<void> {
    const { apart, apiServerFlags, controllerArgs, prepare } = this.#options
    const members = this.#world.clusters.map(({ name }) => name)
    const fleet = await startFleet({
      ...{ folder: this.folder, members },
      ...(apart === undefined ? {} : { apart }),
      ...(apiServerFlags === undefined ? {} : { apiServerFlags }),
    })
    this.#fleet = fleet
    this.own(() => fleet.close())
    await applyWorld(this.#world, fleet)
    members.forEach((name, index) => this.#play(name, { index, of: members.length }))
    if (this.#options.resolvers !== false) await this.#startResolvers()
    this.#controller = await WaypostController.create({
      ...{ folder: this.folder, kubeconfig: fleet.host.kubeconfigPath, dnsAddress: this.addresses.waypost },
      ...(controllerArgs === undefined ? {} : { args: controllerArgs }),
    })
    this.own(() => this.controller.stop('SIGKILL'))
    await prepare?.(this)
    if (this.#options.startController !== false) await this.#controller.start()
  }

  async close(): Promise<void> {
    for (const end of this.#ends.splice(0).reverse())
      await end().catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
  }

  #play(name: string, share: { readonly index: number; readonly of: number }): void {
    const cloud: Cloud = playCloud(this.member(name).api, share)
    this.own(() => cloud.close())
  }

  async #startResolvers(): Promise<void> {
    const { folder, addresses } = this
    const parents = await startParents({ folder, address: addresses.parents, waypost: addresses.waypost })
    this.own(() => parents.end())
    const common = { folder, parents: addresses.parents }
    const resolvers = await Promise.all([
      startResolver({ ...common, address: addresses.resolver, cache: true }),
      startResolver({
        ...common,
        address: uncached(addresses.resolver),
        cache: false,
        name: 'unbound-uncached',
      }),
    ])
    for (const resolver of resolvers) this.own(() => resolver.end())
  }
}

/** The address behind the resolver's. */
function uncached(resolver: string): string {
  return resolver.replace(/\d+$/, (last) => String(Number(last) + 1))
}

function both(cached: Hold, direct: Hold): Hold {
  return {
    get asked() {
      return Math.min(cached.asked, direct.asked)
    },
    seen: () => direct.seen(),
    wrong: () => new Map([...cached.wrong(), ...direct.wrong()]),
    end: async () => (await Promise.all([cached.end(), direct.end()])).flat(),
  }
}

function cutTo(world: World, members: readonly string[] | undefined): World {
  if (members === undefined) return world
  const keep = (names: readonly string[]): readonly string[] => names.filter((name) => members.includes(name))
  return {
    ...world,
    clusters: world.clusters.filter(({ name }) => members.includes(name)),
    services: world.services.map((service) => ({ ...service, clusters: keep(service.clusters) })),
    ingresses: world.ingresses.map((ingress) => ({ ...ingress, clusters: keep(ingress.clusters) })),
  }
}

function started<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the scene has not been started')
  return value
}
