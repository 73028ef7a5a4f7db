import type { OwnerKey } from '../../api/keys.ts'
import { WRITE_INTERVAL_MS } from '../../controllers/report-record.ts'
import type { Ledger } from '../../core/discovery/types.ts'
import type { Clock, Timer } from '../../runtime/clock.ts'

export interface ReportMarksOptions {
  readonly ledger: Pick<Ledger, 'openOwners'>
  readonly clock: Clock
  /** Look at all that is written of an owner. */
  readonly owner: (owner: OwnerKey) => void
  /** Look at what is written of Domains, which tell of all their records together. */
  readonly domains: () => void
}

export interface ReportMarks {
  /** An owner was decided anew. */
  mark(owner: OwnerKey): void
  /** What Domains tell changed otherwise. */
  markDomains(): void
  close(): void
}

/**
 * What is to be looked at after a change: an owner once, however many reasons there are in one turn (it was decided, the
 * ledger moved its names, another one's conflict ended); Domains at most once a second, since every change moves them.
 */
export function createReportMarks({ ledger, clock, owner, domains }: ReportMarksOptions): ReportMarks {
  const marked = new Set<OwnerKey>()
  let isScheduled = false
  let pause: Timer | undefined
  let domainsMoved = false
  let domainsMarked = false

  // Behind whatever the same change has scheduled: what is published then, serials too, is what is told of.
  const schedule = (): void => {
    if (isScheduled) return
    isScheduled = true
    queueMicrotask(drain)
  }
  const moved = ledger.openOwners(schedule)
  const drain = (): void => {
    isScheduled = false
    for (const key of moved.take(Number.POSITIVE_INFINITY, clock.nowMs())) marked.add(key)
    if (marked.size === 0 && !domainsMarked) return
    for (const key of marked) owner(key)
    marked.clear()
    domainsMarked = false
    lookAtDomains()
  }
  const lookAtDomains = (): void => {
    domainsMoved = pause !== undefined
    if (domainsMoved) return
    domains()
    pause = clock.after(WRITE_INTERVAL_MS, () => {
      pause = undefined
      if (domainsMoved) lookAtDomains()
    })
  }

  return {
    mark(key) {
      marked.add(key)
      schedule()
    },
    markDomains() {
      domainsMarked = true
      schedule()
    },
    close() {
      pause?.cancel()
      moved.close()
      marked.clear()
      domainsMarked = false
    },
  }
}
