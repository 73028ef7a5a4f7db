import type { KubeObject, ResourceId } from '../../../api/object.ts'
import { type CloudContext, indexValue } from '../context.ts'
import type { Mirror } from '../mirror.ts'
import { controlledBy, fitsSelector, type LabelSelector } from '../shapes.ts'

/** A Deployment or ReplicaSet. */
interface Manager extends KubeObject {
  readonly spec?: { readonly selector?: LabelSelector }
}

/**
 * Take over the objects of a namespace that a manager selects and that nobody manages: what an earlier one of its kind was told to
 * leave behind (`--cascade=orphan`). Those under deletion are left alone.
 */
export function adopt(
  context: CloudContext,
  manager: Manager,
  { resource, mirror }: { readonly resource: ResourceId; readonly mirror: Mirror },
): void {
  for (const object of mirror.where(indexValue.free(manager.metadata.namespace ?? ''))) {
    const { deletionTimestamp, labels, ownerReferences = [] } = object.metadata
    if (deletionTimestamp !== undefined || !fitsSelector(manager.spec?.selector, labels)) continue
    const metadata = { ...object.metadata, ownerReferences: [...ownerReferences, controlledBy(manager)] }
    context.objects.update(resource, { ...object, metadata })
  }
}
