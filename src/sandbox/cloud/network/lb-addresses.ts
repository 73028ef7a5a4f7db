import type { Address } from '../../../dns/address.ts'
import type { KubeObject } from '../../../api/object.ts'
import { LOAD_BALANCER_SETTING, SETTING_PREFIX, settingOf } from '../../settings.ts'
import type { CloudContext } from '../context.ts'
import type { IpFamily } from './address-plan.ts'

/** What a load balancer serves. */
export interface BalancerOwner {
  readonly kind: 'Service' | 'Ingress'
  readonly namespace: string
  readonly name: string
}

/** How an object's load balancer shows itself; `none`: it has none from this cloud. */
export function balancerMode(object: KubeObject): 'address' | 'hostname' | 'none' {
  const spec = object['spec'] as { readonly loadBalancerClass?: string } | undefined // a Service's; Ingresses have none
  const foreign = spec?.loadBalancerClass !== undefined && !spec.loadBalancerClass.startsWith(SETTING_PREFIX)
  const setting = settingOf(LOAD_BALANCER_SETTING, [object.metadata])
  if (foreign || setting === 'none') return 'none'
  return setting === 'hostname' ? 'hostname' : 'address'
}

/** The name behind which a load balancer of the kind `hostname` hides its addresses. */
export function hostnameOf(cluster: string, owner: BalancerOwner): string {
  const infix = owner.kind === 'Ingress' ? 'ingress.' : ''
  return `${owner.name}.${owner.namespace}.${cluster}.${infix}lb.example.net`
}

/**
 * The addresses of an owner, one for each family, the same as before where it had one; those of other families are
 * given back. Fewer when a pool is exhausted.
 */
export function giveAddresses(
  context: CloudContext,
  owner: BalancerOwner,
  ask: { readonly families: readonly IpFamily[]; readonly wanted?: string },
): readonly Address[] {
  const pools = context.addresses.loadBalancers
  for (const family of ['IPv4', 'IPv6'] as const)
    if (!ask.families.includes(family)) pools[family].release(poolKey(owner))
  return ask.families.flatMap((family) => pools[family].take(poolKey(owner), ask.wanted) ?? [])
}

/** Keep the addresses that an object already shows, so that a cloud that starts over old objects changes none. */
export function adoptAddresses(
  context: CloudContext,
  owner: BalancerOwner,
  shown: readonly { readonly ip?: string }[] | undefined,
): void {
  for (const { ip } of shown ?? [])
    if (ip !== undefined)
      context.addresses.loadBalancers[ip.includes(':') ? 'IPv6' : 'IPv4'].adopt(poolKey(owner), ip)
}

/** Give back everything an owner holds; returns what that was. */
export function releaseAddresses(context: CloudContext, owner: BalancerOwner): readonly Address[] {
  const held = heldAddresses(context, owner)
  for (const pool of Object.values(context.addresses.loadBalancers)) pool.release(poolKey(owner))
  return held
}

/** What an owner holds, IPv4 first. */
export function heldAddresses(context: CloudContext, owner: BalancerOwner): readonly Address[] {
  const { IPv4, IPv6 } = context.addresses.loadBalancers
  return [IPv4, IPv6].flatMap((pool) => pool.heldBy(poolKey(owner)) ?? [])
}

function poolKey(owner: BalancerOwner): string {
  return `${owner.kind}/${owner.namespace}/${owner.name}`
}
