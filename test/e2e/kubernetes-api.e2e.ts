import { describe } from 'vitest'
import { kubernetesApiContract } from '../contract/kubernetes-api.contract.ts'
import type { ContractSkip } from '../contract/kubernetes-api.contract.ts'
import { useLoneHost } from './support/use-fleet.ts'
import { kubernetesVersion } from './support/version.ts'

const RELEASE = kubernetesVersion()

/** Behaviours that came after a release. */
const LATER: Readonly<Record<string, readonly ContractSkip[]>> = {
  '1.34': [
    {
      reason: 'examples in schemas are left out of v2 since 1.36',
      tests: ['the schema of a CRD is published whole in v3, and as far as v2 can say it'],
    },
  ],
}

describe('kube-apiserver and kube-controller-manager', () => {
  const host = useLoneHost()

  kubernetesApiContract({
    name: RELEASE,
    skip: LATER[/v(\d+\.\d+)/.exec(RELEASE)?.[1] ?? ''] ?? [],
    target: () => Promise.resolve(host.cluster),
    compact: () => host.forgetVersions(),
  })
})
