import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'
import {
  closer,
  MetricError,
  metricName,
  type LabelSets,
  type LabelValues,
  type MetricSpec,
} from './metric-names.ts'
import { ObservedMetrics, type ObservedGroup, type Sample } from './observed-metrics.ts'

/** A counter or gauge with one set of label values: keep it where the path is hot. */
export interface Cell {
  add(by?: number): void
}

export interface CounterMetric<S extends LabelSets> {
  add(labels: LabelValues<S>, by?: number): void
  with(labels: LabelValues<S>): Cell
  remove(labels: LabelValues<S>): void
}

export interface GaugeMetric<S extends LabelSets> {
  set(labels: LabelValues<S>, value: number): void
  remove(labels: LabelValues<S>): void
}

export interface HistogramMetric<S extends LabelSets> {
  observe(labels: LabelValues<S>, value: number): void
}

/** What a metric is, for documentation and tests. */
export interface MetricInfo {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
}

export interface Metrics {
  counter<const S extends LabelSets = {}>(spec: MetricSpec<S>): CounterMetric<S>
  gauge<const S extends LabelSets = {}>(spec: MetricSpec<S>): GaugeMetric<S>
  /** @param bucketBounds - upper bounds, rising; the infinite one is added */
  histogram<const S extends LabelSets = {}>(
    spec: MetricSpec<S>,
    bucketBounds: readonly number[],
  ): HistogramMetric<S>
  /** A counter or gauge whose values are kept elsewhere (memory shared with workers, a store): `read` is called at each scrape. */
  observed<const S extends LabelSets = {}>(
    type: 'counter' | 'gauge',
    spec: MetricSpec<S>,
    read: () => Iterable<Sample<S>>,
  ): void
  /** Several of those that are made of one value, which is read once for each scrape. */
  together<T>(read: () => T, define: (group: ObservedGroup<T>) => void): void
  /** The text that Prometheus reads. */
  text(): Promise<string>
  readonly contentType: string
  /** All metrics of our own, sorted by name. */
  describe(): readonly MetricInfo[]
}

/**
 * A registry of metrics with fixed names and closed label sets. A label value outside of its set counts as `other`, so that no caller can make series
 * without bound.
 * @param options.process - also the usual `process_*` and `nodejs_*` metrics of this process
 */
export function createMetrics(options: { readonly process: boolean }): Metrics {
  const metrics = new PrometheusMetrics()
  if (options.process) metrics.addProcess()
  return metrics
}

class PrometheusMetrics implements Metrics {
  readonly #registry = new Registry()
  readonly #infos = new Map<string, MetricInfo>()
  readonly #groups: { text(): string }[] = []
  readonly contentType = this.#registry.contentType

  addProcess(): void {
    collectDefaultMetrics({ register: this.#registry })
  }

  counter<const S extends LabelSets = {}>(spec: MetricSpec<S>): CounterMetric<S> {
    const closed = closer(spec.labels)
    const counter = this.#add(new Counter<string>(this.#settings('counter', spec)))
    return {
      add: (labels, by = 1) => counter.inc(closed(labels), by),
      with: (labels) => {
        const cell = counter.labels(closed(labels))
        return { add: (by = 1) => cell.inc(by) }
      },
      remove: (labels) => counter.remove(closed(labels)),
    }
  }

  gauge<const S extends LabelSets = {}>(spec: MetricSpec<S>): GaugeMetric<S> {
    const closed = closer(spec.labels)
    const gauge = this.#add(new Gauge<string>(this.#settings('gauge', spec)))
    return {
      set: (labels, value) => gauge.set(closed(labels), value),
      remove: (labels) => gauge.remove(closed(labels)),
    }
  }

  histogram<const S extends LabelSets = {}>(
    spec: MetricSpec<S>,
    bucketBounds: readonly number[],
  ): HistogramMetric<S> {
    const closed = closer(spec.labels)
    const settings = this.#settings('histogram', spec)
    const histogram = this.#add(new Histogram<string>({ ...settings, buckets: [...bucketBounds] }))
    return { observe: (labels, value) => histogram.observe(closed(labels), value) }
  }

  observed<const S extends LabelSets = {}>(
    type: 'counter' | 'gauge',
    spec: MetricSpec<S>,
    read: () => Iterable<Sample<S>>,
  ): void {
    this.together(read, (group) => {
      if (type === 'counter') group.counter(spec, (samples) => samples)
      else group.gauge(spec, (samples) => samples)
    })
  }

  together<T>(read: () => T, define: (group: ObservedGroup<T>) => void): void {
    const group = new ObservedMetrics(read, (type, spec) => this.#settings(type, spec).name)
    define(group)
    this.#groups.push(group)
  }

  async text(): Promise<string> {
    const own = await this.#registry.metrics()
    return own + this.#groups.map((group) => group.text()).join('')
  }

  describe(): readonly MetricInfo[] {
    return [...this.#infos.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  #settings<S extends LabelSets>(type: MetricInfo['type'], spec: MetricSpec<S>) {
    const name = metricName(spec)
    if (this.#infos.has(name)) throw new MetricError('metric exists twice', { name })
    if ((spec.unit === 'total') !== (type === 'counter')) {
      throw new MetricError('counters, and only they, end in total', { name })
    }
    const labelNames = Object.keys(spec.labels ?? {})
    this.#infos.set(name, { name, type, help: spec.help, labels: labelNames })
    return { name, help: spec.help, labelNames, registers: [] } // not the global registry: #add puts it into ours
  }

  #add<M extends Counter<string> | Gauge<string> | Histogram<string>>(metric: M): M {
    this.#registry.registerMetric(metric)
    return metric
  }
}
