import { UsageError } from '../config/usage-error.ts'
import type { DomainName } from '../dns/names.ts'
import { readDomainName } from '../dns/presentation.ts'
import { describeError } from '../errors.ts'

const ROOT = Uint8Array.of(0)

/**
 * A zone as an option names it: with or without the final dot, any octets, written as in master files (RFC 1035, 5.1), since zones
 * have names that no host has (`0/25.2.0.192.in-addr.arpa`, RFC 2317).
 * @throws UsageError for what is no domain name
 */
export function zoneOrigin(text: string, flag: string): DomainName {
  const fail = (why: string, cause?: unknown): never => {
    throw new UsageError(flag, `names the zone ${JSON.stringify(text.slice(0, 300))}, ${why}`, cause)
  }
  if (/[^\x21-\x7e]/.test(text))
    return fail('which has characters that are written otherwise: as xn--… or \\DDD')
  if (text === '@') return fail('which is no domain name: give the name itself')
  try {
    return readDomainName(text, ROOT)
  } catch (error) {
    return fail(`which is no domain name (${describeError(error)}): correct it`, error)
  }
}
