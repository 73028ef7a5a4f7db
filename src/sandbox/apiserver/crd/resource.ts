import type { KubeObject } from '../../../api/object.ts'
import { decodeMetadata } from '../builtin/decode.ts'
import { fieldsOf, listOf, numberOf, textOf, valueAt } from '../model/values.ts'
import { compileJsonPath } from '../print/jsonpath.ts'
import { cannotBeHandled } from '../resource/intake.ts'
import { apiVersionOf } from '../resource/resource.ts'
import type { Decoded, ResourceType, ResourceVersion, Rules, ScalePaths } from '../resource/resource.ts'
import type { FieldProblem } from '../types.ts'
import { byVersionPriority } from '../model/versions.ts'
import { columnsOf } from './columns.ts'
import { versionsOf } from './versions.ts'
import type { CrdVersion } from './versions.ts'
import { listTypeProblems } from './list-types.ts'
import { problemsOfChange } from './ratcheting.ts'
import { nullProblems } from './nulls.ts'
import { fillDefaults, prune } from './structural.ts'
import { customTypes } from './types.ts'
import { schemaValidator } from './validator.ts'

const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch']

/** The resource that a CRD defines. */
export function customResource(crd: KubeObject): ResourceType {
  const spec = fieldsOf(crd['spec'])
  const names = fieldsOf(spec['names'])
  const group = textOf(spec['group'])
  const kind = textOf(names['kind'])
  const versions = versionsOf(crd)
  const storage = versions.find((version) => version.storage)?.name ?? ''
  return {
    group,
    plural: textOf(names['plural']),
    singular: textOf(names['singular']),
    kind,
    listKind: textOf(names['listKind']),
    shortNames: listOf(names['shortNames']).map(textOf),
    categories: listOf(names['categories']).map(textOf),
    namespaced: spec['scope'] === 'Namespaced',
    bucket: crd.metadata.name,
    versions: versions
      .filter((version) => version.served)
      .toSorted((a, b) => byVersionPriority(a.name, b.name))
      .map((version) =>
        resourceVersion({ group, kind, changed: (crd.metadata.generation ?? 1) > 1 }, version),
      ),
    storedApiVersion: apiVersionOf(group, storage),
    names: 'subdomain',
    generation: 'spec',
    statusKeeps: [['metadata'], ['spec']],
    statusOnCreate: false,
    createOnUpdate: false,
    unconditionalUpdate: false,
    deleteAnswer: 'status',
    verbs: VERBS,
    rules: rulesOf(versions),
    builtin: false,
  }
}

interface Context {
  readonly group: string
  readonly kind: string
  /** Objects may have been stored under another schema. */
  readonly changed: boolean
}

function resourceVersion(context: Context, version: CrdVersion): ResourceVersion {
  const { schema, subresources } = version
  const expected = { apiVersion: apiVersionOf(context.group, version.name), kind: context.kind }
  const validate = schemaValidator(withTypeMeta(schema))
  const scale = scaleOf(subresources['scale'])
  return {
    version: version.name,
    status: subresources['status'] !== undefined,
    columns: columnsOf(version.printerColumns),
    types: customTypes(schema),
    mergeProblems: (object) => nullProblems(schema, object),
    decode: (raw) => decodeCustom(version, raw, cannotBeHandled(expected)),
    validate: (object, old) => {
      const found = [...validate(object), ...scaleProblems(object, scale)]
      const problems = found.length > 0 ? found : listTypeProblems(schema, object)
      return old === undefined ? problems : problemsOfChange(problems, { schema, now: object, old })
    },
    schema,
    ...(scale === undefined ? {} : { scale }),
    ...(version.deprecationWarning === undefined ? {} : { deprecationWarning: version.deprecationWarning }),
    ...(context.changed ? { fromStored: (object) => reread(version, object, expected.apiVersion) } : {}),
  }
}

/** Metadata is typed whatever a schema says about it. */
function withTypeMeta(schema: CrdVersion['schema']): CrdVersion['schema'] {
  const { metadata: _, ...properties } = schema.properties ?? {}
  return { ...schema, properties }
}

function decodeCustom(version: CrdVersion, raw: KubeObject, context: string): Decoded {
  const { metadata, unknown: unknownMetadata } = decodeMetadata(raw.metadata, context)
  const unknown: string[] = []
  const filled = fillDefaults(withTypeMeta(version.schema), raw)
  const pruned = prune(version.schema, filled, unknown) as KubeObject // an object stays one
  const { apiVersion, kind, metadata: _, ...rest } = pruned
  return {
    object: { apiVersion, kind, metadata, ...rest },
    unknown: [...unknownMetadata, ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`)],
  }
}

/** What was stored under an older schema is read with the defaults and fields of the present one. */
function reread(version: CrdVersion, object: KubeObject, apiVersion: string): KubeObject {
  const filled = fillDefaults(withTypeMeta(version.schema), object)
  const pruned = prune(version.schema, filled, []) as KubeObject // an object stays one
  return { ...pruned, apiVersion, metadata: object.metadata }
}

function scaleOf(scale: unknown): ScalePaths | undefined {
  if (scale === undefined) return undefined
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = fieldsOf(scale)
  const selector = pathOf(labelSelectorPath)
  return {
    specReplicas: pathOf(specReplicasPath),
    statusReplicas: pathOf(statusReplicasPath),
    labelSelector: selector,
  }
}

function pathOf(text: unknown): readonly string[] {
  return textOf(text)
    .split('.')
    .filter((name) => name !== '')
}

function scaleProblems(object: KubeObject, scale: ScalePaths | undefined): readonly FieldProblem[] {
  if (scale === undefined) return []
  const replicas = numberOf(valueAt(object, scale.specReplicas))
  if (replicas >= 0) return []
  const field = `.${scale.specReplicas.join('.')}`
  return [{ field, kind: 'invalid', detail: 'should be a non-negative integer', value: replicas }]
}

function rulesOf(versions: readonly CrdVersion[]): Rules {
  const paths = [...new Set(versions.flatMap((version) => version.selectable))]
  if (paths.length === 0) return {}
  const compiled = paths.map((path) => ({ field: path.replace(/^\./, ''), find: compileJsonPath(path) }))
  return {
    selectableFields: compiled.map(({ field }) => field),
    selectable: (object) =>
      Object.fromEntries(
        compiled.map(({ field, find }) => {
          const value = find?.(object)[0]
          return [
            field,
            value === undefined || value === null
              ? ''
              : typeof value === 'string'
                ? value
                : JSON.stringify(value),
          ]
        }),
      ),
  }
}
