import type { KubernetesClient } from '../../../support/kubernetes-client.ts'
import {
  ACCOUNTS,
  applyManifests,
  makeToken,
  NAMESPACE,
  tokenIn,
  writeTokenKubeconfig,
  type TokenKubeconfig,
} from './accounts.ts'
import type { RealCluster } from '../types.ts'
import { installCrds } from '../world.ts'

const KUBEFED = '/apis/core.kubefed.io/v1beta1'

/** The parts of a cluster that are needed to be its administrator. */
export type Administered = Pick<RealCluster, 'name' | 'url' | 'caPem' | 'api' | 'kubeconfigPath'>

/** @throws with what the API server said, for any answer but these */
export async function make(api: KubernetesClient, path: string, object: object): Promise<void> {
  const { code, text } = await api.post(path, object)
  if (code !== 201 && code !== 409) throw new Error(`POST ${path}: ${code} ${text}`)
}

/** Merge into what is there. @throws with what the API server said */
export async function change(api: KubernetesClient, path: string, patch: object): Promise<void> {
  const { code, text } = await api.patch(path, patch)
  if (code !== 200) throw new Error(`PATCH ${path}: ${code} ${text}`)
}

/**
 * Make a host of a cluster as docs/deploy.md says: CRDs, deploy/manifests/host, a Domain, and a KubeFedConfig that probes
 * every second.
 * @returns a kubeconfig of the controller's ServiceAccount
 */
export async function prepareHost(host: Administered, folder: string): Promise<TokenKubeconfig> {
  const { api } = host
  await installCrds(api)
  await applyManifests(host, 'host')
  const token = await makeToken(api, ACCOUNTS.host, 'waypost-controller-token')
  await make(api, `${KUBEFED}/namespaces/${NAMESPACE}/kubefedconfigs`, {
    apiVersion: 'core.kubefed.io/v1beta1',
    kind: 'KubeFedConfig',
    metadata: { name: 'kubefed', namespace: NAMESPACE },
    spec: { scope: 'Cluster', clusterHealthCheck: { period: '1s', failureThreshold: 1 } },
  })
  await make(api, `/apis/multiclusterdns.kubefed.io/v1alpha1/namespaces/${NAMESPACE}/domains`, {
    apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
    kind: 'Domain',
    metadata: { name: 'myfederation', namespace: NAMESPACE },
    domain: 'example.com',
  })
  return writeTokenKubeconfig({ folder, name: 'waypost-controller', cluster: host, token })
}

/** Join a cluster by hand as docs/deploy.md says, with the token that its own controller manager made. @returns it */
export async function joinMember(host: KubernetesClient, member: Administered): Promise<string> {
  await applyManifests(member, 'member')
  const token = await tokenIn(member.api, 'waypost-member-token')
  await make(host, `/api/v1/namespaces/${NAMESPACE}/secrets`, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: member.name, namespace: NAMESPACE },
    data: { token: Buffer.from(token).toString('base64') },
  })
  await make(host, `${KUBEFED}/namespaces/${NAMESPACE}/kubefedclusters`, {
    apiVersion: 'core.kubefed.io/v1beta1',
    kind: 'KubeFedCluster',
    metadata: { name: member.name, namespace: NAMESPACE },
    spec: {
      apiEndpoint: member.url,
      caBundle: Buffer.from(member.caPem).toString('base64'),
      secretRef: { name: member.name },
    },
  })
  return token
}

/** A condition of an object as `<status> <reason>: <message>`; empty when it has none of that type. */
export async function conditionOf(api: KubernetesClient, path: string, type: string): Promise<string> {
  const status = (await api.get(path)).body['status'] as
    | { readonly conditions?: readonly Condition[] }
    | undefined
  const found = status?.conditions?.find((one) => one.type === type)
  return found === undefined ? '' : `${found.status} ${found.reason}: ${found.message}`
}

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
}

/** A Service `nginx` with this address and one ready endpoint, in namespace `web`. */
export async function serveNginx(api: KubernetesClient, address: string): Promise<void> {
  await make(api, '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'web' } })
  const metadata = { name: 'nginx', namespace: 'web' }
  await make(api, '/api/v1/namespaces/web/services', {
    ...{ apiVersion: 'v1', kind: 'Service', metadata },
    spec: { type: 'LoadBalancer', ports: [{ port: 80 }] },
  })
  await make(api, '/apis/discovery.k8s.io/v1/namespaces/web/endpointslices', {
    ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
    metadata: { name: 'nginx-1', namespace: 'web', labels: { 'kubernetes.io/service-name': 'nginx' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready: true } }],
    ports: [{ port: 80 }],
  })
  await setAddress(api, '/api/v1/namespaces/web/services/nginx', address)
}

/** What a cloud does to a Service or Ingress. */
export function setAddress(api: KubernetesClient, path: string, address: string): Promise<void> {
  return change(api, `${path}/status`, { status: { loadBalancer: { ingress: [{ ip: address }] } } })
}
