import type { z } from 'zod'

/**
 * The findings of a schema, one line for each field: where (its path), what, and what to do.
 * @param raw - the object that was read, to show the value found there; values that may carry credentials are not shown
 */
export function describeIssues(issues: readonly z.core.$ZodIssue[], raw: unknown): readonly string[] {
  const firstOfEach = new Map(issues.toReversed().map((issue) => [pathText(issue.path), issue]))
  return [...firstOfEach.values()].toReversed().map((issue) => describeIssue(issue, raw))
}

function describeIssue(issue: z.core.$ZodIssue, raw: unknown): string {
  const path = pathText(issue.path)
  const value = valueAt(raw, issue.path)
  if (value === undefined) return `${path}: is missing: add it`
  return problem(path, value, words(issue, value))
}

/** A finding in the same form, for rules that a schema cannot say. */
export function problem(path: string, value: unknown, what: string): string {
  const shown = shownValue(value)
  return shown === undefined ? `${path}: ${what}` : `${path}: ${shown} ${what}`
}

function words(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code === 'invalid_type' && !isOwnText(issue.message)) {
    return `is ${typeName(value)}, not ${article(issue.expected)}: write ${article(issue.expected)} here`
  }
  if (issue.code === 'invalid_value') {
    return `is not one of ${issue.values.map(String).join(', ')}: use one of them`
  }
  return isOwnText(issue.message) ? issue.message : `is not valid: ${issue.message.toLowerCase()}`
}

/** The schemas of this folder write their own texts for what users get wrong; zod's begin with a capital. */
function isOwnText(message: string): boolean {
  return message.startsWith('is ')
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((step, i) => (typeof step === 'number' ? `[${step}]` : `${i === 0 ? '' : '.'}${String(step)}`))
    .join('')
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let value = raw
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = (value as Readonly<Record<PropertyKey, unknown>>)[step]
  }
  return value
}

function shownValue(value: unknown): string | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (typeof value !== 'string' || value.includes('@')) return undefined // user:password@host
  return JSON.stringify(value.length <= 80 ? value : `${value.slice(0, 77)}…`)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return article(Array.isArray(value) ? 'array' : typeof value)
}

function article(type: string): string {
  const name = type === 'array' ? 'list' : type === 'record' ? 'map' : type === 'int' ? 'integer' : type
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`
}
