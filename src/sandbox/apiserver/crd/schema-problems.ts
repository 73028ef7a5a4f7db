import type { ErrorObject } from 'ajv'
import type { FieldProblem } from '../types.ts'

/** What the errors of ajv say, in the words of the real server; nothing twice. */
export function schemaProblems(errors: readonly ErrorObject[]): readonly FieldProblem[] {
  const told = errors.filter((error) => !isOvershadowed(error, errors))
  const problems = told.flatMap((error) => problemsOf(error, told))
  const seen = new Set<string>()
  return problems.filter((problem) => {
    const key = JSON.stringify(problem)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** Text is checked for its length first, and for its pattern only where that is right. */
const TEXT_CHECKS = ['maxLength', 'minLength', 'pattern']

function isOvershadowed(error: ErrorObject, all: readonly ErrorObject[]): boolean {
  const before = TEXT_CHECKS.slice(0, Math.max(0, TEXT_CHECKS.indexOf(error.keyword)))
  return all.some(
    (other) =>
      before.includes(other.keyword) &&
      other.instancePath === error.instancePath &&
      parentOf(other.schemaPath) === parentOf(error.schemaPath),
  )
}

function parentOf(schemaPath: string): string {
  return schemaPath.slice(0, schemaPath.lastIndexOf('/'))
}

/** Errors inside the branches of a combinator are told by the combinator, but for the first branch's missing fields. */
function problemsOf(error: ErrorObject, all: readonly ErrorObject[]): readonly FieldProblem[] {
  const combinator = /^(.*\/(anyOf|oneOf|not))\/(?:(\d+)\/)?/.exec(error.schemaPath)
  if (combinator !== null && all.some((other) => other.schemaPath === combinator[1])) {
    const firstMissing = combinator[3] === '0' && error.keyword === 'required'
    return firstMissing ? [problemOf(error)].filter((problem) => problem !== undefined) : []
  }
  const problem = problemOf(error)
  if (problem === undefined) return []
  const isFraction = error.keyword === 'type' && typeof error.data === 'number' && isInteger(error.params)
  return isFraction ? fractionProblems(problem, integerFormatOf(error.parentSchema)) : [problem]
}

/** A fraction where an integer belongs is told twice, and with a format in other words. */
function fractionProblems(problem: FieldProblem, format: string | undefined): readonly FieldProblem[] {
  const { field } = problem
  const which = format === undefined ? '(default format)' : `with format ${format}`
  return [
    format === undefined ? problem : typeProblem(field, format, 'float64'),
    combined(`Checked value must be of type integer ${which} in ${field}`),
  ]
}

/** The validator has turned int32 into bounds. */
function integerFormatOf(schema: ErrorObject['parentSchema']): string | undefined {
  const format: unknown = schema?.['format']
  if (typeof format === 'string') return format
  return JSON.stringify(schema?.['allOf'] ?? []).includes('2147483647') ? 'int32' : undefined
}

function isInteger(params: Readonly<Record<string, unknown>>): boolean {
  const types = [params['type']].flat()
  return types.includes('integer') && !types.includes('string')
}

/** What an error says, for telling it in the words of the real server. */
interface Finding {
  readonly field: string
  readonly value: unknown
  readonly params: Readonly<Record<string, unknown>>
  readonly error: ErrorObject
}

const TELL: Readonly<Record<string, (finding: Finding) => FieldProblem>> = {
  type: ({ field, value, params }) => {
    const types = [params['type']].flat().filter((name) => name !== 'null')
    return typeProblem(field, types.join(','), wordOf(value))
  },
  format: ({ field, value, params }) => typeProblem(field, String(params['format']), String(value)),
  required: ({ field, params }) => ({
    field: joined(field, String(params['missingProperty'])),
    kind: 'required',
    detail: '',
  }),
  enum: ({ field, value, params }) => {
    const values = params['allowedValues'] as readonly unknown[] // ajv's own shape
    const shown = values.map((allowed) =>
      JSON.stringify(typeof allowed === 'string' ? allowed : JSON.stringify(allowed)),
    )
    return { field, kind: 'unsupported', detail: `supported values: ${shown.join(', ')}`, value }
  },
  minLength: (finding) => inBody(finding, `should be at least ${limitOf(finding)} chars long`),
  maxLength: (finding) => ({
    field: finding.field,
    kind: 'tooLong',
    detail: `may not be more than ${limitOf(finding)} bytes`,
  }),
  pattern: (finding) => inBody(finding, `should match '${String(finding.params['pattern'])}'`),
  minimum: (finding) => bound(finding, 'greater than or equal to'),
  maximum: (finding) => bound(finding, 'less than or equal to'),
  exclusiveMinimum: (finding) => bound(finding, 'greater than'),
  exclusiveMaximum: (finding) => bound(finding, 'less than'),
  multipleOf: (finding) => inBody(finding, `should be a multiple of ${String(finding.params['multipleOf'])}`),
  minItems: (finding) => tooFew(finding, 'items'),
  minProperties: (finding) => tooFew(finding, 'properties'),
  maxItems: tooMany,
  maxProperties: tooMany,
  anyOf: ({ field }) => combined(`"${field}" must validate at least one schema (anyOf)`),
  oneOf: ({ field, params }) => {
    const found = params['passingSchemas'] === null ? 'none valid' : '2 valid alternatives'
    return combined(`"${field}" must validate one and only one schema (oneOf). Found ${found}`)
  },
  not: ({ field }) => combined(`"${field}" must not validate the schema (not)`),
  additionalProperties: ({ field, params }) => ({
    field: joined(field, String(params['additionalProperty'])),
    kind: 'forbidden',
    detail: 'additional property',
  }),
}

function problemOf(error: ErrorObject): FieldProblem | undefined {
  const value: unknown = error.data
  const params = error.params as Readonly<Record<string, unknown>>
  return TELL[error.keyword]?.({ field: fieldOf(error.instancePath), value, params, error })
}

function inBody({ field, value }: Finding, words: string): FieldProblem {
  return { field, kind: 'invalid', detail: `${field} in body ${words}`, value }
}

function limitOf({ params }: Finding): number {
  return Number(params['limit'])
}

/** The bounds of int32 are told as its format. */
function bound(finding: Finding, words: string): FieldProblem {
  const limit = limitOf(finding)
  if (Math.abs(limit) >= 2_147_483_647 && /\/allOf\/\d+\//.test(finding.error.schemaPath)) {
    return combined(`Checked value must be of type integer with format int32 in ${finding.field}`)
  }
  return inBody(finding, `should be ${words} ${limit}`)
}

function countOf({ value }: Finding): number {
  return Array.isArray(value) ? value.length : Object.keys(value as object).length // counted are lists and objects only
}

function tooFew(finding: Finding, unit: string): FieldProblem {
  const { field } = finding
  const detail = `${field} in body should have at least ${limitOf(finding)} ${unit}`
  return { field, kind: 'invalid', detail, value: countOf(finding) }
}

function tooMany(finding: Finding): FieldProblem {
  const limit = limitOf(finding)
  const detail = `${countOf(finding)}: must have at most ${limit} item${limit === 1 ? '' : 's'}`
  return { field: finding.field, kind: 'tooMany', detail }
}

function typeProblem(field: string, type: string, shown: string): FieldProblem {
  return {
    field,
    kind: 'type',
    detail: `${field} in body must be of type ${type}: ${JSON.stringify(shown)}`,
    value: shown,
  }
}

/** A problem of a combination of schemas, which names no field. */
export function combined(detail: string): FieldProblem {
  return { field: '<nil>', kind: 'invalid', detail, value: '' }
}

function wordOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

/** `/spec/ports/0/a~1b` → `spec.ports[0].a/b`. */
function fieldOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, segment) => (/^\d+$/.test(segment) ? `${path}[${segment}]` : joined(path, segment)), '')
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`
}
