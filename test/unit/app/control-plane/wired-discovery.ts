import type { Domain, DomainStatus } from '../../../../src/api/domain.ts'
import type { IngressDNSStatus, ServiceDNSStatus } from '../../../../src/api/dns-status.ts'
import type { IngressFacts, OutputFacts, ServiceFacts } from '../../../../src/api/facts.ts'
import {
  objectKey,
  splitKey,
  type ClusterIndex,
  type ObjectKey,
  type OwnerKey,
} from '../../../../src/api/keys.ts'
import type { ObjectMeta } from '../../../../src/api/object.ts'
import type { IngressDNSRecord } from '../../../../src/api/ingress-dns-record.ts'
import type { ServiceDNSRecordSpec } from '../../../../src/api/service-dns-record.ts'
import { createDiscovery, type Discovery } from '../../../../src/app/control-plane/discovery.ts'
import { HOST, type HostStores, type KindStore } from '../../../../src/app/control-plane/host-cluster.ts'
import { createMemberStores } from '../../../../src/app/control-plane/member-stores.ts'
import type { Federation } from '../../../../src/controllers/federations.ts'
import type { Member } from '../../../../src/controllers/member-clusters.ts'
import { parseDomainName, type DomainName } from '../../../../src/dns/names.ts'
import { describeError } from '../../../../src/errors.ts'
import { FactStore } from '../../../../src/kube/fact-store.ts'
import type { Delta } from '../../../../src/kube/types.ts'
import type { LookupResult } from '../../../../src/resolver/host-addresses.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { at, FakeSessions, NAMESPACE } from '../../controllers/fakes.ts'
import { wordsOf } from '../../writers/embedded/recording-zones.ts'

