import { createHash } from 'node:crypto'
import type { OutputFacts } from '../../api/facts.ts'
import { objectKey, ownerKey, splitKey, type ObjectKey, type OwnerKey } from '../../api/keys.ts'
import type { KubeObject, ObjectMeta } from '../../api/object.ts'
import type { Answer } from '../../dns/records.ts'
import type { DomainName } from '../../dns/names.ts'
import { AppError } from '../../errors.ts'
import { planEndpoints, type Endpoint } from './plan-endpoints.ts'

/** What a record publishes outside. */
export interface EndpointPlan {
  /** The record's own apiVersion, kind and metadata: the owner of the object. */
  readonly record: { readonly apiVersion: string; readonly kind: string; readonly metadata: ObjectMeta }
  /** Names outside this domain are not written; the root for all. */
  readonly domain: DomainName
  readonly names: Iterable<readonly [DomainName, Answer]>
}

/** Calls on DNSEndpoint objects in the host cluster; all reject with AppErrors that say when to try again. */
export interface EndpointObjects {
  get(key: ObjectKey): OutputFacts | undefined
  create(object: KubeObject, signal: AbortSignal): Promise<void>
  /** Merge these fields into the object; what others added stays. Fails when it is no longer at this version. */
  merge(object: KubeObject, resourceVersion: string, signal: AbortSignal): Promise<void>
  delete(key: ObjectKey, resourceVersion: string, signal: AbortSignal): Promise<void>
}

export const API_VERSION = 'externaldns.k8s.io/v1alpha1'
const MANAGED_BY = 'app.kubernetes.io/managed-by'
const MANAGER = 'waypost'
/** The digest of an object that is not ours. */
const FOREIGN = 'foreign'

/** KubeFed's object names: `service-<record>`, `ingress-<record>`. */
const PREFIXES: Readonly<Record<string, string>> = {
  ServiceDNSRecord: 'service-',
  IngressDNSRecord: 'ingress-',
}

/** The object that carries an owner's endpoints; undefined for owners that have none (zone data). */
export function endpointKey(owner: OwnerKey): ObjectKey | undefined {
  const [kind = '', namespace = '', name = ''] = owner.split('/')
  const prefix = PREFIXES[kind]
  return prefix === undefined ? undefined : objectKey(namespace, `${prefix}${name}`)
}

/** The record that an object of this name belongs to; undefined when the name is none of ours. */
export function endpointOwner(key: ObjectKey): OwnerKey | undefined {
  const { namespace, name } = splitKey(key)
  for (const [kind, prefix] of Object.entries(PREFIXES)) {
    if (name.startsWith(prefix)) return ownerKey(kind, objectKey(namespace, name.slice(prefix.length)))
  }
  return undefined
}

/** What makes an object ours and as planned: label, owner, endpoints. What others add (labels, annotations, status) is not looked at. */
export function endpointDigest(object: KubeObject): string {
  if (object.metadata.labels?.[MANAGED_BY] !== MANAGER) return FOREIGN
  const owners = (object.metadata.ownerReferences ?? []).map(({ kind, name, uid }) => [kind, name, uid])
  const spec = object['spec'] as { readonly endpoints?: unknown } | undefined
  const text = JSON.stringify([owners, sortKeys(spec?.endpoints ?? [])])
  return createHash('sha256').update(text).digest('base64url')
}

/**
 * Make one record's DNSEndpoint what it should be: created, repaired, or deleted with its record. Run twice is a no-op.
 * @param plan - undefined: the record is gone
 * @throws AppError DNSENDPOINT_FOREIGN when an object of that name exists which is not ours: it is left as it is
 */
export async function writeEndpoint(
  owner: OwnerKey,
  plan: EndpointPlan | undefined,
  { objects, signal }: { readonly objects: EndpointObjects; readonly signal: AbortSignal },
): Promise<'unchanged' | 'written'> {
  const key = endpointKey(owner)
  if (key === undefined) return 'unchanged'
  const present = objects.get(key)
  if (plan === undefined) {
    if (present === undefined || present.digest === FOREIGN) return 'unchanged'
    await objects.delete(key, present.resourceVersion, signal)
    return 'written'
  }
  const object = endpointObject(key, plan)
  if (present === undefined) {
    await objects.create(object, signal)
    return 'written'
  }
  if (present.digest === FOREIGN) throw foreign(key)
  if (present.digest === endpointDigest(object)) return 'unchanged'
  await objects.merge(object, present.resourceVersion, signal)
  return 'written'
}

function endpointObject(key: ObjectKey, { record, domain, names }: EndpointPlan): KubeObject {
  const { apiVersion, kind, metadata } = record
  const owner = {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
  const endpoints: readonly Endpoint[] = planEndpoints(domain, names)
  return {
    apiVersion: API_VERSION,
    kind: 'DNSEndpoint',
    metadata: { ...splitKey(key), labels: { [MANAGED_BY]: MANAGER }, ownerReferences: [owner] },
    spec: { endpoints },
  }
}

function foreign(key: ObjectKey): AppError {
  return new AppError(
    `a DNSEndpoint of this name exists and is not ours: delete it, or label it ${MANAGED_BY}=${MANAGER} to hand it over`,
    { code: 'DNSENDPOINT_FOREIGN', retry: 'never', fields: { ...splitKey(key) } },
  )
}

/** Keys in one order, whatever order an API server keeps them in. */
function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(entries.map(([name, inner]) => [name, sortKeys(inner)]))
}
