import type { Address } from '../../../dns/address.ts'
import { kubeTime, nextCondition, type PodShape } from '../shapes.ts'

export interface PodFacts {
  /** First the Pod's main address. */
  readonly podIps: readonly Address[]
  readonly hostIps: readonly Address[]
  readonly ready: boolean
  readonly nowMs: number
}

/** status of a Pod that runs on a Node, as a kubelet writes it; times stay while a condition says the same. */
export function podStatus(pod: PodShape, facts: PodFacts): Readonly<Record<string, unknown>> {
  const startTime = pod.status?.startTime ?? kubeTime(facts.nowMs)
  return {
    ...pod.status,
    phase: 'Running',
    conditions: conditions(pod, facts),
    ...addressFields('hostIP', facts.hostIps),
    ...addressFields('podIP', facts.podIps),
    startTime,
    containerStatuses: (pod.spec?.containers ?? []).map((container) => ({
      name: container.name ?? '',
      image: container.image ?? '',
      imageID: '',
      ready: facts.ready,
      restartCount: 0,
      started: true,
      state: { running: { startedAt: startTime } },
      lastState: {},
    })),
  }
}

function conditions(pod: PodShape, facts: PodFacts): readonly unknown[] {
  const names = (pod.spec?.containers ?? []).map((container) => container.name ?? '').join(' ')
  const notReady = {
    status: 'False',
    reason: 'ContainersNotReady',
    message: `containers with unready status: [${names}]`,
  }
  const readiness = facts.ready ? { status: 'True' } : notReady
  return [
    { type: 'PodReadyToStartContainers', status: 'True' },
    { type: 'Initialized', status: 'True' },
    { type: 'Ready', ...readiness },
    { type: 'ContainersReady', ...readiness },
    { type: 'PodScheduled', status: 'True' },
  ].map((condition) => nextCondition(pod.status?.conditions, condition, facts.nowMs))
}

/** `podIP` and `podIPs`: the first address alone, and all. */
function addressFields(name: string, addresses: readonly Address[]): Readonly<Record<string, unknown>> {
  const first = addresses[0]
  if (first === undefined) return {}
  return { [name]: first, [`${name}s`]: addresses.map((ip) => ({ ip })) }
}
