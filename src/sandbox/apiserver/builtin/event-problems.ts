import type { KubeObject } from '../../../api/object.ts'
import { qualifiedNameProblems } from '../model/names.ts'
import { fieldsOf, isFields, numberOf, sameValue, textOf } from '../model/values.ts'
import type { FieldProblem } from '../types.ts'
import { missing, wrong } from './problems.ts'

// Rules of pkg/apis/core/validation/events.go (Kubernetes 1.36). Events are in the stored version, `v1`.

const MAX_WORD = 128
const MAX_MESSAGE = 1_024
/** Events of cluster-scoped objects live there; those with an `eventTime` in either. */
const COMMON: readonly string[] = ['default']
const NEW_COMMON: readonly string[] = ['default', 'kube-system']

/**
 * What is wrong with an event in either of its APIs: with an `eventTime` it has to say who reports what.
 * @param reporter - what the API of the request calls the reporting component
 */
export function eventProblems(event: KubeObject, reporter: string): readonly FieldProblem[] {
  const isNew = textOf(event['eventTime']) !== ''
  const about = textOf(fieldsOf(event['involvedObject'])['namespace'])
  const own = event.metadata.namespace ?? ''
  const common = isNew ? NEW_COMMON : COMMON
  const fits = about === '' ? common.includes(own) : isNew || about === own
  return [
    ...(fits ? [] : [wrong('involvedObject.namespace', about, 'does not match event.namespace')]),
    ...(isNew ? reportProblems(event, reporter) : []),
  ]
}

function reportProblems(event: KubeObject, reporter: string): readonly FieldProblem[] {
  const controller = textOf(event['reportingComponent'])
  return [
    ...(controller === '' ? [missing(reporter)] : []),
    ...qualifiedNameProblems(controller).map((detail) => wrong(reporter, controller, detail)),
    ...['reportingInstance', 'action', 'reason'].flatMap((field) => [
      ...(textOf(event[field]) === '' ? [missing(field)] : []),
      ...lengthProblems(event, field, MAX_WORD),
    ]),
    ...lengthProblems(event, 'message', MAX_MESSAGE),
  ]
}

function lengthProblems(event: KubeObject, field: string, max: number): readonly FieldProblem[] {
  const isLong = Buffer.byteLength(textOf(event[field])) > max
  return isLong ? [wrong(field, '', `can have at most ${max} characters`)] : []
}

/** What `events.k8s.io/v1` asks of a new event beyond that. */
export function newEventProblems(event: KubeObject): readonly FieldProblem[] {
  const type = textOf(event['type'])
  const leftovers: readonly (readonly [string, boolean])[] = [
    ['firstTimestamp', textOf(event['firstTimestamp']) !== ''],
    ['lastTimestamp', textOf(event['lastTimestamp']) !== ''],
    ['count', numberOf(event['count']) !== 0],
    ['source', Object.values(fieldsOf(event['source'])).some((value) => value !== '')],
  ]
  return [
    ...seriesProblems(event['series']),
    ...(textOf(event['eventTime']) === '' ? [missing('eventTime')] : []),
    ...leftovers.flatMap(([field, isSet]) => (isSet ? [wrong(field, '', 'needs to be unset')] : [])),
    ...(type === 'Normal' || type === 'Warning' ? [] : [wrong('type', '', `has invalid value: ${type}`)]),
  ]
}

function seriesProblems(series: unknown): readonly FieldProblem[] {
  if (!isFields(series)) return []
  return [
    ...(numberOf(series['count']) < 2 ? [wrong('series.count', '', 'should be at least 2')] : []),
    ...(textOf(series['lastObservedTime']) === '' ? [missing('series.lastObservedTime')] : []),
  ]
}

const REFERENCE = ['Kind', 'Namespace', 'Name', 'UID', 'APIVersion', 'ResourceVersion', 'FieldPath']
/** Fields of `events.k8s.io/v1` that a change may not touch, with the fields of those that are objects. */
const IMMUTABLE: readonly (readonly [field: string, name: string, parts?: readonly string[]])[] = [
  ['involvedObject', 'involvedObject', REFERENCE],
  ['reason', 'reason'],
  ['message', 'message'],
  ['source', 'source', ['Component', 'Host']],
  ['firstTimestamp', 'firstTimestamp'],
  ['lastTimestamp', 'lastTimestamp'],
  ['count', 'count'],
  ['type', 'type'],
  ['eventTime', 'eventTime'],
  ['action', 'action'],
  ['related', 'related', REFERENCE],
  ['reportingComponent', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
]

/** What a change by `events.k8s.io/v1` may not do: the series goes on, all else stays. */
export function eventChangeProblems(event: KubeObject, old: KubeObject): readonly FieldProblem[] {
  const isContinued = !sameValue(event['series'], old['series'])
  return [
    ...(isContinued ? seriesProblems(event['series']) : []),
    ...IMMUTABLE.filter(([field]) => !sameValue(event[field], old[field])).map(([field, name, parts]) =>
      wrong(name, parts === undefined ? event[field] : shownParts(event[field], parts), 'field is immutable'),
    ),
  ]
}

/** Objects are shown by the names that their fields have inside the server. */
function shownParts(value: unknown, parts: readonly string[]): unknown {
  const fields = new Map(Object.entries(fieldsOf(value)).map(([name, part]) => [name.toLowerCase(), part]))
  return Object.fromEntries(parts.map((part) => [part, fields.get(part.toLowerCase()) ?? '']))
}
