import PQueue from 'p-queue'
import type { Address } from '../dns/address.ts'
import { compareAddresses, familyOf } from '../dns/address.ts'
import type { DomainName } from '../dns/names.ts'
import { describeError } from '../errors.ts'
import type { Clock, Timer } from '../runtime/clock.ts'
import type { Logger } from '../telemetry/logger.ts'

/** What a look-up found; both families together. An empty list is an answer: the host has no addresses. */
export interface LookupResult {
  readonly addresses: readonly Address[]
  readonly ttlSeconds: number
}

/** Looks one name up. Rejects when nothing is known (timeout, SERVFAIL); NXDOMAIN is an empty result. */
export type Lookup = (host: DomainName, signal: AbortSignal) => Promise<LookupResult>

/** Sorted and distinct. */
export interface HostAddresses {
  readonly a: readonly Address[]
  readonly aaaa: readonly Address[]
}

export interface HostResolver {
  /** Declare all hosts that `user` needs now; earlier ones that nobody needs are forgotten. Unknown hosts are looked up. */
  retain(user: string, hosts: readonly DomainName[]): void
  /** What is known: undefined before the first answer. A failed refresh keeps the last answer. */
  addressesOf(host: DomainName): HostAddresses | undefined
  /** Why a host has no answer yet; undefined when it has one or none was tried. */
  failureOf(host: DomainName): string | undefined
  close(): void
}

export interface HostResolverOptions {
  readonly lookup: Lookup
  readonly clock: Clock
  readonly logger: Logger
  /** Called with the users of a host whose addresses changed, or whose first look-up failed. */
  readonly changed: (users: readonly string[]) => void
}

/** A TTL of zero must not become a storm of look-ups, a week's must not keep a dead load balancer. */
const MIN_REFRESH_MS = 5_000
const MAX_REFRESH_MS = 300_000
const RETRY_MS = 10_000
const LOOKUP_TIMEOUT_MS = 5_000
const MAX_CONCURRENT_LOOKUPS = 16

interface HostEntry {
  readonly users: Set<string>
  known?: HostAddresses
  failure?: string
  timer?: Timer
  readonly abort: AbortController
}

/**
 * Load-balancer host names to addresses, looked up again when their TTL ends (KubeFed resolved once and never again).
 * @returns a resolver whose answers are read synchronously; changes are announced
 */
export function createHostResolver(options: HostResolverOptions): HostResolver {
  return new RefreshingResolver(options)
}

class RefreshingResolver implements HostResolver {
  readonly #options: HostResolverOptions
  readonly #entries = new Map<DomainName, HostEntry>()
  readonly #byUser = new Map<string, readonly DomainName[]>()
  readonly #lookups = new PQueue({ concurrency: MAX_CONCURRENT_LOOKUPS })

  constructor(options: HostResolverOptions) {
    this.#options = options
  }

  retain(user: string, hosts: readonly DomainName[]): void {
    const before = this.#byUser.get(user) ?? []
    if (hosts.length === 0) this.#byUser.delete(user)
    else this.#byUser.set(user, hosts)
    for (const host of hosts) {
      const entry = this.#entries.get(host)
      if (entry !== undefined) entry.users.add(user)
      else {
        const fresh: HostEntry = { users: new Set([user]), abort: new AbortController() }
        this.#entries.set(host, fresh)
        this.#refresh(host, fresh)
      }
    }
    for (const host of before) if (!hosts.includes(host)) this.#forget(host, user)
  }

  addressesOf(host: DomainName): HostAddresses | undefined {
    return this.#entries.get(host)?.known
  }

  failureOf(host: DomainName): string | undefined {
    const entry = this.#entries.get(host)
    return entry?.known === undefined ? entry?.failure : undefined
  }

  close(): void {
    for (const entry of this.#entries.values()) {
      entry.timer?.cancel()
      entry.abort.abort()
    }
    this.#entries.clear()
    this.#byUser.clear()
  }

  #forget(host: DomainName, user: string): void {
    const entry = this.#entries.get(host)
    if (entry === undefined) return
    entry.users.delete(user)
    if (entry.users.size > 0) return
    entry.timer?.cancel()
    entry.abort.abort()
    this.#entries.delete(host)
  }

  #refresh(host: DomainName, entry: HostEntry): void {
    void this.#lookups
      .add(() => this.#lookUp(host, entry))
      .then(
        (result) => this.#settle(host, entry, result),
        (error: unknown) => this.#settle(host, entry, { failure: describeError(error) }),
      )
  }

  /** Its time begins with its turn. */
  async #lookUp(host: DomainName, { abort }: HostEntry): Promise<LookupResult> {
    const { clock, lookup } = this.#options
    abort.signal.throwIfAborted()
    const late = new AbortController()
    const timer = clock.after(LOOKUP_TIMEOUT_MS, () => late.abort(new Error('timeout')))
    try {
      return await lookup(host, AbortSignal.any([abort.signal, late.signal]))
    } finally {
      timer.cancel()
    }
  }

  #settle(host: DomainName, entry: HostEntry, result: LookupResult | { readonly failure: string }): void {
    if (this.#entries.get(host) !== entry) return // forgotten meanwhile
    const isFailure = 'failure' in result
    const changed = isFailure ? this.#failed(host, entry, result.failure) : learned(entry, result.addresses)
    const waitMs = isFailure ? RETRY_MS : refreshMs(result.ttlSeconds)
    entry.timer = this.#options.clock.after(waitMs, () => this.#refresh(host, entry))
    if (changed) this.#options.changed([...entry.users])
  }

  /** @returns whether this is the first that is heard of the host */
  #failed(host: DomainName, entry: HostEntry, failure: string): boolean {
    const { logger } = this.#options
    const fields = { host, err: failure }
    if (entry.failure === undefined) logger.warn(fields, 'load balancer host name not resolved')
    else logger.debug(fields, 'load balancer host name still not resolved')
    const isFirst = entry.failure === undefined && entry.known === undefined
    entry.failure = failure
    return isFirst
  }
}

function refreshMs(ttlSeconds: number): number {
  return Math.min(MAX_REFRESH_MS, Math.max(MIN_REFRESH_MS, ttlSeconds * 1000))
}

/** Store what was found; true when it differs from what was known. */
function learned(entry: HostEntry, addresses: readonly Address[]): boolean {
  const sorted = [...new Set(addresses)].sort(compareAddresses)
  const found: HostAddresses = {
    a: sorted.filter((address) => familyOf(address) === 'a'),
    aaaa: sorted.filter((address) => familyOf(address) === 'aaaa'),
  }
  const same = entry.known !== undefined && [...entry.known.a, ...entry.known.aaaa].join() === sorted.join()
  entry.known = found
  delete entry.failure
  return !same
}
