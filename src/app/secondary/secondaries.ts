import { randomInt } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { getHeapStatistics } from 'node:v8'
import type { Ledger } from '../../core/discovery/types.ts'
import type { DomainName } from '../../dns/names.ts'
import { RCODE } from '../../dns/protocol.ts'
import { presentIp } from '../../dns/rdata/ip-text.ts'
import type { ControlRequest } from '../../nameserver/control/types.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'
import type { EmbeddedWriter } from '../../writers/embedded/embedded-writer.ts'
import { notifyReply, readNotify } from './notify.ts'
import type { TransferTimes } from './primary-stream.ts'
import { refreshFrom, type HeldZone, type Primary, type RefreshOptions } from './refresh.ts'
import { SecondaryZone, type ZoneOutput } from './secondary-zone.ts'
import type { Snapshots } from './snapshots.ts'
import { transferLimits } from './transfer-limits.ts'
import { ZonePublisher } from './zone-publisher.ts'

/** A zone that others are the primaries of. */
export interface SecondarySource {
  readonly origin: DomainName
  readonly primaries: readonly [Primary, ...Primary[]]
}

export interface SecondariesOptions {
  readonly sources: readonly SecondarySource[]
  readonly ledger: Pick<Ledger, 'put'>
  readonly embedded: Pick<EmbeddedWriter, 'declare' | 'flush' | 'setZoneState'>
  /** Absent: nothing is kept. */
  readonly snapshots?: Snapshots | undefined
  readonly clock: Clock
  readonly logger: Logger
  /** From 0 to 1; for times that must not fall together. */
  readonly random?: () => number
  /** What differs from how it is done outside of tests. */
  readonly transfer?: Partial<RefreshOptions>
}

/** The zones of others that are served here. */
export interface Secondaries {
  /** Answer a NOTIFY. */
  notify(request: Pick<ControlRequest, 'message' | 'address' | 'key'>): readonly Uint8Array[]
  /** What may have kept zones from being brought has changed: ask again for those. */
  retry(): void
  /** Undefined: nothing is held of it, or it is none of these. */
  serial(origin: DomainName): number | undefined
  /** Resolves when what was kept is written. */
  close(): Promise<void>
}

const TRANSFER_TIMES: TransferTimes = { connectMs: 5_000, messageMs: 30_000, totalMs: 1_800_000 }

/**
 * Begin to serve zones of other primaries: what was kept at once, what there is as soon as it has come; SERVFAIL before.
 * Resolves when what was kept has been read.
 */
export async function serveSecondaries(options: SecondariesOptions): Promise<Secondaries> {
  const { sources, clock, logger, snapshots } = options
  const refresh: RefreshOptions = {
    dial,
    clock,
    randomId: () => randomInt(0x1_0000),
    limits: transferLimits(getHeapStatistics().heap_size_limit),
    times: TRANSFER_TIMES,
    ...options.transfer,
  }
  const zones = new Map<DomainName, { readonly zone: SecondaryZone; readonly source: SecondarySource }>()
  for (const source of sources) {
    const { origin, primaries } = source
    const publisher = new ZonePublisher(origin, options)
    const kept = await snapshots?.read(origin)
    const output = outputOf(publisher, { origin, snapshots, isKept: kept !== undefined })
    const zone = new SecondaryZone({
      ...{ origin, primaries, output, clock, logger },
      random: options.random ?? Math.random,
      ...(kept === undefined ? {} : { kept }),
      refresh: (primary, held) => refreshFrom(primary, held, refresh),
    })
    zones.set(origin, { zone, source })
    zone.start()
  }
  return {
    notify({ message, address, key }) {
      const read = readNotify(message)
      if (read.kind === 'not understood') return [notifyReply(message, read.rcode)]
      const found = zones.get(read.origin)
      if (found === undefined) return [notifyReply(message, RCODE.NOTAUTH)]
      const from = presentIp(address)
      const isPrimary = found.source.primaries.some((primary) =>
        primary.key === undefined ? primary.host === from : primary.key().name === key,
      )
      if (!isPrimary) return [notifyReply(message, RCODE.REFUSED)]
      found.zone.called(read.serial)
      return [notifyReply(message, RCODE.NOERROR)]
    },
    retry() {
      for (const { zone } of zones.values()) zone.retry()
    },
    serial: (origin) => zones.get(origin)?.zone.serial,
    async close() {
      for (const { zone } of zones.values()) zone.close()
      await snapshots?.close()
    },
  }
}

/** @param kept - `isKept`: what is served first is what was kept, and needs no writing */
function outputOf(
  publisher: ZonePublisher,
  kept: {
    readonly origin: DomainName
    readonly snapshots: Snapshots | undefined
    readonly isKept: boolean
  },
): ZoneOutput {
  const { origin, snapshots } = kept
  let { isKept } = kept
  const keep = ({ names }: HeldZone): void => snapshots?.changed(origin, () => names)
  return {
    whole(zone) {
      publisher.whole(zone)
      if (!isKept) keep(zone)
      isKept = false
    },
    changed(zone, changes) {
      publisher.changed(zone, changes)
      keep(zone)
    },
    state: (state) => publisher.state(state),
    refreshed: () => snapshots?.confirmed(origin),
  }
}

function dial({ host, port }: Pick<Primary, 'host' | 'port'>): Socket {
  return connect({ host, port, noDelay: true })
}
