import type { CliIo } from '../cli/io.ts'
import type { Logger } from '../telemetry/logger.ts'
import type { ZoneFiles } from './zone-files/zone-files.ts'

/**
 * At each SIGHUP read zone files again, as operators of other servers do it; without it the signal would end the server.
 * @param zoneFiles - undefined while they are read for the first time: what is read then is new enough
 */
export function rereadOnHangup(
  io: Pick<CliIo, 'onHangup'>,
  zoneFiles: () => Pick<ZoneFiles, 'reload'> | undefined,
  logger: Logger,
): void {
  io.onHangup?.(() => {
    void zoneFiles()
      ?.reload() // tells by itself what it cannot serve
      .then(() => logger.info({ component: 'zone-files' }, 'zone files looked at, as SIGHUP asked'))
  })
}
