import type { DomainName } from '../names.ts'
import { ALGORITHM, type TsigAlgorithm } from './algorithms.ts'

/** A secret that two servers share (RFC 8945, 1.1). Plain data: it goes to worker threads. */
export interface TsigKey {
  /** Known to both sides under this name. */
  readonly name: DomainName
  readonly algorithm: TsigAlgorithm
  /** Never to be logged. */
  readonly secret: Uint8Array
  /** Shortest MAC that is believed, in octets (RFC 8945, 5.2.2.1); absent: a whole one. */
  readonly minMacBytes?: number
}

/** Keys by name. */
export type TsigKeys = ReadonlyMap<DomainName, TsigKey>

/** One key for each name; the first wins. */
export function tsigKeys(keys: Iterable<TsigKey>): TsigKeys {
  const byName = new Map<DomainName, TsigKey>()
  for (const key of keys) if (!byName.has(key.name)) byName.set(key.name, key)
  return byName
}

/** The shortest MAC, in octets, that may be sent at all: a shorter one is a format error (RFC 8945, 5.2.2.1). */
export function leastMacBytes(algorithm: TsigAlgorithm): number {
  return Math.max(10, Math.ceil(ALGORITHM[algorithm].macBytes / 2))
}
