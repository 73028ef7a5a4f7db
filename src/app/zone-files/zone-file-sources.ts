import type { DnsConfig } from '../../config/config.ts'
import { UsageError } from '../../config/usage-error.ts'
import type { DomainName } from '../../dns/names.ts'
import { zoneOrigin } from '../zone-origin.ts'
import type { ZoneFileOptions } from './served-file.ts'

const FLAG = '--zone'

/**
 * Zones of master files, as the options of `waypost dns` say.
 * @param federation - the zone that others write into too
 * @throws UsageError for what is no zone, and for a zone that is named twice: which of two files it is cannot be guessed
 */
export function readZoneFileSources(
  zone: DnsConfig['zone'],
  federation: DomainName | undefined,
): readonly ZoneFileOptions[] {
  const files = new Map<DomainName, ZoneFileOptions>()
  for (const { origin: text, file: path } of zone) {
    const origin = zoneOrigin(text, FLAG)
    const other = files.get(origin)
    if (other !== undefined)
      throw new UsageError(
        FLAG,
        `names the zone ${origin} twice, with ${other.path} and ${path}: keep one of them`,
      )
    files.set(origin, { origin, path, shared: origin === federation })
  }
  return [...files.values()]
}
