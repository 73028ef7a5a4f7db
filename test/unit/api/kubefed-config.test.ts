import { describe, expect, it } from 'vitest'
import { admissionProblems } from '../../../src/api/kinds.ts'
import { controlPlaneSettings, parseKubeFedConfig } from '../../../src/api/kubefed-config.ts'
import type { KubeFedConfigSpec } from '../../../src/api/kubefed-config.ts'

const config = (spec: unknown) => ({
  apiVersion: 'core.kubefed.io/v1beta1',
  kind: 'KubeFedConfig',
  metadata: { name: 'kubefed', namespace: 'kube-federation-system' },
  spec,
})

const FULL = {
  scope: 'Cluster',
  controllerDuration: { availableDelay: '20s', unavailableDelay: '1m0s', cacheSyncTimeout: '5m' },
  leaderElect: { leaseDuration: '15s', renewDeadline: '10s', retryPeriod: '5s', resourceLock: 'configmaps' },
  featureGates: [
    { name: 'PushReconciler', configuration: 'Enabled' },
    { name: 'CrossClusterServiceDiscovery', configuration: 'Disabled' },
  ],
  clusterHealthCheck: { period: '10s', failureThreshold: 3, successThreshold: 1, timeout: '3s' },
  syncController: { maxConcurrentReconciles: 1, adoptResources: 'Enabled' },
  statusController: { maxConcurrentReconciles: 1 },
}

const problemsOf = (spec: unknown): readonly string[] => {
  const parsed = parseKubeFedConfig(config(spec))
  return parsed.kind === 'ok' ? [] : parsed.problems
}

describe('what is accepted', () => {
  it.each([
    { name: 'every section', in: FULL },
    { name: 'the scope alone', in: { scope: 'Namespaced' } },
    {
      name: 'empty sections',
      in: {
        scope: 'Cluster',
        controllerDuration: {},
        leaderElect: {},
        clusterHealthCheck: {},
        syncController: {},
      },
    },
    {
      name: 'an unknown field',
      in: { ...FULL, controllerDuration: { availableDelay: '20s', clusterMonitorPeriod: '40s' } },
    },
  ])('$name', (row) => {
    expect(problemsOf(row.in)).toEqual([])
  })
})

describe('what is refused', () => {
  const rows = [
    { name: 'no spec', in: undefined, want: 'spec: is missing: add it' },
    { name: 'no scope', in: {}, want: 'spec.scope: is missing: add it' },
    {
      name: 'another scope',
      in: { scope: 'All' },
      want: 'spec.scope: "All" is not one of Cluster, Namespaced: use one of them',
    },
    ...['availableDelay', 'unavailableDelay', 'cacheSyncTimeout'].map((field) => ({
      name: `${field} of zero`,
      in: { scope: 'Cluster', controllerDuration: { [field]: '0s' } },
      want: `spec.controllerDuration.${field}: "0s" is not above 0: give a longer duration`,
    })),
    ...['period', 'timeout'].map((field) => ({
      name: `${field} of zero`,
      in: { scope: 'Cluster', clusterHealthCheck: { [field]: '0h0m' } },
      want: `spec.clusterHealthCheck.${field}: "0h0m" is not above 0: give a longer duration`,
    })),
    {
      name: 'a number for a duration',
      in: { scope: 'Cluster', clusterHealthCheck: { period: 10 } },
      want: 'spec.clusterHealthCheck.period: 10 is a number, not a string: write a string here',
    },
    {
      name: 'a negative duration',
      in: { scope: 'Cluster', clusterHealthCheck: { period: '-10s' } },
      want: 'spec.clusterHealthCheck.period: "-10s" is not a duration: write it like 500ms, 20s or 1m30s',
    },
    ...['failureThreshold', 'successThreshold'].map((field) => ({
      name: `${field} of zero`,
      in: { scope: 'Cluster', clusterHealthCheck: { [field]: 0 } },
      want: `spec.clusterHealthCheck.${field}: 0 is too small: give at least 1`,
    })),
    {
      name: 'a lease no longer than the renewal',
      in: { scope: 'Cluster', leaderElect: { leaseDuration: '10s' } },
      want: 'spec.leaderElect.leaseDuration: "10s" is not longer than renewDeadline: raise it',
    },
    {
      name: 'a renewal no longer than 1.2 tries',
      in: { scope: 'Cluster', leaderElect: { renewDeadline: '6s' } },
      want: 'spec.leaderElect.renewDeadline: "6s" is not longer than 1.2 times retryPeriod: raise it',
    },
    {
      name: 'another lock',
      in: { scope: 'Cluster', leaderElect: { resourceLock: 'secrets' } },
      want: 'spec.leaderElect.resourceLock: "secrets" is not one of configmaps, endpoints, leases: use one of them',
    },
    {
      name: 'an unknown feature',
      in: { scope: 'Cluster', featureGates: [{ name: 'Magic', configuration: 'Enabled' }] },
      want: 'spec.featureGates[0].name: "Magic" is not a known feature: use one of CrossClusterServiceDiscovery, FederatedIngress, PushReconciler, RawResourceStatusCollection, SchedulerPreferences',
    },
    {
      name: 'a feature listed twice',
      in: { scope: 'Cluster', featureGates: [FULL.featureGates[0], FULL.featureGates[0]] },
      want: 'spec.featureGates[1].name: "PushReconciler" is listed twice: keep one of them',
    },
    {
      name: 'a feature half on',
      in: { scope: 'Cluster', featureGates: [{ name: 'PushReconciler', configuration: 'Yes' }] },
      want: 'spec.featureGates[0].configuration: "Yes" is not one of Enabled, Disabled: use one of them',
    },
    {
      name: 'no workers',
      in: { scope: 'Cluster', syncController: { maxConcurrentReconciles: 0 } },
      want: 'spec.syncController.maxConcurrentReconciles: 0 is too small: give at least 1',
    },
  ]
  it.each(rows)('$name', (row) => {
    expect(problemsOf(row.in)).toEqual([row.want])
  })

  it('a change of the scope', () => {
    expect(admissionProblems(config({ scope: 'Namespaced' }), config({ scope: 'Cluster' }))).toEqual([
      'spec.scope: "Namespaced" cannot be changed: it stays Cluster for the life of the control plane',
    ])
    expect(admissionProblems(config({ scope: 'Cluster' }), config(FULL))).toEqual([])
  })
})

