import type { ServiceDNSStatus, IngressDNSStatus } from '../api/dns-status.ts'
import { domainKind, type Domain, type DomainStatus } from '../api/domain.ts'
import { withConditions, type ConditionSaid } from '../api/conditions.ts'
import { ingressDNSRecordKind } from '../api/ingress-dns-record.ts'
import { ownerKey, type ClusterIndex, type ObjectKey, type OwnerKey } from '../api/keys.ts'
import type { ObjectMeta } from '../api/object.ts'
import type { ResourceDefinition } from '../api/resource-definition.ts'
import { serviceDNSRecordKind } from '../api/service-dns-record.ts'
import type { Member } from '../controllers/member-clusters.ts'
import {
  planBlockedStatus,
  planIngressStatus,
  planServiceStatus,
  type SeenShard,
  type StatusInput,
  type WriteReport,
} from '../controllers/plan-status.ts'
import { invalid, statusOf, type BlockedRecord, type HostObject } from '../controllers/ports.ts'
import type { StatusPlan, StatusWithConditions } from '../controllers/report-record.ts'
import { saidByHosts, saidByService, type Saying } from '../core/discovery/said.ts'
import type { DomainName } from '../dns/names.ts'
import type { Clock } from '../runtime/clock.ts'
import type { EndpointPlan } from '../writers/dnsendpoint/dnsendpoint-writer.ts'
import type { Discovery } from './discovery.ts'
import { HOST, type HostStores } from './host-cluster.ts'
import type { MemberStores } from './member-stores.ts'

export interface RecordPlansOptions {
  readonly namespace: string
  readonly host: HostStores
  readonly stores: MemberStores
  readonly members: ReadonlyMap<string, Member>
  readonly discovery: Discovery
  readonly clock: Clock
  readonly written: ReadonlyMap<OwnerKey, WriteReport>
  serial(domain: DomainName): number | undefined
}

/** From what was decided to what is written about it: status and DNSEndpoint of one owner. Reads caches only. */
export interface RecordPlans {
  status(owner: OwnerKey, standing: StatusWithConditions | undefined): StatusPlan | undefined
  /** Undefined: the record is gone; `later`: leave what is there, since it has not been decided yet, or cannot be read. */
  endpoint(owner: OwnerKey): EndpointPlan | 'later' | undefined
  /** The kind that an owner is an object of; undefined for zone data. */
  definition(owner: OwnerKey): ResourceDefinition | undefined
}

const ROOT = '.' as DomainName // the root is a name

const DEFINITIONS: Readonly<Record<string, ResourceDefinition>> = {
  ServiceDNSRecord: serviceDNSRecordKind.definition,
  IngressDNSRecord: ingressDNSRecordKind.definition,
  Domain: domainKind.definition,
}

/** The plans of all owners, by kind. */
export function createRecordPlans(options: RecordPlansOptions): RecordPlans {
  const plans: Readonly<Record<string, Pick<RecordPlans, 'status' | 'endpoint'>>> = {
    ServiceDNSRecord: servicePlans(options),
    IngressDNSRecord: ingressPlans(options),
    Domain: domainPlans(options),
  }
  return {
    status: (owner, standing) => plans[kindOf(owner)]?.status(owner, standing),
    endpoint: (owner) => plans[kindOf(owner)]?.endpoint(owner),
    definition: (owner) => DEFINITIONS[kindOf(owner)],
  }
}

function kindOf(owner: OwnerKey): string {
  return owner.slice(0, owner.indexOf('/'))
}

function objectOf(owner: OwnerKey): ObjectKey {
  return owner.slice(owner.indexOf('/') + 1) as ObjectKey // an OwnerKey is a kind and an ObjectKey
}

