import { builtinDefinitions, referencesOf } from '../builtin/schema.ts'
import { BUILTIN_KINDS } from '../builtin/kinds.ts'
import { byVersionPriority } from '../model/versions.ts'
import type { Catalogue } from '../resource/cluster.ts'
import { apiVersionOf } from '../resource/resource.ts'
import type { ResourceType, ResourceVersion } from '../resource/resource.ts'

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'
const REFERENCE = '#/components/schemas/'

type Json = Readonly<Record<string, unknown>>

interface Endpoint {
  readonly type: ResourceType
  readonly version: ResourceVersion
}

/** `api/v1`, `apis/apps/v1`, … → where its document is. The hash changes with the set of resources, so that clients may cache. */
export function openApiPaths(catalogue: Catalogue): Json {
  const paths = new Set(
    catalogue
      .all()
      .flatMap((type) => type.versions.map((version) => documentPath(type.group, version.version))),
  )
  return Object.fromEntries(
    [...paths]
      .toSorted(byVersionPriority)
      .map((path) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${catalogue.revision}` }]),
  )
}

function documentPath(group: string, version: string): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`
}

/** The OpenAPI v3 document of one group version; undefined when it is not served. */
export function openApiDocument(catalogue: Catalogue, path: string): Json | undefined {
  const endpoints = catalogue
    .all()
    .flatMap((type) =>
      type.versions
        .filter((version) => documentPath(type.group, version.version) === path)
        .map((version) => ({ type, version })),
    )
  if (endpoints.length === 0) return undefined
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
        content: { 'application/json': { schema: { $ref: `${REFERENCE}${schemaName(endpoint)}` } } },
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
  const schema = { $ref: `${REFERENCE}${schemaName(endpoint)}` }
  return { content: Object.fromEntries(types.map((type) => [type, { schema }])), required: true }
}

function patchBody(types: readonly string[]): Json {
  return {
    content: Object.fromEntries(types.map((type) => [type, { schema: { type: 'object' } }])),
    required: true,
  }
}

/** Built-in kinds keep their names; those of custom resources are the reversed group, version and kind. */
function schemaName({ type, version }: Endpoint): string {
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
      addDefinition(schemas, META)
      schemas[name] = customSchema(endpoint)
      schemas[`${name}List`] = listSchema(name, {
        group: type.group,
        version: version.version,
        kind: type.listKind,
      })
    }
  }
  return schemas
}

/** A definition and all that it refers to. */
function addDefinition(schemas: Record<string, unknown>, name: string): void {
  if (schemas[name] !== undefined) return
  const definition = builtinDefinitions()[name]
  if (definition === undefined) return
  schemas[name] = definition
  for (const reference of referencesOf(definition)) addDefinition(schemas, reference)
}

function customSchema({ type, version }: Endpoint): Json {
  const schema = version.schema ?? {}
  const properties = schema['properties'] as Json | undefined // a structural schema
  return {
    ...schema,
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      ...properties,
      metadata: { allOf: [{ $ref: `${REFERENCE}${META}` }] },
    },
    'x-kubernetes-group-version-kind': [{ group: type.group, version: version.version, kind: type.kind }],
  }
}

function listSchema(
  item: string,
  kind: { readonly group: string; readonly version: string; readonly kind: string },
): Json {
  return {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      items: { type: 'array', items: { $ref: `${REFERENCE}${item}` } },
    },
    'x-kubernetes-group-version-kind': [kind],
    description: `List of ${apiVersionOf(kind.group, kind.version)} ${kind.kind}`,
  }
}
