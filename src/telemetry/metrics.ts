import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from '@prometheus-io/client'
import { AppError } from '../errors.ts'

/** Units that end a metric's name (Prometheus, "Metric and label naming"): counters end in `total`, gauges of a number in what is counted. */
export const METRIC_UNITS = [
  'total',
  'seconds',
  'bytes',
  'ratio',
  'info',
  'changes',
  'clusters',
  'connections',
  'keys',
  'names',
  'objects',
  'shards',
  'watches',
  'workers',
] as const
export type MetricUnit = (typeof METRIC_UNITS)[number]

/** Names of labels; their values come from closed sets, or name a member cluster. Never a DNS name, an object or an address. */
export const METRIC_LABELS = [
  'cluster',
  'code',
  'domain',
  'io',
  'kind',
  'level',
  'outcome',
  'queue',
  'rcode',
  'reason',
  'state',
  'transport',
  'type',
  'verb',
  'version',
  'worker',
  'writer',
] as const
export type MetricLabel = (typeof METRIC_LABELS)[number]

/** Either the values a label can have, or `'open'`: names of clusters and domains, which the caller removes when they go. */
export type LabelSets = { readonly [L in MetricLabel]?: readonly string[] | 'open' }
export type LabelValues<S extends LabelSets> = {
  readonly [L in keyof S]: S[L] extends readonly (infer V extends string)[] ? V : string
}

export interface MetricSpec<S extends LabelSets> {
  /** A folder of src, or a part of it. */
  readonly component: string
  /** In lower case and underscores, without the unit. */
  readonly what: string
  readonly unit: MetricUnit
  /** A sentence for people. */
  readonly help: string
  readonly labels?: S
}

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

/** One value of a metric that is read when it is asked for. */
export type Sample<S extends LabelSets> = readonly [labels: LabelValues<S>, value: number]

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
  /** The text that Prometheus reads. */
  text(): Promise<string>
  readonly contentType: string
  /** All metrics of our own, sorted by name. */
  describe(): readonly MetricInfo[]
}

/** A metric breaks a rule of naming: a programming mistake. */
export class MetricError extends AppError {
  constructor(message: string, fields: Readonly<Record<string, string>>) {
    super(message, { code: 'METRIC_INVALID', fields })
  }
}

/** The full name: `waypost_<component>_<what>_<unit>`. */
export function metricName(spec: Pick<MetricSpec<LabelSets>, 'component' | 'what' | 'unit'>): string {
  const name = ['waypost', spec.component, spec.what, spec.unit].join('_')
  if (!/^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/.test(name))
    throw new MetricError('metric name is not valid', { name })
  return name
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
    const closed = closer(spec.labels)
    const settings = this.#settings(type, spec)
    const samples = (): readonly (readonly [Record<string, string>, number])[] =>
      Array.from(read(), ([labels, value]) => [closed(labels), value] as const)
    if (type === 'counter') {
      const counter: Counter<string> = new Counter<string>({
        ...settings,
        collect: () => {
          counter.reset()
          for (const [labels, value] of samples()) counter.inc(labels, value)
        },
      })
      this.#add(counter)
    } else {
      const gauge: Gauge<string> = new Gauge<string>({
        ...settings,
        collect: () => {
          gauge.reset()
          for (const [labels, value] of samples()) gauge.set(labels, value)
        },
      })
      this.#add(gauge)
    }
  }

  text(): Promise<string> {
    return this.#registry.metrics()
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

/** A function that puts `other` in the place of values that are not in their label's set. */
function closer<S extends LabelSets>(
  sets: S | undefined,
): (labels: LabelValues<S>) => Record<string, string> {
  const allowed = Object.entries(sets ?? {}).map(
    ([label, values]) => [label, values === 'open' ? undefined : new Set<string>(values)] as const,
  )
  return (labels) => {
    const given = labels as Readonly<Record<string, string>>
    const closed: Record<string, string> = {}
    for (const [label, values] of allowed) {
      const value = given[label] ?? ''
      closed[label] = values === undefined || values.has(value) ? value : 'other'
    }
    return closed
  }
}
