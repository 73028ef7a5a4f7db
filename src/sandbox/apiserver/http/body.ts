import { parse } from 'yaml'
import { decodeProtobuf } from '../protobuf/decode.ts'
import { jsonError } from '../model/json-error.ts'
import { scanJson } from '../model/json-scan.ts'
import { badRequest, failure } from '../model/status.ts'
import { isFields, textOf } from '../model/values.ts'
import type { RawBody } from '../resource/intake.ts'
import type { ApiRequest } from './message.ts'

const MAX_DEPTH = 1_000
const SHOWN_BYTES = 30

/** The media type of a request's body, without parameters. */
export function mediaTypeOf(request: ApiRequest): string {
  return (request.header('content-type') ?? 'application/json').split(';')[0]!.trim().toLowerCase() // split gives at least one
}

/**
 * Parse the body of a create or update.
 * @param kind - what the body should be, for the message
 * @throws StatusError 400 (no JSON, too deep), 415
 */
export function parseObject(request: ApiRequest, kind: string): RawBody {
  const type = mediaTypeOf(request)
  const text = Buffer.from(request.body).toString()
  if (type === 'application/yaml') return { value: parseYaml(text, kind), duplicates: [] }
  if (type === 'application/vnd.kubernetes.protobuf')
    return { value: decodeProtobuf(request.body), duplicates: [] }
  if (type !== 'application/json') {
    throw failure(
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    )
  }
  const shown = shownBytes(request.body)
  const parsed = parseJson(
    text,
    (words) =>
      `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${words} (${shown})`,
  )
  return { ...parsed, shown }
}

/** Parse a patch document. */
export function parsePatch(request: ApiRequest): RawBody {
  return parseJson(Buffer.from(request.body).toString(), (words) => `error decoding patch: ${words}`)
}

/** Parse the options in the body of a DELETE; absent ones are empty. */
export function parseDeleteOptions(request: ApiRequest): Readonly<Record<string, unknown>> {
  if (request.body.byteLength === 0) return {}
  const { value } = parseObject(request, 'DeleteOptions')
  if (!isFields(value)) throw badRequest('the body of a DELETE must be DeleteOptions')
  const kind = textOf(value['kind'])
  if (kind !== '' && kind !== 'DeleteOptions') {
    throw badRequest(
      `${kind} in version "${textOf(value['apiVersion'])}" cannot be handled as a DeleteOptions`,
    )
  }
  return value
}

function parseJson(text: string, message: (words: string) => string): RawBody {
  const scan = scanJson(text)
  if (scan.depth > MAX_DEPTH) throw badRequest(message(`exceeded max depth: ${MAX_DEPTH}`))
  try {
    return {
      value: JSON.parse(text) as unknown,
      duplicates: scan.duplicates.map((path) => `duplicate field "${path}"`),
    }
  } catch (error) {
    throw badRequest(message(jsonError(text) ?? (error as Error).message)) // JSON.parse throws SyntaxError only
  }
}

function parseYaml(text: string, kind: string): unknown {
  try {
    return parse(text, { maxAliasCount: 100, logLevel: 'error' }) as unknown
  } catch (error) {
    throw badRequest(
      `the object provided is unrecognized (must be of type ${kind}): ${error instanceof Error ? error.message : 'no YAML'}`,
    )
  }
}

/** The beginning of a body, as errors show it: as text where it may be an object. */
function shownBytes(body: Uint8Array): string {
  if (body.byteLength === 0) return '<empty>'
  const beginning = Buffer.from(body.subarray(0, SHOWN_BYTES))
  const shown = beginning.toString(body[0] === 0x7b ? 'utf8' : 'hex')
  return body.byteLength > SHOWN_BYTES ? `${shown} ...` : shown
}
