import type { ObjectKey, OwnerKey } from '../../api/keys.ts'
import type { ResourceDefinition } from '../../api/resource-definition.ts'
import type { StatusPlan, StatusWithConditions } from '../../controllers/report-record.ts'
import type { EndpointPlan } from '../../writers/dnsendpoint/dnsendpoint-writer.ts'
import { domainPlans } from './domain-plans.ts'
import { ingressPlans } from './ingress-plans.ts'
import type { KindPlans, RecordPlansOptions } from './plan-parts.ts'
import { servicePlans } from './service-plans.ts'
import { zoneRecordsPlans } from './zone-records-plans.ts'

/** From what was decided to what is written about it: status and DNSEndpoint of one owner. Owners of zone data have none. */
export interface RecordPlans {
  /** See KindPlans. */
  status(owner: OwnerKey, standing: StatusWithConditions | undefined): StatusPlan | undefined
  /** See KindPlans. */
  endpoint(owner: OwnerKey): EndpointPlan | 'later' | undefined
  /** Of the object that a status is planned for. */
  definitionOf(plan: Pick<StatusPlan, 'kind'>): ResourceDefinition | undefined
}

/** The plans of all owners, by kind. */
export function createRecordPlans(options: RecordPlansOptions): RecordPlans {
  const all = [servicePlans(options), ingressPlans(options), domainPlans(options), zoneRecordsPlans(options)]
  const byKind = new Map<string, KindPlans>(all.map((plans) => [plans.definition.kind, plans]))
  return {
    status: (owner, standing) => byKind.get(kindOf(owner))?.status(objectOf(owner), standing),
    endpoint: (owner) => byKind.get(kindOf(owner))?.endpoint(objectOf(owner)),
    definitionOf: ({ kind }) => byKind.get(kind)?.definition,
  }
}

function kindOf(owner: OwnerKey): string {
  return owner.slice(0, owner.indexOf('/'))
}

function objectOf(owner: OwnerKey): ObjectKey {
  return owner.slice(owner.indexOf('/') + 1) as ObjectKey // an OwnerKey is a kind and an ObjectKey
}
