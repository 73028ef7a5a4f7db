import type { KubeObject, ObjectMeta, OwnerReference } from '../../api/object.ts'

/** What the simulated cloud reads of built-in kinds. Everything is optional: users write these objects. */
export interface DeploymentShape extends KubeObject {
  readonly spec?: {
    readonly replicas?: number
    readonly paused?: boolean
    readonly revisionHistoryLimit?: number
    readonly selector?: LabelSelector
    readonly strategy?: {
      readonly type?: string
      readonly rollingUpdate?: {
        readonly maxSurge?: number | string
        readonly maxUnavailable?: number | string
      }
    }
    readonly template?: PodTemplate
  }
  readonly status?: { readonly conditions?: readonly Condition[] } & Readonly<Record<string, unknown>>
}

export interface ReplicaSetShape extends KubeObject {
  readonly spec?: {
    readonly replicas?: number
    readonly selector?: LabelSelector
    readonly template?: PodTemplate
  }
  readonly status?: {
    readonly replicas?: number
    readonly readyReplicas?: number
    readonly availableReplicas?: number
    readonly observedGeneration?: number
  }
}

export interface PodShape extends KubeObject {
  readonly spec?: PodSpec
  readonly status?: {
    readonly phase?: string
    readonly podIP?: string
    readonly podIPs?: readonly { readonly ip: string }[]
    readonly startTime?: string
    readonly conditions?: readonly Condition[]
  } & Readonly<Record<string, unknown>>
}

export interface PodSpec {
  readonly nodeName?: string
  readonly nodeSelector?: Readonly<Record<string, string>>
  readonly containers?: readonly {
    readonly name?: string
    readonly image?: string
    readonly ports?: readonly {
      readonly name?: string
      readonly containerPort?: number
      readonly protocol?: string
    }[]
  }[]
  readonly [field: string]: unknown
}

export interface PodTemplate {
  readonly metadata?: Partial<ObjectMeta>
  readonly spec?: PodSpec
}

export interface ServicePort {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly targetPort?: number | string
  readonly nodePort?: number
  readonly appProtocol?: string
}

export interface ServiceSpec {
  readonly type?: string
  readonly selector?: Readonly<Record<string, string>>
  readonly ports?: readonly ServicePort[]
  readonly clusterIP?: string
  readonly clusterIPs?: readonly string[]
  readonly ipFamilies?: readonly string[]
  readonly ipFamilyPolicy?: string
  readonly loadBalancerIP?: string
  readonly loadBalancerClass?: string
  readonly allocateLoadBalancerNodePorts?: boolean
  readonly externalTrafficPolicy?: string
  readonly internalTrafficPolicy?: string
  readonly healthCheckNodePort?: number
  readonly sessionAffinity?: string
  readonly publishNotReadyAddresses?: boolean
  readonly [field: string]: unknown
}

export interface LoadBalancerIngress {
  readonly ip?: string
  readonly ipMode?: string
  readonly hostname?: string
}

export interface ServiceShape extends KubeObject {
  readonly spec?: ServiceSpec
  readonly status?: {
    readonly loadBalancer?: { readonly ingress?: readonly LoadBalancerIngress[] }
  } & Readonly<Record<string, unknown>>
}

export interface IngressShape extends KubeObject {
  readonly spec?: {
    readonly defaultBackend?: IngressBackend
    readonly tls?: readonly unknown[]
    readonly rules?: readonly {
      readonly http?: { readonly paths?: readonly { readonly backend?: IngressBackend }[] }
    }[]
  }
  readonly status?: ServiceShape['status']
}

interface IngressBackend {
  readonly service?: { readonly name?: string }
}

export interface EndpointSliceShape extends KubeObject {
  readonly addressType?: string
  readonly endpoints?: readonly SliceEndpoint[] | null
  readonly ports?: readonly SlicePort[] | null
}

export interface SliceEndpoint {
  readonly addresses: readonly string[]
  readonly conditions?: {
    readonly ready?: boolean
    readonly serving?: boolean
    readonly terminating?: boolean
  }
  readonly nodeName?: string
  readonly zone?: string
  readonly targetRef?: {
    readonly kind: string
    readonly namespace: string
    readonly name: string
    readonly uid: string
  }
}

export interface SlicePort {
  readonly name: string
  readonly port: number
  readonly protocol: string
  readonly appProtocol?: string
}

export interface NodeShape extends KubeObject {
  readonly spec?: { readonly unschedulable?: boolean } & Readonly<Record<string, unknown>>
  readonly status?: {
    readonly conditions?: readonly Condition[]
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
  } & Readonly<Record<string, unknown>>
}

export interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastTransitionTime?: string
  readonly lastUpdateTime?: string
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>
  readonly matchExpressions?: readonly {
    readonly key: string
    readonly operator: string
    readonly values?: readonly string[]
  }[]
}

/** Anything that may carry settings; only Deployments and ReplicaSets have a template. */
export interface SettingCarrier extends KubeObject {
  readonly spec?: { readonly template?: PodTemplate }
}

/** The owner that manages an object, if one does. */
export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((owner) => owner.controller === true)
}

/** An owner reference that makes `owner` the manager. */
export function controlledBy(owner: KubeObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  }
}

/** Every pair of the selector is among the labels; an empty selector matches nothing here. */
export function selects(
  selector: Readonly<Record<string, string>> | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const pairs = Object.entries(selector ?? {})
  return pairs.length > 0 && pairs.every(([name, value]) => labels?.[name] === value)
}

/** Labels fit a selector of a ReplicaSet; one that says nothing fits nothing. */
export function fitsSelector(
  selector: LabelSelector | undefined,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  const expressions = selector?.matchExpressions ?? []
  const pairs = Object.entries(selector?.matchLabels ?? {})
  return (
    pairs.length + expressions.length > 0 &&
    pairs.every(([name, value]) => labels?.[name] === value) &&
    expressions.every((expression) => fitsExpression(expression, labels?.[expression.key]))
  )
}

function fitsExpression(
  { operator, values = [] }: NonNullable<LabelSelector['matchExpressions']>[number],
  value: string | undefined,
): boolean {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    default:
      return value === undefined // DoesNotExist
  }
}

/** Status of a condition, `Unknown` when it is not there. */
export function conditionStatus(conditions: readonly Condition[] | undefined, type: string): string {
  return conditions?.find((condition) => condition.type === type)?.status ?? 'Unknown'
}

/** Kubernetes time: RFC 3339 in whole seconds, UTC. */
export function kubeTime(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19)}Z`
}

/** The condition to write: the old one when only its time would differ; else with a new transition time. */
export function nextCondition(
  conditions: readonly Condition[] | undefined,
  wanted: Condition,
  nowMs: number,
): Condition {
  const old = conditions?.find((condition) => condition.type === wanted.type)
  const turned = old?.status !== wanted.status
  return {
    ...wanted,
    lastTransitionTime: turned ? kubeTime(nowMs) : (old.lastTransitionTime ?? kubeTime(nowMs)),
  }
}
