import type { ClusterIndex, ObjectKey, OwnerKey } from '../../api/keys.ts'
import type { ObjectMeta } from '../../api/object.ts'
import type { ResourceDefinition } from '../../api/resource-definition.ts'
import type { Member } from '../../controllers/member-clusters.ts'
import type { SeenShard, StatusInput, WriteReport } from '../../controllers/status-input.ts'
import type { BlockedRecord } from '../../controllers/ports.ts'
import type { StatusPlan, StatusWithConditions } from '../../controllers/report-record.ts'
import type { Saying } from '../../core/discovery/said.ts'
import type { DomainName } from '../../dns/names.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { EndpointPlan } from '../../writers/dnsendpoint/dnsendpoint-writer.ts'
import type { Discovery } from '../control-plane/discovery.ts'
import type { HostStores } from '../control-plane/host-cluster.ts'
import type { StaticDataBook } from '../static-data/static-data-book.ts'
import type { ZoneRecordsBook } from '../updates/zone-records-book.ts'
import type { MemberStores } from '../control-plane/member-stores.ts'
import type { ZoneFactsSource } from '../zone-facts/zone-facts.ts'

export interface RecordPlansOptions {
  readonly namespace: string
  readonly host: HostStores
  readonly stores: MemberStores
  readonly members: ReadonlyMap<string, Member>
  readonly discovery: Pick<Discovery, 'ledger' | 'federations' | 'services' | 'ingresses'>
  readonly zoneRecords: Pick<ZoneRecordsBook, 'state'>
  /** Static data of Domains; absent: none of them has any. */
  readonly staticData?: Pick<StaticDataBook, 'state'>
  readonly clock: Clock
  readonly written: ReadonlyMap<OwnerKey, WriteReport>
  serial(domain: DomainName): number | undefined
  /** Absent: nothing is told of zones besides their names. */
  readonly zoneFacts?: Pick<ZoneFactsSource, 'of'>
}

/** What is written about objects of one kind. Reads caches only. */
export interface KindPlans {
  readonly definition: ResourceDefinition
  /** Undefined: the object is gone, or has not been decided yet. `standing`: what was written last and has not come back. */
  status(key: ObjectKey, standing: StatusWithConditions | undefined): StatusPlan | undefined
  /** Undefined: the record is gone; `later`: leave what is there, since it has not been decided yet, or cannot be read. */
  endpoint(key: ObjectKey): EndpointPlan | 'later' | undefined
}

/** The domain that every name is in. */
export const ROOT = '.' as DomainName // the root is a name

/** The type of an object, as owner references and events tell it. */
export function identityOf({ group, version, kind }: ResourceDefinition): {
  readonly apiVersion: string
  readonly kind: string
} {
  return { apiVersion: `${group}/${version}`, kind }
}

/** What a status is made of besides its content: of which generation, when. */
export function moment(
  { clock }: Pick<RecordPlansOptions, 'clock'>,
  metadata: ObjectMeta,
): Pick<StatusInput, 'generation' | 'now'> {
  return {
    generation: metadata.generation ?? 0,
    now: new Date(clock.nowMs()).toISOString().replace(/\.\d+Z$/, 'Z'),
  }
}

/** What the ledger, and the writer of DNSEndpoints, hold of an owner. */
export function standingOf(
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
export function held(
  owner: OwnerKey,
  said: readonly Saying[],
  { discovery }: RecordPlansOptions,
): EndpointPlan['names'] {
  return said.flatMap(({ name }) => {
    const entry = discovery.ledger.get(name)
    return entry?.owner === owner ? [[name, entry.answer] as const] : []
  })
}

/** What a record that publishes nothing writes outside: no names, or nothing at all while nobody knows what it asks for. */
export function nothingOf(
  record: EndpointPlan['record'],
  { isUnreadable }: BlockedRecord<unknown>,
): EndpointPlan | 'later' {
  return isUnreadable ? 'later' : { record, domain: ROOT, names: [] }
}

/** Every member's part, seen or not. */
export function seenShards(
  { members }: Pick<RecordPlansOptions, 'members'>,
  of: {
    facts(cluster: ClusterIndex): Pick<SeenShard, 'hosts'> | undefined
    readyEndpoints(cluster: ClusterIndex): number
  },
): readonly SeenShard[] {
  return [...members.values()].map(({ name, index, locality: { region, zones } }) => ({
    ...{ cluster: index, name, zones },
    hosts: of.facts(index)?.hosts ?? [],
    readyEndpoints: of.readyEndpoints(index),
    ...(region === undefined ? {} : { region }),
  }))
}
