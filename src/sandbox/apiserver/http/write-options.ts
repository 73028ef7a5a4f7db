import { invalid } from '../model/status.ts'
import type { WriteOptions } from '../resource/create.ts'
import type { FieldValidation } from '../resource/intake.ts'
import type { FieldProblem } from '../types.ts'
import type { ApiRequest } from './message.ts'

const FIELD_VALIDATION = ['', 'Ignore', 'Strict', 'Warn']
const MAX_MANAGER_LENGTH = 128
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

/** Which options a query is read as; a patch that applies has some of its own. */
export type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'apply'

/** Options of an apply. */
export interface ApplyOptions extends WriteOptions {
  readonly manager: string
  readonly force: boolean
}

/**
 * Read `dryRun`, `fieldValidation`, `fieldManager` and `force` from a query. A writer that does not name itself goes by the first word
 * of its User-Agent; an apply must name itself.
 * @throws StatusError 422
 */
export function parseWriteOptions(request: ApiRequest, kind: OptionsKind): ApplyOptions {
  const { query } = request
  const dryRun = query.getAll('dryRun').filter((value) => value !== '')
  const fieldValidation = query.get('fieldValidation') ?? ''
  const manager = query.get('fieldManager') ?? ''
  const problems: FieldProblem[] = [
    ...applyProblems(kind, query, manager),
    ...managerProblems(manager),
    ...dryRunProblems(dryRun),
  ]
  if (!FIELD_VALIDATION.includes(fieldValidation)) {
    const detail = 'supported values: "", "Ignore", "Strict", "Warn"'
    problems.push({ field: 'fieldValidation', kind: 'unsupported', detail, value: fieldValidation })
  }
  if (problems.length > 0) {
    throw invalid({ group: 'meta.k8s.io', kind: kind === 'apply' ? 'PatchOptions' : kind }, '', problems)
  }
  return {
    dryRun: dryRun.length > 0,
    fieldValidation: (fieldValidation || 'Warn') as FieldValidation, // checked above
    manager: manager || managerOfAgent(request.header('user-agent') ?? ''),
    force: isForced(query),
  }
}

/** What is wrong with the values of `dryRun`. */
export function dryRunProblems(values: readonly string[]): FieldProblem[] {
  if (values.every((value) => value === 'All')) return []
  return [{ field: 'dryRun', kind: 'unsupported', detail: 'supported values: "All"', value: values }]
}

function applyProblems(kind: OptionsKind, query: URLSearchParams, manager: string): readonly FieldProblem[] {
  if (kind === 'apply') {
    if (manager !== '') return []
    return [{ field: 'fieldManager', kind: 'required', detail: 'is required for apply patch' }]
  }
  if (kind !== 'PatchOptions' || !query.has('force')) return []
  return [{ field: 'force', kind: 'forbidden', detail: 'may not be specified for non-apply patch' }]
}

function managerProblems(manager: string): readonly FieldProblem[] {
  const field = 'fieldManager'
  if (Buffer.byteLength(manager) > MAX_MANAGER_LENGTH) {
    return [{ field, kind: 'tooLong', detail: `may not be more than ${MAX_MANAGER_LENGTH} bytes` }]
  }
  return Array.from(manager).flatMap((sign, index) => {
    if (PRINTABLE.test(sign)) return []
    const code = (sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
    const detail = `invalid character U+${code} (at position ${index})`
    return [{ field, kind: 'invalid' as const, detail, value: manager }]
  })
}

/** Booleans of a query: anything but these says yes. */
function isForced(query: URLSearchParams): boolean {
  return query.has('force') && !['false', '0'].includes((query.get('force') ?? '').toLowerCase())
}

/** `kubectl` of `kubectl/v1.36.3 (linux/amd64) …`, as far as it can be printed. */
function managerOfAgent(agent: string): string {
  const [first = ''] = agent.split('/')
  let manager = ''
  for (const sign of first) {
    if (!PRINTABLE.test(sign)) continue
    if (Buffer.byteLength(manager) + Buffer.byteLength(sign) > MAX_MANAGER_LENGTH) break
    manager += sign
  }
  return manager
}
