/**
 * What every name must say, straight from the rules, with the whole world in view each time: slow, short and on its own.
 * It imports nothing of src/, so that a mistake there is not a mistake here.
 */

/** A world as plain JSON. */
export interface OracleWorld {
  /** Name of the Domain object. */
  readonly federation: string
  /** Without trailing dot. */
  readonly domain: string
  readonly defaultTTL?: number
  /** Of the Domain; absent: Stable. */
  readonly aliasAs?: 'Stable' | 'CNAME' | 'Addresses'
  readonly clusters: readonly OracleCluster[]
  readonly services: readonly OracleService[]
  readonly ingresses?: readonly OracleIngress[]
  readonly records: readonly OracleRecord[]
  /** Host names of load balancers to their addresses now. */
  readonly hostnames?: Readonly<Record<string, readonly string[]>>
}

export interface OracleCluster {
  readonly name: string
  readonly region?: string
  readonly zones: readonly string[]
  readonly reachable: boolean
}

export interface OracleTarget {
  readonly ip?: string
  readonly hostname?: string
}

export interface OracleService {
  readonly namespace: string
  readonly name: string
  readonly cluster: string
  readonly ingress: readonly OracleTarget[]
  readonly ready: number
  readonly serving: number
  readonly deleting?: boolean
}

export interface OracleIngress {
  readonly namespace: string
  readonly name: string
  readonly cluster: string
  readonly ingress: readonly OracleTarget[]
  /** Names of Services of the same namespace. */
  readonly backends: readonly string[]
  readonly deleting?: boolean
}

export interface OracleRecord {
  readonly kind: 'ServiceDNSRecord' | 'IngressDNSRecord'
  readonly namespace: string
  readonly name: string
  /** RFC 3339. */
  readonly created: string
  readonly recordTTL?: number
  readonly dnsPrefix?: string
  readonly externalName?: string
  readonly allowServiceWithoutEndpoints?: boolean
  readonly whenAllUnhealthy?: 'LastKnownGood' | 'Empty'
  /** Of an IngressDNSRecord, without trailing dot. */
  readonly hosts?: readonly string[]
}

/** What one name says. `owner` is `<kind>/<namespace>/<name>`; names and targets end in a dot. */
export type OracleSaying = { readonly owner: string } & (
  | {
      readonly kind: 'addresses'
      readonly ttl: number
      readonly a: readonly string[]
      readonly aaaa: readonly string[]
    }
  | {
      readonly kind: 'alias'
      readonly ttl: number
      readonly target: string
      /** What outputs outside the process write in its place. */
      readonly instead?: { readonly a: readonly string[]; readonly aaaa: readonly string[] }
    }
)

interface ShardPast {
  readonly was: 'fit' | 'unfit' | 'absent'
  readonly addresses: readonly string[]
  /** Host names of the load balancer that had them. */
  readonly hosts?: readonly string[]
}

/** What must be remembered of earlier worlds: plain JSON. */
export interface OraclePast {
  /** By `<owner>@<cluster>`. */
  readonly shards: Readonly<Record<string, ShardPast>>
  /** Owners that were fit and have not been absent everywhere since. */
  readonly onceFit: readonly string[]
  /** By name: who has it. */
  readonly owners: Readonly<Record<string, string>>
  /** `<region>` and `<zone>.<region>`, ever seen. */
  readonly places: readonly string[]
  /** `<owner> <name>` of names that are said and have carried addresses. */
  readonly carried: readonly string[]
}

/** Before the first world. */
export const NO_PAST: OraclePast = { shards: {}, onceFit: [], owners: {}, places: [], carried: [] }

export interface OracleVerdict {
  readonly names: ReadonlyMap<string, OracleSaying>
  readonly past: OraclePast
}

