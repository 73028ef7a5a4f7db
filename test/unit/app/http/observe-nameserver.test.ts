import { describe, expect, it } from 'vitest'
import { observeNameserver, type ObservedNameserver } from '../../../../src/app/http/observe-nameserver.ts'
import {
  CELL,
  QUERY_TYPES,
  RCODES,
  ZONE_CELLS,
  type Proto,
} from '../../../../src/nameserver/observe/cells.ts'
import { createCounters, sumCounters, type CounterName } from '../../../../src/nameserver/counters.ts'
import type { ZoneCounts } from '../../../../src/nameserver/observe/zones/zone-counts.ts'
import { createMetrics } from '../../../../src/telemetry/metrics.ts'

interface Counted {
  readonly proto?: Proto
  readonly family?: '1' | '2'
  readonly zone?: string
  readonly queries: Readonly<Partial<Record<(typeof QUERY_TYPES)[number], number>>>
  readonly responses?: Readonly<Partial<Record<(typeof RCODES)[number], number>>>
  readonly dnssecOk?: number
}

/** About 4 µs, and sums of it are exact. */
const SECONDS = 2 ** -18

/** Each query is of 40 octets and answered in SECONDS, each response of 120. */
function zoneCounts({
  proto = 'udp',
  family = '1',
  zone = 'a.test.',
  queries,
  responses = {},
  ...rest
}: Counted): ZoneCounts {
  const cells = new Float64Array(ZONE_CELLS)
  const all = (counts: Readonly<Record<string, number>>): number =>
    Object.values(counts).reduce((sum, count) => sum + count, 0)
  for (const [type, count] of Object.entries(queries))
    cells[CELL.types + QUERY_TYPES.indexOf(type as 'A')] = count
  for (const [rcode, count] of Object.entries(responses))
    cells[CELL.rcodes + RCODES.indexOf(rcode as 'NOERROR')] = count
  cells[CELL.dnssecOk] = rest.dnssecOk ?? 0
  cells[CELL.querySizes + 1] = all(queries)
  cells[CELL.querySizeSum] = 40 * all(queries)
  cells[CELL.responseSizes + 2] = all(responses)
  cells[CELL.responseSizeSum] = 120 * all(responses)
  cells[CELL.durations + 2] = all(queries)
  cells[CELL.durationSum] = SECONDS * all(queries)
  return { proto, family, zone, cells }
}

