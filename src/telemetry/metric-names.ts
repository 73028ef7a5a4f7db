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

/**
 * Names of labels; their values come from closed sets, or name a member cluster or a DNS zone that is served here. Never a
 * name that someone asked for, an object or a client's address.
 */
export const METRIC_LABELS = [
  'cluster',
  'code',
  'domain',
  'family',
  'io',
  'kind',
  'level',
  'outcome',
  'plugin',
  'proto',
  'queue',
  'rcode',
  'reason',
  'server',
  'state',
  'transport',
  'type',
  'verb',
  'version',
  'view',
  'worker',
  'writer',
  'zone',
] as const
export type MetricLabel = (typeof METRIC_LABELS)[number]

/** Either the values a label can have, or `'open'`: names of clusters, domains and zones, which the caller bounds or removes when they go. */
export type LabelSets = { readonly [L in MetricLabel]?: readonly string[] | 'open' }
export type LabelValues<S extends LabelSets> = {
  readonly [L in keyof S]: S[L] extends readonly (infer V extends string)[] ? V : string
}

export interface MetricSpec<S extends LabelSets> {
  /** Whose name it bears; without: our own. `coredns` for what its dashboards read. */
  readonly product?: 'waypost' | 'coredns'
  /** A folder of src, or a part of it. */
  readonly component: string
  /** In lower case and underscores, without the unit. */
  readonly what: string
  readonly unit: MetricUnit
  /** A sentence for people. */
  readonly help: string
  readonly labels?: S
}

/** A metric breaks a rule of naming: a programming mistake. */
export class MetricError extends AppError {
  constructor(message: string, fields: Readonly<Record<string, string>>) {
    super(message, { code: 'METRIC_INVALID', fields })
  }
}

/** The full name: `<product>_<component>_<what>_<unit>`. */
export function metricName(
  spec: Pick<MetricSpec<LabelSets>, 'product' | 'component' | 'what' | 'unit'>,
): string {
  const name = [spec.product ?? 'waypost', spec.component, spec.what, spec.unit].join('_')
  if (!/^[a-z][a-z0-9]*(?:_[a-z0-9]+)+$/.test(name))
    throw new MetricError('metric name is not valid', { name })
  return name
}

/** A function that puts `other` in the place of values that are not in their label's set. */
export function closer<S extends LabelSets>(
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
