import type { Projection } from '../types.ts'
import { isDeleting, readObject } from './raw-object.ts'

/** What is kept of a Namespace. */
export interface NamespaceFacts {
  /** That of `kube-system` stands for the cluster's identity. */
  readonly uid: string
  readonly deleting: boolean
}

/** Namespaces (v1), metadata only. */
export const namespaceProjection: Projection<NamespaceFacts> = {
  kind: 'Namespace',
  project(raw) {
    const read = readObject(raw)
    if ('error' in read) return read
    const uid = read.metadata['uid']
    if (typeof uid !== 'string' || uid === '') return { key: read.key, error: 'metadata.uid is missing' }
    return { key: read.key, facts: { uid, deleting: isDeleting(read.metadata) } }
  },
  same: (left, right) => left.uid === right.uid && left.deleting === right.deleting,
  uid: (facts) => facts.uid,
}
