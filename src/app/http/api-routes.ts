import type { ClusterIndex } from '../../api/keys.ts'
import type { Member } from '../../controllers/member-clusters.ts'
import type { Entry, Ledger } from '../../core/discovery/types.ts'
import { tryDomainName } from '../../dns/names.ts'
import type { Session } from '../../kube/connection.ts'
import type { Metrics } from '../../telemetry/metrics.ts'
import { healthRoutes, routeOf, type Routes } from './health-routes.ts'
import { jsonReply, type HttpReply, type HttpRoute } from './http-server.ts'

/** Names in one reply, unless asked for fewer. */
const MAX_NAMES = 1_000

/** The part of the control plane that is told. */
export interface ApiSource {
  readonly isServing: boolean
  readonly members: ReadonlyMap<string, Member>
  readonly fleet: { at(cluster: ClusterIndex): { readonly session: Session } | undefined }
  readonly discovery: { readonly ledger: Pick<Ledger, 'get' | 'names' | 'size'> }
}

/**
 * Health, metrics, and what is known and published as JSON.
 * @param options.host - where it is served: what is published inside is told on loopback only, as it asks nobody who they are
 */
export function apiRoutes(options: {
  readonly controlPlane: ApiSource
  readonly metrics: Pick<Metrics, 'contentType' | 'text'>
  readonly host: string
  /** The process has been told to end. */
  readonly isLeaving?: () => boolean
}): HttpRoute {
  const { controlPlane, metrics, isLeaving = () => false } = options
  const data: Routes = {
    '/api/v1/clusters': () => jsonReply(200, { clusters: clusters(controlPlane) }),
    '/api/v1/names': (query) => names(controlPlane, query),
  }
  return routeOf({
    ...(isLoopback(options.host) ? data : {}),
    ...healthRoutes({ isServing: () => controlPlane.isServing, isLeaving, metrics }),
  })
}

/** 127.0.0.0/8 and ::1 (RFC 1122, 3.2.1.3; RFC 4291, 2.5.3). */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

function clusters({ members, fleet }: ApiSource): readonly unknown[] {
  const sorted = [...members.values()].sort((left, right) => (left.name < right.name ? -1 : 1))
  return sorted.map(({ name, index, locality, complaint }) => {
    const session = fleet.at(index)?.session
    return {
      name,
      region: locality.region ?? null,
      zones: locality.zones,
      watching: session?.up ?? false,
      since: session === undefined ? null : new Date(session.sinceMs).toISOString(),
      missing: session?.missing ?? [],
      problem: complaint?.message ?? null,
    }
  })
}

/** `?name=` one name, else all of them up to `?limit=`. */
function names({ discovery: { ledger } }: ApiSource, query: URLSearchParams): HttpReply {
  const asked = query.get('name')
  if (asked !== null) {
    const name = tryDomainName(asked)
    if (name === undefined) return jsonReply(400, { error: `"${asked.slice(0, 80)}" is not a DNS name` })
    const entry = ledger.get(name)
    return entry === undefined
      ? jsonReply(404, { error: `nothing is published under ${name}` })
      : jsonReply(200, shown(name, entry))
  }
  const limit = Number(query.get('limit') ?? MAX_NAMES)
  if (!Number.isInteger(limit) || limit < 1) return jsonReply(400, { error: 'limit is not a number above 0' })
  const found: unknown[] = []
  for (const name of ledger.names()) {
    if (found.length >= Math.min(limit, MAX_NAMES)) break
    const entry = ledger.get(name)
    if (entry !== undefined) found.push(shown(name, entry))
  }
  return jsonReply(200, { total: ledger.size, names: found })
}

function shown(name: string, { owner, answer }: Entry): unknown {
  return { name, owner, ...(answer.kind === 'records' ? { kind: answer.kind } : answer) }
}
