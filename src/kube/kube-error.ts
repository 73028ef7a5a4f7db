import { AppError } from '../errors.ts'
import type { Retry } from '../errors.ts'

/** What an API server (or the way to it) said no with. The label set of the metric of failed requests. */
export type KubeErrorCode = keyof typeof MESSAGES

const MESSAGES = {
  KUBE_UNREACHABLE: 'cannot reach the API server',
  KUBE_TLS_REFUSED: 'the API server shows a certificate that is not trusted',
  KUBE_TIMEOUT: 'the API server did not answer in time',
  KUBE_CUT: 'the connection to the API server broke',
  KUBE_BAD_ANSWER: 'the API server sent what is no Kubernetes answer',
  KUBE_TOO_LARGE: 'an answer of the API server exceeds the limit',
  KUBE_UNAUTHORIZED: 'the API server does not accept the credentials',
  KUBE_FORBIDDEN: 'the API server forbids this to the credentials in use',
  KUBE_NOT_FOUND: 'no such object or API',
  KUBE_METHOD_REFUSED: 'the API does not offer this method',
  KUBE_CONFLICT: 'the object was changed meanwhile',
  KUBE_ALREADY_EXISTS: 'the object exists already',
  KUBE_EXPIRED: 'the version asked for is no longer kept',
  KUBE_INVALID: 'the API server finds the object or request invalid',
  KUBE_REFUSED: 'the API server refuses the request',
  KUBE_THROTTLED: 'the API server asks for patience',
  KUBE_SERVER_ERROR: 'the API server failed',
  KUBE_VERSION_TOO_LARGE: 'the version asked for is newer than the API server knows',
  KUBE_ABORTED: 'the request was given up',
  KUBE_IDENTITY_CHANGED: 'another cluster answers at this address',
  KUBE_CREDENTIALS_FAILED: 'the credentials for the cluster cannot be had',
} as const

export interface KubeErrorOptions {
  readonly cluster: string
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly httpStatus?: number
  /** The `reason` of a Status, or the code of a socket error. */
  readonly reason?: string
  /** What the server said, clipped. Never a body. */
  readonly detail?: string
  readonly retry?: Retry
  readonly cause?: unknown
}

/** A request to a cluster that failed, with what to do about it in `retry`. */
export class KubeError extends AppError {
  override readonly code: KubeErrorCode
  readonly cluster: string
  readonly method: string
  readonly path: string
  readonly httpStatus: number | undefined
  readonly reason: string

  constructor(code: KubeErrorCode, options: KubeErrorOptions) {
    const { cluster, method, path, httpStatus, reason = '', detail } = options
    super(MESSAGES[code], {
      code,
      retry: options.retry ?? 'backoff',
      fields: {
        cluster,
        method,
        path,
        ...(httpStatus === undefined ? {} : { httpStatus }),
        ...(reason === '' ? {} : { reason }),
        ...(detail === undefined || detail === '' ? {} : { detail: clip(detail) }),
      },
      cause: options.cause,
    })
    this.code = code
    this.cluster = cluster
    this.method = method
    this.path = path
    this.httpStatus = httpStatus
    this.reason = reason
  }
}

/** A Kubernetes Status, as far as it is read (meta/v1 Status). */
export interface StatusBody {
  readonly reason: string
  readonly message: string
  readonly code: number | undefined
  readonly retryAfterSeconds: number | undefined
  /** Reasons of its causes, such as `ResourceVersionTooLarge`. */
  readonly causes: readonly string[]
}

/** Read a Status out of whatever came; what is none gives empty fields. */
export function readStatus(raw: unknown): StatusBody {
  const status = isRecord(raw) ? raw : {}
  const details = isRecord(status['details']) ? status['details'] : {}
  const causes = Array.isArray(details['causes']) ? details['causes'] : []
  return {
    reason: text(status['reason']),
    message: text(status['message']),
    code: whole(status['code']),
    retryAfterSeconds: whole(details['retryAfterSeconds']),
    causes: causes.filter(isRecord).map((cause) => text(cause['reason'])),
  }
}

/** Where a request went: what errors about it say. */
export interface RequestPlace {
  readonly cluster: string
  readonly method: string
  readonly path: string
}

/**
 * The error that an HTTP answer of 400 and above, or an ERROR event of a watch, stands for.
 * @param retryAfter - the header, in seconds; dates are not used by API servers
 */
export function statusError(
  place: RequestPlace,
  httpStatus: number,
  body: StatusBody,
  retryAfter?: string,
): KubeError {
  const code = codeOf(httpStatus, body)
  const afterSeconds = body.retryAfterSeconds ?? seconds(retryAfter)
  return new KubeError(code, {
    ...place,
    httpStatus,
    reason: body.reason,
    detail: body.message,
    retry: retryOf(code, afterSeconds),
  })
}

function codeOf(httpStatus: number, body: StatusBody): KubeErrorCode {
  if (body.causes.includes('ResourceVersionTooLarge')) return 'KUBE_VERSION_TOO_LARGE'
  // A server that is too old to name the cause says so in words only (apiserver storage/errors, NewTooLargeResourceVersionError).
  if (httpStatus === 504 && body.message.includes('Too large resource version'))
    return 'KUBE_VERSION_TOO_LARGE'
  if (httpStatus === 409) return body.reason === 'AlreadyExists' ? 'KUBE_ALREADY_EXISTS' : 'KUBE_CONFLICT'
  return CODES[httpStatus] ?? (httpStatus >= 500 ? 'KUBE_SERVER_ERROR' : 'KUBE_REFUSED')
}

const CODES: Readonly<Record<number, KubeErrorCode>> = {
  401: 'KUBE_UNAUTHORIZED',
  403: 'KUBE_FORBIDDEN',
  404: 'KUBE_NOT_FOUND',
  405: 'KUBE_METHOD_REFUSED',
  410: 'KUBE_EXPIRED',
  422: 'KUBE_INVALID',
  429: 'KUBE_THROTTLED',
}

/** What no waiting mends is 'never'; rights and missing APIs can be mended outside at any time, so they are tried again. */
function retryOf(code: KubeErrorCode, afterSeconds: number | undefined): Retry {
  if (afterSeconds !== undefined) return { afterMs: afterSeconds * 1000 }
  return code === 'KUBE_INVALID' || code === 'KUBE_REFUSED' ? 'never' : 'backoff'
}

function seconds(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header.trim()) ? Number(header) : undefined
}

function clip(words: string): string {
  return words.length <= 300 ? words : `${words.slice(0, 299)}…`
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function whole(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined
}

/** True for JSON objects. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
