import { readdirSync, readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { toCustomResourceDefinition } from '../../src/api/crd.ts'
import { kindsDocument } from '../../src/api/kinds-document.ts'
import { KINDS, OPTIONAL_KINDS } from '../../src/api/kinds.ts'
import { crdFiles } from '../../src/api/print-crds.ts'
import type {
  PrinterColumn,
  ResourceDefinition,
  StructuralSchema,
} from '../../src/api/resource-definition.ts'

const CRDS = new URL('../../crds/', import.meta.url)
const DEFINITIONS = [...KINDS, ...OPTIONAL_KINDS].map(({ definition }) => definition)

describe('crds/', () => {
  it('holds exactly what src/api says (npm run crds)', () => {
    const found = readdirSync(CRDS, { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.yaml'),
    )

    expect(found.sort()).toEqual(
      crdFiles()
        .map((file) => file.path)
        .sort(),
    )
  })

  it.each(crdFiles())('$path is as src/api says (npm run crds)', (file) => {
    expect(readFileSync(new URL(file.path, CRDS), 'utf8')).toBe(file.text)
  })

  it.each(crdFiles())('$path is read back as it was meant', (file) => {
    const meant = DEFINITIONS.find(({ plural, group }) => file.path.endsWith(`${plural}.${group}.yaml`))

    const documents = parseAllDocuments(file.text).map((document) => document.toJS() as unknown)

    expect(documents).toEqual([meant && JSON.parse(JSON.stringify(toCustomResourceDefinition(meant)))])
  })

  it('has a description in docs/kinds.md that is as src/api says (npm run crds)', () => {
    expect(readFileSync(new URL('../docs/kinds.md', CRDS), 'utf8')).toBe(kindsDocument())
  })

  it('serves no plural twice, so that kubectl needs no group', () => {
    const plurals = KINDS.flatMap(({ definition: { plural, singular, shortNames } }) => [
      ...new Set([plural, singular, ...shortNames]), // a kind that is a plural itself has the same word twice
    ])

    expect(new Set(plurals).size).toBe(plurals.length)
  })
})

describe.each(DEFINITIONS)('$plural.$group', (definition) => {
  it('has a structural schema', () => {
    expect(schemaProblems(definition.schema)).toEqual([])
  })

  it('has a schema that the sandbox can compile', () => {
    expect(() => new Ajv({ strict: false, validateFormats: false }).compile(definition.schema)).not.toThrow()
  })

  it('has columns that show fields it has', () => {
    expect(definition.printerColumns.flatMap((column) => columnProblems(definition, column))).toEqual([])
  })

  it('has an approval where the group needs one', () => {
    const isProtected = /\.(?:k8s|kubernetes)\.io$/.test(definition.group)

    expect(definition.annotations?.['api-approved.kubernetes.io'] !== undefined).toBe(isProtected)
  })
})

describe('the rules themselves', () => {
  const text = { type: 'string', description: 'd' } as const
  const rows: readonly { name: string; in: unknown; want: string }[] = [
    { name: 'no reference', in: { $ref: '#/a' }, want: '$ref' },
    { name: 'no union', in: { type: 'string', description: 'd', anyOf: [] }, want: 'anyOf' },
    { name: 'no CEL', in: { ...text, 'x-kubernetes-validations': [] }, want: 'x-kubernetes-validations' },
    {
      name: 'no uniqueItems',
      in: { type: 'array', description: 'd', items: text, uniqueItems: true },
      want: 'uniqueItems',
    },
    { name: 'a type', in: { description: 'd' }, want: 'has no type' },
    { name: 'a known type', in: { type: 'null', description: 'd' }, want: 'unknown type' },
    { name: 'items of a list', in: { type: 'array', description: 'd' }, want: 'no items' },
    {
      name: 'no additionalProperties beside properties',
      in: { type: 'object', description: 'd', properties: { a: text }, additionalProperties: text },
      want: 'beside properties',
    },
    {
      name: 'required fields that exist',
      in: { type: 'object', description: 'd', properties: { a: text }, required: ['b'] },
      want: 'required b',
    },
    {
      name: 'no null among the values of a field that may not be null',
      in: { ...text, enum: ['a', null] },
      want: 'null',
    },
    { name: 'no null default of a field that may not be null', in: { ...text, default: null }, want: 'null' },
    { name: 'a description', in: { type: 'string' }, want: 'no description' },
    { name: 'a pattern without look-ahead', in: { ...text, pattern: '^(?!a)' }, want: 'RE2' },
    { name: 'a pattern without back reference', in: { ...text, pattern: String.raw`^(a)\1$` }, want: 'RE2' },
    {
      name: 'a pattern that compiles with the unicode flag',
      in: { ...text, pattern: String.raw`^\-$` },
      want: 'does not compile',
    },
    {
      name: 'keys of a list that its items require',
      in: {
        type: 'array',
        description: 'd',
        items: { type: 'object', properties: { a: text } },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['a'],
      },
      want: 'list key a',
    },
  ]
  it.each(rows)('ask for $name', (row) => {
    const problems = schemaProblems({ type: 'object', properties: { f: row.in as StructuralSchema } })

    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(`f: `)
    expect(problems[0]).toContain(row.want)
  })

  it('ask for columns of the right type', () => {
    const definition = {
      schema: { type: 'object', properties: { f: { type: 'integer' } } },
    } as unknown as ResourceDefinition

    expect(columnProblems(definition, { name: 'F', type: 'date', jsonPath: '.f' })).toEqual([
      'F: a date of an integer',
    ])
    expect(columnProblems(definition, { name: 'F', type: 'string', jsonPath: '.g[0]' })).toEqual([
      'F: no field .g[0]',
    ])
  })
})

const TYPES = new Set(['object', 'array', 'string', 'integer', 'number', 'boolean'])
const FORBIDDEN = [
  '$ref',
  'anyOf',
  'oneOf',
  'allOf',
  'not',
  'definitions',
  'dependencies',
  'patternProperties',
  'uniqueItems',
  'x-kubernetes-validations',
  'deprecated',
  'discriminator',
  'id',
  'readOnly',
  'writeOnly',
  'xml',
]

/** What the API server's rules for structural schemas, and ours on top (descriptions, no CEL), forbid. */
function schemaProblems(root: StructuralSchema): readonly string[] {
  return Object.entries(root.properties ?? {}).flatMap(([name, field]) => nodeProblems(field, name, true))
}

function nodeProblems(node: StructuralSchema, path: string, isField: boolean): readonly string[] {
  const own = [
    ...FORBIDDEN.filter((word) => word in node).map((word) => `uses ${word}`),
    ...typeProblems(node),
    ...nullProblems(node),
    ...patternProblems(node.pattern),
    ...listKeyProblems(node),
    ...(node.required ?? [])
      .filter((name) => node.properties?.[name] === undefined)
      .map((name) => `required ${name} is no field`),
    ...(isField && path !== 'metadata' && node.type !== undefined && !node.description
      ? ['has no description']
      : []),
  ]
  const below = [
    ...Object.entries(node.properties ?? {}).flatMap(([name, field]) =>
      nodeProblems(field, `${path}.${name}`, true),
    ),
    ...(node.items === undefined ? [] : nodeProblems(node.items, `${path}[]`, false)),
    ...(node.additionalProperties === undefined
      ? []
      : nodeProblems(node.additionalProperties, `${path}.*`, false)),
  ]
  return [...own.map((what) => `${path}: ${what}`), ...below]
}

function typeProblems(node: StructuralSchema): readonly string[] {
  if (node.type === undefined) {
    return node['x-kubernetes-preserve-unknown-fields'] === true || '$ref' in node ? [] : ['has no type']
  }
  if (!TYPES.has(node.type)) return ['has an unknown type']
  if (node.type === 'array' && node.items === undefined) return ['has no items']
  if (node.properties !== undefined && node.additionalProperties !== undefined)
    return ['has additionalProperties beside properties']
  return []
}

function nullProblems(node: StructuralSchema): readonly string[] {
  const saysNull =
    node.default === null || (node.enum as readonly unknown[] | undefined)?.includes(null) === true
  return saysNull && node.nullable !== true ? ['says null without being nullable'] : []
}

/** RE2 has no look-around and no back references; ajv compiles with the unicode flag, which refuses idle escapes. */
function patternProblems(pattern: string | undefined): readonly string[] {
  if (pattern === undefined) return []
  if (/\(\?<?[=!]|\\[1-9]|\\k</.test(pattern)) return ['has a pattern that RE2 refuses']
  try {
    return new RegExp(pattern, 'u').unicode ? [] : ['has a pattern of the wrong engine']
  } catch {
    return ['has a pattern that does not compile']
  }
}

function listKeyProblems(node: StructuralSchema): readonly string[] {
  return (node['x-kubernetes-list-map-keys'] ?? [])
    .filter((key) => node.items?.required?.includes(key) !== true)
    .map((key) => `list key ${key} is not required`)
}

function columnProblems({ schema }: ResourceDefinition, column: PrinterColumn): readonly string[] {
  if (column.jsonPath === '.metadata.creationTimestamp')
    return column.type === 'date' ? [] : [`${column.name}: is a date`]
  const field = fieldAt(schema, column.jsonPath)
  if (field === undefined) return [`${column.name}: no field ${column.jsonPath}`]
  const isRight = column.type === field.type || (column.type === 'string' && field.type === 'array')
  return isRight ? [] : [`${column.name}: a ${column.type} of an ${field.type}`]
}

function fieldAt(schema: StructuralSchema, jsonPath: string): StructuralSchema | undefined {
  let node: StructuralSchema | undefined = schema
  for (const [, name, index] of jsonPath.matchAll(/\.(\w+)(\[[^\]]*\])?/g)) {
    node = node?.properties?.[name ?? '']
    if (index !== undefined) node = node?.items
  }
  return node
}
