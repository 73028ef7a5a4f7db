import { domainKind, type Domain, type DomainStatus } from '../../api/domain.ts'
import { ingressDNSRecordKind, type IngressDNSRecord } from '../../api/ingress-dns-record.ts'
import type { IngressDNSStatus, ServiceDNSStatus } from '../../api/dns-status.ts'
import type { OutputFacts } from '../../api/facts.ts'
import type { Kind } from '../../api/kind.ts'
import type { ClusterIndex, ObjectKey } from '../../api/keys.ts'
import {
  kubeFedClusterKind,
  type KubeFedCluster,
  type KubeFedClusterStatus,
} from '../../api/kubefed-cluster.ts'
import { kubeFedConfigKind, type KubeFedConfig } from '../../api/kubefed-config.ts'
import { dnsEndpointKind } from '../../api/dns-endpoint.ts'
import { serviceDNSRecordKind, type ServiceDNSRecord } from '../../api/service-dns-record.ts'
import { zoneRecordsKind, type ZoneRecords, type ZoneRecordsStatus } from '../../api/zone-records.ts'
import type { HostObjects, Read } from '../../controllers/ports.ts'
import type { ClusterAccess } from '../../kube/access.ts'
import { Connection } from '../../kube/connection.ts'
import { FactStore } from '../../kube/fact-store.ts'
import { kindProjection, type KindFacts } from '../../kube/projections/kind.ts'
import { outputProjection } from '../../kube/projections/output.ts'
import { tokenSecretProjection, type TokenFacts } from '../../kube/projections/token-secret.ts'
import { Turns } from '../../kube/turns.ts'
import { watched, type KubeReport, type Watched } from '../../kube/watched.ts'
import type { Clock } from '../../runtime/clock.ts'
import { endpointDigest } from '../../writers/dnsendpoint/dnsendpoint-writer.ts'

/** The host has stores of its own, with one column. */
export const HOST = 0 as ClusterIndex

/** Objects of one of our kinds in the host. */
export type KindStore<T, S> = FactStore<KindFacts<Read<T, S>, S>>

/** All that is read of the host cluster. */
export interface HostStores {
  readonly domains: KindStore<Domain, DomainStatus>
  readonly clusters: KindStore<KubeFedCluster, KubeFedClusterStatus>
  readonly configs: KindStore<KubeFedConfig, unknown>
  readonly serviceRecords: KindStore<ServiceDNSRecord, ServiceDNSStatus>
  readonly ingressRecords: KindStore<IngressDNSRecord, IngressDNSStatus>
  readonly zoneRecords: KindStore<ZoneRecords, ZoneRecordsStatus>
  readonly secrets: FactStore<TokenFacts>
  readonly endpoints: FactStore<OutputFacts>
}

export interface HostClusterOptions {
  readonly access: ClusterAccess
  /** The control plane's. */
  readonly namespace: string
  readonly clock: Clock
  readonly random: () => number
  readonly report: KubeReport
  /** All stores but that of the DNSEndpoints are complete, or no longer. */
  readonly onSession: (up: boolean) => void
}

export interface HostCluster {
  readonly connection: Connection
  readonly stores: HostStores
}

/** Connect the host. The DNSEndpoint kind is somebody else's and may be missing: nothing waits for it. */
export function createHostCluster(options: HostClusterOptions): HostCluster {
  const stores: HostStores = {
    domains: new FactStore(),
    clusters: new FactStore(),
    configs: new FactStore(),
    serviceRecords: new FactStore(),
    ingressRecords: new FactStore(),
    zoneRecords: new FactStore(),
    secrets: new FactStore(),
    endpoints: new FactStore(),
  }
  const { namespace } = options
  const watches = [
    // Also those in other namespaces, which are not read: they are told so.
    watchKind(domainKind, stores.domains),
    watchKind(kubeFedClusterKind, stores.clusters, namespace),
    watchKind(kubeFedConfigKind, stores.configs, namespace),
    watchKind(serviceDNSRecordKind, stores.serviceRecords),
    watchKind(ingressDNSRecordKind, stores.ingressRecords),
    watchKind(zoneRecordsKind, stores.zoneRecords, namespace),
    watched(
      {
        resource: { group: '', version: 'v1', plural: 'secrets' },
        projection: tokenSecretProjection,
        namespace,
      },
      stores.secrets,
    ),
    watched(
      {
        resource: dnsEndpointKind.definition,
        projection: outputProjection('DNSEndpoint', endpointDigest),
        required: false,
      },
      stores.endpoints,
    ),
  ]
  const { access, clock, random, report, onSession } = options
  const connection = new Connection({
    ...{ name: 'host', cluster: HOST, access, watches, clock, random, report },
    turns: new Turns({ clock, places: watches.length }),
    onSession: (session) => onSession(session.up),
  })
  return { connection, stores }
}

function watchKind<T, S>(kind: Kind<T, S>, store: KindStore<T, S>, namespace?: string): Watched {
  const { definition } = kind
  return watched(
    {
      resource: definition,
      projection: kindProjection<Read<T, S>, S>(definition.kind, (raw) => {
        const parsed = kind.parse(raw)
        const status = kind.readStatus(raw)
        if (parsed.kind === 'rejected') return { ...parsed, status }
        return { kind: 'ok', value: { asked: parsed.value, status } }
      }),
      ...(namespace === undefined ? {} : { namespace }),
    },
    store,
  )
}

/** A host store as controllers see it. */
export function hostObjects<T, S>(store: KindStore<T, S>): HostObjects<T, S> {
  return { get: (key: ObjectKey) => store.get(key, HOST), keys: () => store.keys() }
}
