import type {
  EndpointSliceShape,
  PodShape,
  ServicePort,
  ServiceSpec,
  SliceEndpoint,
  SlicePort,
} from '../shapes.ts'
import { conditionStatus } from '../shapes.ts'
import type { IpFamily } from './address-plan.ts'

/** The limit of the EndpointSlice controller (`--max-endpoints-per-slice`); the API itself takes 1,000. */
export const MAX_ENDPOINTS_PER_SLICE = 100

/** What one slice has to hold. */
export interface SliceContent {
  readonly addressType: IpFamily
  readonly endpoints: readonly SliceEndpoint[]
  readonly ports: readonly SlicePort[]
}

export interface SlicePlan {
  readonly create: readonly SliceContent[]
  /** Slices that stay, with what they have to hold; most hold it already. */
  readonly keep: readonly { readonly slice: EndpointSliceShape; readonly content: SliceContent }[]
  readonly delete: readonly EndpointSliceShape[]
}

export interface SliceInput {
  readonly spec: ServiceSpec
  readonly families: readonly IpFamily[]
  readonly pods: readonly PodShape[]
  /** The service's slices that this controller made. */
  readonly existing: readonly EndpointSliceShape[]
  zoneOf(nodeName: string): string | undefined
}

/**
 * Which slices a Service should have. Each Pod with an address is in exactly one slice of each family; an endpoint stays
 * in the slice where it is, others fill the fullest slice with room, then new ones; a family without Pods keeps one
 * empty slice. Pods that understand a named port differently are in slices of their own, as ports belong to slices.
 */
export function planSlices(input: SliceInput): SlicePlan {
  const plan: DraftPlan = { create: [], keep: [], delete: [] }
  for (const slice of input.existing)
    if (!input.families.includes(slice.addressType as IpFamily)) plan.delete.push(slice)
  for (const family of input.families) planFamily(input, family, plan)
  return plan
}

interface DraftPlan {
  readonly create: SliceContent[]
  readonly keep: SlicePlan['keep'][number][]
  readonly delete: EndpointSliceShape[]
}

interface Filling {
  readonly slice?: EndpointSliceShape
  readonly endpoints: SliceEndpoint[]
  readonly ports: readonly SlicePort[]
}

function planFamily(input: SliceInput, family: IpFamily, plan: DraftPlan): void {
  const free = input.existing.filter((slice) => slice.addressType === family)
  const groups = [...groupsByPorts(input, family).values()]
  // first every group keeps what it has, then the rest is placed: no newcomer takes a slice that others live in
  const filled = groups.map((group) => keepPlaces(group, free)).flatMap((kept) => fill(kept, free))
  if (filled.length === 0) {
    const kept = free.shift()
    filled.push({ ...(kept === undefined ? {} : { slice: kept }), endpoints: [], ports: [] })
  }
  for (const { slice, endpoints, ports } of filled) {
    const content = { addressType: family, endpoints, ports }
    if (slice === undefined) plan.create.push(content)
    else plan.keep.push({ slice, content })
  }
  plan.delete.push(...free)
}

interface Group {
  readonly ports: readonly SlicePort[]
  readonly endpoints: Map<string, SliceEndpoint>
}

function groupsByPorts(input: SliceInput, family: IpFamily): ReadonlyMap<string, Group> {
  const groups = new Map<string, Group>()
  for (const pod of input.pods) {
    const endpoint = endpointOf(pod, family, input)
    if (endpoint === undefined) continue
    const ports = (input.spec.ports ?? []).flatMap((port) => slicePort(port, pod))
    const key = JSON.stringify(ports)
    const group = groups.get(key) ?? { ports, endpoints: new Map() }
    group.endpoints.set(pod.metadata.uid ?? pod.metadata.name, endpoint)
    groups.set(key, group)
  }
  return groups
}

interface Kept {
  readonly ports: readonly SlicePort[]
  readonly used: Filling[]
  readonly rest: SliceEndpoint[]
}

/** Endpoints stay in the slices where they are; takes those slices out of `free`. */
function keepPlaces(group: Group, free: EndpointSliceShape[]): Kept {
  const left = new Map(group.endpoints)
  const used: Filling[] = []
  for (const slice of free.splice(0)) {
    const stay = (slice.endpoints ?? []).flatMap((old) => {
      const uid = old.targetRef?.uid ?? ''
      const endpoint = left.get(uid)
      left.delete(uid)
      return endpoint ?? []
    })
    if (stay.length === 0) free.push(slice)
    else used.push({ slice, endpoints: stay, ports: group.ports })
  }
  return { ports: group.ports, used, rest: [...left.values()] }
}

/** Place the endpoints that have no slice yet: the fullest with room, then free ones, then new ones. */
function fill({ ports, used, rest }: Kept, free: EndpointSliceShape[]): readonly Filling[] {
  for (const filling of [...used].sort((a, b) => b.endpoints.length - a.endpoints.length))
    filling.endpoints.push(...rest.splice(0, MAX_ENDPOINTS_PER_SLICE - filling.endpoints.length))
  while (rest.length > 0) {
    const slice = free.shift()
    const endpoints = rest.splice(0, MAX_ENDPOINTS_PER_SLICE)
    used.push({ ...(slice === undefined ? {} : { slice }), endpoints, ports })
  }
  return used
}

/** A Pod as an endpoint; undefined without address in the family or once it has finished. */
function endpointOf(pod: PodShape, family: IpFamily, input: SliceInput): SliceEndpoint | undefined {
  const phase = pod.status?.phase
  if (phase === 'Succeeded' || phase === 'Failed') return undefined
  const address = (pod.status?.podIPs ?? []).find(({ ip }) => ip.includes(':') === (family === 'IPv6'))?.ip
  if (address === undefined) return undefined
  const serving = conditionStatus(pod.status?.conditions, 'Ready') === 'True'
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const nodeName = pod.spec?.nodeName
  const zone = nodeName === undefined ? undefined : input.zoneOf(nodeName)
  return {
    addresses: [address],
    conditions: {
      ready: input.spec.publishNotReadyAddresses === true || (serving && !terminating),
      serving,
      terminating,
    },
    ...(nodeName === undefined ? {} : { nodeName }),
    targetRef: {
      kind: 'Pod',
      name: pod.metadata.name,
      namespace: pod.metadata.namespace ?? '',
      uid: pod.metadata.uid ?? '',
    },
    ...(zone === undefined ? {} : { zone }),
  }
}

/** A Service port as a Pod serves it; none when the Pod has no port of that name. */
function slicePort(port: ServicePort, pod: PodShape): readonly SlicePort[] {
  const protocol = port.protocol ?? 'TCP'
  const target = port.targetPort ?? port.port
  const number =
    typeof target === 'number'
      ? target
      : (pod.spec?.containers ?? [])
          .flatMap((container) => container.ports ?? [])
          .find((candidate) => candidate.name === target && (candidate.protocol ?? 'TCP') === protocol)
          ?.containerPort
  if (number === undefined) return []
  return [
    {
      name: port.name ?? '',
      port: number,
      protocol,
      ...(port.appProtocol === undefined ? {} : { appProtocol: port.appProtocol }),
    },
  ]
}
