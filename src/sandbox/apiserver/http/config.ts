import { parse, parseDocument } from 'yaml'
import { scanJson } from '../model/json-scan.ts'
import { badRequest } from '../model/status.ts'
import { isFields } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { FieldValidation } from '../resource/intake.ts'
import type { ApiRequest } from './message.ts'

/** The YAML that API servers read. */
const YAML = { version: '1.1', maxAliasCount: 100, logLevel: 'error' } as const

/** A configuration to apply. */
export interface ParsedConfig {
  readonly value: Readonly<Fields>
  readonly warnings: readonly string[]
}

/**
 * Parse the body of an apply: YAML, of which JSON is a part.
 * @throws StatusError 400 (no YAML, no object, fields given twice under Strict)
 */
export function parseConfig(request: ApiRequest, fieldValidation: FieldValidation): ParsedConfig {
  const text = Buffer.from(request.body).toString()
  const value = parsed(text) ?? {}
  if (!isFields(value)) {
    const word = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    throw badRequest(
      `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${word} into Go value of type map[string]interface {}`,
    )
  }
  const repeated = fieldValidation === 'Ignore' ? [] : repeatedKeys(text)
  if (repeated.length === 0) return { value, warnings: [] }
  if (fieldValidation !== 'Strict') return { value, warnings: repeated }
  const words = [
    'error converting YAML to JSON: yaml: unmarshal errors:',
    ...repeated.map((line) => `  ${line}`),
  ]
  throw badRequest(`error strict decoding YAML: ${words.join('\n')}`)
}

function parsed(text: string): unknown {
  if (text.trimStart().startsWith('{')) {
    try {
      return JSON.parse(text) as unknown
    } catch {
      // A flow mapping of YAML looks alike.
    }
  }
  try {
    return parse(text, { ...YAML, uniqueKeys: false }) as unknown
  } catch (error) {
    const words = error instanceof Error ? (error.message.split('\n')[0] ?? '') : ''
    throw badRequest(`error decoding YAML: error converting YAML to JSON: yaml: ${words}`)
  }
}

/** A line about each key that is given twice. */
function repeatedKeys(text: string): readonly string[] {
  if (text.trimStart().startsWith('{') && scanJson(text).duplicates.length === 0) return []
  return parseDocument(text, { ...YAML, prettyErrors: true })
    .errors.filter((error) => error.code === 'DUPLICATE_KEY')
    .map((error) => {
      const [start] = error.pos
      const line = text.slice(0, start).split('\n').length
      const key = /^\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s:#]+))/.exec(text.slice(start))
      return `line ${line}: key ${JSON.stringify(key?.[1] ?? key?.[2] ?? key?.[3] ?? '')} already set in map`
    })
}
