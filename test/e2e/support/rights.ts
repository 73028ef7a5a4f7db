import { execFile } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { KubeObject } from '../../../src/api/object.ts'
import {
  describeRight,
  rulesOf,
  rulesWithout,
  type Right,
  type Side,
} from '../../support/deploy-manifests.ts'
import type { KubernetesClient } from '../../support/kubernetes-client.ts'
import { findComponent } from '../setup/components.ts'
import { until } from './process.ts'
import type { RealCluster } from './types.ts'

/** Where deploy/manifests puts what it makes. */
export const NAMESPACE = 'kube-federation-system'
/** Of deploy/manifests, by side. */
export const ACCOUNTS: Readonly<Record<Side, string>> = {
  host: 'waypost-controller',
  member: 'waypost-member',
}

const SECRETS = `/api/v1/namespaces/${NAMESPACE}/secrets`
const RBAC = '/apis/rbac.authorization.k8s.io/v1'
const ROLES = { ClusterRole: `${RBAC}/clusterroles`, Role: `${RBAC}/namespaces/${NAMESPACE}/roles` } as const

const execute = promisify(execFile)

/**
 * Apply one side of deploy/manifests as docs/deploy.md says.
 * @throws for what kubectl or the API server refuses or warns of
 */
export async function applyManifests(
  cluster: Pick<RealCluster, 'kubeconfigPath'>,
  side: Side,
): Promise<void> {
  const folder = new URL(`../../../deploy/manifests/${side}`, import.meta.url).pathname
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

/** One request as the API server's audit log has it (audit.k8s.io/v1 Event, stage ResponseComplete or ResponseStarted). */
export interface Audited {
  readonly user: string
  readonly verb: string
  /** `patch domains/status of multiclusterdns.kubefed.io`, `get /healthz`: as rights are described, without object names. */
  readonly right: string
  readonly code: number
}

/** Audit policy that notes every request of our ServiceAccounts and nothing else. */
export const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [{ level: 'Metadata', userGroups: [`system:serviceaccounts:${NAMESPACE}`] }, { level: 'None' }],
}

/** Flags that make an API server write an audit log into its folder. */
export function auditFlags(folder: string): readonly string[] {
  const policy = join(folder, 'audit-policy.json')
  writeFileSync(policy, JSON.stringify(AUDIT_POLICY)) // JSON is YAML
  return [`--audit-policy-file=${policy}`, `--audit-log-path=${join(folder, AUDIT_LOG)}`]
}

const AUDIT_LOG = 'audit.log'

/** All that our ServiceAccounts asked an API server for so far, by its folder. */
export function readAudit(folder: string): readonly Audited[] {
  const lines = readFileSync(join(folder, AUDIT_LOG), 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => auditedOf(JSON.parse(line) as AuditLine)) // the last one may be cut
}

interface AuditLine {
  readonly verb: string
  readonly requestURI: string
  readonly user: { readonly username: string }
  readonly objectRef?: {
    readonly resource?: string
    readonly apiGroup?: string
    readonly subresource?: string
  }
  readonly responseStatus?: { readonly code?: number }
}

function auditedOf({ verb, requestURI, user, objectRef, responseStatus }: AuditLine): Audited {
  const { resource, apiGroup, subresource } = objectRef ?? {}
  const plural = resource ?? requestURI.split('?')[0] ?? ''
  const right = {
    ...{ verb, group: apiGroup, objectName: undefined },
    resource: subresource === undefined ? plural : `${plural}/${subresource}`,
  }
  return { user: user.username, verb, right: describeRight(right), code: responseStatus?.code ?? 0 }
}
