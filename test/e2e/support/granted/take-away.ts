import type { KubeObject } from '../../../../src/api/object.ts'
import { describeRight, rulesOf, rulesWithout, type Right } from '../../../support/deploy-manifests.ts'
import type { KubernetesClient } from '../../../support/kubernetes-client.ts'
import { until } from '../process.ts'
import { ACCOUNTS, NAMESPACE } from './accounts.ts'

const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const ROLES = { ClusterRole: `${RBAC}/clusterroles`, Role: `${RBAC}/namespaces/${NAMESPACE}/roles` } as const

/** Take one right out of the role that grants it, wait until it is gone, act, and give it back. */
export async function without<T>(api: KubernetesClient, right: Right, act: () => Promise<T>): Promise<T> {
  const { path, role } = await readRole(api, right)
  await writeRules(api, path, { ...role, rules: rulesWithout(rulesOf(role), right) })
  try {
    await untilAllowed(api, right, false)
    return await act()
  } finally {
    await writeRules(api, path, role)
    await untilAllowed(api, right, true)
  }
}

async function readRole(
  api: KubernetesClient,
  right: Right,
): Promise<{ readonly path: string; readonly role: KubeObject }> {
  const path = `${ROLES[right.role]}/${ACCOUNTS[right.side]}`
  const { code, body, text } = await api.get(path)
  if (code !== 200) throw new Error(`${path}: ${code} ${text}`)
  return { path, role: body as unknown as KubeObject } // the server's own type
}

async function writeRules(api: KubernetesClient, path: string, role: KubeObject): Promise<void> {
  const { rules } = role as { readonly rules?: unknown }
  const { code, text } = await api.patch(path, { rules })
  if (code !== 200) throw new Error(`${path}: ${code} ${text}`)
}

/** Roles reach the authorizer by a watch: moments later. */
async function untilAllowed(api: KubernetesClient, right: Right, wanted: boolean): Promise<void> {
  const user = `system:serviceaccount:${NAMESPACE}:${ACCOUNTS[right.side]}`
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${NAMESPACE}`, 'system:authenticated']
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: { user, groups, ...attributesOf(right) },
  }
  await until(async () => {
    const { body } = await api.post('/apis/authorization.k8s.io/v1/subjectaccessreviews', review)
    const { allowed } = (body['status'] ?? {}) as { readonly allowed?: boolean }
    if (allowed !== wanted)
      throw new Error(`${describeRight(right)} is ${wanted ? 'not granted' : 'granted by something else'}`)
    return true
  }, 5_000)
}

function attributesOf({ group, resource, verb, namespace, objectName }: Right): object {
  if (group === undefined) return { nonResourceAttributes: { path: resource, verb } }
  const [plural, subresource] = resource.split('/')
  return {
    resourceAttributes: {
      ...{ verb, group, resource: plural },
      ...(subresource === undefined ? {} : { subresource }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(objectName === undefined ? {} : { name: objectName }),
    },
  }
}
