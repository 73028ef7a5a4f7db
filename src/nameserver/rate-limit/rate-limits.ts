/** Limits on what is sent to one network over UDP, where addresses can be forged; complete. */
export interface RateLimits {
  /** Of one kind and name, to one network; 0: no limit. */
  readonly responsesPerSecond: number
  /** Of the responses above the limit every so manyth goes out, truncated; 0: none, 1: all. */
  readonly slip: number
  /** Networks without limits, `address/bits`. */
  readonly exempt: readonly string[]
}

/** Nothing is limited. */
export const NO_RATE_LIMITS: RateLimits = { responsesPerSecond: 0, slip: 2, exempt: [] }

/** Addresses that do not come from the Internet: they cannot be forged from there, and behind few of them ask whole clusters. */
export const PRIVATE_NETWORKS: readonly string[] = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
]