/** Let everything that was scheduled run. */
export async function turns(count = 3): Promise<void> {
  for (let i = 0; i < count; i += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

function delta<F>(
  kind: string,
  cluster: ClusterIndex,
  change: Partial<Pick<Delta<F>, 'upserts' | 'deletes' | 'state'>>,
): Delta<F> {
  return { kind, cluster, state: 'synced', atMs: 0, upserts: [], deletes: [], ...change }
}

/** Discovery over real stores, without any connection: what a watch would bring is put in by hand. */
export class WiredDiscovery {
  readonly clock = new ManualClock()
  readonly host: HostStores = {
    domains: new FactStore(),
    clusters: new FactStore(),
    configs: new FactStore(),
    serviceRecords: new FactStore(),
    ingressRecords: new FactStore(),
    zoneRecords: new FactStore(),
    secrets: new FactStore(),
    endpoints: new FactStore<OutputFacts>(),
  }
  readonly stores = createMemberStores()
  readonly members = new Map<string, Member>()
  readonly sessions = new FakeSessions()
  readonly lookups = new Map<DomainName, LookupResult>()
  readonly asked: DomainName[] = []
  /** Owners decided since the last look. */
  readonly decided: OwnerKey[] = []
  readonly failures: string[] = []
  readonly federations: string[] = []
  readonly discovery: Discovery
  /** Called with every owner decided. */
  onDecided: (owner: OwnerKey) => void = () => {}
  /** Called with every Domain that came, changed or went. */
  onFederation: (name: string, now: Federation | undefined) => void = () => {}
  #version = 0
  readonly #generations = new Map<string, number>()

  constructor() {
    this.discovery = createDiscovery({
      ...{ namespace: NAMESPACE, host: this.host, stores: this.stores, members: this.members },
      ...{ sessions: this.sessions, clock: this.clock, random: () => 0.5, logger: silentLogger },
      lookup: (host) => {
        this.asked.push(host)
        return Promise.resolve(this.lookups.get(host) ?? { addresses: [], ttlSeconds: 30 })
      },
      workReport: {
        succeeded: () => {},
        failed: (_, { error }) => this.failures.push(describeError(error)),
      },
      federationChanged: (name, now) => {
        this.federations.push(`${name} ${now === undefined ? 'ends' : now.domain}`)
        this.onFederation(name, now)
      },
      decided: (owner) => {
        this.decided.push(owner)
        this.onDecided(owner)
      },
    })
  }

  /** Owners decided by what is done, each once, sorted. */
  async decidedBy(act: () => void): Promise<readonly string[]> {
    await turns()
    this.decided.splice(0)
    act()
    await turns()
    return [...new Set(this.decided)].sort()
  }

  domain(name: string, asked: Omit<Domain, 'metadata'>, namespace = NAMESPACE): void {
    this.#put<Domain, DomainStatus>(
      this.host.domains,
      objectKey(namespace, name),
      { metadata: { name }, ...asked },
      {},
    )
  }

  serviceRecord(
    key: ObjectKey,
    spec: Partial<ServiceDNSRecordSpec> = {},
    rest: { readonly status?: ServiceDNSStatus; readonly metadata?: Partial<ObjectMeta> } = {},
  ): void {
    const { name } = splitKey(key)
    this.#put(
      this.host.serviceRecords,
      key,
      { metadata: { name }, spec: { domainRef: 'fed', ...spec } },
      rest,
    )
  }

  ingressRecord(
    key: ObjectKey,
    hosts: readonly string[],
    rest: { readonly status?: IngressDNSStatus; readonly spec?: Partial<IngressDNSRecord['spec']> } = {},
  ): void {
    const { name } = splitKey(key)
    const { spec, ...more } = rest
    this.#put(this.host.ingressRecords, key, { metadata: { name }, spec: { hosts, ...spec } }, more)
  }

  reject(store: KindStore<never, never>, key: ObjectKey, problem: string, status?: unknown): void {
    const metadata = this.#metadata(key, {})
    const facts = { kind: 'rejected', metadata, problems: [problem], status } as const
    store.apply(delta('Rejected', HOST, { upserts: [[key, facts as never]] }))
  }

  removeFrom(
    store: { apply(delta: Delta<never>): void },
    key: ObjectKey,
    cluster: ClusterIndex = HOST,
  ): void {
    store.apply(delta<never>('Removed', cluster, { deletes: [key] }))
  }

  /** A member in a region and zone of this index. */
  member(
    index: number,
    name = `c${index}`,
    place: { readonly region?: string; readonly zones: readonly string[] } = {
      region: `r${index}`,
      zones: [`z${index}`],
    },
  ): void {
    this.members.set(name, {
      ...{ name, key: objectKey(NAMESPACE, name), index: at(index), fingerprint: 'f' },
      locality: { ...place, problems: [] },
    })
    this.discovery.membersMoved()
  }

  leave(name: string): void {
    const member = this.members.get(name)
    if (member === undefined) return
    this.members.delete(name)
    for (const store of [this.stores.services, this.stores.ingresses, this.stores.endpoints] as const) {
      store.apply(delta<never>('Gone', member.index, { state: 'gone' }))
    }
    this.discovery.membersMoved()
  }

  service(key: ObjectKey, index: number, facts: ServiceFacts | undefined): void {
    this.#member(this.stores.services, index, { key, facts })
  }

  ingress(key: ObjectKey, index: number, facts: IngressFacts | undefined): void {
    this.#member(this.stores.ingresses, index, { key, facts })
  }

  /** Ready endpoints of a Service, in one EndpointSlice. */
  slice(service: ObjectKey, index: number, ready: number): void {
    this.endpoints(service, index, { ready, serving: ready })
  }

  /** All endpoints of a Service, in one EndpointSlice. */
  endpoints(
    service: ObjectKey,
    index: number,
    of: { readonly ready: number; readonly serving: number },
  ): void {
    const facts = { service, family: 'a', ready: of.ready, serving: of.serving, terminating: 0 } as const
    this.#member(this.stores.endpoints, index, { key: `${service}-a` as ObjectKey, facts }) // the slice's own name
  }

  says(name: string): string {
    return wordsOf(this.discovery.ledger.get(parseDomainName(name))?.answer)
  }

  #member<F>(
    store: { apply(delta: Delta<F>): void },
    index: number,
    cell: { readonly key: ObjectKey; readonly facts: F | undefined },
  ): void {
    const { key, facts } = cell
    store.apply(
      delta<F>('Member', at(index), facts === undefined ? { deletes: [key] } : { upserts: [[key, facts]] }),
    )
  }

  #put<T, S>(
    store: KindStore<T, S>,
    key: ObjectKey,
    asked: T,
    rest: { readonly status?: S; readonly metadata?: Partial<ObjectMeta> },
  ): void {
    const metadata = this.#metadata(key, rest.metadata ?? {})
    store.apply(
      delta('Kind', HOST, {
        upserts: [[key, { kind: 'ok', metadata, value: { asked, status: rest.status } }]],
      }),
    )
  }

  #metadata(key: ObjectKey, more: Partial<ObjectMeta>): ObjectMeta {
    this.#version += 1
    const generation = (this.#generations.get(key) ?? 0) + 1
    this.#generations.set(key, generation)
    const creationTimestamp = '2026-01-01T00:00:00Z'
    return {
      ...splitKey(key),
      uid: `uid ${key}`,
      resourceVersion: String(this.#version),
      generation,
      creationTimestamp,
      ...more,
    }
  }
}
