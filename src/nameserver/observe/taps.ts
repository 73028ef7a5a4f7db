import type { Client } from '../client.ts'
import { COUNTER, type CounterRow } from '../counters.ts'
import { Conveyor, type ConveyorOptions } from './queue/conveyor.ts'
import { DnstapFrames } from './dnstap/dnstap-frames.ts'
import { SocketOutput } from './dnstap/socket-output.ts'
import { FileOutput } from './queue/file-output.ts'
import type { Exchange, MonotonicClock, Tap } from './observer.ts'
import { QueryLines, Sampled } from './query-log.ts'
import type { DnstapSettings, ObserveSettings, QueryLogSettings, TapTrouble } from './settings.ts'
import { WallTime } from './queue/wall-time.ts'

export interface TapsOptions {
  readonly counters: CounterRow
  readonly now: MonotonicClock
  readonly report: (trouble: TapTrouble) => void
}

/** What waits for its turn: CoreDNS' size for dnstap, and room for that many usual messages. */
const QUEUE_LIMITS = { events: 10_000, octets: 4 * 1024 * 1024 }
/** Events are written together for so long, unless there are many. */
const GATHER_MS = 50

/** The query log and dnstap of one worker. */
export interface Taps {
  /** For its Observers; undefined where nothing is told. */
  readonly tap: Tap | undefined
  /** Open files anew. */
  reopen(): Promise<void>
  close(): Promise<void>
}

/** Opens files; one that cannot be opened is told of, and tried again. */
export function openTaps({ queryLog, dnstap }: ObserveSettings, options: TapsOptions): Taps {
  const conveyors: Conveyor[] = []
  const taps: Tap[] = []
  if (queryLog !== undefined) {
    const log = logConveyor(queryLog, options)
    conveyors.push(log)
    taps.push(queryLog.oneIn === 1 ? log : new Sampled(log, queryLog.oneIn))
  }
  if (dnstap !== undefined) {
    const frames = dnstapConveyor(dnstap, options)
    conveyors.push(frames)
    taps.push(frames)
  }
  return {
    tap: taps.length > 1 ? new Both(taps) : taps[0],
    reopen: async () => void (await Promise.all(conveyors.map((conveyor) => conveyor.reopen()))),
    close: async () => void (await Promise.all(conveyors.map((conveyor) => conveyor.close()))),
  }
}

class Both implements Tap {
  readonly #taps: readonly Tap[]

  constructor(taps: readonly Tap[]) {
    this.#taps = taps
  }

  answered(client: Client, exchange: Exchange): void {
    for (const tap of this.#taps) tap.answered(client, exchange)
  }
}

function logConveyor({ target }: QueryLogSettings, { counters, now, report }: TapsOptions): Conveyor {
  return new Conveyor({
    output: new FileOutput(target, (reason) => report(troubleOf('query log', reason))),
    encoder: new QueryLines(new WallTime(now, Date.now)),
    ...shared(counters),
    lost: COUNTER.query_log_dropped,
  })
}

function dnstapConveyor(
  { target, ...identity }: DnstapSettings,
  { counters, now, report }: TapsOptions,
): Conveyor {
  const trouble = (reason: string | undefined): void => report(troubleOf('dnstap', reason))
  return new Conveyor({
    output: target.kind === 'file' ? new FileOutput(target.path, trouble) : new SocketOutput(target, trouble),
    encoder: new DnstapFrames(new WallTime(now, Date.now), identity),
    ...shared(counters),
    lost: COUNTER.dnstap_dropped,
    written: COUNTER.dnstap_frames,
  })
}

function shared(counters: CounterRow): Pick<ConveyorOptions, 'limits' | 'counters' | 'schedule'> {
  return {
    limits: QUEUE_LIMITS,
    counters,
    schedule: (act, isUrgent) => void (isUrgent ? setImmediate(act) : setTimeout(act, GATHER_MS)),
  }
}

function troubleOf(tap: TapTrouble['tap'], reason: string | undefined): TapTrouble {
  return reason === undefined ? { tap } : { tap, reason }
}
