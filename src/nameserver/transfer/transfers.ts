import type { Logger } from '../../telemetry/logger.ts'
import type { KindHandler } from '../control/combine.ts'
import type { DomainName } from '../../dns/names.ts'
import type { ZoneWriter } from '../types.ts'
import { noTransfers, type TransferCounts } from './counts.ts'
import { HeldZones } from './held-zones.ts'
import { Notifier, type NotifierClock, type NotifyTarget } from './notifier.ts'
import { openNotifySocket, sourceFor } from './notify-socket.ts'
import { TransferHandler, type RefusedTransfer } from './transfer-handler.ts'
import type { TransferRule } from './transfer-rules.ts'

export interface TransfersOptions {
  /** Who may have zones: nobody, if there is none. */
  readonly rules: readonly TransferRule[]
  /** Who is told of changes. */
  readonly notify: readonly NotifyTarget[]
  /** Addresses that are listened on: those who are told know us there. */
  readonly own?: readonly string[]
  readonly clock: NotifierClock
  /** From 0 to below 1, not to be guessed. */
  readonly random: () => number
  readonly logger: Logger
  /** Called for each transfer that is refused as its zone is signed here. */
  readonly refused?: (refusal: RefusedTransfer) => void
}

/** Zones as other servers get them. */
export interface Transfers {
  /** For the control channel; absent: nobody may have zones. */
  readonly handler?: KindHandler
  readonly counts: TransferCounts
  /** Whether a zone is signed as it is answered, so that only peers that sign may have it; false where nothing is held. */
  isSignedHere(origin: DomainName): boolean
  /** To be published through: what goes to the store is kept for others too, if there are any. */
  writer(store: ZoneWriter): ZoneWriter
  close(): void
}

/** Zones are held in memory a second time only where somebody may have them, or is told of changes. */
export function createTransfers(options: TransfersOptions): Transfers {
  const { rules, notify: targets, own = [], clock, random, logger, refused } = options
  const counts = noTransfers()
  const told = refused === undefined ? {} : { refused }
  if (rules.length + targets.length === 0)
    return { counts, isSignedHere: () => false, writer: (store) => store, close: () => {} }
  const zones = new HeldZones()
  const notifier = new Notifier({
    ...{ targets, clock, random, counts, logger },
    open: (target, received) => openNotifySocket(target, sourceFor(target.host, own), received),
  })
  if (targets.length > 0) zones.watch((zone) => notifier.changed(zone))
  return {
    ...(rules.length === 0
      ? {}
      : { handler: new TransferHandler({ zones, rules, counts, logger, ...told }) }),
    counts,
    isSignedHere: (origin) => zones.zone(origin)?.isSignedHere ?? false,
    writer: (store) => zones.writer(store),
    close: () => notifier.close(),
  }
}
