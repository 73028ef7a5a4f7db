import type { KubeObject } from '../../../api/object.ts'
import { StatusError, badRequest, invalid } from '../model/status.ts'
import { fieldsOf, isFields, textOf } from '../model/values.ts'
import { apiVersionOfTarget } from './resource.ts'
import type { Target } from './resource.ts'

/** What to do about fields the schema does not know, and about fields given twice. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

/** A decoded request body: in the stored version, with what is to be said about it. */
export interface Intake {
  readonly object: KubeObject
  /** The same in the version of the request. */
  readonly versioned: KubeObject
  readonly warnings: readonly string[]
}

/** What a body is decoded for. */
export interface IntakeRequest {
  readonly target: Target
  readonly fieldValidation: FieldValidation
  /** The body was made by a patch: what is wrong with it is the patch's fault, and 422. */
  readonly patched?: boolean
}

/** A body as parsed: with what its reader found out about it. */
export interface RawBody {
  readonly value: unknown
  /** `duplicate field "spec.a"`, one for each. */
  readonly duplicates: readonly string[]
  /** The beginning of the body, for errors about it; absent when it was made by a patch. */
  readonly shown?: string
}

/**
 * Decode the body of a write: kind and version, types, unknown fields, defaults.
 * @throws StatusError 400 in the words of the real server; 422 when a patch is to blame
 */
export function decodeBody(request: IntakeRequest, raw: RawBody): Intake {
  const { target, fieldValidation } = request
  const value = raw.value === null && target.type.builtin ? {} : raw.value // Go reads null as nothing given
  const expected = { apiVersion: apiVersionOfTarget(target), kind: target.type.kind }
  const typeMeta = typeMetaProblem(value)
  if (typeMeta !== undefined) throw badRequest(unrecognized(expected.kind, typeMeta, raw))
  if (!isFields(value) || (!target.type.builtin && textOf(value['kind']) === '')) {
    throw badRequest(
      unrecognized(expected.kind, `Object 'Kind' is missing in '${JSON.stringify(value)}'`, raw),
    )
  }
  const blame = blameFor(request, expected, value)
  const { object, unknown } = blame(() => {
    checkKind(target, expected, value, request.patched === true)
    return target.version.decode({ ...value, ...expected } as KubeObject)
  })
  const found = [...raw.duplicates, ...unknown]
  if (fieldValidation === 'Strict' && found.length > 0) {
    blame(() => {
      throw badRequest(`${cannotBeHandled(expected)}: strict decoding error: ${found.join(', ')}`)
    })
  }
  return {
    versioned: object,
    object: target.version.toStored?.(object) ?? { ...object, apiVersion: target.type.storedApiVersion },
    warnings: fieldValidation === 'Warn' ? found : [],
  }
}

/** Runs a step of decoding; errors of the result of a patch are told as errors of the patch. */
function blameFor(request: IntakeRequest, expected: Expected, value: unknown): <T>(step: () => T) => T {
  return (step) => {
    try {
      return step()
    } catch (error) {
      if (request.patched !== true || !(error instanceof StatusError) || error.status.code !== 400)
        throw error
      const words = (error.status.message ?? '').replace(`${cannotBeHandled(expected)}: `, '')
      throw invalid({ group: '', kind: '' }, '', [
        { field: 'patch', kind: 'invalid', detail: words, value: JSON.stringify(value) },
      ])
    }
  }
}

interface Expected {
  readonly apiVersion: string
  readonly kind: string
}

/** `Service in version "v1" cannot be handled as a Service`, the beginning of every decoding error. */
export function cannotBeHandled(expected: Expected): string {
  const version = expected.apiVersion.slice(expected.apiVersion.indexOf('/') + 1)
  return `${expected.kind} in version "${version}" cannot be handled as a ${expected.kind}`
}

/** The first thing that a server reads of a body is its kind and version. */
function typeMetaProblem(value: unknown): string | undefined {
  if (value === null) return undefined
  const into = `struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`
  const words = "couldn't get version/kind; json parse error: json: cannot unmarshal"
  if (!isFields(value)) return `${words} ${wordFor(value)} into Go value of type ${into}`
  const wrong = ['apiVersion', 'kind'].find(
    (name) => value[name] !== undefined && value[name] !== null && typeof value[name] !== 'string',
  )
  return wrong === undefined
    ? undefined
    : `${words} ${wordFor(value[wrong])} into Go struct field .${wrong} of type string`
}

function unrecognized(kind: string, why: string, { shown }: RawBody): string {
  const behind = shown === undefined ? '' : ` (${shown})`
  return `the object provided is unrecognized (must be of type ${kind}): ${why}${behind}`
}

/** Built-in kinds take them from the path where they are absent; custom resources must name them. */
function checkKind(
  target: Target,
  expected: Expected,
  value: Readonly<Record<string, unknown>>,
  patched: boolean,
): void {
  const kind = textOf(value['kind'])
  const apiVersion = textOf(value['apiVersion'])
  if (target.type.builtin) {
    checkBuiltinKind(expected, kind || expected.kind, apiVersion || expected.apiVersion)
    return
  }
  const name = textOf(fieldsOf(value['metadata'])['name'])
  if (apiVersion !== expected.apiVersion) {
    if (patched) throw notTheOne(target, name, 'apiVersion', apiVersion, expected.apiVersion)
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected.apiVersion})`,
    )
  }
  if (kind !== expected.kind) {
    throw notTheOne({ type: { ...target.type, kind } }, name, 'kind', kind, expected.kind)
  }
}

function notTheOne(
  target: { readonly type: { readonly group: string; readonly kind: string } },
  name: string,
  field: 'kind' | 'apiVersion',
  ...[value, expected]: [string, string]
): StatusError {
  return invalid(target.type, name, [{ field, kind: 'invalid', detail: `must be ${expected}`, value }])
}

function checkBuiltinKind(expected: Expected, kind: string, apiVersion: string): void {
  if (apiVersion !== expected.apiVersion) {
    throw badRequest(
      `${kind} in version "${apiVersion}" cannot be handled as a ${expected.kind}: no kind "${kind}" is registered for version "${apiVersion}"`,
    )
  }
  if (kind !== expected.kind) {
    throw badRequest(
      `${kind} in version "${apiVersion}" cannot be handled as a ${expected.kind}: converting (v1.${kind}) to (core.${expected.kind}): unknown conversion`,
    )
  }
}

/** A JSON value as decoding errors call it. */
function wordFor(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}
