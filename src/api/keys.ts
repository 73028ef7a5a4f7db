import type { Brand } from '../dns/names.ts'

/** `<namespace>/<name>`; `/<name>` for cluster-scoped objects. One instance for all clusters. */
export type ObjectKey = Brand<string, 'ObjectKey'>
/** `<Kind>/<namespace>/<name>`; a master file is `Zone//<origin>`. */
export type OwnerKey = Brand<string, 'OwnerKey'>
/** Dense: a column in every row of state; freed only when no state names it. */
export type ClusterIndex = Brand<number, 'ClusterIndex'>

/** The key of an object. */
export function objectKey(namespace: string, name: string): ObjectKey {
  return [namespace, name].join('/') as ObjectKey // joined, so that no parent string is kept alive
}

/** The owner of DNS names that an object of this kind is. */
export function ownerKey(kind: string, object: ObjectKey): OwnerKey {
  return `${kind}/${object}` as OwnerKey // built from parsed parts
}

/** Namespace and name of a key. */
export function splitKey(key: ObjectKey): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
