import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Clock } from '../runtime/clock.ts'
import type { ClusterAccess } from './access.ts'
import { isRecord } from './kube-error.ts'
import { KubeConfigCredentials } from './kubeconfig-credentials.ts'
import { kubeconfigError, readKubeconfig, text } from './kubeconfig-file.ts'
import type { KubeconfigEntry } from './kubeconfig-file.ts'
import { certificatesOf } from './lenient-connector.ts'
import type { RawRecord } from './projections/raw-object.ts'

/** A kubeconfig's context, ready to connect. */
export interface KubeconfigAccess {
  readonly access: ClusterAccess
  readonly context: string
  /** Default namespace of the context. */
  readonly namespace: string | undefined
}

/** Where a Pod finds its ServiceAccount. */
export const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount'

/**
 * Access to the cluster of a kubeconfig's context, through @kubernetes/client-node's credentials.
 * @param source - kubeconfig files, first counts; without `context` its current one
 * @throws AppError KUBECONFIG_INVALID saying what, where and what to do
 */
export async function accessFromKubeconfig(
  source: { readonly paths: readonly string[]; readonly context?: string },
  clock: Clock,
): Promise<KubeconfigAccess> {
  const entry = await readKubeconfig(source.paths, source.context)
  return { access: await accessOf(entry, clock), context: entry.context, namespace: entry.namespace }
}

/**
 * Access from inside a Pod, by its ServiceAccount.
 * @param pod - KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT
 * @throws AppError KUBECONFIG_INVALID when this is no Pod with a ServiceAccount
 */
export async function accessFromPod(
  pod: { readonly host: string; readonly port: string; readonly folder?: string },
  clock: Clock,
): Promise<KubeconfigAccess> {
  const { host, port, folder = SERVICE_ACCOUNT_FOLDER } = pod
  const entry: KubeconfigEntry = {
    context: 'in-cluster',
    namespace: await readFile(join(folder, 'namespace'), 'utf8').then(
      (content) => text(content.trim()),
      () => undefined,
    ),
    cluster: {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      'certificate-authority': join(folder, 'ca.crt'),
    },
    user: { tokenFile: join(folder, 'token') },
  }
  return { access: await accessOf(entry, clock), context: entry.context, namespace: entry.namespace }
}

async function accessOf(entry: KubeconfigEntry, clock: Clock): Promise<ClusterAccess> {
  const { cluster, user, context } = entry
  const server = text(cluster['server'])?.replace(/\/+$/, '')
  if (server === undefined || !URL.canParse(server) || !/^https?:\/\//.test(server)) {
    throw kubeconfigError('the cluster has no http or https URL as server', { context })
  }
  refuseUnsupported(user, context)
  const caPem = await readCa(cluster, context)
  const serverName = text(cluster['tls-server-name'])
  const proxyUrl = text(cluster['proxy-url'])
  return {
    server,
    ...(caPem === undefined ? {} : { caPem }),
    ...(serverName === undefined ? {} : { serverName }),
    skippedChecks: cluster['insecure-skip-tls-verify'] === true ? ['*'] : [],
    ...(proxyUrl === undefined ? {} : { proxyUrl }),
    credentials: new KubeConfigCredentials({ entry, clock }),
  }
}

/** What the library ignores without a word (node-stack 2.2, fault 3), and what cannot work without a terminal. */
function refuseUnsupported(user: RawRecord, context: string): void {
  for (const field of ['as-groups', 'as-uid', 'as-user-extra']) {
    if (user[field] === undefined) continue
    throw kubeconfigError(
      'impersonation is supported by user only (as): take the field out, or use a token',
      {
        context,
        field,
      },
    )
  }
  const exec = isRecord(user['exec']) ? user['exec'] : {}
  if (exec['interactiveMode'] === 'Always') {
    throw kubeconfigError('the credential plugin asks on a terminal (interactiveMode: Always): use another', {
      context,
    })
  }
  const provider = isRecord(user['auth-provider']) ? text(user['auth-provider']['name']) : undefined
  if (provider !== undefined && !['oidc', 'gcp', 'azure', 'exec'].includes(provider)) {
    throw kubeconfigError('the auth-provider is not known: use exec', { context, provider })
  }
}

async function readCa(cluster: RawRecord, context: string): Promise<string | undefined> {
  const file = text(cluster['certificate-authority'])
  const data = text(cluster['certificate-authority-data'])
  if (file === undefined && data === undefined) return undefined
  const what = data === undefined ? 'certificate-authority' : 'certificate-authority-data' // data wins, as in kubectl
  try {
    const pem =
      data === undefined ? await readFile(file ?? '', 'utf8') : Buffer.from(data, 'base64').toString('utf8')
    if (certificatesOf(pem).length > 0) return pem
  } catch (cause) {
    throw kubeconfigError(
      'the CA of the cluster cannot be read: give certificates as PEM',
      { context, field: what },
      cause,
    )
  }
  throw kubeconfigError('the CA of the cluster holds no certificate: give certificates as PEM', {
    context,
    field: what,
  })
}
