import { dnsEndpointKind } from '../api/dns-endpoint.ts'
import type { OutputFacts } from '../api/facts.ts'
import { splitKey, type ObjectKey } from '../api/keys.ts'
import type { ObjectClient } from '../kube/objects.ts'
import type { EndpointObjects } from '../writers/dnsendpoint/dnsendpoint-writer.ts'

const { definition } = dnsEndpointKind

/** DNSEndpoint objects in the host cluster, for their writer. */
export function endpointObjects(
  objects: Pick<ObjectClient, 'create' | 'patch' | 'delete'>,
  get: (key: ObjectKey) => OutputFacts | undefined,
): EndpointObjects {
  return {
    get,
    async create(object, signal) {
      await objects.create(definition, object, signal)
    },
    async merge(object, resourceVersion, signal) {
      const { namespace = '', name } = object.metadata
      await objects.patch(
        definition,
        { namespace, name },
        { kind: 'merge', body: object, resourceVersion },
        signal,
      )
    },
    async delete(key, resourceVersion, signal) {
      await objects.delete(definition, splitKey(key), { resourceVersion }, signal)
    },
  }
}
