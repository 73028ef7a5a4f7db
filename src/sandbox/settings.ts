import type { KubeObject } from '../api/object.ts'

/** Prefix of every annotation that bends the sandbox; never part of what a real cluster reads. */
export const SETTING_PREFIX = 'sandbox.waypost.dev/'

/** Which cluster a manifest is for: `host`, a member's name, several with commas, or `*` for every member. */
export const CLUSTER_SETTING = `${SETTING_PREFIX}cluster`
/** On a Service or Ingress: `address` (default), `hostname`, or `none` for one that stays pending. */
export const LOAD_BALANCER_SETTING = `${SETTING_PREFIX}load-balancer`
/** On an Ingress: families of its load balancer, `IPv4` (default), `IPv6` or `IPv4,IPv6`. Services say so in their spec. */
export const IP_FAMILIES_SETTING = `${SETTING_PREFIX}ip-families`
/** On a Deployment, its Pod template, a Pod or a Node: `"false"` makes the Pods not ready, at once and in place. */
export const READY_SETTING = `${SETTING_PREFIX}ready`
/** On a Deployment, its Pod template or a Pod: seconds between start and readiness. */
export const READY_AFTER_SETTING = `${SETTING_PREFIX}ready-after-seconds`
/** On a Deployment, its Pod template or a Pod: seconds a Pod goes on serving after its deletion. */
export const TERMINATION_SETTING = `${SETTING_PREFIX}termination-seconds`

/** The first value that any of the objects' metadata gives to a setting, as annotation or label. */
export function settingOf(
  name: string,
  carriers: readonly (Pick<KubeObject['metadata'], 'labels' | 'annotations'> | undefined)[],
): string | undefined {
  for (const carrier of carriers) {
    const value = carrier?.annotations?.[name] ?? carrier?.labels?.[name]
    if (value !== undefined) return value
  }
  return undefined
}

/** Seconds that a setting gives; 0 when it is absent or no number. At most one hour. */
export function settingSeconds(value: string | undefined): number {
  const seconds = Number(value ?? '0')
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), 3600) : 0
}

/** Labels or annotations without the sandbox's own. */
export function withoutSettings(
  entries: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(entries ?? {}).filter(([name]) => !name.startsWith(SETTING_PREFIX)),
  )
}
