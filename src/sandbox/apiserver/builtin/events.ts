import type { KubeObject } from '../../../api/object.ts'
import { fieldsOf, textOf } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { Rules } from '../resource/resource.ts'
import { eventChangeProblems, eventProblems, newEventProblems } from './event-problems.ts'

/** Names of the same fields in `v1` (stored) and `events.k8s.io/v1`. */
const RENAMED: readonly (readonly [stored: string, served: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
]

/** An event of `events.k8s.io/v1` as it is stored. */
export function eventToStored(event: KubeObject): KubeObject {
  return renamed(event, 'v1', new Map(RENAMED.map(([stored, served]) => [served, stored])))
}

/** A stored event as `events.k8s.io/v1` shows it. */
export function eventFromStored(event: KubeObject): KubeObject {
  return renamed(event, 'events.k8s.io/v1', new Map(RENAMED))
}

function renamed(event: KubeObject, apiVersion: string, names: ReadonlyMap<string, string>): KubeObject {
  const fields: Fields = {}
  for (const [name, value] of Object.entries(event)) fields[names.get(name) ?? name] = value
  return { ...fields, kind: event.kind, apiVersion, metadata: event.metadata }
}

/** Parts of a `v1` Event that are always there. */
export function defaultEvent(event: KubeObject): KubeObject {
  return {
    ...event,
    source: fieldsOf(event['source']),
    firstTimestamp: event['firstTimestamp'] ?? null,
    lastTimestamp: event['lastTimestamp'] ?? null,
    eventTime: event['eventTime'] ?? null,
    reportingComponent: textOf(event['reportingComponent']),
    reportingInstance: textOf(event['reportingInstance']),
  }
}

/** Event of the core group: it lives where the object it is about lives. */
export const EVENT_RULES: Rules = {
  validate: (event) => eventProblems(event, 'reportingComponent'),
  selectable: (event) => {
    const about = fieldsOf(event['involvedObject'])
    return {
      'involvedObject.kind': textOf(about['kind']),
      'involvedObject.namespace': textOf(about['namespace']),
      'involvedObject.name': textOf(about['name']),
      'involvedObject.uid': textOf(about['uid']),
      'involvedObject.apiVersion': textOf(about['apiVersion']),
      'involvedObject.resourceVersion': textOf(about['resourceVersion']),
      'involvedObject.fieldPath': textOf(about['fieldPath']),
      reason: textOf(event['reason']),
      reportingComponent: textOf(event['reportingComponent']),
      source: textOf(fieldsOf(event['source'])['component']) || textOf(event['reportingComponent']),
      type: textOf(event['type']),
    }
  },
  selectableFields: [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
}

/** Event of `events.k8s.io/v1`: whole from the start, and only its series goes on. */
export const NEW_EVENT_RULES: Rules = {
  ...EVENT_RULES,
  validate: (event, old) => [
    ...eventProblems(event, 'reportingController'),
    ...(old === undefined ? newEventProblems(event) : eventChangeProblems(event, old)),
  ],
}
