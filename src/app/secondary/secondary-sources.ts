import type { DnsConfig } from '../../config/config.ts'
import { UsageError } from '../../config/usage-error.ts'
import { tryAddress } from '../../dns/address.ts'
import type { DomainName } from '../../dns/names.ts'
import type { PeerRule } from '../../nameserver/control/types.ts'
import type { SharedKeys } from '../tsig-keys.ts'
import { zoneOrigin } from '../zone-origin.ts'
import type { Primary } from './refresh.ts'
import type { SecondarySource } from './secondaries.ts'

const FLAG = '--secondary'

/**
 * Zones of other primaries, as the options of `waypost dns` say; those given for one zone are its primaries together.
 * @throws UsageError for what is no zone, one that a file has too, and a key that is in no file
 */
export function readSecondarySources(
  { secondary, zone }: Pick<DnsConfig, 'secondary' | 'zone'>,
  keys: Pick<SharedKeys, 'named'>,
): readonly SecondarySource[] {
  const fromFiles = new Set(zone.map(({ origin }) => zoneOrigin(origin, '--zone')))
  const byOrigin = new Map<DomainName, [Primary, ...Primary[]]>()
  for (const { origin: text, host, port, key } of secondary) {
    const origin = zoneOrigin(text, FLAG)
    if (fromFiles.has(origin))
      throw new UsageError(FLAG, `names the zone ${text}, which has a file too (--zone): keep one of them`)
    const primary: Primary = {
      host: tryAddress(host) ?? host,
      port,
      ...(key === undefined ? {} : { key: keys.named(key, FLAG) }),
    }
    const others = byOrigin.get(origin)
    if (others === undefined) byOrigin.set(origin, [primary])
    else others.push(primary)
  }
  return [...byOrigin].map(([origin, primaries]) => ({ origin, primaries }))
}

/**
 * Who may send NOTIFY for these zones: their primaries, known by their keys, from whatever address that comes; those without
 * a key by their addresses.
 */
export function primariesOf(sources: readonly SecondarySource[]): readonly PeerRule[] {
  return sources.flatMap(({ primaries }) =>
    primaries.map(({ host, key }) => (key === undefined ? { prefix: host } : { key: key().name })),
  )
}
