import { apiServerUrl } from '../api/kubefed-cluster.ts'
import type { KubeFedCluster } from '../api/kubefed-cluster.ts'
import { AppError } from '../errors.ts'
import { tokenCredentials } from './access.ts'
import type { ClusterAccess } from './access.ts'
import { isRecord } from './kube-error.ts'
import { certificatesOf } from './lenient-connector.ts'

/** Token characters of RFC 6750, 2.1, and what ServiceAccount tokens are made of. */
const TOKEN = /^[\x21-\x7e]+$/

/**
 * Access to a member cluster from its KubeFedCluster (as parsed) and the Secret it names.
 * @param secret - raw Secret of the same namespace; undefined when there is none
 * @throws AppError CLUSTER_CONFIG_MALFORMED saying what, where and what to do
 */
export function clusterAccess(cluster: KubeFedCluster, secret: unknown): ClusterAccess {
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
    credentials: tokenCredentials(readToken(cluster, secret)),
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

function readToken(cluster: KubeFedCluster, secret: unknown): string {
  const fields = { secret: cluster.spec.secretRef.name }
  if (secret === undefined) {
    throw malformed(
      cluster,
      'spec.secretRef: no such Secret in the namespace of the cluster: create it with key "token"',
      fields,
    )
  }
  const data = isRecord(secret) ? secret['data'] : undefined
  const encoded = isRecord(data) ? data['token'] : undefined
  const token = typeof encoded === 'string' ? Buffer.from(encoded, 'base64').toString('utf8').trim() : ''
  if (token === '')
    throw malformed(
      cluster,
      'spec.secretRef: the Secret has no key "token": add a bearer token there',
      fields,
    )
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
