import { APPLY_PATCH } from '../../support/kubernetes-client.ts'
import type { ApiReply, Json, KubernetesClient } from '../../support/kubernetes-client.ts'
import { metaOf } from './context.ts'

/** An owner as tests compare it: when it wrote is left out, whether that is known is not. */
export interface SeenOwner {
  readonly by: string
  readonly apiVersion: string
  readonly timed: boolean
  readonly fields: unknown
}

/** `manager Operation`, with the subresource behind it. */
export function ownersOf(reply: ApiReply): readonly SeenOwner[] {
  const entries = (metaOf(reply.body)['managedFields'] ?? []) as readonly Json[] // entries of Kubernetes APIs
  return entries.map((entry) => {
    const { manager, operation, subresource, apiVersion, time, fieldsV1 } = entry
    return {
      by: [manager, operation, ...(subresource === undefined ? [] : [subresource])].join(' '),
      apiVersion: String(apiVersion),
      timed: time !== undefined,
      fields: fieldsV1,
    }
  })
}

/** What one owner holds; undefined when it is none. */
export function fieldsOf(reply: ApiReply, by: string): unknown {
  return ownersOf(reply).find((owner) => owner.by === by)?.fields
}

/** Names of the owners, in the order of their entries. */
export function namesOfOwners(reply: ApiReply): readonly string[] {
  return ownersOf(reply).map(({ by }) => by)
}

/** Apply a configuration as a manager; options go into the query. */
export function apply(
  api: KubernetesClient,
  path: string,
  {
    config,
    by,
    ...options
  }: { readonly config: unknown; readonly by: string; readonly [option: string]: unknown },
): Promise<ApiReply> {
  const query = new URLSearchParams({ fieldManager: by })
  for (const [name, value] of Object.entries(options)) query.set(name, String(value))
  return api.call('PATCH', `${path}?${query.toString()}`, { body: config, contentType: APPLY_PATCH })
}

/** A ConfigMap to apply. */
export function configMap(name: string, data?: Json, metadata: Json = {}): Json {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...metadata },
    ...(data === undefined ? {} : { data }),
  }
}

/** The causes of a refused request, in an order of their own: the real server's changes from call to call. */
export function causesOf(reply: ApiReply): readonly unknown[] {
  const { causes } = reply.body['details'] as { readonly causes: readonly Json[] } // of a Status
  return causes.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
}
