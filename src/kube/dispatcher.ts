import { createHash } from 'node:crypto'
import { checkServerIdentity } from 'node:tls'
import { Agent, ProxyAgent } from 'undici'
import type { Dispatcher, buildConnector } from 'undici'
import { AppError } from '../errors.ts'
import type { ClientCertificate, ClusterAccess } from './access.ts'
import { certificatesOf, lenientConnector } from './lenient-connector.ts'

export interface DispatcherOptions {
  readonly allowH2: boolean
  readonly connectTimeoutMs: number
}

/** An HTTP client bound to one cluster's address and TLS material, and the name of that material. */
export interface NamedDispatcher {
  readonly hash: string
  readonly dispatcher: Dispatcher
}

/** Below the idle limits of common load balancers (60 s), as client-go does. */
const KEEP_ALIVE_PROBE_MS = 30_000
/** API servers keep idle connections for minutes; undici's default of 4 s would make each health check a new handshake. */
const IDLE_MS = 45_000

/** Equal for equal address, proxy and TLS material: a rotated certificate gives another hash. */
export function materialHash(access: ClusterAccess, certificate: ClientCertificate | undefined): string {
  const { server, caPem, serverName, skippedChecks, proxyUrl } = access
  const parts = [
    server,
    caPem,
    serverName,
    skippedChecks,
    proxyUrl,
    certificate?.certPem,
    certificate?.keyPem,
  ]
  return createHash('sha256')
    .update(JSON.stringify(parts.map((part) => part ?? null)))
    .digest('base64')
}

/**
 * Make the one HTTP client of a cluster: connections are kept and shared by all its requests (node-stack 2.2, fault 1).
 * @throws AppError CLUSTER_CONFIG_MALFORMED when the TLS material cannot be used
 */
export function newDispatcher(
  access: ClusterAccess,
  certificate: ClientCertificate | undefined,
  options: DispatcherOptions,
): Dispatcher {
  const tls = tlsOptions(access, certificate)
  const shared = {
    allowH2: options.allowH2,
    connectTimeout: options.connectTimeoutMs,
    keepAliveTimeout: IDLE_MS,
  }
  const connect: buildConnector.BuildOptions = {
    ...tls,
    allowH2: options.allowH2,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_PROBE_MS,
    timeout: options.connectTimeoutMs,
  }
  const lenient = !access.skippedChecks.includes('*') && access.skippedChecks.includes('ValidityPeriod')
  if (access.proxyUrl !== undefined) {
    if (lenient) {
      throw new AppError(
        'disabledTLSValidations: ValidityPeriod cannot be combined with proxyURL: renew the certificate, or use "*"',
        {
          code: 'CLUSTER_CONFIG_MALFORMED',
          fields: { server: access.server },
        },
      )
    }
    return new ProxyAgent({ ...shared, uri: access.proxyUrl, requestTls: connect })
  }
  return new Agent({ ...shared, connect: lenient ? lenientConnector(connect, access) : connect })
}

function tlsOptions(
  access: ClusterAccess,
  certificate: ClientCertificate | undefined,
): buildConnector.BuildOptions {
  const skipped = access.skippedChecks
  return {
    // One by one: OpenSSL takes none of a bundle in which a line break is missing, as `cat a.crt b.crt` may leave it.
    ...(access.caPem === undefined ? {} : { ca: certificatesOf(access.caPem).map(String) }),
    ...(certificate === undefined ? {} : { cert: certificate.certPem, key: certificate.keyPem }),
    ...(access.serverName === undefined ? {} : { servername: access.serverName }),
    rejectUnauthorized: !skipped.includes('*'),
    checkServerIdentity: skipped.includes('SubjectName') ? () => undefined : checkServerIdentity,
  }
}
