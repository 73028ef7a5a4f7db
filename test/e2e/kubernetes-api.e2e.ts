import { execFileSync } from 'node:child_process'
import { describe } from 'vitest'
import { kubernetesApiContract } from '../contract/kubernetes-api.contract.ts'
import { findComponent } from './setup/components.ts'
import { useLoneHost } from './support/use-fleet.ts'

/** `Kubernetes v1.36.3` */
const RELEASE = execFileSync(findComponent('kube-apiserver'), ['--version'], { encoding: 'utf8' }).trim()

describe('kube-apiserver and kube-controller-manager', () => {
  const host = useLoneHost()

  kubernetesApiContract({
    name: RELEASE,
    target: () => Promise.resolve(host.cluster),
    compact: () => host.forgetVersions(),
  })
})
