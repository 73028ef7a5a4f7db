import type { ObjectKey } from '../../api/keys.ts'
import { isRecord } from '../kube-error.ts'
import type { Projection } from '../types.ts'
import { internKey, Interner } from './interner.ts'
import { listField, readObject, recordField } from './raw-object.ts'

/** One EndpointSlice (discovery.k8s.io/v1), counted. An endpoint counts once, however many addresses it has. */
export interface SliceFacts {
  /** Of its label `kubernetes.io/service-name`; undefined: it belongs to no Service. */
  readonly service: ObjectKey | undefined
  /** A dual-stack Service has every endpoint in one slice of each family. */
  readonly family: 'a' | 'aaaa' | 'other'
  readonly ready: number
  readonly serving: number
  readonly terminating: number
}

const SERVICE_LABEL = 'kubernetes.io/service-name'
/** Most clusters have the same few counts for a Service: facts are shared among them, as long as this many suffice. */
const facts = new Interner<SliceFacts>(20_000)

/** Member EndpointSlices. */
export const endpointSliceProjection: Projection<SliceFacts> = {
  kind: 'EndpointSlice',
  project(raw) {
    const read = readObject(raw)
    if ('error' in read) return read
    const { key, object, metadata } = read
    const endpoints = listField(object, 'endpoints')
    const labels = recordField(metadata, 'labels')
    if (endpoints === undefined) return { key, error: 'endpoints is no list' }
    if (labels === undefined) return { key, error: 'metadata.labels is no object' }
    const counts = { ready: 0, serving: 0, terminating: 0 }
    for (const endpoint of endpoints) {
      const problem = count(endpoint, counts)
      if (problem !== undefined) return { key, error: problem }
    }
    const name = labels[SERVICE_LABEL]
    const service =
      typeof name === 'string' && name !== '' ? internKey(namespaceOf(metadata), name) : undefined
    return { key, facts: shared({ service, family: familyOf(object['addressType']), ...counts }) }
  },
  same: (left, right) =>
    left.service === right.service &&
    left.family === right.family &&
    left.ready === right.ready &&
    left.serving === right.serving &&
    left.terminating === right.terminating,
}

function shared(slice: SliceFacts): SliceFacts {
  const { service = '', family, ready, serving, terminating } = slice
  return facts.get(`${service} ${family} ${ready} ${serving} ${terminating}`, () => slice)
}

/** Absent `ready` means ready, absent `serving` what ready says, absent `terminating` no (EndpointConditions, discovery.k8s.io/v1). */
function count(
  endpoint: unknown,
  counts: { ready: number; serving: number; terminating: number },
): string | undefined {
  if (!isRecord(endpoint)) return 'endpoints has an entry that is no object'
  const addresses = listField(endpoint, 'addresses')
  const conditions = recordField(endpoint, 'conditions')
  if (addresses === undefined || conditions === undefined) return 'endpoints has an entry that cannot be read'
  if (addresses.length === 0) return undefined
  const ready = conditions['ready'] !== false
  const serving = conditions['serving'] ?? ready
  if (ready) counts.ready += 1
  if (serving === true) counts.serving += 1
  if (conditions['terminating'] === true) counts.terminating += 1
  return undefined
}

function familyOf(addressType: unknown): SliceFacts['family'] {
  if (addressType === 'IPv6') return 'aaaa'
  return addressType === 'FQDN' ? 'other' : 'a'
}

function namespaceOf(metadata: Readonly<Record<string, unknown>>): string {
  const namespace = metadata['namespace']
  return typeof namespace === 'string' ? namespace : ''
}