function servicePlans(options: RecordPlansOptions): Pick<RecordPlans, 'status' | 'endpoint'> {
  const { host, discovery, stores } = options
  const at = identity(serviceDNSRecordKind.definition)
  return {
    status(owner, standing) {
      const key = objectOf(owner)
      const object = host.serviceRecords.get(key, HOST)
      const state = discovery.services.get(key)
      if (object === undefined || state === undefined) return undefined
      const before = (standing as ServiceDNSStatus | undefined) ?? statusOf(object)
      const metadata = object.metadata
      if (state.kind === 'blocked') {
        const now = planBlockedStatus(state.complaint, moment(options, metadata), before)
        return { ...at, metadata, before, now }
      }
      const dnsName = state.memory.names.scopes[0]
      const now = planServiceStatus(
        {
          ...common(owner, saidByService(state.memory), options),
          ...moment(options, metadata),
          memory: state.memory,
          shards: seenShards(options, { facts: (cluster) => stores.services.get(key, cluster), key }),
          rejected: state.rejected.concat(state.memory.names.rejected),
          domain: state.topology.domain,
          ...(dnsName === undefined ? {} : { dnsName }),
          ...(state.complaint === undefined ? {} : { complaint: state.complaint }),
        },
        before,
      )
      return { ...at, metadata, before, now }
    },
    endpoint(owner) {
      const key = objectOf(owner)
      const object = host.serviceRecords.get(key, HOST)
      if (object === undefined) return undefined
      const state = discovery.services.get(key)
      if (state === undefined) return 'later'
      const record = { ...at, metadata: object.metadata }
      if (state.kind === 'blocked') return nothingOf(record, state)
      return {
        record,
        domain: state.topology.domain,
        names: held(owner, saidByService(state.memory), discovery),
      }
    },
  }
}

function ingressPlans(options: RecordPlansOptions): Pick<RecordPlans, 'status' | 'endpoint'> {
  const { host, discovery, stores } = options
  const at = identity(ingressDNSRecordKind.definition)
  return {
    status(owner, standing) {
      const key = objectOf(owner)
      const object = host.ingressRecords.get(key, HOST)
      const state = discovery.ingresses.get(key)
      if (object === undefined || state === undefined) return undefined
      const before = (standing as IngressDNSStatus | undefined) ?? statusOf(object)
      const metadata = object.metadata
      if (state.kind === 'blocked') {
        const now = planBlockedStatus(state.complaint, moment(options, metadata), before)
        return { ...at, metadata, before, now }
      }
      const now = planIngressStatus(
        {
          ...common(owner, saidByHosts(state.memory), options),
          ...moment(options, metadata),
          memory: state.memory,
          shards: seenShards(options, { facts: (cluster) => stores.ingresses.get(key, cluster) }),
          rejected: [],
          ...(state.complaint === undefined ? {} : { complaint: state.complaint }),
        },
        before,
      )
      return { ...at, metadata, before, now }
    },
    endpoint(owner) {
      const key = objectOf(owner)
      const object = host.ingressRecords.get(key, HOST)
      if (object === undefined) return undefined
      const state = discovery.ingresses.get(key)
      if (state === undefined) return 'later'
      const record = { ...at, metadata: object.metadata }
      if (state.kind === 'blocked') return nothingOf(record, state)
      return { record, domain: ROOT, names: held(owner, saidByHosts(state.memory), discovery) } // hosts of any zone
    },
  }
}

/** What a record that publishes nothing writes outside: no names, or nothing at all while nobody knows what it asks for. */
function nothingOf(
  record: EndpointPlan['record'],
  { isUnreadable }: BlockedRecord<unknown>,
): EndpointPlan | 'later' {
  return isUnreadable ? 'later' : { record, domain: ROOT, names: [] }
}

