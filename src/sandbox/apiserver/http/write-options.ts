import { invalid } from '../model/status.ts'
import type { WriteOptions } from '../resource/create.ts'
import type { FieldValidation } from '../resource/intake.ts'
import type { FieldProblem } from '../types.ts'

const FIELD_VALIDATION = ['', 'Ignore', 'Strict', 'Warn']

/**
 * Read `dryRun` and `fieldValidation` from a query.
 * @param kind - of the options, for the message: `CreateOptions`
 * @throws StatusError 422
 */
export function parseWriteOptions(query: URLSearchParams, kind: string): WriteOptions {
  const dryRun = query.getAll('dryRun').filter((value) => value !== '')
  const fieldValidation = query.get('fieldValidation') ?? ''
  const problems: FieldProblem[] = dryRunProblems(dryRun)
  if (!FIELD_VALIDATION.includes(fieldValidation)) {
    const detail = 'supported values: "", "Ignore", "Strict", "Warn"'
    problems.push({ field: 'fieldValidation', kind: 'unsupported', detail, value: fieldValidation })
  }
  if (problems.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', problems)
  return {
    dryRun: dryRun.length > 0,
    fieldValidation: (fieldValidation || 'Warn') as FieldValidation, // checked above
  }
}

/** What is wrong with the values of `dryRun`. */
export function dryRunProblems(values: readonly string[]): FieldProblem[] {
  if (values.every((value) => value === 'All')) return []
  return [{ field: 'dryRun', kind: 'unsupported', detail: 'supported values: "All"', value: values }]
}
