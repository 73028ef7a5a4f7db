import type { Logger } from '../../telemetry/logger.ts'
import type { TapTrouble } from './settings.ts'

/** Say that an output of a worker stopped working, or works again. */
export function logTrouble(logger: Logger, { tap, reason }: TapTrouble): void {
  if (tap === 'query log') {
    if (reason === undefined) logger.info({}, 'query log is written again')
    else logger.warn({ reason }, 'query log cannot be written, lines are lost')
  } else if (reason === undefined) {
    logger.info({}, 'dnstap frames are taken again')
  } else {
    logger.warn({ reason }, 'dnstap frames are not taken, they are lost; trying again')
  }
}
