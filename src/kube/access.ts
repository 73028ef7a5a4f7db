/** Checks of the server's certificate that may be left out (KubeFedCluster `spec.disabledTLSValidations`). */
export type SkippedCheck = '*' | 'SubjectName' | 'ValidityPeriod'

/** A certificate and its key, PEM. */
export interface ClientCertificate {
  readonly certPem: string
  readonly keyPem: string
}

/** What makes a request ours, at this moment. */
export interface Credentials {
  readonly headers: Readonly<Record<string, string>>
  readonly clientCertificate?: ClientCertificate
  /** CAs to trust from now on, PEM; without it those of the access. */
  readonly caPem?: string
}

/** Where credentials come from; they may change at any time. */
export interface CredentialSource {
  /** Cached as long as it is safe to. Rejects with KubeError KUBE_CREDENTIALS_FAILED or AppError KUBECONFIG_INVALID. */
  get(): Promise<Credentials>
  /** The server refused what `get` gave (401): the next `get` fetches afresh. */
  drop(): void
}

/** All that is needed to talk to one cluster's API server. One per cluster, never shared (node-stack 2.2, fault 2). */
export interface ClusterAccess {
  /** http or https URL without a trailing slash; may carry a path. */
  readonly server: string
  /** Certificates of the CAs to trust, PEM; without it those of the system. */
  readonly caPem?: string
  /** Name to ask for (SNI) and to expect in the certificate, where it is not the URL's host. */
  readonly serverName?: string
  readonly skippedChecks: readonly SkippedCheck[]
  /** http, https or socks5. */
  readonly proxyUrl?: string
  readonly credentials: CredentialSource
}

/** Credentials that never change. */
export function fixedCredentials(credentials: Credentials): CredentialSource {
  return { get: () => Promise.resolve(credentials), drop: () => {} }
}

/** Bearer token that never changes. */
export function tokenCredentials(token: string): CredentialSource {
  return fixedCredentials({ headers: { authorization: `Bearer ${token}` } })
}
