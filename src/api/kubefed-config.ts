import { z } from 'zod'
import { parseDurationMs } from './duration.ts'
import { defineKind } from './kind.ts'
import type { Asked, Frozen, Parsed } from './kind.ts'
import { problem } from './problems.ts'

const duration = (description: string) =>
  z
    .string()
    .regex(
      /^(?:[0-9]+(?:\.[0-9]*)?(?:ns|us|µs|μs|ms|s|m|h))+$/,
      'is not a duration: write it like 500ms, 20s or 1m30s',
    )
    .meta({ description })
    .optional()
const positive = (description: string) =>
  z.int().min(1, 'is too small: give at least 1').meta({ description }).optional()
const toggle = (description: string) => z.enum(['Enabled', 'Disabled']).meta({ description })

const spec = z
  .object({
    scope: z.enum(['Cluster', 'Namespaced']).meta({
      description: 'Whether all namespaces are federated or only that of this object; fixed once set.',
    }),
    controllerDuration: z
      .object({
        availableDelay: duration('Wait after a cluster became ready; 20s.'),
        unavailableDelay: duration('Wait after a cluster stopped being ready; 60s.'),
        cacheSyncTimeout: duration('Longest wait for first lists; 5m.'),
      })
      .meta({ description: 'Delays of the controllers.' })
      .optional(),
    leaderElect: z
      .object({
        leaseDuration: duration('How long a lease holds; 15s.'),
        renewDeadline: duration('How long the leader tries to renew; 10s.'),
        retryPeriod: duration('Wait between tries; 5s.'),
        resourceLock: z
          .enum(['configmaps', 'endpoints', 'leases'])
          .meta({
            description:
              'Kind of the lock. A Lease is used whatever it says: the other two are no longer supported by Kubernetes clients.',
          })
          .optional(),
      })
      .meta({ description: 'Leader election.' })
      .optional(),
    featureGates: z
      .array(
        z.object({
          name: z.string().min(1, 'is empty: name the feature').meta({ description: 'Name of the feature.' }),
          configuration: toggle('Whether it is on.'),
        }),
      )
      .meta({ description: 'Features on or off; those not listed have their defaults.' })
      .optional(),
    clusterHealthCheck: z
      .object({
        period: duration('Time between probes; 10s.'),
        failureThreshold: positive('Failures in a row before a cluster is not ready; 3.'),
        successThreshold: positive('Successes in a row before it is ready again; 1.'),
        timeout: duration('Longest wait for an answer; 3s.'),
      })
      .meta({ description: 'Health checks of member clusters.' })
      .optional(),
    syncController: z
      .object({
        maxConcurrentReconciles: positive('Workers for each type; 1.'),
        adoptResources: toggle(
          'Whether objects that exist already in members are adopted; Enabled.',
        ).optional(),
      })
      .meta({ description: 'Propagation.' })
      .optional(),
    statusController: z
      .object({ maxConcurrentReconciles: positive('Workers for each type; 1.') })
      .meta({ description: 'Status collection.' })
      .optional(),
  })
  .meta({ description: 'Settings of the control plane.' })

const fields = z.object({ spec })

/** Settings of the control plane; one object, named `kubefed`, in the control-plane namespace. */
export type KubeFedConfig = Asked<z.output<typeof fields>>
export type KubeFedConfigSpec = KubeFedConfig['spec']

/** Features and whether they are on by default. The last two ended with KubeFed 0.6; here they are what the product does. */
const FEATURE_DEFAULTS: Readonly<Record<string, boolean>> = {
  CrossClusterServiceDiscovery: true,
  FederatedIngress: true,
  PushReconciler: true,
  RawResourceStatusCollection: false,
  SchedulerPreferences: true,
}

/** Settings with nothing left open. */
export interface ControlPlaneSettings {
  readonly scope: 'Cluster' | 'Namespaced'
  readonly availableDelayMs: number
  readonly unavailableDelayMs: number
  readonly cacheSyncTimeoutMs: number
  readonly leaseDurationMs: number
  readonly renewDeadlineMs: number
  readonly retryPeriodMs: number
  readonly probePeriodMs: number
  readonly probeTimeoutMs: number
  readonly failureThreshold: number
  readonly successThreshold: number
  readonly syncWorkers: number
  readonly statusWorkers: number
  readonly adoptResources: boolean
  /** By name, all known features. */
  readonly features: Readonly<Record<string, boolean>>
}

