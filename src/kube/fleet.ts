import type { ClusterIndex } from '../api/keys.ts'
import { AppError } from '../errors.ts'
import type { ClusterAccess } from './access.ts'
import { Connection } from './connection.ts'
import type { ConnectionOptions, Session } from './connection.ts'
import { Turns } from './turns.ts'

export interface FleetOptions extends Pick<
  ConnectionOptions,
  'watches' | 'clock' | 'random' | 'report' | 'transport'
> {
  /** First lists that are read at the same time, over all clusters (6). */
  readonly listPlaces?: number
}

/** A cluster's session turned up or down, or (`undefined`) the cluster was removed. */
export type SessionListener = (cluster: ClusterIndex, session: Session | undefined) => void

const LIST_PLACES = 6

/** The member clusters: they come and go at run time, each with its own connection, and none waits for another. */
export class Fleet {
  readonly #options: FleetOptions
  readonly #turns: Turns
  readonly #byName = new Map<string, Connection>()
  /** By ClusterIndex; a name that is no longer a member keeps its index until `free`. */
  readonly #names: (string | undefined)[] = []
  #listeners: readonly SessionListener[] = []

  constructor(options: FleetOptions) {
    this.#options = options
    const { clock, listPlaces = LIST_PLACES } = options
    this.#turns = new Turns({ clock, places: listPlaces })
  }

  /** Members, in the order in which they were added. */
  connections(): readonly Connection[] {
    return [...this.#byName.values()]
  }

  get(name: string): Connection | undefined {
    return this.#byName.get(name)
  }

  at(cluster: ClusterIndex): Connection | undefined {
    const name = this.#names[cluster]
    return name === undefined ? undefined : this.#byName.get(name)
  }

  /** The name behind an index, also of a removed cluster until its index is freed. */
  nameOf(cluster: ClusterIndex): string | undefined {
    return this.#names[cluster]
  }

  /** False for a cluster that is not a member. */
  isUp(cluster: ClusterIndex): boolean {
    return this.at(cluster)?.session.up ?? false
  }

  /** @returns the function that ends the subscription */
  onSession(listener: SessionListener): () => void {
    const own: SessionListener = (cluster, session) => listener(cluster, session)
    this.#listeners = [...this.#listeners, own]
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== own)
    }
  }

  /**
   * Connect a cluster and begin to list it. A name that was removed and not yet freed gets its index back.
   * @throws AppError CLUSTER_EXISTS
   */
  add(name: string, access: ClusterAccess, expectedUid?: string): ClusterIndex {
    if (this.#byName.has(name)) {
      throw new AppError('a cluster of this name is connected already: use replace', {
        code: 'CLUSTER_EXISTS',
        fields: { cluster: name },
      })
    }
    const cluster = this.#allocate(name)
    const { clock, random, report, transport, watches } = this.#options
    const connection = new Connection({
      name,
      cluster,
      access,
      clock,
      random,
      report,
      watches,
      turns: this.#turns,
      ...(transport === undefined ? {} : { transport }),
      ...(expectedUid === undefined ? {} : { expectedUid }),
      onSession: (session) => this.#tell(cluster, session),
    })
    this.#byName.set(name, connection)
    connection.start()
    return cluster
  }

  /**
   * Use other credentials or another address; stores keep what they hold.
   * @throws AppError CLUSTER_UNKNOWN
   */
  replace(name: string, access: ClusterAccess): void {
    this.#known(name).replace(access)
  }

  /**
   * Disconnect a cluster: the stores are told `gone` at once and drop its columns. Its index stays taken until `free`.
   * @returns when its connections are closed; a name that is unknown is done already
   */
  async remove(name: string): Promise<void> {
    const connection = this.#byName.get(name)
    if (connection === undefined) return
    this.#byName.delete(name)
    const stopped = connection.stop()
    connection.forget()
    this.#tell(connection.cluster, undefined)
    await stopped
  }

  /** No state names this index any longer: another cluster may have it. Ignored while the cluster is a member. */
  free(cluster: ClusterIndex): void {
    const name = this.#names[cluster]
    if (name !== undefined && !this.#byName.has(name)) this.#names[cluster] = undefined
  }

  /** Disconnect all; stores keep what they hold. */
  async stop(): Promise<void> {
    await Promise.all(this.connections().map((connection) => connection.stop()))
  }

  #allocate(name: string): ClusterIndex {
    const former = this.#names.indexOf(name)
    const hole = former === -1 ? this.#names.indexOf(undefined) : former
    const index = hole === -1 ? this.#names.length : hole
    this.#names[index] = name
    return index as ClusterIndex // the one place where indices are made
  }

  #known(name: string): Connection {
    const connection = this.#byName.get(name)
    if (connection !== undefined) return connection
    throw new AppError('no cluster of this name is connected', {
      code: 'CLUSTER_UNKNOWN',
      fields: { cluster: name },
    })
  }

  #tell(cluster: ClusterIndex, session: Session | undefined): void {
    for (const listener of this.#listeners) {
      try {
        listener(cluster, session)
      } catch (error) {
        const at = { cluster: this.nameOf(cluster) ?? '', kind: 'Session' }
        this.#options.report.listenerFailed(at, error) // the others hear of it, and the watch goes on
      }
    }
  }
}
