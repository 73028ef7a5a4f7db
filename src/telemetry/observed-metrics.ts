import { closer, type LabelSets, type LabelValues, type MetricSpec } from './metric-names.ts'

/** One value of a metric that is read when it is asked for. */
export type Sample<S extends LabelSets> = readonly [labels: LabelValues<S>, value: number]

/** What fell into each bucket, one more than bounds, and the sum of all values. */
export interface HistogramCounts {
  readonly buckets: ArrayLike<number>
  readonly sum: number
}
export type HistogramSample<S extends LabelSets> = readonly [labels: LabelValues<S>, counts: HistogramCounts]

/** Metrics that are made of one value `T`, read once for all of them at each scrape. Samples with the same labels are added. */
export interface ObservedGroup<T> {
  counter<const S extends LabelSets = {}>(
    spec: MetricSpec<S>,
    samples: (from: T) => Iterable<Sample<S>>,
  ): void
  gauge<const S extends LabelSets = {}>(spec: MetricSpec<S>, samples: (from: T) => Iterable<Sample<S>>): void
  /** @param bucketBounds - upper bounds, rising; the infinite one is added */
  histogram<const S extends LabelSets = {}>(
    spec: MetricSpec<S>,
    bucketBounds: readonly number[],
    samples: (from: T) => Iterable<HistogramSample<S>>,
  ): void
}

/** Takes a metric's name, or throws. */
export type Register = (type: 'counter' | 'gauge' | 'histogram', spec: MetricSpec<LabelSets>) => string

/** The text of metrics whose values are kept elsewhere (Prometheus, "Exposition formats", text 0.0.4). */
export class ObservedMetrics<T> implements ObservedGroup<T> {
  readonly #read: () => T
  readonly #register: Register
  readonly #families: ((from: T) => string)[] = []

  constructor(read: () => T, register: Register) {
    this.#read = read
    this.#register = register
  }

  counter<const S extends LabelSets = {}>(
    spec: MetricSpec<S>,
    samples: (from: T) => Iterable<Sample<S>>,
  ): void {
    this.#values('counter', spec, samples)
  }

  gauge<const S extends LabelSets = {}>(
    spec: MetricSpec<S>,
    samples: (from: T) => Iterable<Sample<S>>,
  ): void {
    this.#values('gauge', spec, samples)
  }

  histogram<const S extends LabelSets = {}>(
    spec: MetricSpec<S>,
    bucketBounds: readonly number[],
    samples: (from: T) => Iterable<HistogramSample<S>>,
  ): void {
    const name = this.#register('histogram', spec)
    const labelled = labeller(spec.labels)
    const bounds = [...bucketBounds.map(String), '+Inf']
    this.#families.push((from) => {
      const series = new Map<string, { readonly buckets: number[]; sum: number }>()
      for (const [labels, counts] of samples(from)) {
        const key = labelled(labels)
        const all = series.get(key) ?? { buckets: bounds.map(() => 0), sum: 0 }
        for (let i = 0; i < bounds.length; i += 1) all.buckets[i]! += counts.buckets[i] ?? 0
        all.sum += counts.sum
        series.set(key, all)
      }
      const lines = [...series].flatMap(([labels, counts]) =>
        histogramLines(name, labels, { ...counts, bounds }),
      )
      return family(name, 'histogram', { help: spec.help, lines })
    })
  }

  /** All metrics of the group, read now. */
  text(): string {
    const from = this.#read()
    return this.#families.map((textOf) => textOf(from)).join('')
  }

  #values<const S extends LabelSets>(
    type: 'counter' | 'gauge',
    spec: MetricSpec<S>,
    samples: (from: T) => Iterable<Sample<S>>,
  ): void {
    const name = this.#register(type, spec)
    const labelled = labeller(spec.labels)
    this.#families.push((from) => {
      const series = new Map<string, number>()
      for (const [labels, value] of samples(from)) {
        const key = labelled(labels)
        series.set(key, (series.get(key) ?? 0) + value)
      }
      const lines = [...series].map(([labels, value]) => `${name}${braced(labels)} ${value}\n`)
      return family(name, type, { help: spec.help, lines })
    })
  }
}

function family(
  name: string,
  type: string,
  { help, lines }: { readonly help: string; readonly lines: readonly string[] },
): string {
  const words = help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
  return `\n# HELP ${name} ${words}\n# TYPE ${name} ${type}\n${lines.join('')}`
}

interface Series {
  readonly bounds: readonly string[]
  readonly buckets: readonly number[]
  readonly sum: number
}

/** Buckets in the text hold what is at or below their bound, those before them included. */
function histogramLines(name: string, labels: string, { bounds, buckets, sum }: Series): readonly string[] {
  const before = labels === '' ? '' : `${labels},`
  let count = 0
  const lines = bounds.map((bound, i) => {
    count += buckets[i] ?? 0
    return `${name}_bucket{${before}le="${bound}"} ${count}\n`
  })
  return [...lines, `${name}_sum${braced(labels)} ${sum}\n`, `${name}_count${braced(labels)} ${count}\n`]
}

function braced(labels: string): string {
  return labels === '' ? '' : `{${labels}}`
}

/** A function that writes labels as `a="x",b="y"`. */
function labeller<S extends LabelSets>(sets: S | undefined): (labels: LabelValues<S>) => string {
  const closed = closer(sets)
  return (labels) =>
    Object.entries(closed(labels))
      .map(([label, value]) => `${label}="${escaped(value)}"`)
      .join(',')
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
