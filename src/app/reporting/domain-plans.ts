import { withConditions, type Condition, type ConditionSaid } from '../../api/conditions.ts'
import {
  domainInForce,
  domainKind,
  type Domain,
  type DomainInForce,
  type DomainStatus,
} from '../../api/domain.ts'
import { ownerKey, type ObjectKey, type OwnerKey } from '../../api/keys.ts'
import type { Federation } from '../../controllers/federations.ts'
import { invalid, statusOf, type HostObject } from '../../controllers/ports.ts'
import { HOST } from '../control-plane/host-cluster.ts'
import { zoneFileCondition, type ZoneFileFacts } from '../static-data/zone-file-condition.ts'
import { domainConditions, ZONE_CONDITIONS } from './domain-conditions.ts'
import { identityOf, moment, type KindPlans, type RecordPlansOptions } from './plan-parts.ts'

const { definition } = domainKind

/** The owner of a Domain's status. */
export function domainOwner(key: ObjectKey): OwnerKey {
  return ownerKey(definition.kind, key)
}

/** A Domain tells whether it is in force, and what is published in it; it has no DNSEndpoint. */
export function domainPlans(options: RecordPlansOptions): KindPlans {
  const { host, discovery } = options
  return {
    definition,
    status(key, standing) {
      const object = host.domains.get(key, HOST)
      if (object === undefined) return undefined
      const { metadata } = object
      const before = standing ?? statusOf(object)
      const { generation, now } = moment(options, metadata)
      const isHere = metadata.namespace === options.namespace
      const federation = isHere ? discovery.federations.get(metadata.name) : undefined
      const said = [
        { type: 'Ready', ...readyOf(object, options) },
        ...zoneConditions(federation, options),
        ...(isHere ? zoneFileOf(key, object, { ...options, before: before?.conditions }) : []),
      ].map((condition) => ({ ...condition, observedGeneration: generation }))
      const standingConditions =
        federation === undefined ? before?.conditions : kept(before?.conditions, said)
      const serial = federation === undefined ? undefined : options.serial(federation.domain)
      return {
        ...identityOf(definition),
        metadata,
        before,
        now: {
          observedGeneration: generation,
          conditions: withConditions(standingConditions ?? [], said, now),
          names: federation === undefined ? 0 : namesIn(federation.name, options),
          ...(serial === undefined ? {} : { serial }),
          ...(federation === undefined ? {} : { inForce: inForceOf(federation) }),
        },
      }
    },
    endpoint: () => undefined,
  }
}

/** What else is known of its zone, as long as it has one. */
function zoneConditions(
  federation: Federation | undefined,
  { zoneFacts }: RecordPlansOptions,
): readonly ConditionSaid[] {
  if (federation === undefined || zoneFacts === undefined) return []
  return domainConditions(federation.domain, zoneFacts.of(federation.domain))
}

/** Without conditions of zones that this process says nothing of: what they say was true of another one. */
function kept(
  before: readonly Condition[] | undefined,
  said: readonly ConditionSaid[],
): readonly Condition[] | undefined {
  const types = new Set(said.map(({ type }) => type))
  return before?.filter(({ type }) => types.has(type) || !ZONE_CONDITIONS.has(type))
}

/** What becomes of its static data. */
function zoneFileOf(
  key: ObjectKey,
  object: HostObject<Domain, DomainStatus>,
  { discovery: { ledger }, staticData, before }: RecordPlansOptions & Pick<ZoneFileFacts, 'before'>,
): readonly ConditionSaid[] {
  return zoneFileCondition({
    rejected: object.kind === 'rejected' ? object.problems : [],
    state: staticData?.state(object.metadata.name),
    conflicts: ledger.conflicts(domainOwner(key)),
    get: (name) => ledger.get(name),
    before,
  })
}

function inForceOf({ domain, settings, zoneFile }: Federation): DomainInForce {
  return domainInForce(domain.slice(0, -1) || domain, settings, zoneFile)
}

function readyOf(
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

/** Names that the services of a federation claim, and its static data. */
function namesIn(federation: string, { discovery: { services }, staticData }: RecordPlansOptions): number {
  let count = staticData?.state(federation)?.names ?? 0
  for (const state of services.values()) {
    if (state.kind === 'blocked' || state.topology.federation !== federation) continue
    count += state.memory.names.scopes.length + (state.memory.names.prefix === undefined ? 0 : 1)
  }
  return count
}
