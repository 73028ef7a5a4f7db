import { isIP, isIPv4, isIPv6 } from 'node:net'
import { Ajv } from 'ajv'
import type { ErrorObject, ValidateFunction } from 'ajv'
import { isFields } from '../model/values.ts'
import type { FieldProblem } from '../types.ts'
import type { StructuralSchema } from './structural.ts'

/** Finds what breaks a schema, in the words of the real server. */
export type SchemaValidator = (value: unknown) => readonly FieldProblem[]

const compiled = new Map<string, ValidateFunction>()
const MAX_COMPILED = 500

/** A validator of a structural schema. Compiled at its first use, once for equal schemas. */
export function schemaValidator(schema: StructuralSchema): SchemaValidator {
  let validate: ValidateFunction | undefined
  return (value) => {
    try {
      validate ??= compile(schema)
    } catch (error) {
      // A schema that slipped through the checks of its CRD refuses objects; it must not stop the server.
      return [combined(`the schema cannot be used: ${error instanceof Error ? error.message : 'unknown'}`)]
    }
    if (validate(value)) return []
    const errors = validate.errors ?? []
    return inOrder(errors.flatMap((error) => problemsOf(error, errors)))
  }
}

function compile(schema: StructuralSchema): ValidateFunction {
  const text = JSON.stringify(schema)
  const found = compiled.get(text)
  if (found !== undefined) return found
  const made = ajv().compile(forAjv(schema) as Record<string, unknown>)
  if (compiled.size >= MAX_COMPILED) compiled.clear()
  compiled.set(text, made)
  return made
}

let instance: Ajv | undefined

function ajv(): Ajv {
  if (instance !== undefined) return instance
  instance = new Ajv({
    strict: false,
    allErrors: true,
    verbose: true,
    logger: false,
    // RE2 syntax allows escapes that the u flag of JavaScript forbids.
    unicodeRegExp: false,
    validateFormats: true,
    addUsedSchema: false,
    // Schemas are checked with their CRD; compiling the schema of schemas costs more than all of ours.
    validateSchema: false,
    meta: false,
    code: { optimize: false },
  })
  for (const [name, check] of Object.entries(FORMATS)) instance.addFormat(name, check)
  return instance
}

const DATE = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const HOSTNAME =
  /^([a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)(\.[a-zA-Z0-9]([-a-zA-Z0-9]{0,61}[a-zA-Z0-9])?)*\.?$/

/** The formats that the real server checks; others are ignored by both. */
const FORMATS: Readonly<Record<string, (value: string) => boolean>> = {
  'date-time': (value) =>
    /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)?$/.test(value) &&
    !Number.isNaN(Date.parse(value.replace(' ', 'T'))),
  date: (value) => DATE.test(value),
  duration: (value) => /^[+-]?(\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$|^[+-]?0$/.test(value),
  ipv4: isIPv4,
  ipv6: isIPv6,
  ip: (value) => isIP(value) !== 0,
  cidr: (value) => {
    const [address = '', prefix = '', ...more] = value.split('/')
    const family = isIP(address)
    return (
      more.length === 0 &&
      family !== 0 &&
      /^\d{1,3}$/.test(prefix) &&
      Number(prefix) <= (family === 4 ? 32 : 128)
    )
  },
  hostname: (value) => value.length <= 253 && HOSTNAME.test(value),
  email: (value) => /^[^\s@]+@[^\s@]+$/.test(value),
  uri: (value) => URL.canParse(value) || /^\/[^\s]*$/.test(value),
  uuid: (value) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(value),
  mac: (value) => /^([0-9a-f]{2}[:-]){5}[0-9a-f]{2}$/i.test(value),
  byte: (value) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value),
}

/** The dialect of CRDs as JSON schema of draft 7: int-or-string, nullable, exclusive bounds as flags, embedded resources. */
function forAjv(schema: unknown): unknown {
  if (!isFields(schema)) return schema
  const { default: _default, nullable, exclusiveMinimum, exclusiveMaximum, format, ...rest } = schema
  const result: Record<string, unknown> = {}
  for (const [keyword, value] of Object.entries(rest)) {
    if (
      keyword.startsWith('x-') ||
      keyword === 'description' ||
      keyword === 'title' ||
      keyword === 'example' ||
      keyword === 'externalDocs'
    )
      continue
    if (keyword === 'enum' && Array.isArray(value) && value.length === 0) continue
    result[keyword] = converted(keyword, value)
  }
  if (schema['x-kubernetes-int-or-string'] === true) result['type'] = ['integer', 'string']
  if (schema['x-kubernetes-embedded-resource'] === true) {
    result['required'] = [
      ...new Set([...((result['required'] as string[] | undefined) ?? []), 'apiVersion', 'kind']),
    ] // a list by the schema of CRDs
  }
  if (typeof format === 'string') result['format'] = format
  if (format === 'int32' && result['type'] === 'integer') {
    delete result['format']
    result['allOf'] = [
      ...((result['allOf'] as unknown[] | undefined) ?? []),
      { minimum: -2_147_483_648, maximum: 2_147_483_647 },
    ] // likewise a list
  }
  exclusive(result, 'minimum', 'exclusiveMinimum', exclusiveMinimum)
  exclusive(result, 'maximum', 'exclusiveMaximum', exclusiveMaximum)
  if (nullable === true) {
    if (result['type'] !== undefined) result['type'] = [result['type'], 'null'].flat()
    if (Array.isArray(result['enum'])) result['enum'] = [...result['enum'], null]
  }
  return result
}

