import type { KubeObject } from '../../../api/object.ts'
import { badRequest } from '../model/status.ts'
import { isFields, textOf } from '../model/values.ts'
import { apiVersionOfTarget } from './resource.ts'
import type { Target } from './resource.ts'

/** What to do about fields the schema does not know, and about fields given twice. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** A decoded request body: in the stored version, with what is to be said about it. */
export interface Intake {
  readonly object: KubeObject
  readonly warnings: readonly string[]
}

/** What a body is decoded for. */
export interface IntakeRequest {
  readonly target: Target
  readonly fieldValidation: FieldValidation
  /** `duplicate field "spec.a"`, found by the reader of the text. */
  readonly duplicates?: readonly string[]
}

/**
 * Decode the body of a write: kind and version, types, unknown fields, defaults.
 * @throws StatusError 400 in the words of the real server
 */
export function decodeBody(request: IntakeRequest, raw: unknown): Intake {
  const { target, fieldValidation } = request
  if (!isFields(raw)) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${target.type.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${wordFor(raw)} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`,
    )
  }
  const expected = { apiVersion: apiVersionOfTarget(target), kind: target.type.kind }
  checkKind(expected, raw)
  const { object, unknown } = target.version.decode({ ...raw, ...expected } as KubeObject)
  const found = [...(request.duplicates ?? []), ...unknown]
  if (fieldValidation === 'Strict' && found.length > 0) {
    throw badRequest(`${cannotBeHandled(expected)}: strict decoding error: ${found.join(', ')}`)
  }
  return {
    object: target.version.toStored?.(object) ?? { ...object, apiVersion: target.type.storedApiVersion },
    warnings: fieldValidation === 'Warn' ? found : [],
  }
}

/** `Service in version "v1" cannot be handled as a Service`, the beginning of every decoding error. */
export function cannotBeHandled(expected: { readonly apiVersion: string; readonly kind: string }): string {
  const version = expected.apiVersion.slice(expected.apiVersion.indexOf('/') + 1)
  return `${expected.kind} in version "${version}" cannot be handled as a ${expected.kind}`
}

/** Absent ones are taken from the request's path, as the real server does. */
function checkKind(
  expected: { readonly apiVersion: string; readonly kind: string },
  raw: Readonly<Record<string, unknown>>,
): void {
  const kind = textOf(raw['kind']) || expected.kind
  const apiVersion = textOf(raw['apiVersion']) || expected.apiVersion
  if (kind === expected.kind && apiVersion === expected.apiVersion) return
  if (apiVersion !== expected.apiVersion) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected.apiVersion})`,
    )
  }
  throw badRequest(
    `${kind} in version "${apiVersion}" cannot be handled as a ${expected.kind}: converting (v1.${kind}) to (${expected.kind}): unknown conversion`,
  )
}

/** A JSON value as decoding errors call it. */
export function wordFor(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
