import type { TransferCounts } from '../../nameserver/transfer/counts.ts'
import type { Metrics } from '../../telemetry/metrics.ts'

/** Make metrics of what is done for other DNS servers. */
export function observeTransfers(metrics: Pick<Metrics, 'observed'>, counts: TransferCounts): void {
  metrics.observed(
    'counter',
    {
      component: 'transfer',
      what: 'requests',
      unit: 'total',
      help: 'Requests for zones of servers that may have them: the whole zone sent, changes sent, nothing newer, refused, broken off.',
      labels: { outcome: ['whole', 'changes', 'current', 'refused', 'broken'] },
    },
    () => [
      [{ outcome: 'whole' }, counts.whole],
      [{ outcome: 'changes' }, counts.changes],
      [{ outcome: 'current' }, counts.current],
      [{ outcome: 'refused' }, counts.refused],
      [{ outcome: 'broken' }, counts.broken],
    ],
  )
  metrics.observed(
    'counter',
    {
      component: 'transfer',
      what: 'sent_bytes',
      unit: 'total',
      help: 'Octets of zones sent to other servers.',
    },
    () => [[{}, counts.bytes]],
  )
  metrics.observed(
    'counter',
    {
      component: 'transfer',
      what: 'notifications',
      unit: 'total',
      help: 'Servers told that a zone has changed: answered, or given up after six tries.',
      labels: { outcome: ['answered', 'unanswered'] },
    },
    () => [
      [{ outcome: 'answered' }, counts.notified],
      [{ outcome: 'unanswered' }, counts.unanswered],
    ],
  )
}
