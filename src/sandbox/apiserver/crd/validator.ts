import { Ajv } from 'ajv'
import type { ValidateFunction } from 'ajv'
import { isFields } from '../model/values.ts'
import type { FieldProblem } from '../types.ts'
import { FORMATS } from './formats.ts'
import { combined, schemaProblems } from './schema-problems.ts'
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
    return schemaProblems(validate.errors ?? [])
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
