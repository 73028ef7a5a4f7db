/**
 * Rewrites src/sandbox/apiserver/builtin/openapi-schemas.ts from the OpenAPI documents of a real kube-apiserver:
 * `node test/support/record-builtin-schemas.ts URL TOKEN`. Descriptions are left out.
 */
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'undici'

const DOCUMENTS = [
  'api/v1',
  'apis/apps/v1',
  'apis/apiextensions.k8s.io/v1',
  'apis/batch/v1',
  'apis/coordination.k8s.io/v1',
  'apis/discovery.k8s.io/v1',
  'apis/events.k8s.io/v1',
  'apis/networking.k8s.io/v1',
  'apis/rbac.authorization.k8s.io/v1',
]

const ROOTS = [
  ...[
    'ConfigMap',
    'Endpoints',
    'Event',
    'Namespace',
    'Node',
    'Pod',
    'Secret',
    'Service',
    'ServiceAccount',
  ].map((kind) => `io.k8s.api.core.v1.${kind}`),
  'io.k8s.api.apps.v1.Deployment',
  'io.k8s.api.apps.v1.ReplicaSet',
  'io.k8s.api.batch.v1.Job',
  'io.k8s.api.coordination.v1.Lease',
  'io.k8s.api.discovery.v1.EndpointSlice',
  'io.k8s.api.events.v1.Event',
  'io.k8s.api.networking.v1.Ingress',
  'io.k8s.api.networking.v1.IngressClass',
  ...['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'].map((kind) => `io.k8s.api.rbac.v1.${kind}`),
  'io.k8s.api.autoscaling.v1.Scale',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
  'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions',
]

type Json = null | boolean | number | string | Json[] | { [name: string]: Json }
type Definitions = Record<string, Json>

function isObject(value: Json | undefined): value is { [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withoutDescriptions(value: Json): Json {
  if (Array.isArray(value)) return value.map(withoutDescriptions)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, inner]) => !(name === 'description' && typeof inner === 'string'))
      .map(([name, inner]) => [name, withoutDescriptions(inner)]),
  )
}

function collect(name: string, all: Definitions, found: Definitions): void {
  if (found[name] !== undefined) return
  const definition = all[name]
  if (definition === undefined) throw new Error(`the server has no definition ${name}`)
  found[name] = withoutDescriptions(definition)
  follow(definition, all, found)
}

function follow(value: Json, all: Definitions, found: Definitions): void {
  if (Array.isArray(value)) for (const inner of value) follow(inner, all, found)
  else if (isObject(value)) {
    const reference = value['$ref']
    if (typeof reference === 'string') collect(reference.slice(reference.lastIndexOf('/') + 1), all, found)
    for (const inner of Object.values(value)) follow(inner, all, found)
  }
}

const [url, token] = process.argv.slice(2)
if (url === undefined || token === undefined) throw new Error('usage: record-builtin-schemas.ts URL TOKEN')
const dispatcher = new Agent({ connect: { rejectUnauthorized: false } })
const all: Definitions = {}
for (const document of DOCUMENTS) {
  const answer = await request(`${url}/openapi/v3/${document}`, {
    dispatcher,
    headers: { authorization: `Bearer ${token}` },
  })
  const body = (await answer.body.json()) as { components: { schemas: Definitions } }
  Object.assign(all, body.components.schemas)
}
const found: Definitions = {}
for (const root of ROOTS) collect(root, all, found)
const lines = Object.keys(found)
  .toSorted()
  .map((name) => `${JSON.stringify(name)}:${JSON.stringify(found[name])}`)
const quoted = lines.map((line) => `  '${line.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}',`)
writeFileSync(
  new URL('../../src/sandbox/apiserver/builtin/openapi-schemas.ts', import.meta.url),
  `/** Schemas of the built-in kinds, one \`"name":{…}\` each. Written by test/support/record-builtin-schemas.ts: do not edit. */
export const OPENAPI_SCHEMAS: readonly string[] = [
${quoted.join('\n')}
]
`,
)
process.stdout.write(`${lines.length} definitions\n`)