/** What every name says in this world, and what to give with the next one. */
export function oracle(world: OracleWorld, past: OraclePast = NO_PAST): OracleVerdict {
  const places = [...new Set([...past.places, ...world.clusters.flatMap(placesOf)])]
  const claims: Claim[] = []
  const shards: Record<string, ShardPast> = {}
  const onceFit: string[] = []
  for (const record of world.records) {
    const owner = ownerOf(record)
    const judged = new Map<OracleCluster, ShardPast>()
    for (const cluster of world.clusters) {
      const now = judge(world, record, { cluster, past: past.shards[`${owner}@${cluster.name}`] })
      if (now === undefined) continue
      judged.set(cluster, now)
      shards[`${owner}@${cluster.name}`] = now
    }
    const on = (side: ShardPast['was'], there: (cluster: OracleCluster) => boolean = () => true): string[] =>
      [...judged].flatMap(([cluster, shard]) => (shard.was === side && there(cluster) ? shard.addresses : []))
    const gone = [...judged.values()].every(({ was }) => was === 'absent')
    const wasFit = !gone && (on('fit').length > 0 || past.onceFit.includes(owner))
    if (wasFit) onceFit.push(owner)
    const standIn = wasFit && record.whenAllUnhealthy !== 'Empty' ? on('unfit') : []
    const global = on('fit').length > 0 ? on('fit') : standIn
    const inPlace = (place: string): string[] => on('fit', (cluster) => placesOf(cluster).includes(place))
    const hasCarried = (name: string): boolean => past.carried.includes(`${owner} ${name}`)
    claims.push(...claimsOf(world, record, { places, global, inPlace, hasCarried }))
  }
  const names = arbitrate(claims, past.owners)
  const owners = Object.fromEntries([...names].map(([name, { owner }]) => [name, owner]))
  const said = claims.map(({ name, saying }) => ({ key: `${saying.owner} ${name}`, saying }))
  const carried = said.flatMap(({ key, saying }) =>
    past.carried.includes(key) || (saying.kind === 'addresses' && saying.a.length + saying.aaaa.length > 0)
      ? [key]
      : [],
  )
  return { names, past: { shards, onceFit, owners, places, carried } }
}

function placesOf({ region, zones }: OracleCluster): readonly string[] {
  return region === undefined ? [] : [region, ...zones.map((zone) => `${zone}.${region}`)]
}

function ownerOf({ kind, namespace, name }: OracleRecord): string {
  return `${kind}/${namespace}/${name}`
}

/** DESIGN 5.2, without probes. Undefined: never seen. */
function judge(
  world: OracleWorld,
  record: OracleRecord,
  { cluster, past }: { cluster: OracleCluster; past: ShardPast | undefined },
): ShardPast | undefined {
  if (!cluster.reachable) return past
  const same = (object: { namespace: string; name: string; cluster: string }): boolean =>
    object.namespace === record.namespace && object.name === record.name && object.cluster === cluster.name
  const objects: readonly (OracleService | OracleIngress)[] =
    record.kind === 'ServiceDNSRecord' ? world.services : (world.ingresses ?? [])
  const object = objects.find(same)
  if (object === undefined || object.deleting === true) return { was: 'absent', addresses: [] }
  const resolved = object.ingress.flatMap(({ ip, hostname }) => [
    ...(ip === undefined ? [] : [ip]),
    ...(hostname === undefined ? [] : (world.hostnames?.[hostname] ?? [])),
  ])
  const hosts = object.ingress.flatMap(({ hostname }) => hostname ?? [])
  const unresolved = resolved.length === 0 && hosts.some((host) => past?.hosts?.includes(host))
  const kept = unresolved ? past : { addresses: resolved, hosts }
  if (kept === undefined || kept.addresses.length === 0) return { was: 'absent', addresses: [] }
  return { ...kept, was: isServed(world, record, object) ? 'fit' : 'unfit' }
}

function isServed(world: OracleWorld, record: OracleRecord, object: OracleService | OracleIngress): boolean {
  if ('ready' in object) {
    return record.allowServiceWithoutEndpoints === true || object.ready > 0 || object.serving > 0
  }
  const seen = world.services.filter(
    ({ namespace, name, cluster }) =>
      namespace === object.namespace && cluster === object.cluster && object.backends.includes(name),
  )
  return seen.length === 0 || seen.some(({ ready, serving }) => ready > 0 || serving > 0)
}

interface Claim {
  readonly name: string
  /** DESIGN 5.7; 1 is the strongest here. */
  readonly rank: number
  readonly age: string
  readonly saying: OracleSaying
}

