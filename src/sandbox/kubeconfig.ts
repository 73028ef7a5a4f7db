import { stringify } from 'yaml'

/** What a context of a kubeconfig needs. */
export interface KubeconfigCluster {
  readonly name: string
  /** https://host:port */
  readonly url: string
  readonly caPem: string
  readonly token: string
}

/**
 * A kubeconfig with one context, cluster and user per cluster, all of the cluster's name.
 * @param current - name of the context that kubectl uses by itself
 */
export function kubeconfigText(clusters: readonly KubeconfigCluster[], current: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    preferences: {},
    'current-context': current,
    clusters: clusters.map(({ name, url, caPem }) => ({
      name,
      cluster: { server: url, 'certificate-authority-data': Buffer.from(caPem, 'utf8').toString('base64') },
    })),
    users: clusters.map(({ name, token }) => ({ name, user: { token } })),
    contexts: clusters.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
  })
}
