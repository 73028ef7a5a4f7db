import type { KubeObject } from '../../../api/object.ts'
import { fieldsOf, listOf, textOf, withValueAt } from '../model/values.ts'
import type { Fields } from '../model/values.ts'

/** Fields that the type of a Service brings along and that were left as they were. */
const BROUGHT: readonly { readonly field: string; readonly needed: (spec: Readonly<Fields>) => boolean }[] = [
  { field: 'allocateLoadBalancerNodePorts', needed: (spec) => spec['type'] === 'LoadBalancer' },
  { field: 'loadBalancerClass', needed: (spec) => spec['type'] === 'LoadBalancer' },
  { field: 'externalTrafficPolicy', needed: isReachedFromOutside },
]

/** True for types, or external addresses, by which a Service is reached from outside its cluster. */
export function isReachedFromOutside(spec: Readonly<Fields>): boolean {
  const type = textOf(spec['type']) || 'ClusterIP'
  if (type === 'NodePort' || type === 'LoadBalancer') return true
  return type === 'ClusterIP' && listOf(spec['externalIPs']).length > 0
}

/** An update that changes the type: what only the old type had goes with it, unless the update sets it anew. */
export function withoutOldType(service: KubeObject, old: KubeObject): KubeObject {
  const [spec, before] = [fieldsOf(service['spec']), fieldsOf(old['spec'])]
  const gone = BROUGHT.filter(
    ({ field, needed }) => needed(before) && !needed(spec) && spec[field] === before[field],
  )
  const kept = gone.reduce((result, { field }) => withValueAt(result, ['spec', field], undefined), service)
  return spec['type'] === 'LoadBalancer' ? kept : withValueAt(kept, ['status', 'loadBalancer'], {})
}
