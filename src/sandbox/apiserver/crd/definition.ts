import type { KubeObject } from '../../../api/object.ts'
import { label1035Problems, labelProblems, subdomainProblems } from '../model/names.ts'
import { fieldsOf, isFields, listOf, sameValue, textOf } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import { timestamp } from '../resource/cluster.ts'
import type { Rules } from '../resource/resource.ts'
import type { FieldProblem } from '../types.ts'
import { missing, refused, twice, wrong } from '../builtin/problems.ts'
import { eachSchema } from './structural.ts'
import type { StructuralSchema } from './structural.ts'

/** One version of a CRD, as its spec has it. */
export interface CrdVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly schema: StructuralSchema
  readonly subresources: Readonly<Fields>
  readonly printerColumns: unknown
  readonly selectable: readonly string[]
  readonly deprecationWarning: string | undefined
}

/** The versions of a CRD that was validated. */
export function versionsOf(crd: KubeObject): readonly CrdVersion[] {
  return listOf(fieldsOf(crd['spec'])['versions'])
    .map(fieldsOf)
    .map((version) => ({
      name: textOf(version['name']),
      served: version['served'] === true,
      storage: version['storage'] === true,
      schema: fieldsOf(fieldsOf(version['schema'])['openAPIV3Schema']) as StructuralSchema, // validated with the CRD
      subresources: fieldsOf(version['subresources']),
      printerColumns: version['additionalPrinterColumns'],
      selectable: listOf(version['selectableFields']).map((field) => textOf(fieldsOf(field)['jsonPath'])),
      deprecationWarning: deprecationOf(crd, version),
    }))
}

function deprecationOf(crd: KubeObject, version: Readonly<Fields>): string | undefined {
  if (version['deprecated'] !== true) return undefined
  const { group, names } = fieldsOf(crd['spec'])
  return (
    textOf(version['deprecationWarning']) ||
    `${textOf(group)}/${textOf(version['name'])} ${textOf(fieldsOf(names)['kind'])} is deprecated`
  )
}

/** Defaults of a CRD: names that follow from others, no conversion. */
export function defaultCrd(crd: KubeObject): KubeObject {
  const spec = fieldsOf(crd['spec'])
  const names = fieldsOf(spec['names'])
  const kind = textOf(names['kind'])
  return {
    ...crd,
    spec: {
      ...spec,
      names: {
        ...names,
        singular: textOf(names['singular']) || kind.toLowerCase(),
        listKind: textOf(names['listKind']) || (kind === '' ? '' : `${kind}List`),
      },
      conversion: spec['conversion'] ?? { strategy: 'None' },
    },
  }
}

/** CRD: accepted at once, unless it cannot be served. */
export const CRD_RULES: Rules = {
  onCreate: (crd, context) => established(crd, undefined, context.nowMs),
  onUpdate: (crd, old, context) => established(crd, old, context.nowMs),
  validate: crdProblems,
}

/** The real server sets these a moment later; here a CRD is served when its create is answered. */
function established(crd: KubeObject, old: KubeObject | undefined, nowMs: number): KubeObject {
  const spec = fieldsOf(crd['spec'])
  const before = fieldsOf(old?.['status'])
  const storage = versionsOf(crd).find((version) => version.storage)?.name
  const stored = listOf(before['storedVersions']).map(textOf)
  const at = timestamp(nowMs)
  const conditions = [
    {
      type: 'NamesAccepted',
      status: 'True',
      lastTransitionTime: at,
      reason: 'NoConflicts',
      message: 'no conflicts found',
    },
    {
      type: 'Established',
      status: 'True',
      lastTransitionTime: at,
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    },
  ]
  return {
    ...crd,
    status: {
      conditions: before['conditions'] ?? conditions,
      acceptedNames: spec['names'],
      storedVersions: storage === undefined || stored.includes(storage) ? stored : [...stored, storage],
    },
  }
}

