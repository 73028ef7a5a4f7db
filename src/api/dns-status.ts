import { z } from 'zod'
import { conditionsSchema } from './conditions.ts'
import type { Frozen } from './kind.ts'
import { count, timestamp } from './schema-fields.ts'

/** A member's load balancer as its Service or Ingress says it. */
const loadBalancer = z
  .object({
    ingress: z
      .array(
        z.object({
          ip: z.string().meta({ description: 'Its address.' }).optional(),
          hostname: z.string().meta({ description: 'Its host name.' }).optional(),
        }),
      )
      .meta({ description: 'Its addresses, sorted.' })
      .optional(),
  })
  .meta({
    description: 'The load balancer in that cluster; empty when there is none or none may be published.',
  })

/** Our own fields of one cluster's entry: what was decided of it, since when. Written by the leader, loaded once at start (DESIGN 5.12). */
const shardFields = {
  state: z
    .enum(['Fit', 'Unfit', 'Unknown', 'Absent'])
    .meta({
      description:
        'Fit: may receive traffic. Unfit: has no healthy endpoint. Unknown: cannot be seen now. Absent: has no such object, or no address.',
    })
    .optional(),
  lastKnown: z
    .enum(['Fit', 'Unfit', 'Absent'])
    .meta({ description: 'For Unknown: the state before it went out of sight.' })
    .optional(),
  reason: z.string().meta({ description: 'Why, in one CamelCase word.' }).optional(),
  message: z.string().meta({ description: 'Why, in a sentence.' }).optional(),
  since: timestamp('When it came into this state.').optional(),
  published: z
    .boolean()
    .meta({ description: 'Whether its addresses are in the global answer now.' })
    .optional(),
  endpoints: count('Ready endpoints there.').optional(),
}

const shard = {
  cluster: z.string().meta({ description: 'Name of the KubeFedCluster.' }),
  loadBalancer: loadBalancer.optional(),
}

const place = {
  region: z.string().meta({ description: 'Region of the cluster.' }).optional(),
  zones: z.array(z.string()).meta({ description: 'Zones of the cluster, sorted.' }).optional(),
}

const answers = z
  .array(
    z.object({
      name: z.string().meta({ description: 'DNS name, without the trailing dot.' }),
      type: z.enum(['A', 'AAAA', 'CNAME']).meta({ description: 'Record type.' }),
      targets: z.array(z.string()).meta({ description: 'Addresses, or the one name pointed to; sorted.' }),
      instead: z
        .array(z.string())
        .meta({
          description:
            'On a CNAME: the addresses that outputs outside write in its place, as aliasAs of the Domain has it; none: they leave the name out. Absent: they write the CNAME.',
        })
        .optional(),
      carried: z
        .boolean()
        .meta({
          description:
            'On a CNAME: the name has carried addresses before, so it keeps their type in outputs that ask for it.',
        })
        .optional(),
    }),
  )
  .meta({ description: 'What is published, one entry for each name and type, sorted: global first.' })

const common = {
  observedGeneration: count('The metadata.generation that this status was made from.').optional(),
  conditions: conditionsSchema.optional(),
  endpoints: count('Ready endpoints in all clusters.').optional(),
  healthy: z
    .string()
    .meta({ description: 'Fit clusters of those that have the object, such as 2/3.' })
    .optional(),
  addresses: z.array(z.string()).meta({ description: 'All addresses published now, sorted.' }).optional(),
  answers: answers.optional(),
  lastGood: z
    .array(z.string())
    .meta({
      description: 'The addresses that were published last.',
    })
    .optional(),
}

const IN_FORCE =
  'What the names are made of: the last spec that could be used. A controller that starts goes on with it where the record has become invalid.'
const inForce = {
  recordTTL: count('Its TTL, where it has one of its own.').optional(),
  whenAllUnhealthy: z
    .enum(['LastKnownGood', 'Empty'])
    .meta({ description: 'What is published when no cluster is healthy any more.' }),
}

export const serviceDNSStatus = z
  .object({
    domain: z.string().meta({ description: 'The DNS zone, copied from the Domain.' }).optional(),
    dns: z
      .array(z.object({ ...shard, ...place, ...shardFields }))
      .meta({ description: 'One entry for each member cluster, sorted by name.' })
      .optional(),
    dnsName: z.string().meta({ description: 'The global DNS name of the service.' }).optional(),
    inForce: z
      .object({
        domainRef: z.string().meta({ description: 'The Domain.' }),
        externalName: z.string().meta({ description: "In place of the service's name." }).optional(),
        dnsPrefix: z.string().meta({ description: 'The label of the prefix name.' }).optional(),
        allowServiceWithoutEndpoints: z
          .boolean()
          .meta({ description: 'Whether clusters without a ready endpoint count.' }),
        ...inForce,
      })
      .meta({ description: IN_FORCE })
      .optional(),
    ...common,
  })
  .meta({ description: 'What the controller made of it.' })

export const ingressDNSStatus = z
  .object({
    dns: z
      .array(z.object({ ...shard, ...shardFields }))
      .meta({ description: 'One entry for each member cluster, sorted by name.' })
      .optional(),
    inForce: z
      .object({ hosts: z.array(z.string()).meta({ description: 'The hosts, sorted.' }), ...inForce })
      .meta({ description: IN_FORCE })
      .optional(),
    ...common,
  })
  .meta({ description: 'What the controller made of it.' })

export type ServiceDNSStatus = Frozen<z.output<typeof serviceDNSStatus>>
export type IngressDNSStatus = Frozen<z.output<typeof ingressDNSStatus>>
export type ServiceInForce = NonNullable<ServiceDNSStatus['inForce']>
export type IngressInForce = NonNullable<IngressDNSStatus['inForce']>
/** One cluster's entry; entries of Ingresses have no region and zones. */
export type ClusterDNS = NonNullable<ServiceDNSStatus['dns']>[number]
export type ClusterIngressDNS = NonNullable<IngressDNSStatus['dns']>[number]
export type LoadBalancerStatus = NonNullable<ClusterDNS['loadBalancer']>
export type AnswerStatus = NonNullable<ServiceDNSStatus['answers']>[number]
export type ShardState = NonNullable<ClusterDNS['state']>
