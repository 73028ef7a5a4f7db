import { cpus } from 'node:os'
import { type Asker, createAsker, PAUSE_MS } from './convergence/asker.ts'
import { benchWorld, type BenchWorld } from './convergence/bench-world.ts'
import { type Change, changeAt, type Size } from './convergence/changes.ts'
import type { ClustersReady, ClustersTold, MakeChanges } from './convergence/clusters-child.ts'
import type {
  ControllerAsked,
  ControllerReady,
  ControllerTold,
  Swap,
} from './convergence/controller-child.ts'
import { openRawWatches, type RawWatch } from './convergence/raw-watch.ts'
import { timeSandboxStart } from './convergence/sandbox-start.ts'
import { forkChild, type ForkedChild } from './support/forked-child.ts'
import { median } from './support/median.ts'
import { quantile } from './support/quantile.ts'
import type { BenchResult, RunOptions } from './support/result.ts'

interface Sizes extends Size {
  /** Not counted: code is compiled, connections are warm. */
  readonly warmUp: number
  readonly changes: number
  readonly perSecond: number
  readonly sandboxStarts: number
}

const FULL: Sizes = {
  members: 3,
  services: 100,
  warmUp: 200,
  changes: 500,
  perSecond: 50,
  sandboxStarts: 3,
}
const SMOKE: Sizes = { members: 3, services: 10, warmUp: 10, changes: 40, perSecond: 50, sandboxStarts: 1 }

type Clusters = ForkedChild<ClustersReady, MakeChanges, ClustersTold>
type Controller = ForkedChild<ControllerReady, ControllerAsked, ControllerTold>
type Usage = Extract<ControllerTold, { kind: 'usage' }>
type Swaps = Extract<ControllerTold, { kind: 'swaps' }>

/**
 * From a change in a member to the changed answer on the wire: changes at a steady rate, each with a sign of its own in
 * the answer, asked for over UDP until it is there. Beside it, in the same run, what a bare watch of the member takes
 * (the floor below which nobody can come), and the time to the zone store as the controller itself sees it.
 */
export async function run({ smoke }: Pick<RunOptions, 'smoke'>): Promise<BenchResult> {
  const sizes = smoke ? SMOKE : FULL
  const starts: number[] = []
  for (let i = 0; i < sizes.sandboxStarts; i += 1) starts.push(await timeSandboxStart())
  const clusters: Clusters = await forkChild(script('clusters-child.ts'), [
    String(sizes.members),
    String(sizes.services),
  ])
  const stops: (() => Promise<void>)[] = [() => clusters.stop()]
  try {
    const controller: Controller = await forkChild(script('controller-child.ts'), [
      JSON.stringify(clusters.ready.host),
    ])
    stops.push(() => controller.stop())
    const asker = await createAsker(controller.ready.dnsPort)
    stops.push(() => Promise.resolve(asker.close()))
    const watch = await openRawWatches(clusters.ready.members)
    stops.push(() => watch.close())
    const world = benchWorld(sizes)
    const readings = await measure({ clusters, controller, asker, watch, world }, sizes)
    return report(readings, { sizes, starts, controllerStartMs: controller.ready.startMs })
  } finally {
    for (const stop of stops.reverse()) await stop()
  }
}

function script(name: string): URL {
  return new URL(`./convergence/${name}`, import.meta.url)
}

interface Subjects {
  readonly clusters: Clusters
  readonly controller: Controller
  readonly asker: Asker
  readonly watch: RawWatch
  readonly world: BenchWorld
}

/** Of each change, in milliseconds from when it was made. */
interface Reading {
  readonly answeredMs: number
  readonly watchedMs: number
  readonly zoneMs: number
}

interface Readings {
  readonly of: readonly Reading[]
  readonly storeToZoneMicros: readonly number[]
  readonly before: Usage
  readonly after: Usage
}

async function measure(subjects: Subjects, sizes: Sizes): Promise<Readings> {
  const { controller } = subjects
  await changeAndAsk(subjects, { from: 0, count: sizes.warmUp, perSecond: sizes.perSecond })
  await askController<Swaps>(controller, 'swaps')
  const before = await askController<Usage>(controller, 'usage')
  const making = { from: sizes.warmUp, count: sizes.changes, perSecond: sizes.perSecond }
  const made = await changeAndAsk(subjects, making)
  const after = await askController<Usage>(controller, 'usage')
  const { swaps, storeToZoneMicros } = await askController<Swaps>(controller, 'swaps')
  const of = await Promise.all(
    made.map(async (each) => ({
      answeredMs: (each.answeredAtMicros - each.madeAtMicros) / 1000,
      watchedMs: ((await subjects.watch.seenAtMicros(signOf(each.change))) - each.madeAtMicros) / 1000,
      zoneMs: (swappedAt(swaps, each) - each.madeAtMicros) / 1000,
    })),
  )
  return { of, storeToZoneMicros, before, after }
}

