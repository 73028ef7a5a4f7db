import type { IngressFacts, NodeFacts, ServiceFacts } from '../../api/facts.ts'
import { EndpointStore } from '../../kube/endpoint-store.ts'
import { FactStore } from '../../kube/fact-store.ts'
import { endpointSliceProjection } from '../../kube/projections/endpoint-slice.ts'
import { ingressProjection } from '../../kube/projections/ingress.ts'
import { nodeProjection } from '../../kube/projections/node.ts'
import { serviceProjection } from '../../kube/projections/service.ts'
import { watched, type Watched } from '../../kube/watched.ts'

/** All that is read of the member clusters: one column for each. */
export interface MemberStores {
  readonly services: FactStore<ServiceFacts>
  readonly endpoints: EndpointStore
  readonly ingresses: FactStore<IngressFacts>
  readonly nodes: FactStore<NodeFacts>
}

/** Empty stores. */
export function createMemberStores(): MemberStores {
  return {
    services: new FactStore(),
    endpoints: new EndpointStore(),
    ingresses: new FactStore(),
    nodes: new FactStore(),
  }
}

/** What is watched in every member. */
export function memberWatches(stores: MemberStores): readonly Watched[] {
  const v1 = (group: string, plural: string) => ({ group, version: 'v1', plural })
  return [
    watched({ resource: v1('', 'services'), projection: serviceProjection }, stores.services),
    watched(
      { resource: v1('discovery.k8s.io', 'endpointslices'), projection: endpointSliceProjection },
      stores.endpoints,
    ),
    watched(
      { resource: v1('networking.k8s.io', 'ingresses'), projection: ingressProjection },
      stores.ingresses,
    ),
    // Nodes matter for region and zones only: a cluster that hides them can be labelled instead.
    watched(
      { resource: v1('', 'nodes'), projection: nodeProjection, metadataOnly: true, required: false },
      stores.nodes,
    ),
  ]
}
