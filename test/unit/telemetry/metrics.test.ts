import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../../src/telemetry/metrics.ts'
import { metricName } from '../../../src/telemetry/metric-names.ts'

const queries = {
  component: 'dns',
  what: 'queries',
  unit: 'total',
  help: 'Queries answered.',
  labels: { transport: ['udp', 'tcp'], cluster: 'open' },
} as const

const linesOf = (text: string): readonly string[] =>
  text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))

describe('metricName', () => {
  it('joins product, component, what and unit', () => {
    expect(metricName(queries)).toBe('waypost_dns_queries_total')
  })

  it.each([
    { name: 'capitals', in: { component: 'DNS', what: 'queries', unit: 'total' } },
    { name: 'an empty part', in: { component: 'dns', what: '', unit: 'total' } },
    { name: 'a hyphen', in: { component: 'dns', what: 'zone-store', unit: 'bytes' } },
    { name: 'two underscores', in: { component: 'dns', what: 'a__b', unit: 'bytes' } },
  ] as const)('refuses $name', (row) => {
    expect(() => metricName(row.in)).toThrow('metric name is not valid')
  })
})

describe('createMetrics', () => {
  it('counts by labels, through a cell as well', async () => {
    const metrics = createMetrics({ process: false })
    const counter = metrics.counter(queries)

    counter.add({ transport: 'udp', cluster: 'c1' })
    counter.add({ transport: 'udp', cluster: 'c1' }, 2)
    counter.with({ transport: 'tcp', cluster: 'c1' }).add(5)

    expect(linesOf(await metrics.text())).toEqual([
      'waypost_dns_queries_total{transport="udp",cluster="c1"} 3',
      'waypost_dns_queries_total{transport="tcp",cluster="c1"} 5',
    ])
  })

  it('counts a value outside of its set as other', async () => {
    const metrics = createMetrics({ process: false })

    metrics.counter(queries).add({ transport: 'quic' as 'udp', cluster: 'any' })

    expect(linesOf(await metrics.text())).toEqual([
      'waypost_dns_queries_total{transport="other",cluster="any"} 1',
    ])
  })

  it('forgets a cluster that is gone', async () => {
    const metrics = createMetrics({ process: false })
    const gauge = metrics.gauge({
      component: 'kube',
      what: 'held',
      unit: 'objects',
      help: 'Objects held.',
      labels: { cluster: 'open' },
    })

    gauge.set({ cluster: 'c1' }, 7)
    gauge.set({ cluster: 'c2' }, 8)
    gauge.remove({ cluster: 'c1' })

    expect(linesOf(await metrics.text())).toEqual(['waypost_kube_held_objects{cluster="c2"} 8'])
  })

  it('sorts observations into buckets', async () => {
    const metrics = createMetrics({ process: false })
    const histogram = metrics.histogram(
      { component: 'runtime', what: 'reconcile', unit: 'seconds', help: 'Time of a reconcile.' },
      [0.01, 0.1],
    )

    histogram.observe({}, 0.05)

    expect(linesOf(await metrics.text())).toEqual([
      'waypost_runtime_reconcile_seconds_bucket{le="0.01"} 0',
      'waypost_runtime_reconcile_seconds_bucket{le="0.1"} 1',
      'waypost_runtime_reconcile_seconds_bucket{le="+Inf"} 1',
      'waypost_runtime_reconcile_seconds_sum 0.05',
      'waypost_runtime_reconcile_seconds_count 1',
    ])
  })

  it('reads what is kept elsewhere at each scrape, and only once', async () => {
    const metrics = createMetrics({ process: false })
    let total = 3
    metrics.observed('counter', queries, () => [[{ transport: 'udp', cluster: 'c1' }, total]])
    metrics.observed('gauge', { component: 'dns', what: 'zone_store', unit: 'bytes', help: 'Used.' }, () => [
      [{}, 100],
    ])

    await metrics.text()
    total = 4

    expect(linesOf(await metrics.text())).toEqual([
      'waypost_dns_queries_total{transport="udp",cluster="c1"} 4',
      'waypost_dns_zone_store_bytes 100',
    ])
  })

  it('reads what several metrics are made of once for each scrape', async () => {
    const metrics = createMetrics({ process: false })
    let reads = 0
    metrics.together(
      () => {
        reads += 1
        return { udp: 3, tcp: 4 }
      },
      (group) => {
        group.counter(queries, (from) => [
          [{ transport: 'udp', cluster: 'c1' }, from.udp],
          [{ transport: 'tcp', cluster: 'c1' }, from.tcp],
        ])
        group.gauge(
          { component: 'dns', what: 'zone_store', unit: 'bytes', help: 'Used.' },
          ({ udp, tcp }) => [[{}, udp * tcp]],
        )
      },
    )

    const text = await metrics.text()

    expect(reads).toBe(1)
    expect(linesOf(text)).toEqual([
      'waypost_dns_queries_total{transport="udp",cluster="c1"} 3',
      'waypost_dns_queries_total{transport="tcp",cluster="c1"} 4',
      'waypost_dns_zone_store_bytes 12',
    ])
    expect(text).toContain(
      '# HELP waypost_dns_queries_total Queries answered.\n# TYPE waypost_dns_queries_total counter\n',
    )
  })

  it('adds samples whose labels are the same', async () => {
    const metrics = createMetrics({ process: false })
    metrics.together(
      () => [1, 2],
      (group) => {
        group.counter(queries, (from) =>
          from.map((count) => [{ transport: 'udp', cluster: 'c1' }, count] as const),
        )
        group.histogram(
          {
            ...{ component: 'dns', what: 'size', unit: 'bytes', help: 'Octets.' },
            labels: { transport: ['udp', 'tcp'] },
          },
          [100, 200],
          (from) =>
            from.map((count) => [{ transport: 'udp' }, { buckets: [count, 0, 1], sum: 300 }] as const),
        )
      },
    )

    expect(linesOf(await metrics.text())).toEqual([
      'waypost_dns_queries_total{transport="udp",cluster="c1"} 3',
      'waypost_dns_size_bytes_bucket{transport="udp",le="100"} 3',
      'waypost_dns_size_bytes_bucket{transport="udp",le="200"} 3',
      'waypost_dns_size_bytes_bucket{transport="udp",le="+Inf"} 5',
      'waypost_dns_size_bytes_sum{transport="udp"} 600',
      'waypost_dns_size_bytes_count{transport="udp"} 5',
    ])
  })

  it('writes quotes, backslashes and line feeds of labels as the format asks', async () => {
    const metrics = createMetrics({ process: false })
    metrics.observed('counter', queries, () => [[{ transport: 'udp', cluster: 'a"b\\c\nd' }, 1]])

    expect(linesOf(await metrics.text())).toEqual([
      String.raw`waypost_dns_queries_total{transport="udp",cluster="a\"b\\c\nd"} 1`,
    ])
  })

  it('bears the name of another product where its users ask for it', async () => {
    const metrics = createMetrics({ process: false })

    metrics.observed('counter', { ...queries, product: 'coredns' }, () => [
      [{ transport: 'udp', cluster: 'c1' }, 1],
    ])

    expect(linesOf(await metrics.text())).toEqual([
      'coredns_dns_queries_total{transport="udp",cluster="c1"} 1',
    ])
  })

  it('refuses a name twice, a counter without total and total without a counter', () => {
    const metrics = createMetrics({ process: false })
    metrics.counter(queries)

    expect(() => metrics.counter(queries)).toThrow('metric exists twice')
    expect(() => metrics.counter({ ...queries, unit: 'seconds' })).toThrow('end in total')
    expect(() => metrics.gauge({ ...queries, what: 'other' })).toThrow('end in total')
  })

  it('describes what it has, sorted', () => {
    const metrics = createMetrics({ process: false })
    metrics.counter(queries)
    metrics.gauge({
      component: 'app',
      what: 'build',
      unit: 'info',
      help: 'Version.',
      labels: { version: 'open' },
    })

    expect(metrics.describe()).toEqual([
      { name: 'waypost_app_build_info', type: 'gauge', help: 'Version.', labels: ['version'] },
      {
        name: 'waypost_dns_queries_total',
        type: 'counter',
        help: 'Queries answered.',
        labels: ['transport', 'cluster'],
      },
    ])
  })

  it('adds the metrics of the process on request, in the format that Prometheus reads', async () => {
    const metrics = createMetrics({ process: true })

    expect(await metrics.text()).toContain('process_cpu_seconds_total')
    expect(metrics.contentType).toContain('text/plain')
  })
})
