import type { Address } from '../../../dns/address.ts'
import { type LoadBalancer, loadBalancerId, type LoadBalancers } from './load-balancers.ts'
import { type Listener, LoopbackListeners } from './loopback-listeners.ts'

/** Load balancers with listeners of their own; those beyond share two. */
const DEFAULT_OWN_LISTENERS = 512

export interface BalancerFleetOptions {
  /** How many load balancers get a listener for each port. */
  readonly ownListeners?: number
}

/** A real socket that stands for a load balancer's address and port. */
export interface LoopbackEndpoint {
  readonly host: '127.0.0.1'
  readonly port: number
}

/**
 * All load balancers of a sandbox. Behind each TCP port stands a real listener on 127.0.0.1 that answers HTTP 200 with
 * `<cluster>/<namespace>/<name>` while the load balancer has a ready backend and refuses connections while it has none.
 * Beyond `ownListeners` load balancers share a listener that answers `shared` and one that cuts every connection;
 * `listenerOf` names the one that fits now.
 */
export class BalancerFleet implements LoadBalancers {
  readonly #ownListeners: number
  readonly #listeners = new LoopbackListeners()
  readonly #balancers = new Map<string, LoadBalancer>()
  readonly #byAddress = new Map<string, string>()
  readonly #byHostname = new Map<string, string>()
  readonly #own = new Map<string, Map<number, Listener>>()
  #shared: { readonly open: Listener; readonly shut: Listener } | undefined

  constructor(options: BalancerFleetOptions = {}) {
    this.#ownListeners = options.ownListeners ?? DEFAULT_OWN_LISTENERS
  }

  put(balancer: LoadBalancer): void {
    const id = loadBalancerId(balancer)
    const before = this.#balancers.get(id)
    if (before !== undefined) this.#forgetNames(before, id)
    this.#balancers.set(id, balancer)
    for (const address of balancer.addresses) this.#byAddress.set(address, id)
    if (balancer.hostname !== undefined) this.#byHostname.set(balancer.hostname, id)
    this.#keepListeners(id, balancer)
  }

  remove(id: string): void {
    const balancer = this.#balancers.get(id)
    if (balancer === undefined) return
    this.#balancers.delete(id)
    this.#forgetNames(balancer, id)
    for (const listener of this.#own.get(id)?.values() ?? []) listener.close()
    this.#own.delete(id)
  }

  /** Every load balancer there is. */
  all(): Iterable<LoadBalancer> {
    return this.#balancers.values()
  }

  /**
   * Where to connect instead of a load balancer's address, which is reachable nowhere.
   * @returns undefined when no load balancer has that address and TCP port, or its listener is not up yet (`settled`)
   */
  listenerOf(address: string, port: number): LoopbackEndpoint | undefined {
    const id = this.#byAddress.get(address)
    const balancer = id === undefined ? undefined : this.#balancers.get(id)
    if (id === undefined || balancer?.ports.includes(port) !== true) return undefined
    const own = this.#own.get(id)?.get(port)
    const listener = own ?? (balancer.ready ? this.#shared?.open : this.#shared?.shut)
    return listener?.port === undefined ? undefined : { host: '127.0.0.1', port: listener.port }
  }

  /** The map of `listenerOf`, `<address>:<port>` (IPv6 in brackets) to `127.0.0.1:<port>`, in the order of creation. */
  listeners(): Readonly<Record<string, string>> {
    const entries: [string, string][] = []
    for (const { addresses, ports } of this.#balancers.values())
      for (const address of addresses)
        for (const port of ports) {
          const found = this.listenerOf(address, port)
          const host = address.includes(':') ? `[${address}]` : address
          if (found !== undefined) entries.push([`${host}:${port}`, `${found.host}:${found.port}`])
        }
    return Object.fromEntries(entries)
  }

  /** The addresses behind a load balancer's host name (any case, with or without the trailing dot), as DNS would tell them. */
  lookup(hostname: string): readonly Address[] | undefined {
    const id = this.#byHostname.get(hostname.toLowerCase().replace(/\.$/, ''))
    return id === undefined ? undefined : this.#balancers.get(id)?.addresses
  }

  /** Every listener that was asked for is up. */
  settled(): Promise<void> {
    return this.#listeners.settled()
  }

  async close(): Promise<void> {
    this.#balancers.clear()
    await this.#listeners.close()
  }

  #forgetNames(balancer: LoadBalancer, id: string): void {
    for (const address of balancer.addresses)
      if (this.#byAddress.get(address) === id) this.#byAddress.delete(address)
    if (balancer.hostname !== undefined) this.#byHostname.delete(balancer.hostname)
  }

  #keepListeners(id: string, balancer: LoadBalancer): void {
    const own = this.#own.get(id)
    if (own === undefined && this.#own.size >= this.#ownListeners) {
      this.#shared ??= {
        open: this.#listeners.open({ body: 'shared\n', whenShut: 'refuse' }),
        shut: this.#listeners.open({ body: '', whenShut: 'reset' }),
      }
      this.#shared.shut.setReady(false)
      return
    }
    const kept = own ?? new Map<number, Listener>()
    this.#own.set(id, kept)
    for (const [port, listener] of kept) {
      if (balancer.ports.includes(port)) continue
      listener.close()
      kept.delete(port)
    }
    const body = `${balancer.cluster}/${balancer.namespace}/${balancer.name}\n`
    for (const port of balancer.ports) {
      const listener = kept.get(port) ?? this.#listeners.open({ body, whenShut: 'refuse' })
      kept.set(port, listener)
      listener.setReady(balancer.ready)
    }
  }
}
