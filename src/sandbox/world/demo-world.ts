import { parseWorld, type World, type WorldInput } from './world.ts'

const DEFAULT_WORLD: WorldInput = {
  federation: 'myfederation',
  domain: 'example.com',
  clusters: [
    { name: 'us-central1-a', region: 'us-central1', zones: ['us-central1-a'] },
    { name: 'us-east1-b', region: 'us-east1', zones: ['us-east1-b'] },
    { name: 'europe-west1-b', region: 'europe-west1', zones: ['europe-west1-b'] },
  ],
  services: [{ namespace: 'mynamespace', name: 'nginx' }],
  records: [{ namespace: 'mynamespace', name: 'nginx', recordTTL: 30 }],
}

/** The world of `npm start`: three clusters in three regions, one service in all of them (DESIGN 1). */
export function defaultWorld(): World {
  return parseWorld(DEFAULT_WORLD, 'default world')
}

/** The same clusters with nothing in them: no Domain, no services, no records (`--empty`). */
export function emptyWorld(world: World = defaultWorld()): World {
  return { clusters: world.clusters, services: [], ingresses: [], records: [] }
}

/** Size of a made-up world. */
export interface WorldSize {
  readonly clusters: number
  readonly services: number
  /** Pods of each service in each cluster; default 1. */
  readonly replicas?: number
}

const CLUSTERS_PER_REGION = 10
const SERVICES_PER_NAMESPACE = 100

/**
 * A regular world of any size, for benches: `cluster-0001` in `zone-0001` of `region-001` (ten clusters to a region),
 * `service-00001` in `namespace-001` (a hundred services to a namespace), each with a ServiceDNSRecord. The same size
 * always gives the same world.
 */
export function generateWorld(size: WorldSize): World {
  return parseWorld(
    {
      clusters: Array.from({ length: size.clusters }, (_, index) => ({
        name: numbered('cluster', index, 4),
        region: numbered('region', Math.floor(index / CLUSTERS_PER_REGION), 3),
        zones: [numbered('zone', index, 4)],
      })),
      services: Array.from({ length: size.services }, (_, index) => ({
        namespace: numbered('namespace', Math.floor(index / SERVICES_PER_NAMESPACE), 3),
        name: numbered('service', index, 5),
        replicas: size.replicas ?? 1,
      })),
    } satisfies WorldInput,
    'generated world',
  )
}

function numbered(what: string, index: number, digits: number): string {
  return `${what}-${String(index + 1).padStart(digits, '0')}`
}
