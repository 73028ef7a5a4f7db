import type { OutputFacts } from '../../api/facts.ts'
import type { KubeObject } from '../../api/object.ts'
import type { Projection } from '../types.ts'
import { readObject } from './raw-object.ts'

/**
 * Objects that we write ourselves, kept as version and digest: drift is a digest that differs from that of the plan.
 * @param digest - of all that we write, and of nothing else (never of what others may add)
 */
export function outputProjection(
  kind: string,
  digest: (object: KubeObject) => string,
): Projection<OutputFacts> {
  return {
    kind,
    project(raw) {
      const read = readObject(raw)
      if ('error' in read) return read
      const resourceVersion = read.metadata['resourceVersion']
      if (typeof resourceVersion !== 'string')
        return { key: read.key, error: 'metadata.resourceVersion is missing' }
      const object = read.object as KubeObject // metadata and name were checked, kind and apiVersion are those watched
      return { key: read.key, facts: { resourceVersion, digest: digest(object) } }
    },
    same: (left, right) => left.resourceVersion === right.resourceVersion && left.digest === right.digest,
  }
}
