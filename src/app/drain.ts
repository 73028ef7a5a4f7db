import type { Nameserver } from '../nameserver/server.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../telemetry/logger.ts'

/**
 * Between the signal and the end: everything is answered as before, for as long as others may not know yet that we go (a rollout
 * sends its signal at the same time as it takes the pod out of Services), and clients with open connections are asked to close
 * them. Resolves when the time is over.
 */
export async function drain(
  nameserver: Pick<Nameserver, 'leave'>,
  { seconds, clock, logger }: { readonly seconds: number; readonly clock: Clock; readonly logger: Logger },
): Promise<void> {
  if (seconds === 0) return
  logger.info({ component: 'dns', delayMs: seconds * 1000 }, 'draining: answering until sockets are closed')
  nameserver.leave()
  await new Promise<void>((resolve) => clock.after(seconds * 1000, resolve))
}
