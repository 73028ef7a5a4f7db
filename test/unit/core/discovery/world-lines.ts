import {
  NO_PAST,
  oracle,
  type OracleCluster,
  type OracleRecord,
  type OracleSaying,
  type OracleService,
  type OracleWorld,
} from '../../../support/oracle.ts'
import { WorldDriver } from './drive-world.ts'

/** A cluster from `name [region [zone …]]`; `!` before the name: it cannot be reached. */
export function cluster(words: string): OracleCluster {
  const [name = '', region, ...zones] = words.split(' ')
  const reachable = !name.startsWith('!')
  return { name: name.replace('!', ''), zones, reachable, ...(region === undefined ? {} : { region }) }
}

/** The Service ns/web in a cluster, ready, at these addresses (host names: with letters). */
export function web(
  at: string,
  addresses: readonly string[],
  more: Partial<OracleService> = {},
): OracleService {
  const ingress = addresses.map((text) => (/[g-z]/.test(text) ? { hostname: text } : { ip: text }))
  return { namespace: 'ns', name: 'web', cluster: at, ingress, ready: 1, serving: 1, ...more }
}

/** The ServiceDNSRecord ns/web. */
export function record(more: Partial<OracleRecord> = {}): OracleRecord {
  return {
    kind: 'ServiceDNSRecord',
    namespace: 'ns',
    name: 'web',
    created: '2026-01-01T00:00:00Z',
    ...more,
  }
}

/** A world of federation `fed`, domain `example.com`, with the record ns/web. */
export function world(parts: Partial<OracleWorld>): OracleWorld {
  return {
    federation: 'fed',
    domain: 'example.com',
    clusters: [],
    services: [],
    records: [record()],
    ...parts,
  }
}

/** As zone-file lines, sorted by name; NODATA where a name exists and says nothing. Short names are left out. */
export function linesOf(names: ReadonlyMap<string, OracleSaying>): readonly string[] {
  return [...names]
    .filter(([name]) => !name.endsWith('.fed.'))
    .sort(([x], [y]) => (x < y ? -1 : 1))
    .flatMap(([name, saying]) => {
      if (saying.kind === 'alias') return `${name} ${saying.ttl} CNAME ${saying.target}`
      const lines = [
        ...(saying.a.length > 0 ? [`${name} ${saying.ttl} A ${saying.a.join(' ')}`] : []),
        ...(saying.aaaa.length > 0 ? [`${name} ${saying.ttl} AAAA ${saying.aaaa.join(' ')}`] : []),
      ]
      return lines.length > 0 ? lines : `${name} ${saying.ttl} NODATA`
    })
}

/** What the core says after these worlds, one after the other. */
export function decided(...worlds: readonly OracleWorld[]): readonly string[] {
  const driver = new WorldDriver()
  for (const next of worlds) driver.apply(next)
  return linesOf(driver.names())
}

/** What the oracle says. */
export function expected(...worlds: readonly OracleWorld[]): readonly string[] {
  let verdict = { names: new Map<string, OracleSaying>() as ReadonlyMap<string, OracleSaying>, past: NO_PAST }
  for (const next of worlds) verdict = oracle(next, verdict.past)
  return linesOf(verdict.names)
}
