import { describe, expect, it } from 'vitest'
import { importsOf, sourceFiles, type SourceImport } from '../support/source-imports.ts'

const root = new URL('../..', import.meta.url).pathname

/**
 * The import table of docs/architecture.md: who may import whom below src/, besides errors.ts and a folder's own files.
 * `types` marks what may be imported for its types only.
 */
const TABLE: Readonly<
  Record<string, { readonly values: readonly string[]; readonly types?: readonly string[] }>
> = {
  dns: { values: [] },
  api: { values: ['dns/names', 'dns/address', 'dns/zone-file'], types: ['dns'] },
  core: { values: ['dns/names', 'dns/address', 'dns/records', 'api'] },
  runtime: { values: [] },
  telemetry: { values: [] },
  config: { values: [] },
  kube: { values: ['api', 'dns/names', 'dns/address', 'runtime', 'telemetry'] },
  resolver: { values: ['api', 'dns/names', 'dns/address', 'runtime', 'telemetry'] },
  probe: { values: ['api', 'dns/names', 'dns/address', 'runtime', 'telemetry'] },
  nameserver: { values: ['dns', 'telemetry'], types: ['core'] },
  writers: { values: ['core', 'dns', 'api', 'runtime', 'telemetry'], types: ['kube', 'nameserver'] },
  'writers/dnsendpoint': { values: ['core', 'dns', 'api', 'runtime', 'telemetry', 'kube', 'writers'] },
  'writers/embedded': { values: ['core', 'dns', 'api', 'runtime', 'telemetry', 'nameserver', 'writers'] },
  controllers: {
    values: ['core', 'dns/names', 'dns/address', 'dns/records', 'api', 'runtime', 'telemetry'],
    types: ['kube', 'writers', 'resolver', 'probe'],
  },
  sandbox: { values: ['api', 'dns/names', 'dns/address', 'runtime', 'telemetry'] },
  app: { values: ['*'] },
  cli: { values: ['app', 'config'] },
  main: { values: ['cli'] },
}

/** Packages that one folder alone may import. */
const OWN_PACKAGES: Readonly<Record<string, string>> = {
  '@kubernetes/client-node': 'src/kube/',
  '@aws-sdk/client-route-53': 'src/writers/route53/',
  '@google-cloud/dns': 'src/writers/clouddns/',
}

const imports = sourceFiles(root, 'src').flatMap((file) => importsOf(root, file))

/** The row of the table that a file falls under: the longest folder named there. */
function rowOf(file: string): string {
  const parts = file
    .replace(/^src\//, '')
    .replace(/\.ts$/, '')
    .split('/')
  const two = parts.slice(0, 2).join('/')
  return parts.length > 2 && two in TABLE ? two : (parts[0] ?? '')
}

function matches(target: string, allowed: readonly string[]): boolean {
  const path = target.replace(/^src\//, '').replace(/\.ts$/, '')
  return allowed.some((prefix) => prefix === '*' || path === prefix || path.startsWith(`${prefix}/`))
}

/** Why an import is not allowed; undefined when it is. */
function fault(found: SourceImport): string | undefined {
  const line = `${found.from} -> ${found.target}`
  if (!found.own) {
    const owner = OWN_PACKAGES[found.target]
    return owner === undefined || found.from.startsWith(owner) ? undefined : `${line} (only ${owner})`
  }
  if (!found.target.startsWith('src/')) return `${line} (outside src)`
  const row = TABLE[rowOf(found.from)]
  if (row === undefined) return `${line} (folder has no row in the table)`
  if (found.target === 'src/errors.ts' || rowOf(found.from) === rowOf(found.target)) return undefined
  if (matches(found.target, row.values)) return undefined
  return found.typeOnly && matches(found.target, row.types ?? []) ? undefined : line
}

/** Every cycle's files, found by depth-first search; type imports count, since they tie files together for a reader. */
function cycles(): readonly string[] {
  const edges = Map.groupBy(
    imports.filter((found) => found.own),
    (found) => found.from,
  )
  const done = new Set<string>()
  const path: string[] = []
  const found: string[] = []
  const visit = (file: string): void => {
    const at = path.indexOf(file)
    if (at >= 0) found.push([...path.slice(at), file].join(' -> '))
    if (at >= 0 || done.has(file)) return
    path.push(file)
    for (const edge of edges.get(file) ?? []) visit(edge.target)
    path.pop()
    done.add(file)
  }
  for (const file of edges.keys()) visit(file)
  return found
}

describe('imports', () => {
  it('finds the imports it judges', () => {
    expect(imports.length).toBeGreaterThan(20)
    expect(imports.filter((found) => found.own && !found.target.endsWith('.ts'))).toEqual([])
  })

  it('point along the table', () => {
    expect(imports.map(fault).filter((line) => line !== undefined)).toEqual([])
  })

  it('have no cycle', () => {
    expect(cycles()).toEqual([])
  })

  it('refuse a forbidden edge (the check itself can fail)', () => {
    const bad = { from: 'src/dns/names.ts', target: 'src/kube/store.ts', own: true, typeOnly: false }

    expect(fault(bad)).toBe('src/dns/names.ts -> src/kube/store.ts')
    expect(fault({ ...bad, target: '@kubernetes/client-node', own: false })).toContain('only src/kube/')
    expect(
      fault({ ...bad, from: 'src/nameserver/x.ts', target: 'src/core/discovery/types.ts', typeOnly: true }),
    ).toBeUndefined()
  })

  it('never reach into test or bench from src', () => {
    expect(imports.filter((found) => /^(test|bench)\//.test(found.target))).toEqual([])
  })
})