interface Made {
  readonly change: Change
  /** The name that tells of it. */
  readonly name: string
  readonly madeAtMicros: number
  readonly answeredAtMicros: number
}

/** Have changes made, and ask for each as soon as it is announced. */
async function changeAndAsk(
  { clusters, asker, world }: Subjects,
  making: MakeChanges,
): Promise<readonly Made[]> {
  const answered: Promise<number | undefined>[] = []
  const nameOf = ({ service }: Change): string => world.services[service]!.globalName // one of the world's
  const unsubscribe = clusters.onMessage((told) => {
    if (told.kind !== 'change') return
    const change = changeAt(told.index, world.size)
    answered[told.index - making.from] = asker.until(nameOf(change), (addresses) => isDone(change, addresses))
  })
  clusters.send(making)
  const made = await clusters.next(({ kind }) => kind === 'made')
  unsubscribe()
  if (made.kind !== 'made') throw new Error('the clusters said something else')
  const answeredAtMicros = await Promise.all(answered)
  const lost = answeredAtMicros.filter((at) => at === undefined).length
  if (lost > 0) throw new Error(`${lost} of ${making.count} changes were never answered`)
  return made.madeAtMicros.map((madeAtMicros, i) => {
    const change = changeAt(making.from + i, world.size)
    return { change, name: nameOf(change), madeAtMicros, answeredAtMicros: answeredAtMicros[i]! } // none is lost
  })
}

function isDone({ kind, address }: Change, addresses: readonly string[]): boolean {
  return addresses.length > 0 && addresses.includes(address) === (kind !== 'down')
}

/** What a watch line of this change carries. */
function signOf({ kind, address, index }: Change): string {
  return kind === 'address' ? address : String(index)
}

function swappedAt(swaps: readonly Swap[], { change, name, madeAtMicros }: Made): number {
  const swap = swaps.find(
    (each) => each.atMicros >= madeAtMicros && each.name === name && isDone(change, each.addresses),
  )
  if (swap === undefined) throw new Error(`change ${change.index} was never swapped in`)
  return swap.atMicros
}

async function askController<T extends ControllerTold>(
  controller: Controller,
  asked: ControllerAsked,
): Promise<T> {
  const answer = controller.next(({ kind }) => kind === asked)
  controller.send(asked)
  return (await answer) as T // kind is what was asked
}

interface Setting {
  readonly sizes: Sizes
  readonly starts: readonly number[]
  readonly controllerStartMs: number
}

function report(readings: Readings, { sizes, starts, controllerStartMs }: Setting): BenchResult {
  const { of, before, after, storeToZoneMicros } = readings
  const answered = of.map(({ answeredMs }) => answeredMs)
  const watched = of.map(({ watchedMs }) => watchedMs)
  const zone = of.map(({ zoneMs }) => zoneMs)
  return {
    name: 'convergence',
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cpus: cpus().length,
      node: process.versions.node,
      members: sizes.members,
      services: sizes.services,
      changes: sizes.changes,
      changes_per_second: sizes.perSecond,
      asked_every_ms: PAUSE_MS,
      process_1: `API servers of the host and ${sizes.members} members, and what changes them`,
      process_2: 'controller and its DNS thread',
      process_3: 'asker and bare watches',
    },
    figures: {
      convergence_p50_ms: quantile(answered, 0.5),
      convergence_p99_ms: quantile(answered, 0.99),
      convergence_max_ms: quantile(answered, 1),
      zone_store_p50_ms: quantile(zone, 0.5),
      zone_store_p99_ms: quantile(zone, 0.99),
      bare_watch_p50_ms: quantile(watched, 0.5),
      bare_watch_p99_ms: quantile(watched, 0.99),
      fact_to_zone_p50_micros: quantile(storeToZoneMicros, 0.5),
      fact_to_zone_p99_micros: quantile(storeToZoneMicros, 0.99),
      main_thread_cpu_micros_per_change: (after.mainCpuMicros - before.mainCpuMicros) / of.length,
      process_cpu_micros_per_change: (after.cpuMicros - before.cpuMicros) / of.length,
      controller_rss_mib: after.rssBytes / 2 ** 20,
      controller_start_ms: controllerStartMs,
      sandbox_start_to_ready_ms: median(starts),
    },
    ratios: {
      p50_vs_watch: quantile(answered, 0.5) / quantile(watched, 0.5),
      p99_vs_watch: quantile(answered, 0.99) / quantile(watched, 0.99),
    },
  }
}
