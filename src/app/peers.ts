import { randomInt } from 'node:crypto'
import type { DnsConfig } from '../config/config.ts'
import type { TsigKeys } from '../dns/tsig/keys.ts'
import { combined } from '../nameserver/control/combine.ts'
import type { RequestOptions } from '../nameserver/control/worker-requests.ts'
import type { NotifyTarget } from '../nameserver/transfer/notifier.ts'
import type { TransferRule } from '../nameserver/transfer/transfer-rules.ts'
import { createTransfers, type Transfers } from '../nameserver/transfer/transfers.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import { readTsigKeys, tsigKeyNamed } from './tsig-keys.ts'

/** Other DNS servers, and what they may have of us. */
export interface Peers {
  /** Shared with them. */
  readonly keys: TsigKeys
  readonly transfer: readonly TransferRule[]
  readonly notify: readonly NotifyTarget[]
}

export const NO_PEERS: Peers = { keys: new Map(), transfer: [], notify: [] }

/**
 * As the options of `waypost dns`, `controller` and `sandbox` say.
 * @throws UsageError for a file of keys that cannot be used, and for a key that is in none
 */
export function readPeers(config: Pick<DnsConfig, 'tsigKeys' | 'allowTransfer' | 'notify'>): Peers {
  const keys = readTsigKeys(config.tsigKeys)
  return {
    keys,
    transfer: config.allowTransfer.map(({ key, ...rule }) =>
      key === undefined ? rule : { ...rule, key: tsigKeyNamed(keys, key, '--allow-transfer').name },
    ),
    notify: config.notify.map(({ key, ...target }) =>
      key === undefined ? target : { ...target, key: tsigKeyNamed(keys, key, '--notify') },
    ),
  }
}

/** What is done for peers, and what the nameserver needs for it. */
export interface Serving {
  readonly transfers: Transfers
  readonly requests: RequestOptions
}

export function servePeers(
  { keys, transfer: rules, notify }: Peers,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): Serving {
  const transfers = createTransfers({ rules, notify, clock, random: unguessable, logger })
  const { handler } = transfers
  return {
    transfers,
    requests: {
      keys: [...keys.values()],
      ...(handler === undefined ? {} : { handler: combined({ transfer: handler }) }),
    },
  }
}

function unguessable(): number {
  return randomInt(2 ** 32) / 2 ** 32
}
