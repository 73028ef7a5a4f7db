import type { CliIo } from '../cli/io.ts'
import { describeError } from '../errors.ts'
import type { Nameserver } from '../nameserver/server.ts'
import type { Logger } from '../telemetry/logger.ts'

/** At each SIGHUP begin new files for what is told of single queries, as log rotation asks for it. */
export function reopenOnHangup(
  io: Pick<CliIo, 'onHangup'>,
  nameserver: Pick<Nameserver, 'reopenFiles'>,
  logger: Logger,
): void {
  io.onHangup?.(() => {
    nameserver.reopenFiles().then(
      () => logger.info({ component: 'dns' }, 'files opened anew'),
      (error: unknown) =>
        logger.error(
          { component: 'dns', err: describeError(error) },
          'files not opened anew, the old ones go on',
        ),
    )
  })
}
