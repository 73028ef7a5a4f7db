/** KubeFed's TTL of a record that says none. */
export const DEFAULT_TTL_SECONDS = 180
/** TTL and MINIMUM of the SOA record: how long a denial may be kept (RFC 2308, 5). */
export const DEFAULT_NEGATIVE_TTL_SECONDS = 15

/** The TTL in force: the record's, else its Domain's default, else 180. 0 means "not set" in both (KubeFed). */
export function ttlSecondsOf(recordTTL: number | undefined, defaultTTL: number | undefined): number {
  if (recordTTL !== undefined && recordTTL > 0) return recordTTL
  return defaultTTL !== undefined && defaultTTL > 0 ? defaultTTL : DEFAULT_TTL_SECONDS
}
