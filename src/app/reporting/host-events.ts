import type { ObjectMeta } from '../../api/object.ts'
import type { NewEvent } from '../../kube/event-recorder.ts'

/** An event about an object of the host, as far as that is known. */
export function eventOn(
  object: {
    readonly apiVersion: string
    readonly kind: string
    readonly metadata: Pick<ObjectMeta, 'namespace' | 'name' | 'uid'>
  },
  event: Pick<NewEvent, 'type' | 'reason' | 'message'>,
): NewEvent {
  const { namespace, name, uid } = object.metadata
  return {
    about: {
      ...{ apiVersion: object.apiVersion, kind: object.kind, name },
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
    },
    ...event,
  }
}
