import { isRecord, KubeError } from './kube-error.ts'
import { readClusterUid } from './identity.ts'
import type { KubeRequest, Transport } from './transport.ts'

/** What a look at a cluster shows. */
export type ClusterHealth =
  /** Nobody answers: refused, silent, cut, or a certificate that is not trusted. */
  | { readonly kind: 'unreachable'; readonly error: KubeError }
  /** The API server answers, and not to us: 401 or 403. */
  | { readonly kind: 'refused'; readonly httpStatus: 401 | 403 }
  /** It says that it is not ready. `body` is what it said, clipped. */
  | { readonly kind: 'not-ready'; readonly httpStatus: number; readonly body: string }
  | {
      readonly kind: 'ready'
      /** `gitVersion`, such as v1.36.3; undefined when `/version` does not say. */
      readonly version: string | undefined
      /** Of `kube-system`: the cluster's identity; undefined where it may not be read. */
      readonly uid: string | undefined
    }

/** KubeFedConfig `spec.clusterHealthCheck.timeout`. */
export const HEALTH_TIMEOUT_MS = 3_000

/**
 * Ask a cluster how it is: `/healthz`, or `/readyz` where that is gone, then `/version` and the cluster's identity.
 * Never rejects; a signal that aborts gives `unreachable`.
 */
export async function checkHealth(
  transport: Pick<Transport, 'request' | 'requestJson'>,
  timeoutMs: number = HEALTH_TIMEOUT_MS,
  signal?: AbortSignal,
): Promise<ClusterHealth> {
  const ask = (path: string): KubeRequest => ({
    path,
    timeoutMs,
    ...(signal === undefined ? {} : { signal }),
  })
  try {
    const first = await transport.request(ask('/healthz'))
    const answer = first.httpStatus === 404 ? await transport.request(ask('/readyz')) : first
    const { httpStatus } = answer
    if (httpStatus === 401 || httpStatus === 403) return { kind: 'refused', httpStatus }
    const body = answer.bytes.toString('utf8').trim()
    if (httpStatus >= 300 || body.toLowerCase() !== 'ok') {
      return { kind: 'not-ready', httpStatus, body: body.slice(0, 200) }
    }
    const [version, uid] = await Promise.all([
      readVersion(transport, ask('/version')),
      readClusterUid(transport, signal).catch(() => undefined),
    ])
    return { kind: 'ready', version, uid }
  } catch (error) {
    if (error instanceof KubeError) return { kind: 'unreachable', error }
    throw error // a fault of this program
  }
}

async function readVersion(
  transport: Pick<Transport, 'requestJson'>,
  request: KubeRequest,
): Promise<string | undefined> {
  try {
    const raw = await transport.requestJson(request)
    const version = isRecord(raw) ? raw['gitVersion'] : undefined
    return typeof version === 'string' && version !== '' ? version.slice(0, 100) : undefined
  } catch {
    return undefined // it is healthy; that it hides its version is no fault
  }
}
