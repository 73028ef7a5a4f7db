import { objectKey } from '../../api/keys.ts'
import type { ObjectKey } from '../../api/keys.ts'
import { isRecord } from '../kube-error.ts'

export type RawRecord = Readonly<Record<string, unknown>>

/** The object with its key and metadata, or what is wrong with it. */
export type RawObject =
  | { readonly key: ObjectKey; readonly object: RawRecord; readonly metadata: RawRecord }
  | { readonly error: string }

/** Read the part that every Kubernetes object has. */
export function readObject(raw: unknown): RawObject {
  if (!isRecord(raw)) return { error: 'is no object' }
  const metadata = raw['metadata']
  if (!isRecord(metadata)) return { error: 'has no metadata' }
  const { name, namespace = '' } = metadata
  if (typeof name !== 'string' || name === '' || typeof namespace !== 'string')
    return { error: 'has no name' }
  return { key: objectKey(namespace, name), object: raw, metadata }
}

/** A field that is an object; absent and null count as empty. Undefined: it is something else. */
export function recordField(of: RawRecord, field: string): RawRecord | undefined {
  const value = of[field] ?? {}
  return isRecord(value) ? value : undefined
}

/** A field that is a list; absent and null count as empty. Undefined: it is something else. */
export function listField(of: RawRecord, field: string): readonly unknown[] | undefined {
  const value = of[field] ?? []
  return Array.isArray(value) ? value : undefined
}

/** True once deletion has begun. */
export function isDeleting(metadata: RawRecord): boolean {
  return typeof metadata['deletionTimestamp'] === 'string'
}
