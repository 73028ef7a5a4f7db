import type { KubeObject } from '../../../api/object.ts'
import { fieldsOf, numberOf, textOf } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { Rules } from '../resource/resource.ts'
import type { FieldProblem } from '../types.ts'
import { wrong } from './problems.ts'

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

/** Event: it lives where the object it is about lives. */
export const EVENT_RULES: Rules = {
  validate: eventProblems,
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

function eventProblems(event: KubeObject): readonly FieldProblem[] {
  const namespace = textOf(fieldsOf(event['involvedObject'])['namespace'])
  const own = event.metadata.namespace ?? ''
  const fits = namespace === '' ? own === 'default' || own === 'kube-system' : namespace === own
  return [
    ...(fits ? [] : [wrong('involvedObject.namespace', namespace, 'does not match event.namespace')]),
    ...(numberOf(event['count']) < 0 ? [wrong('count', event['count'], 'must not be negative')] : []),
  ]
}