async function linesOf(
  counts: readonly Counted[],
  counters: Partial<Record<CounterName, number>> = {},
): Promise<readonly string[]> {
  const nameserver: ObservedNameserver = {
    writer: { usage: () => ({ usedBytes: 4_096 }) },
    counters: () => ({ ...sumCounters(createCounters(1)), ...counters }),
    zoneCounts: () => counts.map(zoneCounts),
  }
  const metrics = createMetrics({ process: false })
  observeNameserver(metrics, {
    nameserver,
    listening: { dns: [{ host: '127.0.0.1', port: 53 }], tls: [{ host: '::1', port: 853 }] },
  })
  const text = await metrics.text()
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

const starting = (lines: readonly string[], ...names: readonly string[]): readonly string[] =>
  lines.filter((line) => names.some((name) => line.startsWith(name)))

describe('observeNameserver', () => {
  it('tells the counters of the workers, those of queues among the others of DNS', async () => {
    const lines = await linesOf([], {
      truncated: 2,
      query_log_dropped: 3,
      dnstap_frames: 4,
      dnstap_dropped: 5,
    })

    expect(lines.filter((line) => !line.endsWith(' 0'))).toEqual([
      'waypost_nameserver_truncated_total 2',
      'waypost_dns_query_log_dropped_total 3',
      'waypost_dns_dnstap_frames_total 4',
      'waypost_dns_dnstap_dropped_total 5',
      'waypost_nameserver_zone_store_used_bytes 4096',
    ])
  })

  it('tells queries by zone, transport, family and type', async () => {
    const lines = await linesOf([
      { queries: { A: 5, other: 1 }, responses: { NOERROR: 4, NXDOMAIN: 1 }, dnssecOk: 2 },
      { queries: { AAAA: 7 }, family: '2', responses: { NOERROR: 7 } },
      { queries: { A: 1 }, zone: 'dropped', responses: { REFUSED: 1 } },
      { queries: { A: 3 }, proto: 'dot', responses: { NOERROR: 3 } },
    ])

    expect(
      starting(lines, 'waypost_dns_requests_total', 'waypost_dns_responses_total', 'waypost_dns_do_'),
    ).toEqual([
      'waypost_dns_requests_total{zone="a.test.",proto="udp",family="1",type="other"} 1',
      'waypost_dns_requests_total{zone="a.test.",proto="udp",family="1",type="A"} 5',
      'waypost_dns_requests_total{zone="a.test.",proto="udp",family="2",type="AAAA"} 7',
      'waypost_dns_requests_total{zone="dropped",proto="udp",family="1",type="A"} 1',
      'waypost_dns_requests_total{zone="a.test.",proto="dot",family="1",type="A"} 3',
      'waypost_dns_responses_total{zone="a.test.",proto="udp",rcode="NOERROR"} 11',
      'waypost_dns_responses_total{zone="a.test.",proto="udp",rcode="NXDOMAIN"} 1',
      'waypost_dns_responses_total{zone="dropped",proto="udp",rcode="REFUSED"} 1',
      'waypost_dns_responses_total{zone="a.test.",proto="dot",rcode="NOERROR"} 3',
      'waypost_dns_do_requests_total{zone="a.test.",proto="udp"} 2',
    ])
  })

  it('tells the same under the names and labels of CoreDNS', async () => {
    const lines = await linesOf([
      { queries: { A: 5 }, responses: { NOERROR: 5 }, dnssecOk: 1 },
      { queries: { A: 2 }, proto: 'tcp', responses: { NOERROR: 2 }, dnssecOk: 1 },
      { queries: { A: 3 }, proto: 'dot', family: '2', responses: { SERVFAIL: 3 } },
    ])
    const dns = 'server="dns://127.0.0.1:53",zone="a.test.",view=""'
    const tls = 'server="tls://[::1]:853",zone="a.test.",view=""'

    expect(starting(lines, 'coredns_').filter((line) => line.includes('_total{'))).toEqual([
      `coredns_dns_requests_total{${dns},proto="udp",family="1",type="A"} 5`,
      `coredns_dns_requests_total{${dns},proto="tcp",family="1",type="A"} 2`,
      `coredns_dns_requests_total{${tls},proto="tcp",family="2",type="A"} 3`,
      `coredns_dns_responses_total{${dns},rcode="NOERROR",plugin="waypost"} 7`,
      `coredns_dns_responses_total{${tls},rcode="SERVFAIL",plugin="waypost"} 3`,
      `coredns_dns_do_requests_total{${dns}} 2`,
    ])
    expect(starting(lines, 'coredns_').filter((line) => /_(?:sum|count)\{/.test(line))).toEqual([
      `coredns_dns_request_duration_seconds_sum{${dns}} ${7 * SECONDS}`,
      `coredns_dns_request_duration_seconds_count{${dns}} 7`,
      `coredns_dns_request_duration_seconds_sum{${tls}} ${3 * SECONDS}`,
      `coredns_dns_request_duration_seconds_count{${tls}} 3`,
      `coredns_dns_request_size_bytes_sum{${dns},proto="udp"} 200`,
      `coredns_dns_request_size_bytes_count{${dns},proto="udp"} 5`,
      `coredns_dns_request_size_bytes_sum{${dns},proto="tcp"} 80`,
      `coredns_dns_request_size_bytes_count{${dns},proto="tcp"} 2`,
      `coredns_dns_request_size_bytes_sum{${tls},proto="tcp"} 120`,
      `coredns_dns_request_size_bytes_count{${tls},proto="tcp"} 3`,
      `coredns_dns_response_size_bytes_sum{${dns},proto="udp"} 600`,
      `coredns_dns_response_size_bytes_count{${dns},proto="udp"} 5`,
      `coredns_dns_response_size_bytes_sum{${dns},proto="tcp"} 240`,
      `coredns_dns_response_size_bytes_count{${dns},proto="tcp"} 2`,
      `coredns_dns_response_size_bytes_sum{${tls},proto="tcp"} 360`,
      `coredns_dns_response_size_bytes_count{${tls},proto="tcp"} 3`,
    ])
  })

  it('has the buckets of CoreDNS, and finer ones for what is answered from memory', async () => {
    const lines = await linesOf([{ queries: { A: 5 }, responses: { NOERROR: 5 } }])
    const bounds = (name: string): readonly string[] =>
      starting(lines, `${name}_bucket`).map((line) => /le="([^"]+)"/.exec(line)?.[1] ?? '')

    const sizes = [
      '0',
      '100',
      '200',
      '300',
      '400',
      '511',
      '1023',
      '2047',
      '4095',
      '8291',
      '16000',
      '32000',
      '48000',
    ]
    expect(bounds('coredns_dns_request_size_bytes')).toEqual([...sizes, '64000', '+Inf'])
    expect(bounds('waypost_dns_response_size_bytes')).toEqual([...sizes, '64000', '+Inf'])
    expect(bounds('coredns_dns_request_duration_seconds')).toEqual([
      ...['0.000001', '0.0000025', '0.000005', '0.00001', '0.000025', '0.00005', '0.0001'],
      ...['0.00025', '0.0005', '0.001', '0.002', '0.004', '0.008', '0.016', '0.032', '0.064', '0.128'],
      ...['0.256', '0.512', '1.024', '2.048', '4.096', '8.192', '+Inf'],
    ])
    expect(lines).toContain(
      'waypost_dns_request_duration_seconds_bucket{zone="a.test.",proto="udp",le="0.0000025"} 0',
    )
    expect(lines).toContain(
      'waypost_dns_request_duration_seconds_bucket{zone="a.test.",proto="udp",le="0.000005"} 5',
    )
  })
})
