import { toCustomResourceDefinition } from '../../../src/api/crd.ts'
import { KINDS } from '../../../src/api/kinds.ts'
import type { KubernetesClient } from '../../support/kubernetes-client.ts'
import { startProgram, until, type Program } from './process.ts'
import {
  ACCOUNTS,
  applyManifests,
  makeToken,
  NAMESPACE,
  tokenIn,
  writeTokenKubeconfig,
  type TokenKubeconfig,
} from './rights.ts'
import type { RealCluster } from './types.ts'

const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname
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
  for (const { definition } of KINDS) {
    await make(
      api,
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      toCustomResourceDefinition(definition),
    )
  }
  await applyManifests(host, 'host')
  const token = await makeToken(api, ACCOUNTS.host, 'waypost-controller-token')
  for (const { definition } of KINDS)
    await untilServed(api, `/apis/${definition.group}/${definition.version}/${definition.plural}`)
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

async function untilServed(api: KubernetesClient, path: string): Promise<void> {
  await until(async () => ((await api.get(path)).code === 200 ? true : undefined))
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

/** A controller process with a kubeconfig, at ports of its own on 127.0.0.1. */
export interface GrantedController extends Program {
  /** When it is ready: where it answers DNS, and the URL of its HTTP server. */
  ready(): Promise<{ readonly dns: { readonly host: string; readonly port: number }; readonly http: string }>
  /** Wait for a log line from now on that says that a right is missing. @returns what waits for it */
  willMiss(cluster: string, right: string): () => Promise<DeniedLine>
}

/** The log line of a missing right. */
export interface DeniedLine {
  readonly cluster: string
  readonly right: string
  readonly err: string
}

const READY = /^ready {3}DNS on (?<host>[\d.]+):(?<port>\d+), HTTP on (?<http>\S+)$/m

/** Start `waypost controller`. @param options.http, options.dns - where its servers listen; without it any free port */
export function startGrantedController(options: {
  readonly name: string
  readonly folder: string
  readonly kubeconfig: string
  readonly http?: string
  readonly dns?: string
}): GrantedController {
  const { name, folder, kubeconfig, http = '127.0.0.1:0', dns = '127.0.0.1:0' } = options
  const args = [MAIN, 'controller', '--kubeconfig', kubeconfig, '--dns-listen', dns, '--http-listen', http]
  return controllerOf(startProgram({ name, folder, command: process.execPath, args }))
}

/** Puts $1 where Pods have their ServiceAccount, in a mount namespace of its own, and becomes the rest. */
const IN_POD = `set -e
run=$(readlink -f /var/run)
mount -t tmpfs tmpfs "$run"
mkdir -p "$run/secrets/kubernetes.io/serviceaccount"
mount --bind "$1" "$run/secrets/kubernetes.io/serviceaccount"
shift
exec "$@"`

/** Start `waypost controller` with nothing but what a Pod has: a ServiceAccount's files and the address of its API server. */
export function startInPod(options: {
  readonly folder: string
  /** With token, ca.crt and namespace. */
  readonly pod: string
  readonly url: string
  readonly dns: string
}): GrantedController {
  const { folder, pod, url, dns } = options
  const { hostname, port } = new URL(url)
  const command = [process.execPath, MAIN, 'controller', '--dns-listen', dns, '--http-listen', '127.0.0.1:0']
  return controllerOf(
    startProgram({
      ...{ name: 'pod', folder, command: 'unshare' },
      args: ['--mount', 'sh', '-c', IN_POD, 'sh', pod, ...command],
      env: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
    }),
  )
}

function controllerOf(program: Program): GrantedController {
  return {
    ...program,
    get isRunning() {
      return program.isRunning
    },
    async ready() {
      await program.logged(READY)
      const { host = '', port = '', http = '' } = READY.exec(program.log())?.groups ?? {}
      return { dns: { host, port: Number(port) }, http }
    },
    willMiss(cluster, right) {
      const from = program.log().length
      const isIt = (line: DeniedLine): boolean => line.cluster === cluster && line.right === right
      return () => until(() => deniedLines(program.log().slice(from)).find(isIt))
    },
  }
}

function deniedLines(log: string): readonly DeniedLine[] {
  const lines = log.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'))
  return lines
    .map((line) => JSON.parse(line) as DeniedLine & { readonly msg: string })
    .filter(({ msg }) => msg.startsWith('right is missing'))
}
