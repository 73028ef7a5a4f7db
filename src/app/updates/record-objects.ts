import { zoneRecordsKind, type ZoneRecords, type ZoneRecordsSpec } from '../../api/zone-records.ts'
import type { KubeObject, ObjectMeta } from '../../api/object.ts'
import { AppError } from '../../errors.ts'
import type { ObjectClient } from '../../kube/objects.ts'
import type { PlannedWrite } from './stored-zone.ts'

const { definition } = zoneRecordsKind
const API_VERSION = `${definition.group}/${definition.version}`
const LABELS = { 'app.kubernetes.io/managed-by': 'waypost' }

/** An object as the API server gave it. */
export interface ReadObject {
  readonly metadata: ObjectMeta
  readonly asked: Pick<ZoneRecords, 'spec'>
}

/** ZoneRecords objects in the host cluster. Every failure is a KubeError: KUBE_CONFLICT, KUBE_ALREADY_EXISTS, KUBE_UNREACHABLE and so on. */
export interface RecordObjects {
  /** @param owner - the object without which this one is of no use */
  write(
    planned: PlannedWrite,
    owner: { readonly name: string; readonly uid: string } | undefined,
    signal: AbortSignal,
  ): Promise<ReadObject>
}

/** What the API server gave is no ZoneRecords object of ours any more. */
export class RecordObjectError extends AppError {
  constructor(name: string, problem: string) {
    super('ZoneRecords object cannot be read', {
      code: 'ZONE_RECORDS_UNREADABLE',
      retry: 'backoff',
      fields: { name, problem },
    })
  }
}

/** Objects of one namespace. */
export function recordObjects(
  objects: Pick<ObjectClient, 'create' | 'patch'>,
  namespace: string,
): RecordObjects {
  return {
    async write({ name, before, spec }, owner, signal) {
      const ownerReferences =
        owner === undefined
          ? {}
          : { ownerReferences: [{ apiVersion: API_VERSION, kind: definition.kind, ...owner }] }
      if (before === undefined) {
        const metadata = { namespace, name, labels: LABELS, ...ownerReferences }
        const object = { apiVersion: API_VERSION, kind: definition.kind, metadata, spec }
        return read(await objects.create(definition, object, signal))
      }
      const body = { metadata: ownerReferences, spec: { ...NOTHING, ...spec } }
      const { resourceVersion } = before
      return read(
        await objects.patch(
          definition,
          { namespace, name },
          { kind: 'merge', body, resourceVersion },
          signal,
        ),
      )
    },
  }
}

/** Fields that a merge takes away where they are not given. */
const NOTHING: { readonly [K in keyof Required<ZoneRecordsSpec>]?: null } = {
  removed: null,
  parts: null,
  part: null,
  revision: null,
}

function read(object: KubeObject): ReadObject {
  const parsed = zoneRecordsKind.parse(object)
  if (parsed.kind === 'rejected')
    throw new RecordObjectError(object.metadata.name, parsed.problems.join('; '))
  return { metadata: object.metadata, asked: parsed.value }
}
