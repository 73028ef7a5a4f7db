import { Resolver } from 'node:dns/promises'
import { tryAddress, type Address } from '../dns/address.ts'
import type { Lookup, LookupResult } from './host-addresses.ts'

/** Answers that say "this name or type does not exist", as opposed to "nobody could tell". */
const EMPTY = new Set(['ENOTFOUND', 'ENODATA'])

/**
 * Look-ups by the system's configured resolvers, with the records' own TTL (RFC 1035, 3.2.1).
 * @param servers - `address:port` list instead of the system's; used by tests and by `--resolver`
 */
export function systemLookup(servers?: readonly string[]): Lookup {
  return async (host, signal) => {
    signal.throwIfAborted()
    const resolver = new Resolver({ timeout: 2_000, tries: 2 })
    if (servers !== undefined) resolver.setServers([...servers])
    const stop = (): void => resolver.cancel()
    signal.addEventListener('abort', stop, { once: true })
    try {
      const bare = host.slice(0, -1)
      const [v4, v6] = await Promise.all([
        records(resolver.resolve4(bare, { ttl: true })),
        records(resolver.resolve6(bare, { ttl: true })),
      ])
      const found = [...v4, ...v6]
      return {
        addresses: found
          .map((record) => tryAddress(record.address))
          .filter((address): address is Address => address !== undefined),
        ttlSeconds: found.length === 0 ? 0 : Math.min(...found.map((record) => record.ttl)),
      } satisfies LookupResult
    } finally {
      signal.removeEventListener('abort', stop)
    }
  }
}

async function records(
  query: Promise<readonly { readonly address: string; readonly ttl: number }[]>,
): Promise<readonly { readonly address: string; readonly ttl: number }[]> {
  try {
    return await query
  } catch (error) {
    if (error instanceof Error && 'code' in error && EMPTY.has(String(error.code))) return []
    throw error
  }
}
