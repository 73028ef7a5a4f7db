import type { KubeObject } from '../../../api/object.ts'
import { missing, refused, twice, wrong } from '../builtin/problems.ts'
import { label1035Problems, subdomainProblems } from '../model/names.ts'
import { fieldsOf, isFields, listOf, sameValue, textOf } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { FieldProblem } from '../types.ts'
import { approvalProblems } from './approval.ts'
import { eachSchema, fillDefaults } from './structural.ts'
import type { StructuralSchema } from './structural.ts'
import { schemaValidator } from './validator.ts'
import { versionsOf } from './versions.ts'
import type { CrdVersion } from './versions.ts'

/** What is wrong with a CRD, in the words of the real server. */
export function crdProblems(crd: KubeObject, old: KubeObject | undefined): readonly FieldProblem[] {
  const spec = fieldsOf(crd['spec'])
  const names = fieldsOf(spec['names'])
  const group = textOf(spec['group'])
  const plural = textOf(names['plural'])
  return [
    ...(crd.metadata.name === `${plural}.${group}`
      ? []
      : [wrong('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...groupProblems(group),
    ...approvalProblems(group, crd),
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
      if (name !== 'kind' && name !== 'listKind') {
        return label1035Problems(value).map((detail) => wrong(`spec.names.${name}`, value, detail))
      }
      return label1035Problems(value.toLowerCase()).map((detail) =>
        wrong(`spec.names.${name}`, value, `may have mixed case, but should otherwise match: ${detail}`),
      )
    }),
    ...listOf(names['shortNames']).flatMap((value, index) =>
      label1035Problems(textOf(value)).map((detail) =>
        wrong(`spec.names.shortNames[${index}]`, value, detail),
      ),
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
  return [
    ...storageProblems(crd, versions),
    ...versions.flatMap((version, index) => {
      const at = `spec.versions[${index}].name`
      const first = versions.findIndex((other) => other.name === version.name)
      return [
        ...label1035Problems(version.name).map((detail) => wrong(at, version.name, detail)),
        ...(first < index ? [twice(at, version.name)] : []),
      ]
    }),
    ...label1035Problems(versions[0]?.name ?? 'none').map((detail) =>
      wrong('spec.version', versions[0]?.name, detail),
    ),
    ...schemasProblems(versions),
    ...columnsProblems(versions),
  ]
}

function storageProblems(crd: KubeObject, versions: readonly CrdVersion[]): readonly FieldProblem[] {
  const storage = versions.filter((version) => version.storage).length
  if (storage === 1) return []
  const listed = fieldsOf(crd['spec'])['versions'] ?? []
  return [
    wrong('spec.versions', listed, 'must have exactly one version marked as storage version'),
    ...(storage === 0 ? [wrong('status.storedVersions', null, 'must have at least one stored version')] : []),
  ]
}

/** What all versions have alike is told once, by the name it has above the versions. */
function schemasProblems(versions: readonly CrdVersion[]): readonly FieldProblem[] {
  const absent = versions.flatMap(({ schema }, index) =>
    Object.keys(schema).length === 0 ? [missing(`spec.versions[${index}].schema.openAPIV3Schema`)] : [],
  )
  const [first] = versions
  if (absent.length > 0 || first === undefined) return absent
  if (versions.every(({ schema }) => sameValue(schema, first.schema))) {
    return schemaProblems(first.schema, 'spec.validation.openAPIV3Schema')
  }
  return versions.flatMap(({ schema }, index) =>
    schemaProblems(schema, `spec.versions[${index}].schema.openAPIV3Schema`),
  )
}

function columnsProblems(versions: readonly CrdVersion[]): readonly FieldProblem[] {
  const [first] = versions
  if (versions.every(({ printerColumns }) => sameValue(printerColumns, first?.printerColumns))) {
    return columnProblems(first?.printerColumns, 'spec.additionalPrinterColumns', 'JSONPath')
  }
  return versions.flatMap(({ printerColumns }, index) =>
    columnProblems(printerColumns, `spec.versions[${index}].additionalPrinterColumns`, 'jsonPath'),
  )
}

/** A structural schema names a type at every node that does not say otherwise. */
function schemaProblems(schema: StructuralSchema, at: string): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  if (schema.type !== 'object') {
    problems.push(
      schema.type === undefined
        ? missing(`${at}.type`, 'must not be empty at the root')
        : wrong(`${at}.type`, schema.type, 'must be object at the root'),
    )
  }
  problems.push(...metadataSchemaProblems(schema.properties?.['metadata'], `${at}.properties[metadata]`))
  eachSchema(schema, at, (node, path) => {
    if (path !== at) problems.push(...nodeProblems(node, path))
    problems.push(...defaultProblems(node, path))
  })
  return problems
}

/** Metadata is typed by the server; a schema may only narrow its names. */
function metadataSchemaProblems(schema: StructuralSchema | undefined, path: string): readonly FieldProblem[] {
  if (schema === undefined) return []
  const { type: _type, description: _description, properties = {}, ...rest } = schema
  const others = Object.keys(properties).filter((name) => name !== 'name' && name !== 'generateName')
  if (others.length === 0 && Object.keys(rest).length === 0) return []
  return [
    refused(
      path,
      'must not specify anything other than name and generateName, but metadata is implicitly specified',
    ),
  ]
}

/** A default must fit the schema it stands in. */
function defaultProblems(node: StructuralSchema, path: string): readonly FieldProblem[] {
  if (node.default === undefined) return []
  return schemaValidator(node)(fillDefaults(node, node.default)).map((problem) => ({
    ...problem,
    field: problem.field === '' ? `${path}.default` : `${path}.default.${problem.field}`,
  }))
}

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const UNSUPPORTED = ['$ref', 'additionalItems', 'definitions', 'dependencies', 'id', 'patternProperties']

function nodeProblems(node: StructuralSchema, path: string): readonly FieldProblem[] {
  return [
    ...branchProblems(node, path),
    ...typeProblems(node, path),
    ...keywordProblems(node, path),
    ...(node.properties !== undefined && isFields(node.additionalProperties)
      ? [refused(`${path}.additionalProperties`, 'additionalProperties and properties are mutual exclusive')]
      : []),
    ...(node.type === 'array' && node.items === undefined
      ? [missing(`${path}.items`, 'must be specified')]
      : []),
    ...(Array.isArray(node.items)
      ? [refused(`${path}.items`, 'items must be a schema object and not an array')]
      : []),
    ...embeddedProblems(node, path),
    ...listTypeProblems(node, path),
  ]
}

function typeProblems(node: StructuralSchema, path: string): readonly FieldProblem[] {
  const { type } = node
  if (type !== undefined && !TYPES.includes(type)) {
    const detail = `supported values: ${TYPES.map((known) => JSON.stringify(known)).join(', ')}`
    return [{ field: `${path}.type`, kind: 'unsupported', detail, value: type }]
  }
  const untyped =
    node['x-kubernetes-int-or-string'] === true || node['x-kubernetes-preserve-unknown-fields'] === true
  if (type !== undefined || untyped) return []
  const container = path.endsWith('.items') ? 'array items' : 'object fields'
  return [missing(`${path}.type`, `must not be empty for specified ${container}`)]
}

function keywordProblems(node: StructuralSchema, path: string): readonly FieldProblem[] {
  const pattern = textOf(node['pattern'])
  const unsupported = UNSUPPORTED.filter((keyword) => {
    const value = node[keyword]
    return (
      value !== undefined &&
      !(isFields(value) && keyword === 'patternProperties' && Object.keys(value).length === 0)
    )
  })
  return [
    ...unsupported.map((keyword) => refused(`${path}.${keyword}`, `${keyword} is not supported`)),
    ...(node['uniqueItems'] === true
      ? [
          refused(
            `${path}.uniqueItems`,
            'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
          ),
        ]
      : []),
    ...(isPattern(pattern)
      ? []
      : [wrong(`${path}.pattern`, pattern, "must be a valid regular expression, but isn't")]),
  ]
}

/** What alternatives may not say: the structure is that of the schema around them. */
function branchProblems(node: StructuralSchema, path: string): readonly FieldProblem[] {
  return ['allOf', 'anyOf', 'oneOf'].flatMap((keyword) =>
    listOf(node[keyword])
      .map(fieldsOf)
      .flatMap((branch, index) =>
        ['type', 'default', 'nullable', 'additionalProperties']
          .filter((name) => branch[name] !== undefined && !isIntOrString(node, name))
          .map((name) => refused(`${path}.${keyword}[${index}].${name}`, 'must be empty to be structural')),
      ),
  )
}

/** The one form of alternatives that may name types: `anyOf: [{ type: integer }, { type: string }]` of int-or-string. */
function isIntOrString(node: StructuralSchema, name: string): boolean {
  return name === 'type' && node['x-kubernetes-int-or-string'] === true
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text).test('')
    return true
  } catch {
    return false
  }
}

