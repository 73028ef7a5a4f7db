import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Side } from '../../../support/deploy-manifests.ts'
import type { KubernetesClient } from '../../../support/kubernetes-client.ts'
import { findComponent } from '../../setup/components.ts'
import { until } from '../process.ts'
import type { RealCluster } from '../types.ts'

/** Where deploy/manifests puts what it makes. */
export const NAMESPACE = 'kube-federation-system'
/** Of deploy/manifests, by side. */
export const ACCOUNTS: Readonly<Record<Side, string>> = {
  host: 'waypost-controller',
  member: 'waypost-member',
}

const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`

const execute = promisify(execFile)

/**
 * Apply one side of deploy/manifests as docs/deploy.md says.
 * @throws for what kubectl or the API server refuses or warns of
 */
export async function applyManifests(
  cluster: Pick<RealCluster, 'kubeconfigPath'>,
  side: Side,
): Promise<void> {
  const folder = new URL(`../../../../deploy/manifests/${side}`, import.meta.url).pathname
  const args = ['--kubeconfig', cluster.kubeconfigPath, 'apply', '-k', folder]
  const { stderr } = await execute(findComponent('kubectl'), args)
  // A namespace that was there before was not made by `apply`: kubectl tells so, and mends it.
  const told = stderr
    .split('\n')
    .filter((line) => line !== '' && !line.includes('last-applied-configuration'))
  if (told.length > 0) throw new Error(`kubectl apply -k ${side}: ${told.join('; ')}`)
}

/**
 * Make a Secret of type kubernetes.io/service-account-token.
 * @returns the token that the controller manager puts into it
 */
export async function makeToken(api: KubernetesClient, account: string, secret: string): Promise<string> {
  const annotations = { 'kubernetes.io/service-account.name': account }
  const { code, text } = await api.post(SECRETS, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: secret, namespace: NAMESPACE, annotations },
    type: 'kubernetes.io/service-account-token',
  })
  if (code !== 201) throw new Error(`${secret}: ${code} ${text}`)
  return tokenIn(api, secret)
}

/** The token in such a Secret, as soon as it is there. */
export function tokenIn(api: KubernetesClient, secret: string): Promise<string> {
  return until(async () => {
    const { body } = await api.get(`${SECRETS}/${secret}`)
    const { token } = (body['data'] ?? {}) as { readonly token?: string }
    return token === undefined ? undefined : Buffer.from(token, 'base64').toString()
  })
}

/** A kubeconfig that reads its token and CA from files beside it, as a Pod does. */
export interface TokenKubeconfig {
  readonly path: string
  /** Replaces the token. */
  setToken(token: string): void
}

/** Write a kubeconfig for a cluster. @param name - of its files, distinct within the folder */
export function writeTokenKubeconfig(options: {
  readonly folder: string
  readonly name: string
  readonly cluster: Pick<RealCluster, 'url' | 'caPem'>
  readonly token: string
}): TokenKubeconfig {
  const { folder, name, cluster, token } = options
  const file = (suffix: string): string => join(folder, `${name}.${suffix}`)
  const setToken = (text: string): void => writeFileSync(file('token'), text)
  writeFileSync(file('ca.crt'), cluster.caPem)
  setToken(token)
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: cluster.url, 'certificate-authority': file('ca.crt') } }],
    users: [{ name, user: { tokenFile: file('token') } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  }
  writeFileSync(file('kubeconfig'), JSON.stringify(config)) // JSON is YAML
  return { path: file('kubeconfig'), setToken }
}

/** What a Pod finds at /var/run/secrets/kubernetes.io/serviceaccount. */
export interface PodFolder {
  readonly folder: string
  /** As the kubelet does when it renews it. */
  setToken(token: string): void
  setCa(pem: string): void
}

/** Make such a folder, still without token and CA. */
export function makePodFolder(folder: string): PodFolder {
  const path = join(folder, 'serviceaccount')
  mkdirSync(path)
  writeFileSync(join(path, 'namespace'), NAMESPACE)
  return {
    folder: path,
    setToken: (token) => writeFileSync(join(path, 'token'), token),
    setCa: (pem) => writeFileSync(join(path, 'ca.crt'), pem),
  }
}
