import { AppError } from '../../../errors.ts'
import type { FieldProblem } from '../types.ts'

/** One entry of `details.causes`. */
export interface StatusCause {
  readonly reason?: string
  readonly message?: string
  readonly field?: string
}

/** `details` of a Status. */
export interface StatusDetails {
  readonly name?: string
  readonly group?: string
  readonly kind?: string
  readonly uid?: string
  readonly causes?: readonly StatusCause[]
  readonly retryAfterSeconds?: number
}

/** A Kubernetes `v1.Status`, the body of every failed request. */
export interface Status {
  readonly kind: 'Status'
  readonly apiVersion: 'v1'
  readonly metadata: Readonly<Record<string, unknown>>
  readonly status: 'Failure' | 'Success'
  readonly message?: string
  readonly reason?: string
  readonly details?: StatusDetails
  readonly code?: number
}

/** Group and plural of a resource, as messages name it. */
export interface GroupResource {
  readonly group: string
  readonly plural: string
}

/** A refused request: carries the Status that the HTTP side answers with. */
export class StatusError extends AppError {
  readonly status: Status

  constructor(status: Status) {
    super(status.message ?? 'request refused', {
      code: 'SANDBOX_API_REFUSED',
      retry: 'never',
      fields: { httpStatus: status.code ?? 500, reason: status.reason ?? '' },
    })
    this.status = status
  }
}

/** A Status error of any kind; fields that are undefined are left out of the body. */
export function failure(
  code: number,
  reason: string,
  message: string,
  more: { readonly details?: StatusDetails; readonly metadata?: Record<string, unknown> } = {},
): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: more.metadata ?? {},
    status: 'Failure',
    message,
    ...(reason === '' ? {} : { reason }),
    ...(more.details === undefined ? {} : { details: more.details }),
    code,
  })
}

/** `deployments.apps`, or the plural alone in the core group. */
export function qualified(resource: GroupResource): string {
  return resource.group === '' ? resource.plural : `${resource.plural}.${resource.group}`
}

function detailsOf(resource: GroupResource, name: string): StatusDetails {
  return {
    ...(name === '' ? {} : { name }),
    ...(resource.group === '' ? {} : { group: resource.group }),
    kind: resource.plural,
  }
}

/** 404: no such object. */
export function notFound(resource: GroupResource, name: string): StatusError {
  return failure(404, 'NotFound', `${qualified(resource)} "${name}" not found`, {
    details: detailsOf(resource, name),
  })
}

/** 404: no such resource in a group version that exists. */
export function noSuchResource(): StatusError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', { details: {} })
}

/** 405: the resource is there, the verb is not. */
export function methodNotAllowed(): StatusError {
  return failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {
    details: {},
  })
}

/** 409: a create of what is there. */
export function alreadyExists(resource: GroupResource, name: string): StatusError {
  return failure(409, 'AlreadyExists', `${qualified(resource)} "${name}" already exists`, {
    details: detailsOf(resource, name),
  })
}

/** 409: a precondition does not hold. */
export function conflict(resource: GroupResource, name: string, why?: string): StatusError {
  const words =
    why ?? 'the object has been modified; please apply your changes to the latest version and try again'
  return failure(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${words}`,
    { details: detailsOf(resource, name) },
  )
}

/** 403: the server will not do it, whoever asks. */
export function forbidden(
  resource: GroupResource,
  name: string,
  why: string,
  causes?: readonly StatusCause[],
): StatusError {
  return failure(403, 'Forbidden', `${qualified(resource)} "${name}" is forbidden: ${why}`, {
    details: { ...detailsOf(resource, name), ...(causes === undefined ? {} : { causes }) },
  })
}

/** 400: the request does not make sense. */
export function badRequest(message: string): StatusError {
  return failure(400, 'BadRequest', message)
}

/** 401: no token, or not ours. */
export function unauthorized(): StatusError {
  return failure(401, 'Unauthorized', 'Unauthorized')
}

/** 413: the body is longer than this server reads. */
export function tooLarge(limitBytes: number): StatusError {
  return failure(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${limitBytes}`)
}

/** 410: the version asked for is no longer kept. */
export function expired(message: string, metadata?: Record<string, unknown>): StatusError {
  return failure(410, 'Expired', message, metadata === undefined ? {} : { metadata })
}

const REASONS = {
  invalid: 'FieldValueInvalid',
  required: 'FieldValueRequired',
  forbidden: 'FieldValueForbidden',
  duplicate: 'FieldValueDuplicate',
  unsupported: 'FieldValueNotSupported',
  type: 'FieldValueTypeInvalid',
  tooLong: 'FieldValueTooLong',
  tooMany: 'FieldValueTooMany',
} as const satisfies Record<FieldProblem['kind'], string>

/** The message of one problem without its field, as in `causes[].message`. */
export function problemMessage(problem: FieldProblem): string {
  const behind = problem.detail === '' ? '' : `: ${problem.detail}`
  switch (problem.kind) {
    case 'required':
      return `Required value${behind}`
    case 'forbidden':
      return `Forbidden${behind}`
    case 'tooLong':
      return `Too long${behind}`
    case 'tooMany':
      return `Too many${behind}`
    case 'duplicate':
      return `Duplicate value: ${shown(problem.value)}${behind}`
    case 'unsupported':
      return `Unsupported value: ${shown(problem.value)}${behind}`
    case 'invalid':
    case 'type':
      // A rule about the object as a whole speaks for itself.
      if (problem.field === '' && problem.value === undefined) return problem.detail
      return `Invalid value: ${shown(problem.value)}${behind}`
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'null' : JSON.stringify(value)
}

/** 422: the object breaks rules; all of them are named. `kind` with its group, as in `Deployment.apps "x" is invalid`. */
export function invalid(
  kind: { readonly group: string; readonly kind: string },
  name: string,
  problems: readonly FieldProblem[],
): StatusError {
  const causes = problems.map((problem) => ({
    reason: REASONS[problem.kind],
    message: problemMessage(problem),
    field: problem.field,
  }))
  const words = causes.map((cause) =>
    cause.field === '' ? cause.message : `${cause.field}: ${cause.message}`,
  )
  const group = kind.kind === 'Event' ? '' : kind.group // stored events are of the core group, whichever wrote them
  const qualifiedKind = group === '' ? kind.kind : `${kind.kind}.${group}`
  return failure(
    422,
    'Invalid',
    `${qualifiedKind} "${name}" is invalid: ${words.length === 1 ? words.join('') : `[${words.join(', ')}]`}`,
    {
      details: {
        ...(name === '' ? {} : { name }),
        ...(group === '' ? {} : { group }),
        ...(kind.kind === '' ? {} : { kind: kind.kind }),
        causes,
      },
    },
  )
}
