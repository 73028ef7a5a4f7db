import { PATH } from '../../support/demo.ts'
import { until } from './process.ts'
import type { Scene } from './scene.ts'

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason?: string
}

/** Looks at members every second, and calls one offline after three looks: a scenario need not wait for the usual half minute. */
export async function quickHealthChecks(scene: Scene): Promise<void> {
  const reply = await scene.host.api.patch(
    '/apis/core.kubefed.io/v1beta1/namespaces/kube-federation-system/kubefedconfigs/kubefed',
    {
      spec: { clusterHealthCheck: { period: '1s', failureThreshold: 3, successThreshold: 1, timeout: '1s' } },
    },
  )
  if (reply.code !== 200) throw new Error(reply.text)
}

/** Wait until the condition `Ready` of a member is, or is not, `True`. @returns its reason */
export function readiness(scene: Scene, member: string, ready: boolean): Promise<string> {
  return until(async () => {
    const { body } = await scene.host.api.get(`${PATH.clusters}/${member}`)
    const { conditions = [] } = (body['status'] ?? {}) as { readonly conditions?: readonly Condition[] }
    const found = conditions.find(({ type }) => type === 'Ready')
    if (found === undefined) throw new Error('no condition Ready')
    if ((found.status === 'True') !== ready) throw new Error(`Ready is ${found.status}: ${found.reason}`)
    return found.reason ?? ''
  }, 60_000)
}