function converted(keyword: string, value: unknown): unknown {
  switch (keyword) {
    case 'properties':
    case 'patternProperties':
      return isFields(value)
        ? Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, forAjv(inner)]))
        : value
    case 'items':
    case 'additionalProperties':
    case 'not':
      return forAjv(value)
    case 'allOf':
    case 'anyOf':
    case 'oneOf':
      return Array.isArray(value) ? value.map(forAjv) : value
    default:
      return value
  }
}

function exclusive(result: Record<string, unknown>, bound: string, name: string, flag: unknown): void {
  if (flag !== true || result[bound] === undefined) return
  result[name] = result[bound]
  delete result[bound]
}

function inOrder(problems: readonly FieldProblem[]): readonly FieldProblem[] {
  const seen = new Set<string>()
  return problems.filter((problem) => {
    const key = JSON.stringify(problem)
    if (seen.has(key)) return false
    seen.add(key)
    return true
  })
}

/** Errors inside the branches of a combinator are told by the combinator, but for the first branch's missing fields. */
function problemsOf(error: ErrorObject, all: readonly ErrorObject[]): readonly FieldProblem[] {
  const combinator = /^(.*\/(anyOf|oneOf|not))\/(?:(\d+)\/)?/.exec(error.schemaPath)
  if (combinator !== null && all.some((other) => other.schemaPath === combinator[1])) {
    const firstMissing = combinator[3] === '0' && error.keyword === 'required'
    return firstMissing ? [problemOf(error)].filter((problem) => problem !== undefined) : []
  }
  const problem = problemOf(error)
  return problem === undefined ? [] : [problem]
}

function problemOf(error: ErrorObject): FieldProblem | undefined {
  const field = fieldOf(error.instancePath)
  const value: unknown = error.data
  const inBody = (words: string): FieldProblem => ({
    field,
    kind: 'invalid',
    detail: `${field} in body ${words}`,
    value,
  })
  const params = error.params as Readonly<Record<string, unknown>>
  switch (error.keyword) {
    case 'type': {
      const type = [params['type']]
        .flat()
        .filter((name) => name !== 'null')
        .join(',')
      return typeProblem(field, type, wordOf(value))
    }
    case 'format':
      return typeProblem(field, String(params['format']), String(value))
    case 'required':
      return { field: joined(field, String(params['missingProperty'])), kind: 'required', detail: '' }
    case 'enum': {
      const values = (params['allowedValues'] as readonly unknown[]).filter((allowed) => allowed !== null) // ajv's own shape
      const shown = values.map((allowed) =>
        JSON.stringify(typeof allowed === 'string' ? allowed : JSON.stringify(allowed)),
      )
      return { field, kind: 'unsupported', detail: `supported values: ${shown.join(', ')}`, value }
    }
    case 'minLength':
      return inBody(`should be at least ${String(params['limit'])} chars long`)
    case 'maxLength':
      return { field, kind: 'tooLong', detail: `may not be more than ${String(params['limit'])} bytes` }
    case 'pattern':
      return inBody(`should match '${String(params['pattern'])}'`)
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return boundProblem(error, field, value)
    case 'multipleOf':
      return inBody(`should be a multiple of ${String(params['multipleOf'])}`)
    case 'minItems':
      return tooFew(field, (value as readonly unknown[]).length, Number(params['limit']), 'items') // minItems is checked on lists
    case 'minProperties':
      return tooFew(field, Object.keys(value as object).length, Number(params['limit']), 'properties') // and this on objects
    case 'maxItems':
      return tooMany(field, (value as readonly unknown[]).length, Number(params['limit'])) // likewise
    case 'maxProperties':
      return tooMany(field, Object.keys(value as object).length, Number(params['limit'])) // likewise
    case 'uniqueItems':
      return inBody("shouldn't contain duplicates")
    case 'anyOf':
      return combined(`"${field}" must validate at least one schema (anyOf)`)
    case 'oneOf': {
      const found = params['passingSchemas'] === null ? 'none valid' : '2 valid alternatives'
      return combined(`"${field}" must validate one and only one schema (oneOf). Found ${found}`)
    }
    case 'not':
      return combined(`"${field}" must not validate the schema (not)`)
    case 'additionalProperties':
      return {
        field: joined(field, String(params['additionalProperty'])),
        kind: 'forbidden',
        detail: 'additional property',
      }
    default:
      return undefined
  }
}

function boundProblem(error: ErrorObject, field: string, value: unknown): FieldProblem {
  const limit = Number((error.params as { limit?: unknown }).limit) // ajv's own shape
  if (Math.abs(limit) >= 2_147_483_647 && /\/allOf\/\d+\//.test(error.schemaPath)) {
    return combined(`Checked value must be of type integer with format int32 in ${field}`)
  }
  const words = {
    minimum: 'greater than or equal to',
    maximum: 'less than or equal to',
    exclusiveMinimum: 'greater than',
    exclusiveMaximum: 'less than',
  }[error.keyword]
  return { field, kind: 'invalid', detail: `${field} in body should be ${words} ${limit}`, value }
}

function typeProblem(field: string, type: string, shown: string): FieldProblem {
  return {
    field,
    kind: 'type',
    detail: `${field} in body must be of type ${type}: ${JSON.stringify(shown)}`,
    value: shown,
  }
}

function tooFew(field: string, count: number, limit: number, unit: string): FieldProblem {
  return {
    field,
    kind: 'invalid',
    detail: `${field} in body should have at least ${limit} ${unit}`,
    value: count,
  }
}

function tooMany(field: string, count: number, limit: number): FieldProblem {
  return {
    field,
    kind: 'tooMany',
    detail: `${count}: must have at most ${limit} item${limit === 1 ? '' : 's'}`,
  }
}

function combined(detail: string): FieldProblem {
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