/** kubefed.md 2.7 and 2.8, DESIGN 5.5, 5.9, 5.14. */
function claimsOf(
  world: OracleWorld,
  record: OracleRecord,
  found: {
    readonly places: readonly string[]
    readonly global: readonly string[]
    readonly inPlace: (place: string) => readonly string[]
    readonly hasCarried: (name: string) => boolean
  },
): readonly Claim[] {
  const owner = ownerOf(record)
  const ttl = record.recordTTL || world.defaultTTL || 180
  const age = `${record.created} ${record.namespace}/${record.name} ${owner}`
  const families = (addresses: readonly string[]) => {
    const sorted = [...new Set(addresses)].sort((x, y) => Number(numberOf(x) - numberOf(y)))
    const a = sorted.filter((address) => !address.includes(':'))
    return { a, aaaa: sorted.filter((address) => address.includes(':')) }
  }
  const says = (addresses: readonly string[]): OracleSaying => ({
    ...{ owner, kind: 'addresses', ttl },
    ...families(addresses),
  })
  if (record.kind === 'IngressDNSRecord') {
    return (record.hosts ?? []).map((host) => ({
      name: `${host}.`,
      rank: 3,
      age,
      saying: says(found.global),
    }))
  }
  const rank = record.externalName === undefined ? 1 : 2
  const base = `${record.externalName ?? record.name}.${record.namespace}.${world.federation}`
  const nameIn = (place: string): string =>
    [base, 'svc', ...(place === '' ? [] : [place]), world.domain].join('.') + '.'
  const alias = (target: string, seconds = ttl): OracleSaying => ({
    owner,
    kind: 'alias',
    ttl: seconds,
    target,
  })
  const placed = found.places.map((place) => {
    const addresses = found.inPlace(place)
    const wider = place.includes('.') ? place.slice(place.indexOf('.') + 1) : ''
    const name = nameIn(place)
    // Of the region, else of all: a zone's region is the only scope between.
    const widerAddresses =
      wider === '' || found.inPlace(wider).length === 0 ? found.global : found.inPlace(wider)
    const isKept = world.aliasAs === 'Addresses' || (world.aliasAs !== 'CNAME' && found.hasCarried(name))
    const instead = isKept ? { instead: families(widerAddresses) } : {}
    const saying = addresses.length > 0 ? says(addresses) : { ...alias(nameIn(wider)), ...instead }
    return { name, rank, age, saying }
  })
  const prefix =
    record.dnsPrefix === undefined
      ? []
      : [{ name: `${record.dnsPrefix}.${world.domain}.`, rank: 3, age, saying: alias(nameIn('')) }]
  return [
    { name: nameIn(''), rank, age, saying: says(found.global) },
    ...placed,
    ...prefix,
    { name: `${base}.`, rank, age, saying: alias(nameIn(''), 5) },
  ]
}

/** DESIGN 5.7: the strongest class; in it the present owner, else the oldest. */
function arbitrate(
  claims: readonly Claim[],
  owners: Readonly<Record<string, string>>,
): ReadonlyMap<string, OracleSaying> {
  const byName = Map.groupBy(claims, ({ name }) => name)
  const names = new Map<string, OracleSaying>()
  for (const [name, rivals] of byName) {
    const strongest = Math.min(...rivals.map(({ rank }) => rank))
    const peers = rivals.filter(({ rank }) => rank === strongest)
    const present = peers.find(({ saying }) => saying.owner === owners[name])
    const [oldest] = peers.sort((x, y) => (x.age < y.age ? -1 : 1))
    const winner = present ?? oldest
    if (winner !== undefined) names.set(name, winner.saying)
  }
  return names
}

/** An address as one number, IPv4 before IPv6. */
function numberOf(address: string): bigint {
  if (!address.includes(':')) {
    return address.split('.').reduce((number, octet) => number * 256n + BigInt(octet), 0n)
  }
  const [head = '', tail = ''] = address.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const zeros = address.includes('::') ? 8 - groups(head).length - groups(tail).length : 0
  const all = [...groups(head), ...Array.from({ length: zeros }, () => '0'), ...groups(tail)]
  return all.reduce((number, group) => number * 65536n + BigInt(`0x${group}`), 2n ** 128n)
}
