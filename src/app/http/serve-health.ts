import type { Nameserver } from '../../nameserver/server.ts'
import type { Transfers } from '../../nameserver/transfer/transfers.ts'
import type { ListenAddress } from '../../nameserver/types.ts'
import type { Logger } from '../../telemetry/logger.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { observeEncryption, type Encryption } from '../encryption.ts'
import { healthRoutes, routeOf } from './health-routes.ts'
import { startHttpServer } from './http-server.ts'
import { observeNameserver } from './observe-nameserver.ts'
import { observeTransfers } from './observe-transfers.ts'

/** Health and metrics of a DNS server that runs alone. */
export interface HealthServer {
  readonly url: string
  /** What /readyz says; not ready at first, nor once the process is to end. */
  setState(state: 'serving' | 'leaving'): void
  close(): Promise<void>
}

/**
 * Serve /healthz, /readyz and /metrics.
 * @param at - where; undefined: nowhere
 * @throws AppError HTTP_LISTEN_FAILED
 */
export async function serveHealth(
  at: ListenAddress | undefined,
  deps: {
    readonly nameserver: Nameserver
    readonly encryption: Encryption
    readonly transfers: Pick<Transfers, 'counts'>
    readonly logger: Logger
  },
): Promise<HealthServer | undefined> {
  if (at === undefined) return undefined
  const { nameserver, encryption, transfers, logger } = deps
  const metrics = createMetrics({ process: true })
  observeNameserver(metrics, {
    nameserver,
    listening: { dns: nameserver.listening, ...nameserver.listeningSecure },
  })
  observeEncryption(metrics, encryption)
  observeTransfers(metrics, transfers.counts)
  let state: 'starting' | 'serving' | 'leaving' = 'starting'
  const health = healthRoutes({
    ...{ isServing: () => state === 'serving', isLeaving: () => state === 'leaving' },
    metrics,
  })
  const { url, close } = await startHttpServer({ ...at, routes: [routeOf(health)], logger })
  return {
    url,
    close,
    setState(next) {
      state = next
    },
  }
}
