import type { CounterName } from '../../nameserver/counters.ts'
import {
  CELL,
  DURATION_BOUNDS,
  FAMILIES,
  PROTOS,
  QUERY_TYPES,
  RCODES,
  SIZE_BOUNDS,
} from '../../nameserver/observe/cells.ts'
import { TIMED_ONE_IN } from '../../nameserver/observe/observer.ts'
import type { ZoneCounts } from '../../nameserver/observe/zones/zone-counts.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import type { HistogramCounts, ObservedGroup } from '../../telemetry/observed-metrics.ts'
import { COUNTER_HELP } from './counter-help.ts'
import { serverName, type Listening } from './server-names.ts'

type Counters = Readonly<Record<CounterName, number>>

/** What is told of a DNS server. */
export interface ObservedNameserver {
  readonly writer: { usage(): { readonly usedBytes: number } }
  counters(): Counters
  zoneCounts(): readonly ZoneCounts[]
}

/** Counters of what is told of single queries: parts of `dns`, as all that is told by zone. */
const QUEUE_COUNTERS: readonly string[] = [
  'query_log_dropped',
  'dnstap_frames',
  'dnstap_dropped',
] satisfies CounterName[]

const TIMED = `one query in ${TIMED_ONE_IN}, at random, is timed and stands for those since the one before`
const TYPES = { type: QUERY_TYPES } as const
const OWN = { zone: 'open', proto: PROTOS } as const
const COREDNS = { server: 'open', zone: 'open', view: [''] } as const
/** DNS over TLS and HTTPS are `tcp` there, told apart by `server`. */
const COREDNS_PROTO = { proto: ['udp', 'tcp'] } as const

/**
 * Metrics of the DNS server, read from the memory it shares with its workers when Prometheus asks. What is counted by zone is
 * there twice: under names of our own, and under those of CoreDNS with its labels, so that dashboards made for it work.
 */
export function observeNameserver(
  metrics: Metrics,
  { nameserver, listening }: { readonly nameserver: ObservedNameserver; readonly listening: Listening },
): void {
  metrics.together(
    () => nameserver.counters(),
    (group) => {
      for (const name of Object.keys(COUNTER_HELP)) observeCounter(group, name as CounterName) // its own keys
    },
  )
  metrics.observed(
    'gauge',
    {
      component: 'nameserver',
      what: 'zone_store_used',
      unit: 'bytes',
      help: 'Bytes of the zone store in use.',
    },
    () => [[{}, nameserver.writer.usage().usedBytes]],
  )
  metrics.together(
    () => nameserver.zoneCounts(),
    (group) => {
      observeZones(group)
      observeAsCoreDns(group, listening)
    },
  )
}

function observeCounter(group: ObservedGroup<Counters>, name: CounterName): void {
  const component = QUEUE_COUNTERS.includes(name) ? 'dns' : 'nameserver'
  group.counter({ component, what: name, unit: 'total', help: COUNTER_HELP[name] }, (counters) => [
    [{}, counters[name]],
  ])
}

function observeZones(group: ObservedGroup<readonly ZoneCounts[]>): void {
  const component = 'dns'
  group.counter(
    {
      ...{ component, what: 'requests', unit: 'total' },
      help: 'Queries, by zone (dropped: no zone of ours), transport, family (1: IPv4, 2: IPv6) and type.',
      labels: { ...OWN, family: FAMILIES, ...TYPES },
    },
    (counts) =>
      each(counts, CELL.types, QUERY_TYPES, ({ zone, proto, family }, type) => ({
        zone,
        proto,
        family,
        type,
      })),
  )
  group.counter(
    {
      ...{ component, what: 'responses', unit: 'total' },
      help: 'Responses, by zone, transport and response code.',
      labels: { ...OWN, rcode: RCODES },
    },
    (counts) => each(counts, CELL.rcodes, RCODES, ({ zone, proto }, rcode) => ({ zone, proto, rcode })),
  )
  group.counter(
    {
      ...{ component, what: 'do_requests', unit: 'total' },
      help: 'Queries with the DO bit.',
      labels: OWN,
    },
    (counts) => each(counts, CELL.dnssecOk, [''], ({ zone, proto }) => ({ zone, proto })),
  )
  group.histogram(
    {
      ...{ component, what: 'request_duration', unit: 'seconds' },
      help: `Time from a query to its answer: ${TIMED}.`,
      labels: OWN,
    },
    DURATION_BOUNDS,
    (counts) => counts.map((count) => [ownLabels(count), durations(count)]),
  )
  group.histogram(
    { ...{ component, what: 'request_size', unit: 'bytes' }, help: 'Octets of queries.', labels: OWN },
    SIZE_BOUNDS,
    (counts) => counts.map((count) => [ownLabels(count), querySizes(count)]),
  )
  group.histogram(
    { ...{ component, what: 'response_size', unit: 'bytes' }, help: 'Octets of responses.', labels: OWN },
    SIZE_BOUNDS,
    (counts) => counts.map((count) => [ownLabels(count), responseSizes(count)]),
  )
}

