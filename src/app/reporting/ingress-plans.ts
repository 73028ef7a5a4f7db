import type { IngressDNSStatus } from '../../api/dns-status.ts'
import { ingressDNSRecordKind, ingressInForce } from '../../api/ingress-dns-record.ts'
import { ownerKey, type ObjectKey } from '../../api/keys.ts'
import { planBlockedStatus, planIngressStatus } from '../../controllers/plan-status.ts'
import { statusOf } from '../../controllers/ports.ts'
import type { IngressPublication } from '../../controllers/publish-ingress.ts'
import { saidByHosts } from '../../core/discovery/said.ts'
import { HOST } from '../control-plane/host-cluster.ts'
import {
  held,
  identityOf,
  moment,
  nothingOf,
  ROOT,
  seenShards,
  standingOf,
  type KindPlans,
  type RecordPlansOptions,
} from './plan-parts.ts'

const { definition } = ingressDNSRecordKind
const identity = identityOf(definition)

/** Status and DNSEndpoint of an IngressDNSRecord. Its hosts may be in any zone. */
export function ingressPlans(options: RecordPlansOptions): KindPlans {
  const { host, discovery } = options
  return {
    definition,
    status(key, standing) {
      const object = host.ingressRecords.get(key, HOST)
      const state = discovery.ingresses.get(key)
      if (object === undefined || state === undefined) return undefined
      const { metadata } = object
      const before = (standing as IngressDNSStatus | undefined) ?? statusOf(object) // written by these plans
      const at = moment(options, metadata)
      const now =
        state.kind === 'blocked'
          ? planBlockedStatus(state, at, before)
          : planIngressStatus({ ...inputOf(key, state, options), ...at }, before)
      return { ...identity, metadata, before, now }
    },
    endpoint(key) {
      const object = host.ingressRecords.get(key, HOST)
      if (object === undefined) return undefined
      const state = discovery.ingresses.get(key)
      if (state === undefined) return 'later'
      const record = { ...identity, metadata: object.metadata }
      if (state.kind === 'blocked') return nothingOf(record, state)
      const names = held(ownerKey(definition.kind, key), saidByHosts(state.memory), options)
      return { record, domain: ROOT, names }
    },
  }
}

type IngressInput = Parameters<typeof planIngressStatus>[0]

function inputOf(
  key: ObjectKey,
  { memory, settings, complaint }: IngressPublication,
  options: RecordPlansOptions,
): Omit<IngressInput, 'generation' | 'now'> {
  return {
    ...standingOf(ownerKey(definition.kind, key), saidByHosts(memory), options),
    memory,
    inForce: ingressInForce(settings),
    shards: seenShards(options, {
      facts: (cluster) => options.stores.ingresses.get(key, cluster),
      readyEndpoints: () => 0,
    }),
    rejected: [],
    ...(complaint === undefined ? {} : { complaint }),
  }
}
