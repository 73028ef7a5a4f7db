import { apiVersionOf } from '../resource/resource.ts'
import { addDefinition, schemaName } from './document.ts'
import type { Endpoint } from './document.ts'
import { OBJECT_META, inVersion2, publishedSchema } from './published.ts'
import type { Json } from './published.ts'

/** An OpenAPI document of version 2, as far as it is filled here. */
export interface OpenApiV2 {
  readonly swagger: '2.0'
  readonly info: { readonly title: string; readonly version: string }
  readonly paths: Readonly<Record<string, { readonly patch: PatchOperation }>>
  readonly definitions: Readonly<Record<string, Json>>
}

/** That objects of a kind may be patched, and that such requests take `fieldValidation`. */
export interface PatchOperation {
  readonly parameters: readonly Json[]
  readonly 'x-kubernetes-group-version-kind': Json
}

/**
 * The part of the document of version 2 that kubectl reads: schemas, for `explain` in that form and for strategic merge patches of
 * kubectl 1.27, and the patches that each kind takes.
 */
export function openApiV2(endpoints: readonly Endpoint[]): OpenApiV2 {
  const definitions: Record<string, Json> = {}
  const builtins: Record<string, unknown> = {}
  for (const endpoint of endpoints) {
    const { type, version } = endpoint
    const name = schemaName(endpoint)
    if (type.builtin) addDefinition(builtins, name)
    else {
      addDefinition(builtins, OBJECT_META)
      const kind = { group: type.group, version: version.version, kind: type.kind }
      definitions[name] = publishedSchema(version.schema ?? {}, kind, 'v2')
    }
  }
  for (const [name, schema] of Object.entries(builtins)) definitions[name] = inVersion2(schema as Json) // added as one
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1.36.3' },
    paths: Object.fromEntries(
      endpoints.map((endpoint) => [patchPath(endpoint), { patch: patchOf(endpoint) }]),
    ),
    definitions,
  }
}

function patchPath({ type, version }: Endpoint): string {
  const root = `/${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type.group, version.version)}`
  return `${root}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}/{name}`
}

function patchOf({ type, version }: Endpoint): PatchOperation {
  return {
    parameters: [{ name: 'fieldValidation', in: 'query', type: 'string', uniqueItems: true }],
    'x-kubernetes-group-version-kind': { group: type.group, kind: type.kind, version: version.version },
  }
}
