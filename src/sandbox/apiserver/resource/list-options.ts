import { badRequest, failure, invalid } from '../model/status.ts'
import type { FieldProblem } from '../types.ts'

/** The query of a list or watch, parsed and checked. */
export interface ListOptions {
  readonly watch: boolean
  readonly labelSelector: string
  readonly fieldSelector: string
  /** 0: no limit. */
  readonly limit: number
  readonly continueToken: string
  /** undefined: none was given; 0: anything will do. */
  readonly resourceVersion: number | undefined
  readonly match: '' | 'Exact' | 'NotOlderThan'
  readonly timeoutSeconds: number
  readonly bookmarks: boolean
  readonly sendInitialEvents: boolean | undefined
}

/**
 * Read the list options of a request.
 * @throws StatusError 400 for numbers that are none, 422 for combinations that are forbidden, 500 as the real server for a watch with a bad version
 */
export function parseListOptions(query: URLSearchParams): ListOptions {
  const watch = flag(query, 'watch') ?? false
  const match = query.get('resourceVersionMatch') ?? ''
  const sendInitialEvents = flag(query, 'sendInitialEvents')
  const problems = watch
    ? watchProblems(query, match, sendInitialEvents)
    : listProblems(query, match, sendInitialEvents)
  if (problems.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', problems)
  return {
    watch,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    limit: wholeNumber(query, 'limit'),
    continueToken: query.get('continue') ?? '',
    resourceVersion: versionOf(query.get('resourceVersion') ?? '', watch),
    match: match as ListOptions['match'], // checked above
    timeoutSeconds: wholeNumber(query, 'timeoutSeconds'),
    bookmarks: flag(query, 'allowWatchBookmarks') ?? false,
    sendInitialEvents,
  }
}

/** A query flag as the real server reads it: anything but `false` and `0` is true. */
export function flag(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name)
  return text === null ? undefined : text.toLowerCase() !== 'false' && text !== '0'
}

function wholeNumber(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? ''
  if (text === '') return 0
  if (!/^[+-]?\d+$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  }
  return Math.max(0, Number(text))
}

function versionOf(text: string, watch: boolean): number | undefined {
  try {
    return parseVersion(text)
  } catch (error) {
    throw watch ? error : badRequest(`invalid resource version: ${(error as Error).message}`) // a StatusError
  }
}

/** A resourceVersion of a query; undefined when it is empty. @throws StatusError 500 for what is none */
export function parseVersion(text: string): number | undefined {
  if (text === '') return undefined
  if (/^\d+$/.test(text)) return Number(text)
  const shown = JSON.stringify(text)
  throw failure(
    500,
    '',
    `resourceVersion: Invalid value: ${shown}: strconv.ParseUint: parsing ${shown}: invalid syntax`,
  )
}

function listProblems(
  query: URLSearchParams,
  match: string,
  sendInitialEvents: boolean | undefined,
): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  const field = 'resourceVersionMatch'
  if (match !== '') {
    if (!query.get('resourceVersion')) {
      problems.push(refused(field, `${field} is forbidden unless resourceVersion is provided`))
    }
    if (query.get('continue')) {
      problems.push(refused(field, `${field} is forbidden when continue is provided`))
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      const detail = 'supported values: "Exact", "NotOlderThan", ""'
      problems.push({ field, kind: 'unsupported', detail, value: match })
    }
    if (match === 'Exact' && query.get('resourceVersion') === '0') {
      problems.push(refused(field, `${field} "exact" is forbidden for resourceVersion "0"`))
    }
  }
  if (sendInitialEvents !== undefined) {
    problems.push(refused('sendInitialEvents', 'sendInitialEvents is forbidden for list'))
  }
  return problems
}

function watchProblems(
  query: URLSearchParams,
  match: string,
  sendInitialEvents: boolean | undefined,
): readonly FieldProblem[] {
  const problems: FieldProblem[] = []
  const field = 'resourceVersionMatch'
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    problems.push(refused(field, `sendInitialEvents requires setting ${field} to NotOlderThan`))
  }
  if (match === '') return problems
  if (sendInitialEvents === undefined) {
    problems.push(refused(field, `${field} is forbidden for watch unless sendInitialEvents is provided`))
  }
  if (match !== 'NotOlderThan') {
    const detail = 'supported values: "NotOlderThan"'
    problems.push({ field, kind: 'unsupported', detail, value: match })
  }
  if (query.get('continue')) {
    problems.push(refused(field, `${field} is forbidden when continue is provided`))
  }
  return problems
}

function refused(field: string, detail: string): FieldProblem {
  return { field, kind: 'forbidden', detail }
}
