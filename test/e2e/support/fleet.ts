import { mkdirSync } from 'node:fs'
import { Cluster } from './cluster.ts'
import { Etcd } from './etcd.ts'
import type { RealEtcd, RealFleet } from './types.ts'

export interface FleetOptions {
  readonly folder: string
  /** Names of the members; the host is called `host`. */
  readonly members: readonly string[]
  /** Members whose state is in an etcd of their own, so that it can be set back without that of the others. */
  readonly apart?: readonly string[]
  /** Further flags of API servers. */
  readonly apiServerFlags?: (cluster: string, folder: string) => readonly string[]
}

/** A fleet, with what only real clusters can be made to do. */
export interface Fleet extends RealFleet {
  readonly host: Cluster
  readonly members: ReadonlyMap<string, Cluster>
  /** The etcd that a cluster's state is in. */
  etcdOf(cluster: string): RealEtcd
}

const HOST = 'host'

/** Start etcd, the host and the members, side by side. When one does not start, all are ended. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  mkdirSync(options.folder, { recursive: true })
  const stores = new Map<string, Store>()
  const clusters = new Map<string, Cluster>()
  const close = async (): Promise<void> => {
    await Promise.all([...clusters.values()].map((cluster) => cluster.close()))
    await Promise.all([...new Set(stores.values())].map((store) => store.etcd.stop()))
  }
  try {
    const common = new Store(await Etcd.create(options.folder, 'etcd'))
    for (const name of [HOST, ...options.members]) stores.set(name, common)
    for (const name of options.apart ?? [])
      stores.set(name, new Store(await Etcd.create(options.folder, `etcd-${name}`)))
    await Promise.all(
      [...stores].map(async ([name, store]) => {
        const { apiServerFlags } = options
        const cluster = await Cluster.create({
          ...{ name, folder: options.folder, etcdUrl: store.etcd.url },
          ...(apiServerFlags === undefined
            ? {}
            : { apiServerFlags: (folder) => apiServerFlags(name, folder) }),
        })
        clusters.set(name, cluster)
        store.clusters.push(cluster)
      }),
    )
    const host = clusters.get(HOST)
    if (host === undefined) throw new Error('the host did not start')
    return {
      ...{ folder: options.folder, host, close, etcd: common },
      members: new Map(options.members.map((name) => [name, found(clusters.get(name), name)])),
      etcdOf: (cluster) => found(stores.get(cluster), cluster),
    }
  } catch (error) {
    await close()
    throw error
  }
}

function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`no such cluster: ${name}`)
  return value
}

/** An etcd and the clusters that keep their state in it. */
class Store implements RealEtcd {
  readonly etcd: Etcd
  readonly clusters: Cluster[] = []

  constructor(etcd: Etcd) {
    this.etcd = etcd
  }

  get url(): string {
    return this.etcd.url
  }

  compact(): Promise<void> {
    return this.etcd.compact()
  }

  snapshot(): Promise<string> {
    return Promise.resolve(this.etcd.snapshot())
  }

  async restore(snapshot: string): Promise<void> {
    await Promise.all(this.clusters.map((cluster) => cluster.stop())) // first: without etcd they take minutes to end
    await this.etcd.stop()
    this.etcd.replaceData(snapshot)
    await this.etcd.start()
    await Promise.all(this.clusters.map((cluster) => cluster.start()))
  }
}
