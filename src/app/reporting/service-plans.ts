import type { ServiceDNSStatus } from '../../api/dns-status.ts'
import { ownerKey, type ObjectKey } from '../../api/keys.ts'
import { serviceDNSRecordKind, serviceInForce } from '../../api/service-dns-record.ts'
import { planBlockedStatus, planServiceStatus } from '../../controllers/plan-status.ts'
import { statusOf } from '../../controllers/ports.ts'
import type { ServicePublication } from '../../controllers/publish-service.ts'
import { namesThatCarried } from '../../core/discovery/answers/carried.ts'
import { saidByService } from '../../core/discovery/said.ts'
import { HOST } from '../control-plane/host-cluster.ts'
import {
  held,
  identityOf,
  moment,
  nothingOf,
  seenShards,
  standingOf,
  type KindPlans,
  type RecordPlansOptions,
} from './plan-parts.ts'

const { definition } = serviceDNSRecordKind
const identity = identityOf(definition)

/** Status and DNSEndpoint of a ServiceDNSRecord. */
export function servicePlans(options: RecordPlansOptions): KindPlans {
  const { host, discovery } = options
  return {
    definition,
    status(key, standing) {
      const object = host.serviceRecords.get(key, HOST)
      const state = discovery.services.get(key)
      if (object === undefined || state === undefined) return undefined
      const { metadata } = object
      const before = (standing as ServiceDNSStatus | undefined) ?? statusOf(object) // written by these plans
      const at = moment(options, metadata)
      const now =
        state.kind === 'blocked'
          ? planBlockedStatus(state, at, before)
          : planServiceStatus({ ...inputOf(key, state, options), ...at }, before)
      return { ...identity, metadata, before, now }
    },
    endpoint(key) {
      const object = host.serviceRecords.get(key, HOST)
      if (object === undefined) return undefined
      const state = discovery.services.get(key)
      if (state === undefined) return 'later'
      const record = { ...identity, metadata: object.metadata }
      if (state.kind === 'blocked') return nothingOf(record, state)
      const names = held(ownerKey(definition.kind, key), saidByService(state.memory), options)
      return { record, domain: state.topology.domain, names }
    },
  }
}

type ServiceInput = Parameters<typeof planServiceStatus>[0]

function inputOf(
  key: ObjectKey,
  { memory, topology, settings, rejected, complaint }: ServicePublication,
  options: RecordPlansOptions,
): Omit<ServiceInput, 'generation' | 'now'> {
  const { services, endpoints } = options.stores
  const dnsName = memory.names.scopes[0]
  return {
    ...standingOf(ownerKey(definition.kind, key), saidByService(memory), options),
    memory,
    carried: namesThatCarried(memory),
    shards: seenShards(options, {
      facts: (cluster) => services.get(key, cluster),
      readyEndpoints: (cluster) => endpoints.get(key, cluster).ready,
    }),
    rejected: rejected.concat(memory.names.rejected),
    domain: topology.domain,
    inForce: serviceInForce(settings),
    ...(dnsName === undefined ? {} : { dnsName }),
    ...(complaint === undefined ? {} : { complaint }),
  }
}