/** Names and labels of CoreDNS 1.11 and later (its plugin `prometheus`). */
function observeAsCoreDns(group: ObservedGroup<readonly ZoneCounts[]>, listening: Listening): void {
  const product = 'coredns'
  const component = 'dns'
  const where = ({ proto, zone }: ZoneCounts) =>
    ({ server: serverName(proto, listening), zone, view: '' }) as const
  const how = (count: ZoneCounts) =>
    ({ ...where(count), proto: count.proto === 'udp' ? 'udp' : 'tcp' }) as const
  const as = (name: string): string => `As CoreDNS names it: waypost_dns_${name}.`
  group.counter(
    {
      ...{ product, component, what: 'requests', unit: 'total', help: as('requests_total') },
      labels: { ...COREDNS, ...COREDNS_PROTO, family: FAMILIES, ...TYPES },
    },
    (counts) =>
      each(counts, CELL.types, QUERY_TYPES, (count, type) => ({ ...how(count), family: count.family, type })),
  )
  group.counter(
    {
      ...{ product, component, what: 'responses', unit: 'total', help: as('responses_total') },
      labels: { ...COREDNS, rcode: RCODES, plugin: ['waypost'] },
    },
    (counts) =>
      each(counts, CELL.rcodes, RCODES, (count, rcode) => ({
        ...where(count),
        rcode,
        plugin: 'waypost' as const,
      })),
  )
  group.counter(
    {
      ...{ product, component, what: 'do_requests', unit: 'total', help: as('do_requests_total') },
      labels: COREDNS,
    },
    (counts) => each(counts, CELL.dnssecOk, [''], where),
  )
  group.histogram(
    {
      ...{ product, component, what: 'request_duration', unit: 'seconds' },
      help: as('request_duration_seconds'),
      labels: COREDNS,
    },
    DURATION_BOUNDS,
    (counts) => counts.map((count) => [where(count), durations(count)]),
  )
  group.histogram(
    {
      ...{ product, component, what: 'request_size', unit: 'bytes', help: as('request_size_bytes') },
      labels: { ...COREDNS, ...COREDNS_PROTO },
    },
    SIZE_BOUNDS,
    (counts) => counts.map((count) => [how(count), querySizes(count)]),
  )
  group.histogram(
    {
      ...{ product, component, what: 'response_size', unit: 'bytes', help: as('response_size_bytes') },
      labels: { ...COREDNS, ...COREDNS_PROTO },
    },
    SIZE_BOUNDS,
    (counts) => counts.map((count) => [how(count), responseSizes(count)]),
  )
}

/** A sample for each of `values` that was counted. */
function* each<V, L>(
  counts: readonly ZoneCounts[],
  cell: number,
  values: readonly V[],
  labels: (count: ZoneCounts, value: V) => L,
): IterableIterator<readonly [L, number]> {
  for (const count of counts) {
    for (const [i, value] of values.entries()) {
      const counted = count.cells[cell + i] ?? 0
      if (counted > 0) yield [labels(count, value), counted]
    }
  }
}

function ownLabels({ zone, proto }: ZoneCounts) {
  return { zone, proto }
}

function durations({ cells }: ZoneCounts): HistogramCounts {
  return { buckets: cells.subarray(CELL.durations, CELL.durationSum), sum: cells[CELL.durationSum] ?? 0 }
}

function querySizes({ cells }: ZoneCounts): HistogramCounts {
  return { buckets: cells.subarray(CELL.querySizes, CELL.querySizeSum), sum: cells[CELL.querySizeSum] ?? 0 }
}

function responseSizes({ cells }: ZoneCounts): HistogramCounts {
  return {
    buckets: cells.subarray(CELL.responseSizes, CELL.responseSizeSum),
    sum: cells[CELL.responseSizeSum] ?? 0,
  }
}