export const kubeFedConfigKind = defineKind({
  group: 'core.kubefed.io',
  version: 'v1beta1',
  kind: 'KubeFedConfig',
  plural: 'kubefedconfigs',
  description: 'Settings of the control plane. One object, named kubefed, in the control-plane namespace.',
  fields,
  validate: validateKubeFedConfig,
  validateChange: (before, after) =>
    before.spec.scope === after.spec.scope
      ? []
      : [
          problem(
            'spec.scope',
            after.spec.scope,
            `cannot be changed: it stays ${before.spec.scope} for the life of the control plane`,
          ),
        ],
})

/** Read a KubeFedConfig. */
export function parseKubeFedConfig(raw: unknown): Parsed<KubeFedConfig> {
  return kubeFedConfigKind.parse(raw)
}

/** The settings in force: what the spec says, else KubeFed's defaults. */
export function controlPlaneSettings(spec: Frozen<KubeFedConfigSpec> | undefined): ControlPlaneSettings {
  const { controllerDuration: delays, leaderElect: leader, clusterHealthCheck: health } = spec ?? {}
  const gates = (spec?.featureGates ?? []).map(
    ({ name, configuration }) => [name, configuration === 'Enabled'] as const,
  )
  return {
    scope: spec?.scope ?? 'Cluster',
    availableDelayMs: ms(delays?.availableDelay, 20_000),
    unavailableDelayMs: ms(delays?.unavailableDelay, 60_000),
    cacheSyncTimeoutMs: ms(delays?.cacheSyncTimeout, 300_000),
    leaseDurationMs: ms(leader?.leaseDuration, 15_000),
    renewDeadlineMs: ms(leader?.renewDeadline, 10_000),
    retryPeriodMs: ms(leader?.retryPeriod, 5_000),
    probePeriodMs: ms(health?.period, 10_000),
    probeTimeoutMs: ms(health?.timeout, 3_000),
    failureThreshold: health?.failureThreshold ?? 3,
    successThreshold: health?.successThreshold ?? 1,
    syncWorkers: spec?.syncController?.maxConcurrentReconciles ?? 1,
    statusWorkers: spec?.statusController?.maxConcurrentReconciles ?? 1,
    adoptResources: spec?.syncController?.adoptResources !== 'Disabled',
    features: { ...FEATURE_DEFAULTS, ...Object.fromEntries(gates) },
  }
}

/** What the schema cannot say: durations above 0, the order of the leader's times, known features named once. */
export function validateKubeFedConfig(config: KubeFedConfig): readonly string[] {
  return [...durationProblems(config.spec), ...leaderProblems(config.spec), ...gateProblems(config.spec)]
}

function durationProblems(spec: KubeFedConfigSpec): readonly string[] {
  const { controllerDuration = {}, leaderElect = {}, clusterHealthCheck = {} } = spec
  const { resourceLock: _lock, ...leader } = leaderElect
  const { period, timeout } = clusterHealthCheck
  const sections = { controllerDuration, leaderElect: leader, clusterHealthCheck: { period, timeout } }
  return Object.entries(sections).flatMap(([section, values]) =>
    Object.entries(values).flatMap(([name, text]) =>
      text !== undefined && !(ms(text, 0) > 0)
        ? [problem(`spec.${section}.${name}`, text, 'is not above 0: give a longer duration')]
        : [],
    ),
  )
}

function leaderProblems(spec: KubeFedConfigSpec): readonly string[] {
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = controlPlaneSettings(spec)
  const { leaseDuration, renewDeadline } = spec.leaderElect ?? {}
  const problems: string[] = []
  if (leaseDurationMs <= renewDeadlineMs) {
    problems.push(
      problem('spec.leaderElect.leaseDuration', leaseDuration, 'is not longer than renewDeadline: raise it'),
    )
  }
  if (renewDeadlineMs <= retryPeriodMs * 1.2) {
    problems.push(
      problem(
        'spec.leaderElect.renewDeadline',
        renewDeadline,
        'is not longer than 1.2 times retryPeriod: raise it',
      ),
    )
  }
  return problems
}

function gateProblems(spec: KubeFedConfigSpec): readonly string[] {
  const seen = new Set<string>()
  return (spec.featureGates ?? []).flatMap(({ name }, i) => {
    const path = `spec.featureGates[${i}].name`
    const known = Object.keys(FEATURE_DEFAULTS)
    if (!known.includes(name))
      return [problem(path, name, `is not a known feature: use one of ${known.join(', ')}`)]
    if (seen.has(name)) return [problem(path, name, 'is listed twice: keep one of them')]
    seen.add(name)
    return []
  })
}

function ms(text: string | undefined, otherwise: number): number {
  return text === undefined ? otherwise : (parseDurationMs(text) ?? Number.NaN)
}