function embeddedProblems(node: StructuralSchema, path: string): readonly FieldProblem[] {
  if (node['x-kubernetes-embedded-resource'] !== true) return []
  if (node['x-kubernetes-preserve-unknown-fields'] === true || node.properties !== undefined) return []
  return [
    missing(
      `${path}.properties`,
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
    ),
  ]
}

function listTypeProblems(node: StructuralSchema, path: string): readonly FieldProblem[] {
  const type = node['x-kubernetes-list-type']
  const keys = listOf(node['x-kubernetes-list-map-keys'])
  if (type === undefined)
    return keys.length === 0
      ? []
      : [missing(`${path}.x-kubernetes-list-type`, 'must be map if x-kubernetes-list-map-keys is non-empty')]
  if (!['atomic', 'set', 'map'].includes(type)) {
    const detail = 'supported values: "atomic", "set", "map"'
    return [{ field: `${path}.x-kubernetes-list-type`, kind: 'unsupported', detail, value: type }]
  }
  return [
    ...(node.type === 'array'
      ? []
      : [wrong(`${path}.type`, node.type ?? '', 'must be array if x-kubernetes-list-type is specified')]),
    ...(type !== 'map' || keys.length > 0
      ? []
      : [
          missing(`${path}.x-kubernetes-list-map-keys`, 'must not be empty if x-kubernetes-list-type is map'),
        ]),
    ...(type !== 'map' || node.items !== undefined
      ? []
      : [missing(`${path}.items`, 'must have a schema if x-kubernetes-list-type is map')]),
  ]
}

const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

function columnProblems(columns: unknown, at: string, pathName: string): readonly FieldProblem[] {
  const types = ['boolean', 'date', 'integer', 'number', 'string']
  const known = `must be one of ${types.join(',')}`
  return listOf(columns)
    .map(fieldsOf)
    .flatMap((column, index) => {
      const type = textOf(column['type'])
      const format = textOf(column['format'])
      return [
        ...(textOf(column['name']) === '' ? [missing(`${at}[${index}].name`)] : []),
        ...(type === '' ? [missing(`${at}[${index}].type`, known)] : []),
        ...(type !== '' && !types.includes(type) ? [wrong(`${at}[${index}].type`, type, known)] : []),
        ...(format === '' || COLUMN_FORMATS.includes(format)
          ? []
          : [wrong(`${at}[${index}].format`, format, `must be one of ${COLUMN_FORMATS.join(',')}`)]),
        ...(textOf(column['jsonPath']) === '' ? [missing(`${at}[${index}].${pathName}`)] : []),
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