describe('controlPlaneSettings', () => {
  const defaults = {
    scope: 'Cluster',
    availableDelayMs: 20_000,
    unavailableDelayMs: 60_000,
    cacheSyncTimeoutMs: 300_000,
    leaseDurationMs: 15_000,
    renewDeadlineMs: 10_000,
    retryPeriodMs: 5_000,
    probePeriodMs: 10_000,
    probeTimeoutMs: 3_000,
    failureThreshold: 3,
    successThreshold: 1,
    syncWorkers: 1,
    statusWorkers: 1,
    adoptResources: true,
    features: {
      CrossClusterServiceDiscovery: true,
      FederatedIngress: true,
      PushReconciler: true,
      RawResourceStatusCollection: false,
      SchedulerPreferences: true,
    },
  }

  it("fills in KubeFed's defaults", () => {
    expect(controlPlaneSettings(undefined)).toEqual(defaults)
  })

  it('keeps what is set', () => {
    const spec: KubeFedConfigSpec = {
      scope: 'Namespaced',
      controllerDuration: { availableDelay: '1s', unavailableDelay: '1m30s', cacheSyncTimeout: '500ms' },
      leaderElect: { leaseDuration: '30s', renewDeadline: '20s', retryPeriod: '2s' },
      featureGates: [{ name: 'PushReconciler', configuration: 'Disabled' }],
      clusterHealthCheck: { period: '5s', failureThreshold: 2, successThreshold: 4, timeout: '1s' },
      syncController: { maxConcurrentReconciles: 5, adoptResources: 'Disabled' },
      statusController: { maxConcurrentReconciles: 6 },
    }

    expect(controlPlaneSettings(spec)).toEqual({
      scope: 'Namespaced',
      availableDelayMs: 1_000,
      unavailableDelayMs: 90_000,
      cacheSyncTimeoutMs: 500,
      leaseDurationMs: 30_000,
      renewDeadlineMs: 20_000,
      retryPeriodMs: 2_000,
      probePeriodMs: 5_000,
      probeTimeoutMs: 1_000,
      failureThreshold: 2,
      successThreshold: 4,
      syncWorkers: 5,
      statusWorkers: 6,
      adoptResources: false,
      features: { ...defaults.features, PushReconciler: false },
    })
  })
})
