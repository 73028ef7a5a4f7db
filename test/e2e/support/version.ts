import { execFileSync } from 'node:child_process'
import { findComponent } from '../setup/components.ts'

/** What the kube-apiserver under test says of itself: `Kubernetes v1.36.3`. */
export function kubernetesVersion(): string {
  return execFileSync(findComponent('kube-apiserver'), ['--version'], { encoding: 'utf8' }).trim()
}