function crdProblems(crd: KubeObject, old: KubeObject | undefined): readonly FieldProblem[] {
  const spec = fieldsOf(crd['spec'])
  const names = fieldsOf(spec['names'])
  const group = textOf(spec['group'])
  const plural = textOf(names['plural'])
  return [
    ...(crd.metadata.name === `${plural}.${group}`
      ? []
      : [wrong('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...groupProblems(group),
    ...namesProblems(names),
    ...scopeProblems(spec['scope']),
    ...versionProblems(crd),
    ...(old === undefined ? [] : immutableProblems(spec, fieldsOf(old['spec']))),
    ...storedProblems(crd, old),
  ]
}

function groupProblems(group: string): readonly FieldProblem[] {
  if (group === '') return [missing('spec.group')]
  const problems = subdomainProblems(group).map((detail) => wrong('spec.group', group, detail))
  return problems.length > 0 || group.includes('.')
    ? problems
    : [wrong('spec.group', group, 'should be a domain with at least one dot')]
}

function namesProblems(names: Readonly<Fields>): readonly FieldProblem[] {
  const required = ['plural', 'singular', 'kind', 'listKind'].filter((name) => textOf(names[name]) === '')
  const checked = ['plural', 'singular', 'kind', 'listKind'].filter((name) => !required.includes(name))
  return [
    ...required.map((name) => missing(`spec.names.${name}`)),
    ...checked.flatMap((name) => {
      const value = textOf(names[name])
      const lower = name === 'kind' || name === 'listKind' ? value.toLowerCase() : value
      return label1035Problems(lower).map((detail) => wrong(`spec.names.${name}`, value, detail))
    }),
    ...listOf(names['shortNames']).flatMap((value, index) =>
      labelProblems(textOf(value)).map((detail) => wrong(`spec.names.shortNames[${index}]`, value, detail)),
    ),
    ...(textOf(names['kind']) !== '' && names['kind'] === names['listKind']
      ? [wrong('spec.names.listKind', names['listKind'], 'kind and listKind may not be the same')]
      : []),
  ]
}

function scopeProblems(scope: unknown): readonly FieldProblem[] {
  if (scope === 'Cluster' || scope === 'Namespaced') return []
  if (textOf(scope) === '') return [missing('spec.scope')]
  return [
    {
      field: 'spec.scope',
      kind: 'unsupported',
      detail: 'supported values: "Cluster", "Namespaced"',
      value: scope,
    },
  ]
}

function versionProblems(crd: KubeObject): readonly FieldProblem[] {
  const versions = versionsOf(crd)
  const storage = versions.filter((version) => version.storage).length
  return [
    ...(storage === 1
      ? []
      : [
          wrong(
            'spec.versions',
            fieldsOf(crd['spec'])['versions'],
            'must have exactly one version marked as storage version',
          ),
        ]),
    ...versions.flatMap((version, index) => {
      const at = `spec.versions[${index}]`
      const first = versions.findIndex((other) => other.name === version.name)
      return [
        ...label1035Problems(version.name).map((detail) => wrong(`${at}.name`, version.name, detail)),
        ...(first < index ? [twice(`${at}.name`, version.name)] : []),
        ...schemaProblems(version.schema, `${at}.schema.openAPIV3Schema`),
        ...columnProblems(version.printerColumns, `${at}.additionalPrinterColumns`),
      ]
    }),
  ]
}

/** A structural schema names a type at every node that does not say otherwise. */
function schemaProblems(schema: StructuralSchema, at: string): readonly FieldProblem[] {
  if (Object.keys(schema).length === 0) return [missing(at, 'schemas are required')]
  const problems: FieldProblem[] = []
  if (schema.type !== 'object') {
    problems.push(
      schema.type === undefined
        ? missing(`${at}.type`, 'must not be empty at the root')
        : wrong(`${at}.type`, schema.type, 'must be object at the root'),
    )
  }
  eachSchema(schema, at, (node, path) => {
    if (path !== at) problems.push(...nodeProblems(node, path))
  })
  return problems
}

function nodeProblems(node: StructuralSchema, path: string): readonly FieldProblem[] {
  const untyped =
    node['x-kubernetes-int-or-string'] === true || node['x-kubernetes-preserve-unknown-fields'] === true
  const container = path.endsWith('.items') ? 'array items' : 'object fields'
  return [
    ...(node.type === undefined && !untyped
      ? [missing(`${path}.type`, `must not be empty for specified ${container}`)]
      : []),
    ...(node.properties !== undefined && isFields(node.additionalProperties)
      ? [refused(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive')]
      : []),
    ...(node.type === 'array' && node.items === undefined
      ? [missing(`${path}.items`, 'must be specified')]
      : []),
    ...listTypeProblems(node, path),
  ]
}

function listTypeProblems(node: StructuralSchema, path: string): readonly FieldProblem[] {
  const type = node['x-kubernetes-list-type']
  const keys = listOf(node['x-kubernetes-list-map-keys'])
  if (type === undefined)
    return keys.length === 0
      ? []
      : [missing(`${path}.x-kubernetes-list-type`, 'must be map if x-kubernetes-list-map-keys is non-empty')]
  if (type !== 'map') return []
  return keys.length > 0
    ? []
    : [missing(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map')]
}

function columnProblems(columns: unknown, at: string): readonly FieldProblem[] {
  const types = ['boolean', 'date', 'integer', 'number', 'string']
  return listOf(columns)
    .map(fieldsOf)
    .flatMap((column, index) => {
      const type = textOf(column['type'])
      const path = textOf(column['jsonPath'])
      return [
        ...(textOf(column['name']) === '' ? [missing(`${at}[${index}].name`)] : []),
        ...(type === '' ? [missing(`${at}[${index}].type`, `must be one of ${types.join(',')}`)] : []),
        ...(type !== '' && !types.includes(type)
          ? [wrong(`${at}[${index}].type`, type, `must be one of ${types.join(',')}`)]
          : []),
        ...(path === '' ? [missing(`${at}[${index}].jsonPath`)] : []),
      ]
    })
}

function immutableProblems(spec: Readonly<Fields>, old: Readonly<Fields>): readonly FieldProblem[] {
  const names = fieldsOf(spec['names'])
  const before = fieldsOf(old['names'])
  const words = 'field is immutable'
  return [
    ...(spec['group'] === old['group'] ? [] : [wrong('spec.group', spec['group'], words)]),
    ...(spec['scope'] === old['scope'] ? [] : [wrong('spec.scope', spec['scope'], words)]),
    ...['plural', 'kind']
      .filter((name) => !sameValue(names[name], before[name]))
      .map((name) => wrong(`spec.names.${name}`, names[name], words)),
  ]
}

/** A version that objects are stored in may not go. */
function storedProblems(crd: KubeObject, old: KubeObject | undefined): readonly FieldProblem[] {
  const names = versionsOf(crd).map((version) => version.name)
  return listOf(fieldsOf(old?.['status'])['storedVersions'])
    .map(textOf)
    .flatMap((version, index) =>
      names.includes(version)
        ? []
        : [
            wrong(
              `status.storedVersions[${index}]`,
              version,
              'missing from spec.versions; must remove it from status.storedVersions',
            ),
          ],
    )
}
