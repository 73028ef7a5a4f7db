import { isDeepStrictEqual } from 'node:util'
import { NODES } from '../../resources.ts'
import { READY_SETTING, settingOf } from '../../settings.ts'
import type { CloudContext } from '../context.ts'
import { nextCondition, type NodeShape } from '../shapes.ts'

/** What one simulated machine offers. */
const CAPACITY = { cpu: '32', memory: '128Gi', pods: '10000', 'ephemeral-storage': '1Ti' }

/** Keep a Node's addresses, capacity and Ready condition; `sandbox.waypost.dev/ready: "false"` takes it down. */
export function reconcileNode(context: CloudContext, _namespace: string, name: string): void {
  const node = context.mirrors.nodes.get('', name)
  if (node === undefined) return
  const status = nodeStatus(context, node)
  if (!isDeepStrictEqual(status, node.status ?? {})) context.objects.updateStatus(NODES, { ...node, status })
}

function nodeStatus(context: CloudContext, node: NodeShape): Readonly<Record<string, unknown>> {
  const down = settingOf(READY_SETTING, [node.metadata]) === 'false'
  const ready = nextCondition(
    node.status?.conditions,
    down
      ? { type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'taken down by its annotation' }
      : { type: 'Ready', status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
    context.clock.nowMs(),
  )
  const ips = context.families.flatMap(
    (family) => context.addresses.nodes[family].take(node.metadata.name) ?? [],
  )
  return {
    ...node.status,
    capacity: CAPACITY,
    allocatable: CAPACITY,
    conditions: [ready],
    addresses: [
      ...ips.map((address) => ({ type: 'InternalIP', address })),
      { type: 'Hostname', address: node.metadata.name },
    ],
    nodeInfo: {
      architecture: 'amd64',
      bootID: '',
      containerRuntimeVersion: 'sandbox://1.0.0',
      kernelVersion: '',
      kubeProxyVersion: '',
      kubeletVersion: 'v1.36.0',
      machineID: '',
      operatingSystem: 'linux',
      osImage: 'Waypost sandbox',
      systemUUID: '',
    },
  }
}
