import type { ClusterIndex } from '../../api/keys.ts'
import type { DomainName } from '../../dns/names.ts'
import type { Scope, ScopeIndex, Topology } from './types.ts'

export interface TopologyCluster {
  readonly index: ClusterIndex
  readonly region?: string
  /** DNS labels; ignored without a region. */
  readonly zones: readonly string[]
}

/** A region, or a zone in it, that a federation has or had. */
export interface KnownScope {
  readonly region: string
  readonly zone?: string
}

export interface TopologyInput {
  /** Name of the Domain object. */
  readonly federation: string
  readonly domain: DomainName
  readonly clusters: readonly TopologyCluster[]
  /** Scopes to name although no cluster is there now, as after a restart. A zone brings its region. */
  readonly known?: readonly KnownScope[]
}

/**
 * The scopes of a Domain: global, one per region, one per zone (DESIGN 5.5). A cluster without zone is in its region and
 * the global scope, one without region in the global scope only.
 * Indices are stable: scopes of `previous` keep theirs and stay, without members when nobody is there any more; new ones
 * follow, regions first, alphabetical. The order of `clusters` does not matter.
 * @returns `previous` itself when nothing changed
 */
export function planTopology(input: TopologyInput, previous?: Topology): Topology {
  const paths = new Map<string, KnownScope | undefined>([['', undefined]])
  for (const scope of previous?.scopes ?? []) paths.set(pathOf(scope), placeOf(scope))
  for (const place of newPlaces(input)) paths.set(pathOf(place), place)
  const indexOf = new Map([...paths.keys()].map((path, i) => [path, i as ScopeIndex])) // dense by construction

  const scopesOf = scopesOfClusters(input.clusters, indexOf)
  const scopes = [...paths.values()].map((place, i) => {
    const index = i as ScopeIndex
    return makeScope(input, { index, place, indexOf, members: membersOf(index, scopesOf) })
  })
  if (previous !== undefined && sameTopology(previous, { ...input, scopes })) return previous
  const { federation, domain } = input
  return { revision: (previous?.revision ?? 0) + 1, federation, domain, scopes, scopesOf }
}

/** All regions and zones of the input, regions before zones, sorted. */
function newPlaces({ clusters, known = [] }: TopologyInput): readonly KnownScope[] {
  const places = [
    ...known.flatMap(({ region, zone }) => [{ region }, ...(zone === undefined ? [] : [{ region, zone }])]),
    ...clusters.flatMap(({ region, zones }) =>
      region === undefined ? [] : [{ region }, ...zones.map((zone) => ({ region, zone }))],
    ),
  ]
  const keyed = places.map((place) => [depthOf(place) + pathOf(place), place] as const)
  return keyed.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([, place]) => place)
}

function depthOf(place: KnownScope): string {
  return place.zone === undefined ? '1' : '2'
}

/** `<zone>.<region>`, `<region>`, or nothing for the global scope. */
function pathOf({ region, zone }: { readonly region?: string; readonly zone?: string }): string {
  return [zone, region].filter((part) => part !== undefined).join('.')
}

function placeOf({ region, zone }: Scope): KnownScope | undefined {
  if (region === undefined) return undefined
  return zone === undefined ? { region } : { region, zone }
}

function scopesOfClusters(
  clusters: readonly TopologyCluster[],
  indexOf: ReadonlyMap<string, ScopeIndex>,
): readonly (readonly ScopeIndex[])[] {
  const size = clusters.reduce((max, cluster) => Math.max(max, cluster.index + 1), 0)
  const scopesOf: (readonly ScopeIndex[])[] = Array.from({ length: size }, () => [])
  for (const { index, region, zones } of clusters) {
    const places = region === undefined ? [] : [{ region }, ...zones.map((zone) => ({ region, zone }))]
    const scopes = ['', ...places.map(pathOf)].flatMap((path) => indexOf.get(path) ?? [])
    scopesOf[index] = [...new Set(scopes)].sort((a, b) => a - b)
  }
  return scopesOf
}

function membersOf(scope: ScopeIndex, scopesOf: readonly (readonly ScopeIndex[])[]): readonly ClusterIndex[] {
  return scopesOf.flatMap((scopes, cluster) => (scopes.includes(scope) ? [cluster as ClusterIndex] : []))
}

function makeScope(
  { federation, domain }: TopologyInput,
  parts: {
    readonly index: ScopeIndex
    readonly place: KnownScope | undefined
    readonly indexOf: ReadonlyMap<string, ScopeIndex>
    readonly members: readonly ClusterIndex[]
  },
): Scope {
  const { index, place, indexOf, members } = parts
  const labels = [federation, 'svc', place?.zone, place?.region].filter((label) => label !== undefined)
  const suffix = [...labels, domain === '.' ? '' : domain].join('.')
  if (place === undefined) return { index, level: 'global', suffix, members }
  if (place.zone === undefined) {
    return { index, level: 'region', region: place.region, suffix, parent: 0 as ScopeIndex, members }
  }
  const parent = indexOf.get(place.region) ?? (0 as ScopeIndex) // a zone's region is always planned with it
  return { index, level: 'zone', region: place.region, zone: place.zone, suffix, parent, members }
}

/** Scopes say everything: scopesOf is made of their members, but for unused indices at its end. */
function sameTopology(left: Topology, right: Pick<Topology, 'federation' | 'domain' | 'scopes'>): boolean {
  return (
    left.federation === right.federation &&
    left.domain === right.domain &&
    left.scopes.length === right.scopes.length &&
    left.scopes.every((scope, i) => {
      const other = right.scopes[i]
      return (
        scope.suffix === other?.suffix &&
        scope.members.length === other.members.length &&
        scope.members.every((member, j) => member === other.members[j])
      )
    })
  )
}
