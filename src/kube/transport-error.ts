import { AppError } from '../errors.ts'
import { KubeError } from './kube-error.ts'
import type { KubeErrorCode, RequestPlace } from './kube-error.ts'

const UNREACHABLE = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'UND_ERR_PRX_TLS',
  'UND_ERR_SOCKS5',
])
const TIMED_OUT = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT'])
const TLS = /CERT|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME|ERR_SSL|EPROTO|CRL|UND_ERR_PRX_TLS/

/** The KubeError for what the socket, TLS or the HTTP client raised; a KubeError passes as it is. */
export function transportError(place: RequestPlace, cause: unknown): KubeError {
  if (cause instanceof KubeError) return cause
  // Of ours, and not from a request: it comes of the source of the credentials.
  if (cause instanceof AppError) {
    return new KubeError('KUBE_CREDENTIALS_FAILED', {
      ...place,
      reason: cause.code,
      retry: cause.retry,
      cause,
    })
  }
  const reason = reasonOf(cause)
  return new KubeError(codeOf(reason), { ...place, reason, cause })
}

function codeOf(reason: string): KubeErrorCode {
  if (reason === 'AbortError' || reason === 'UND_ERR_ABORTED') return 'KUBE_ABORTED'
  if (TLS.test(reason)) return 'KUBE_TLS_REFUSED'
  if (UNREACHABLE.has(reason)) return 'KUBE_UNREACHABLE'
  return TIMED_OUT.has(reason) ? 'KUBE_TIMEOUT' : 'KUBE_CUT'
}

/** The code nearest to the fault: of the error, of its cause, of the first of several (one for each address tried). */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error).slice(0, 80)
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  const code: unknown = 'code' in error ? error.code : undefined
  if (error.cause instanceof Error && (code === undefined || code === 'UND_ERR')) return reasonOf(error.cause)
  return typeof code === 'string' ? code : error.name
}
