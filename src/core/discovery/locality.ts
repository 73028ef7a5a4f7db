import type { NodeFacts } from '../../api/facts.ts'
import { isDnsLabel } from '../../dns/names.ts'

/** A value that cannot become part of a DNS name. */
export interface LocalityProblem {
  readonly value: string
  /** Where it stands, for a person. */
  readonly where: string
  /** A sentence that says what to do. */
  readonly message: string
}

export interface Locality {
  readonly region?: string
  /** Sorted, distinct, lower case. */
  readonly zones: readonly string[]
  /** Condition `TopologyInvalid`; sorted by place, then value, each once. */
  readonly problems: readonly LocalityProblem[]
}

export interface LocateInput {
  /** Of the KubeFedCluster. */
  readonly clusterLabels: Readonly<Record<string, string>>
  readonly nodes: readonly NodeFacts[]
  /** What the KubeFedCluster's status says: seen earlier, or written by hand. */
  readonly known: { readonly region?: string; readonly zones: readonly string[] }
}

const REGION_LABELS = ['topology.kubernetes.io/region', 'failure-domain.beta.kubernetes.io/region']
const ZONE_LABELS = ['topology.kubernetes.io/zone', 'failure-domain.beta.kubernetes.io/zone']

/**
 * Where a cluster is (DESIGN 5.5). A label of the KubeFedCluster decides alone, each of region and zone for itself, and
 * is not replaced by Node labels when its value is refused. Else the region of most Nodes (the alphabetically first of
 * equals) and the zones of all of them, together with those known before: a zone whose last Node went keeps its name.
 * Zones known for another region are forgotten, since they would make names that never were.
 */
export function locate(input: LocateInput): Locality {
  const problems = new Map<string, LocalityProblem>()
  const label = (value: string, where: string): string | undefined => {
    const lower = value.toLowerCase()
    if (isDnsLabel(lower)) return lower
    problems.set(`${where} ${value}`, refused(value, where))
    return undefined
  }
  const labels = (values: readonly (string | undefined)[], where: string): readonly string[] =>
    values.flatMap((value) => (value ? (label(value, where) ?? []) : []))

  const region = regionOf(input, labels)
  return {
    ...(region === undefined ? {} : { region }),
    zones: [...new Set(zonesOf(input, region, labels))].sort(),
    problems: [...problems.values()].sort((a, b) => order(`${a.where} ${a.value}`, `${b.where} ${b.value}`)),
  }
}

type Labels = (values: readonly (string | undefined)[], where: string) => readonly string[]

function regionOf({ clusterLabels, nodes, known }: LocateInput, labels: Labels): string | undefined {
  const [before] = labels([known.region], 'status.region')
  const own = ownLabel(clusterLabels, REGION_LABELS)
  if (own !== undefined) return labels([own.value], own.where)[0] ?? before
  return (
    mostFrequent(
      labels(
        nodes.map((node) => node.region),
        'region label of a Node',
      ),
    ) ?? before
  )
}

function zonesOf(
  { clusterLabels, nodes, known }: LocateInput,
  region: string | undefined,
  labels: Labels,
): readonly string[] {
  const sameRegion = known.region === undefined || known.region.toLowerCase() === region
  const before = sameRegion ? labels(known.zones, 'status.zones') : []
  const own = ownLabel(clusterLabels, ZONE_LABELS)
  if (own !== undefined) {
    const zones = labels([own.value], own.where)
    return zones.length === 0 ? before : zones
  }
  return [
    ...before,
    ...labels(
      nodes.map((node) => node.zone),
      'zone label of a Node',
    ),
  ]
}

/** The first of these labels that has a value. */
function ownLabel(
  labels: Readonly<Record<string, string>>,
  names: readonly string[],
): { readonly value: string; readonly where: string } | undefined {
  const name = names.find((candidate) => labels[candidate])
  const value = name === undefined ? undefined : labels[name]
  return value === undefined ? undefined : { value, where: `label ${name} of the KubeFedCluster` }
}

function mostFrequent(values: readonly string[]): string | undefined {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return [...counts].sort(([a, m], [b, n]) => n - m || order(a, b))[0]?.[0]
}

function refused(value: string, where: string): LocalityProblem {
  const shown = value.length <= 80 ? value : `${value.slice(0, 77)}…`
  return {
    value,
    where,
    message: `${where}: "${shown}" is not a DNS label (letters, digits and inner hyphens, at most 63); correct it, or set topology.kubernetes.io/region and topology.kubernetes.io/zone on the KubeFedCluster`,
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
