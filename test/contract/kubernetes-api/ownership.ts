import type { ApiReply, Json } from '../../support/kubernetes-client.ts'
import { metaOf } from './context.ts'
import type { ContractContext } from './context.ts'

/** A real controller manager looks for new kinds every 30 s only. */
const LIMIT_MS = 75_000
const EVERY_MS = 50

/** What a test of owners works with: ConfigMaps of the namespace, by name. */
export interface Family {
  /** Make a ConfigMap; `more` goes into its metadata. */
  make(prefix: string, more?: Json): Promise<Json>
  /** Make one that is owned by these. */
  owned(prefix: string, owners: readonly Json[], more?: Json): Promise<Json>
  get(object: Json): Promise<ApiReply>
  delete(object: Json, options?: Json, query?: string): Promise<ApiReply>
  patch(object: Json, change: Json): Promise<ApiReply>
  /** Wait until it is gone. */
  gone(object: Json): Promise<void>
}

export function family({ api, core, unique }: ContractContext): Family {
  const pathOf = (object: Json): string => core('configmaps', nameOf(object))
  const make: Family['make'] = async (prefix, more = {}) => {
    const reply = await api.post(core('configmaps'), { metadata: { name: unique(prefix), ...more } })
    if (reply.code !== 201) throw new Error(reply.text)
    return { apiVersion: 'v1', kind: 'ConfigMap', ...reply.body }
  }
  const get: Family['get'] = (object) => api.get(pathOf(object))
  return {
    make,
    owned: (prefix, owners, more = {}) =>
      make(prefix, { ownerReferences: owners.map((owner) => ownedBy(owner)), ...more }),
    get,
    delete: (object, options, query = '') => api.delete(`${pathOf(object)}${query}`, options),
    patch: (object, change) => api.patch(pathOf(object), change),
    gone: async (object) => {
      await soon(
        () => get(object),
        (reply) => reply.code === 404,
      )
    },
  }
}

/** A reference to an owner; with `blocks`, its foreground deletion waits for the object that carries it. */
export function ownedBy(owner: Json, more: Json = {}): Json {
  return {
    apiVersion: owner['apiVersion'],
    kind: owner['kind'],
    name: nameOf(owner),
    uid: metaOf(owner)['uid'],
    ...more,
  }
}

/** The same, and the owner's foreground deletion waits. */
export function blocks(owner: Json): Json {
  return ownedBy(owner, { blockOwnerDeletion: true })
}

export function nameOf(object: Json): string {
  return String(metaOf(object)['name'])
}

/** uids of the owners of the object in an answer. */
export function ownersOf(reply: ApiReply): readonly unknown[] {
  const owners = (metaOf(reply.body)['ownerReferences'] ?? []) as readonly Json[] // a list where it is there
  return owners.map((owner) => owner['uid'])
}

/** Ask again until it holds, as long as a real garbage collector may take. */
export async function soon<T>(ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (let left = LIMIT_MS / EVERY_MS; ; left -= 1) {
    const value = await ask()
    if (holds(value)) return value
    if (left === 0) throw new Error(`did not come true: ${JSON.stringify(value).slice(0, 1_000)}`)
    await new Promise((resolve) => {
      setTimeout(resolve, EVERY_MS)
    })
  }
}
