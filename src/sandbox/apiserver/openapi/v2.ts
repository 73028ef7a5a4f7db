import type { Catalogue } from '../resource/cluster.ts'
import { apiVersionOf } from '../resource/resource.ts'
import { protobufMessage } from '../protobuf/writer.ts'
import type { ProtobufField } from '../protobuf/writer.ts'

/** What kubectl asks for; the form of gnostic's `openapi.v2.Document`. */
export const OPENAPI_V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf'

interface PatchOperation {
  readonly path: string
  readonly group: string
  readonly version: string
  readonly kind: string
}

/**
 * The part of an OpenAPI v2 document that kubectl 1.27 reads before it applies, creates or edits: that patches of each kind take
 * `fieldValidation`. Schemas are in version 3 alone.
 */
export function openApiV2Protobuf(catalogue: Catalogue): Uint8Array {
  const paths = patchOperations(catalogue).map((operation): ProtobufField => {
    const patch = protobufMessage([
      [8, parameter('fieldValidation')],
      [13, extension('x-kubernetes-group-version-kind', kindYaml(operation))],
    ])
    return [
      2,
      protobufMessage([
        [1, operation.path],
        [2, protobufMessage([[8, patch]])],
      ]),
    ]
  })
  const info = protobufMessage([
    [1, 'Kubernetes'],
    [2, 'v1'],
  ])
  return protobufMessage([
    [1, '2.0'],
    [2, info],
    [8, protobufMessage(paths)],
  ])
}

/** The same as JSON. */
export function openApiV2Json(catalogue: Catalogue): unknown {
  const paths = patchOperations(catalogue).map(({ path, ...kind }) => [
    path,
    {
      patch: {
        parameters: [{ name: 'fieldValidation', in: 'query', type: 'string', uniqueItems: true }],
        'x-kubernetes-group-version-kind': kind,
      },
    },
  ])
  return {
    swagger: '2.0',
    info: { title: 'Kubernetes', version: 'v1' },
    paths: Object.fromEntries(paths) as unknown,
  }
}

function patchOperations(catalogue: Catalogue): readonly PatchOperation[] {
  return catalogue.all().flatMap((type) =>
    type.versions.map(({ version }) => {
      const root = `/${type.group === '' ? 'api' : 'apis'}/${apiVersionOf(type.group, version)}`
      const scope = type.namespaced ? '/namespaces/{namespace}' : ''
      return { path: `${root}${scope}/${type.plural}/{name}`, group: type.group, version, kind: type.kind }
    }),
  )
}

/** ParametersItem { Parameter { NonBodyParameter { QueryParameterSubSchema } } } */
function parameter(name: string): Uint8Array {
  const query = protobufMessage([
    [2, 'query'],
    [4, name],
    [6, 'string'],
  ])
  return protobufMessage([[1, protobufMessage([[2, protobufMessage([[3, query]])]])]])
}

/** NamedAny { Any { yaml } } */
function extension(name: string, yaml: string): Uint8Array {
  return protobufMessage([
    [1, name],
    [2, protobufMessage([[2, yaml]])],
  ])
}

function kindYaml({ group, version, kind }: PatchOperation): string {
  return `group: "${group}"\nkind: ${kind}\nversion: ${version}\n`
}
