import { cannotBeHandled } from '../resource/intake.ts'
import { apiVersionOf } from '../resource/resource.ts'
import type { ResourceType, ResourceVersion } from '../resource/resource.ts'
import { decodeTyped } from './decode.ts'
import { enumProblems } from './enums.ts'
import { BUILTIN_KINDS } from './kinds.ts'
import type { BuiltinKind } from './kinds.ts'
import { mergeSchemaOf } from './schema.ts'
import { builtinTypes, emptyOf } from './types.ts'

const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']
const REPLICAS = { specReplicas: ['spec', 'replicas'], statusReplicas: ['status', 'replicas'] }

/** The built-in resources of every cluster. */
export const BUILTIN_RESOURCES: readonly ResourceType[] = BUILTIN_KINDS.map(resourceOf)

function resourceOf(kind: BuiltinKind): ResourceType {
  return {
    group: kind.group,
    plural: kind.plural,
    singular: kind.kind === 'Endpoints' ? 'endpoints' : kind.kind.toLowerCase(),
    kind: kind.kind,
    listKind: `${kind.kind}List`,
    shortNames: kind.shortNames ?? [],
    categories: kind.categories ?? [],
    namespaced: kind.clusterScoped === undefined,
    bucket: kind.storedAs?.bucket ?? (kind.group === '' ? kind.plural : `${kind.plural}.${kind.group}`),
    versions: [versionOf(kind)],
    storedApiVersion: kind.storedAs?.apiVersion ?? apiVersionOf(kind.group, kind.version),
    names: kind.names ?? 'subdomain',
    generation: kind.counted === undefined ? 'none' : 'spec',
    generationCounts: kind.counts ?? [],
    statusKeeps: [['spec'], ...(kind.statusKeeps ?? [])],
    statusOnCreate: kind.statusOnCreate ?? false,
    createOnUpdate: kind.createOnUpdate ?? false,
    unconditionalUpdate: kind.needsVersion === undefined,
    deleteAnswer: kind.deleteAnswer ?? 'status',
    defaultDeletionPolicy: kind.defaultDeletionPolicy ?? 'Background',
    verbs:
      kind.withoutDeleteCollection === undefined
        ? VERBS
        : VERBS.filter((verb) => verb !== 'deletecollection'),
    rules: kind.rules ?? {},
    builtin: true,
  }
}

function versionOf(kind: BuiltinKind): ResourceVersion {
  const context = cannotBeHandled({ apiVersion: apiVersionOf(kind.group, kind.version), kind: kind.kind })
  const { storedAs } = kind
  return {
    version: kind.version,
    status: kind.status ?? false,
    columns: kind.columns,
    merge: mergeSchemaOf(kind.definition),
    types: builtinTypes(kind.definition),
    empty: emptyOf(kind),
    decode: (raw) => {
      const decoded = decodeTyped(kind.definition, raw, context)
      return { ...decoded, object: kind.defaults?.(decoded.object) ?? decoded.object }
    },
    // Objects stored under another version are decoded by the names of that one's fields.
    ...(storedAs === undefined
      ? { validate: (object) => enumProblems(kind.definition, object) }
      : { toStored: storedAs.toStored, fromStored: storedAs.fromStored }),
    ...(kind.scale === undefined ? {} : { scale: REPLICAS }),
    ...(kind.deprecationWarning === undefined ? {} : { deprecationWarning: kind.deprecationWarning }),
  }
}
