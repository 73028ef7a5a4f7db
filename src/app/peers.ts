import { randomInt } from 'node:crypto'
import type { ControllerConfig, DnsConfig } from '../config/config.ts'
import { combined } from '../nameserver/control/combine.ts'
import type { RequestOptions } from '../nameserver/control/worker-requests.ts'
import type { PeerRule } from '../nameserver/control/types.ts'
import type { NotifyTarget } from '../nameserver/transfer/notifier.ts'
import type { TransferRule } from '../nameserver/transfer/transfer-rules.ts'
import type { RefusedTransfer } from '../nameserver/transfer/transfer-handler.ts'
import { createTransfers, type Transfers } from '../nameserver/transfer/transfers.ts'
import type { ListenAddress } from '../nameserver/types.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Logger } from '../telemetry/logger.ts'
import { LateHandler } from './late-handler.ts'
import { fixedKeys, readTsigKeys, type SharedKeys } from './tsig-keys.ts'

/** Other DNS servers, and what they may have of us. */
export interface Peers {
  /** Shared with them. */
  readonly keys: SharedKeys
  readonly transfer: readonly TransferRule[]
  readonly notify: readonly NotifyTarget[]
  /** Who may change zones. */
  readonly update: readonly PeerRule[]
}

export const NO_PEERS: Peers = { keys: fixedKeys(), transfer: [], notify: [], update: [] }

/**
 * As the options of `waypost dns`, `controller` and `sandbox` say.
 * @throws UsageError for a file of keys that cannot be used, and for a key that is in none
 */
export function readPeers(
  config: Pick<DnsConfig, 'tsigKeys' | 'allowTransfer' | 'notify'> &
    Partial<Pick<ControllerConfig, 'allowUpdate'>>,
  deps: { readonly clock: Clock; readonly logger: Logger },
): Peers {
  const keys = readTsigKeys(config.tsigKeys, deps)
  return {
    keys,
    transfer: config.allowTransfer.map(({ key, ...rule }) =>
      key === undefined ? rule : { ...rule, key: keys.named(key, '--allow-transfer')().name },
    ),
    notify: config.notify.map(({ key, ...target }) =>
      key === undefined ? target : { ...target, key: keys.named(key, '--notify') },
    ),
    update: (config.allowUpdate ?? []).map(({ key, ...rule }) =>
      key === undefined ? rule : { ...rule, key: keys.named(key, '--allow-update')().name },
    ),
  }
}

/** What is done for peers, and what the nameserver needs for it. */
export interface Serving {
  readonly transfers: Transfers
  readonly requests: RequestOptions
  /** To be bound to what answers UPDATE; absent: nobody may, and it is not implemented. */
  readonly updates?: LateHandler
  /** To be bound to what answers NOTIFY; absent: no zone has another primary. */
  readonly notifications?: LateHandler
}

/** @param primaries - who may send NOTIFY */
export function servePeers(
  { keys, transfer: rules, notify, update }: Peers,
  { clock, logger, primaries = [], listen = [], refused }: ServePeersOptions,
): Serving {
  if (update.some(({ key }) => key === undefined))
    logger.warn(
      { component: 'updates' },
      'zones may be changed by whoever has the right address: use keys, addresses can be forged',
    )
  const transfers = createTransfers({
    ...{ rules, notify, clock, random: unguessable, logger },
    own: listen.map(({ host }) => host),
    ...(refused === undefined ? {} : { refused }),
  })
  const { handler } = transfers
  const updates = update.length === 0 ? undefined : new LateHandler(update)
  const notifications = primaries.length === 0 ? undefined : new LateHandler(primaries)
  const isAsked = handler !== undefined || updates !== undefined || notifications !== undefined
  return {
    transfers,
    requests: {
      keys: [...keys.byName.values()],
      ...(isAsked
        ? { handler: combined({ transfer: handler, update: updates, notify: notifications }) }
        : {}),
    },
    ...(updates === undefined ? {} : { updates }),
    ...(notifications === undefined ? {} : { notifications }),
  }
}

export interface ServePeersOptions {
  /** Where we answer. */
  readonly listen?: readonly ListenAddress[]
  readonly clock: Clock
  readonly logger: Logger
  readonly primaries?: readonly PeerRule[]
  /** Called for each transfer that is refused as its zone is signed here. */
  readonly refused?: (refusal: RefusedTransfer) => void
}

function unguessable(): number {
  return randomInt(2 ** 32) / 2 ** 32
}
