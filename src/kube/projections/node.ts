import type { NodeFacts } from '../../api/facts.ts'
import type { Projection } from '../types.ts'
import { readObject, recordField } from './raw-object.ts'
import type { RawRecord } from './raw-object.ts'

/** Member Nodes (v1), metadata only: region and zone as they are written; what may become a DNS label is decided later. */
export const nodeProjection: Projection<NodeFacts> = {
  kind: 'Node',
  project(raw) {
    const read = readObject(raw)
    if ('error' in read) return read
    const labels = recordField(read.metadata, 'labels')
    if (labels === undefined) return { key: read.key, error: 'metadata.labels is no object' }
    const region = label(labels, 'region')
    const zone = label(labels, 'zone')
    return {
      key: read.key,
      facts: { ...(region === undefined ? {} : { region }), ...(zone === undefined ? {} : { zone }) },
    }
  },
  same: (left, right) => left.region === right.region && left.zone === right.zone,
}

/** The well-known label, else the one it replaced in Kubernetes 1.17. */
function label(labels: RawRecord, what: 'region' | 'zone'): string | undefined {
  const value =
    labels[`topology.kubernetes.io/${what}`] ?? labels[`failure-domain.beta.kubernetes.io/${what}`]
  return typeof value === 'string' && value !== '' ? value : undefined
}