/** A Domain tells whether it is in force; it has no DNSEndpoint. */
function domainPlans(options: RecordPlansOptions): Pick<RecordPlans, 'status' | 'endpoint'> {
  const { host, discovery } = options
  return {
    status(owner, standing) {
      const object = host.domains.get(objectOf(owner), HOST)
      if (object === undefined) return undefined
      const { metadata } = object
      const before = standing ?? statusOf(object)
      const { generation, now } = moment(options, metadata)
      const isHere = metadata.namespace === options.namespace
      const federation = isHere ? discovery.federations.get(metadata.name) : undefined
      const said = { type: 'Ready', ...domainReady(object, options), observedGeneration: generation }
      const serial = federation === undefined ? undefined : options.serial(federation.domain)
      return {
        ...identity(domainKind.definition),
        metadata,
        before,
        now: {
          observedGeneration: generation,
          conditions: withConditions(before?.conditions ?? [], [said], now),
          names: federation === undefined ? 0 : namesIn(federation.name, discovery),
          ...(serial === undefined ? {} : { serial }),
        },
      }
    },
    endpoint: () => undefined,
  }
}

function domainReady(
  object: HostObject<Domain, DomainStatus>,
  { namespace }: RecordPlansOptions,
): Pick<ConditionSaid, 'status' | 'reason' | 'message'> {
  if (object.metadata.namespace !== namespace) {
    const message = `Domains are read in namespace ${namespace} only; create it there`
    return { status: 'False', reason: 'WrongNamespace', message }
  }
  if (object.kind === 'rejected') return { status: 'False', ...invalid(object.problems) }
  const message = 'names of this federation are published; nothing to do'
  return { status: 'True', reason: 'Serving', message }
}

/** Names that the services of a federation claim. */
function namesIn(federation: string, { services }: Discovery): number {
  let count = 0
  for (const state of services.values()) {
    if (state.kind === 'blocked' || state.topology.federation !== federation) continue
    count += state.memory.names.scopes.length + (state.memory.names.prefix === undefined ? 0 : 1)
  }
  return count
}

function identity({ group, version, kind }: ResourceDefinition): {
  readonly apiVersion: string
  readonly kind: string
} {
  return { apiVersion: `${group}/${version}`, kind }
}

function moment(
  { clock }: RecordPlansOptions,
  metadata: ObjectMeta,
): Pick<StatusInput, 'generation' | 'now'> {
  return {
    generation: metadata.generation ?? 0,
    now: new Date(clock.nowMs()).toISOString().replace(/\.\d+Z$/, 'Z'),
  }
}

function common(
  owner: OwnerKey,
  said: readonly Saying[],
  { discovery, written }: RecordPlansOptions,
): Pick<StatusInput, 'said' | 'conflicts' | 'written'> {
  const report = written.get(owner)
  return {
    said: said.filter(({ name }) => discovery.ledger.get(name)?.owner === owner),
    conflicts: discovery.ledger.conflicts(owner),
    ...(report === undefined ? {} : { written: report }),
  }
}

/** What the ledger holds of an owner's names: those that another one has are left out. */
function held(
  owner: OwnerKey,
  said: readonly Saying[],
  { ledger }: Discovery,
): readonly (readonly [DomainName, Saying['answer']])[] {
  return said.flatMap(({ name }) => {
    const entry = ledger.get(name)
    return entry?.owner === owner ? [[name, entry.answer] as const] : []
  })
}

/** Every member's part, seen or not. `key`: the Service whose endpoints count. */
function seenShards(
  { members, stores }: RecordPlansOptions,
  of: {
    facts(cluster: ClusterIndex): Pick<SeenShard, 'hosts'> | undefined
    readonly key?: ObjectKey
  },
): readonly SeenShard[] {
  return [...members.values()].map(({ name, index, locality: { region, zones } }) => {
    const facts = of.facts(index)
    const readyEndpoints = of.key === undefined ? 0 : stores.endpoints.get(of.key, index).ready
    return {
      ...{ cluster: index, name, zones },
      hosts: facts?.hosts ?? [],
      readyEndpoints,
      ...(region === undefined ? {} : { region }),
    }
  })
}

/** The owner of a Domain's status. */
export function domainOwner(key: ObjectKey): OwnerKey {
  return ownerKey('Domain', key)
}
