import { BUILTIN_KINDS } from '../builtin/kinds.ts'
import { referencesOf } from '../builtin/schema.ts'
import type { Catalogue } from '../resource/cluster.ts'
import type { ResourceType, ResourceVersion } from '../resource/resource.ts'
import { describedDefinitions } from './described.ts'
import { OBJECT_META, REFERENCE, publishedSchema } from './published.ts'
import type { Json } from './published.ts'

/** A resource in one version. */
export interface Endpoint {
  readonly type: ResourceType
  readonly version: ResourceVersion
}

/** Everything that is served, by the path of its document: `api/v1`, `apis/apps/v1`, … */
export function endpointsByPath(catalogue: Catalogue): ReadonlyMap<string, readonly Endpoint[]> {
  const endpoints = catalogue
    .all()
    .flatMap((type) => type.versions.map((version): Endpoint => ({ type, version })))
  return Map.groupBy(endpoints, ({ type, version }) => documentPath(type.group, version.version))
}

function documentPath(group: string, version: string): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`
}

/** The OpenAPI v3 document of one group version. */
export function openApiDocument(endpoints: readonly Endpoint[]): Json {
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.3' },
    paths: Object.fromEntries(endpoints.flatMap(pathsOf)),
    components: { schemas: schemasOf(endpoints) },
  }
}

function pathsOf(endpoint: Endpoint): readonly (readonly [string, Json])[] {
  const { type, version } = endpoint
  const root = `/${documentPath(type.group, version.version)}`
  const collection = type.namespaced
    ? `${root}/namespaces/{namespace}/${type.plural}`
    : `${root}/${type.plural}`
  const object = `${collection}/{name}`
  return [
    ...(type.namespaced ? [[`${root}/${type.plural}`, { get: operation(endpoint, 'list') }] as const] : []),
    [
      collection,
      {
        get: operation(endpoint, 'list'),
        post: operation(endpoint, 'post', writeParameters(), body(endpoint, ['application/json'])),
      },
    ],
    [object, objectOperations(endpoint)],
    ...(version.status ? [[`${object}/status`, objectOperations(endpoint)] as const] : []),
  ]
}

function objectOperations(endpoint: Endpoint): Json {
  const patchTypes = [
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(endpoint.version.merge === undefined ? [] : ['application/strategic-merge-patch+json']),
  ]
  return {
    get: operation(endpoint, 'get'),
    put: operation(endpoint, 'put', writeParameters(), body(endpoint, ['application/json'])),
    patch: operation(endpoint, 'patch', writeParameters(), patchBody(patchTypes)),
    delete: operation(endpoint, 'delete', [queryParameter('dryRun')]),
  }
}

function operation(
  endpoint: Endpoint,
  action: string,
  parameters: readonly Json[] = [],
  requestBody?: Json,
): Json {
  const { type, version } = endpoint
  return {
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group: type.group, version: version.version, kind: type.kind },
    parameters,
    ...(requestBody === undefined ? {} : { requestBody }),
    responses: {
      200: {
        description: 'OK',
        content: { 'application/json': { schema: { $ref: `${REFERENCE.v3}${schemaName(endpoint)}` } } },
      },
    },
  }
}

function writeParameters(): readonly Json[] {
  return ['dryRun', 'fieldManager', 'fieldValidation'].map(queryParameter)
}

function queryParameter(name: string): Json {
  return { name, in: 'query', schema: { type: 'string', uniqueItems: true } }
}

function body(endpoint: Endpoint, types: readonly string[]): Json {
  const schema = { $ref: `${REFERENCE.v3}${schemaName(endpoint)}` }
  return { content: Object.fromEntries(types.map((type) => [type, { schema }])), required: true }
}

function patchBody(types: readonly string[]): Json {
  return {
    content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'object' } }])),
    required: true,
  }
}

/** Built-in kinds keep their names; those of custom resources are the reversed group, version and kind. */
export function schemaName({ type, version }: Endpoint): string {
  const builtin = BUILTIN_KINDS.find((kind) => kind.group === type.group && kind.plural === type.plural)
  if (builtin !== undefined) return builtin.definition
  return [...type.group.split('.').toReversed(), version.version, type.kind].join('.')
}

function schemasOf(endpoints: readonly Endpoint[]): Json {
  const schemas: Record<string, unknown> = {}
  for (const endpoint of endpoints) {
    const name = schemaName(endpoint)
    const { type, version } = endpoint
    if (type.builtin) addDefinition(schemas, name)
    else {
      addDefinition(schemas, OBJECT_META)
      const kind = { group: type.group, version: version.version, kind: type.kind }
      schemas[name] = publishedSchema(version.schema ?? {}, kind, 'v3')
      schemas[`${name}List`] = listSchema(name, type, version)
    }
  }
  return schemas
}

/** Add a definition and all that it refers to. */
export function addDefinition(schemas: Record<string, unknown>, name: string): void {
  if (schemas[name] !== undefined) return
  const definition = describedDefinitions()[name]
  if (definition === undefined) return
  schemas[name] = definition
  for (const reference of referencesOf(definition)) addDefinition(schemas, reference)
}

function listSchema(item: string, type: ResourceType, { version }: ResourceVersion): Json {
  return {
    description: `${type.listKind} is a list of ${type.kind}`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      items: { type: 'array', items: { $ref: `${REFERENCE.v3}${item}` } },
    },
    'x-kubernetes-group-version-kind': [{ group: type.group, version, kind: type.listKind }],
  }
}
