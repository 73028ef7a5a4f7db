import { isRecord, readStatus } from './kube-error.ts'
import type { StatusBody } from './kube-error.ts'
import { recordField } from './projections/raw-object.ts'

/** One line of a watch. `version` is where to resume after it. */
export type WatchEvent =
  | { readonly kind: 'changed' | 'deleted'; readonly object: unknown; readonly version: string | undefined }
  /** Nothing changed up to this version; `initialEnd`: the streamed list is complete. */
  | { readonly kind: 'bookmark'; readonly version: string | undefined; readonly initialEnd: boolean }
  /** The watch ends with this. */
  | { readonly kind: 'error'; readonly status: StatusBody }
  | { readonly kind: 'malformed'; readonly problem: string }

const INITIAL_END = 'k8s.io/initial-events-end'

/** Read one line of a watch (meta/v1 WatchEvent in JSON). Never throws. */
export function readWatchEvent(line: string): WatchEvent {
  const event = parse(line)
  if (event === undefined) return { kind: 'malformed', problem: 'an event is not JSON' }
  const { type, object } = event
  const metadata = isRecord(object) ? recordField(object, 'metadata') : undefined
  const resourceVersion = metadata?.['resourceVersion']
  const version = typeof resourceVersion === 'string' && resourceVersion !== '' ? resourceVersion : undefined
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { kind: 'changed', object, version }
    case 'DELETED':
      return { kind: 'deleted', object, version }
    case 'BOOKMARK': {
      const annotations = metadata === undefined ? undefined : recordField(metadata, 'annotations')
      return { kind: 'bookmark', version, initialEnd: annotations?.[INITIAL_END] === 'true' }
    }
    case 'ERROR':
      return { kind: 'error', status: readStatus(object) }
    default:
      return { kind: 'malformed', problem: `an event has type ${String(type).slice(0, 40)}` }
  }
}

function parse(line: string): { readonly type: unknown; readonly object: unknown } | undefined {
  try {
    const event: unknown = JSON.parse(line)
    return isRecord(event) ? { type: event['type'], object: event['object'] } : undefined
  } catch {
    return undefined
  }
}
