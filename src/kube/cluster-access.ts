import { apiServerUrl } from '../api/kubefed-cluster.ts'
import type { KubeFedCluster } from '../api/kubefed-cluster.ts'
import { AppError } from '../errors.ts'
import { tokenCredentials } from './access.ts'
import type { ClusterAccess } from './access.ts'
import { certificatesOf } from './lenient-connector.ts'

/** Token characters of RFC 6750, 2.1, and what ServiceAccount tokens are made of. */
const TOKEN = /^[\x21-\x7e]+$/

/**
 * Access to a member cluster from its KubeFedCluster (as parsed) and the bearer token of the Secret it names.
 * @param token - decoded content of the Secret's key `token`; undefined: no such Secret, or no such key
 * @throws AppError CLUSTER_CONFIG_MALFORMED saying what, where and what to do
 */
export function clusterAccess(cluster: KubeFedCluster, token: string | undefined): ClusterAccess {
  const { spec } = cluster
  const caPem = readCa(cluster)
  const skippedChecks = spec.disabledTLSValidations ?? []
  if (skippedChecks.includes('ValidityPeriod') && spec.proxyURL) {
    throw malformed(
      cluster,
      'spec.disabledTLSValidations: ValidityPeriod does not work through spec.proxyURL: renew the certificate of the API server, or use "*"',
    )
  }
  return {
    server: apiServerUrl(spec.apiEndpoint),
    ...(caPem === undefined ? {} : { caPem }),
    skippedChecks,
    ...(spec.proxyURL ? { proxyUrl: spec.proxyURL } : {}),
    credentials: tokenCredentials(checkedToken(cluster, token?.trim())),
  }
}

function readCa(cluster: KubeFedCluster): string | undefined {
  const { caBundle } = cluster.spec
  if (!caBundle) return undefined
  const pem = Buffer.from(caBundle, 'base64').toString('utf8')
  let count = 0
  try {
    count = certificatesOf(pem).length
  } catch (cause) {
    throw malformed(
      cluster,
      'spec.caBundle: is no certificate: give the PEM file of the CA in base64',
      {},
      cause,
    )
  }
  if (count === 0)
    throw malformed(cluster, 'spec.caBundle: holds no certificate: give the PEM file of the CA in base64')
  return pem
}

function checkedToken(cluster: KubeFedCluster, token: string | undefined): string {
  const fields = { namespace: cluster.metadata.namespace ?? '', secret: cluster.spec.secretRef.name }
  if (token === undefined || token === '') {
    throw malformed(
      cluster,
      'spec.secretRef: no such Secret, or no key "token" in it: create it with the bearer token of a service account of the cluster',
      fields,
    )
  }
  if (TOKEN.test(token)) return token
  throw malformed(
    cluster,
    'spec.secretRef: key "token" of the Secret is no bearer token: it has characters that no token has',
    fields,
  )
}

function malformed(
  cluster: KubeFedCluster,
  message: string,
  fields: Readonly<Record<string, string>> = {},
  cause?: unknown,
): AppError {
  return new AppError(message, {
    code: 'CLUSTER_CONFIG_MALFORMED',
    retry: 'never',
    fields: { cluster: cluster.metadata.name, ...fields },
    ...(cause === undefined ? {} : { cause }),
  })
}
