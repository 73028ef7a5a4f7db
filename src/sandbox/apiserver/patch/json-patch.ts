import fastJsonPatch from 'fast-json-patch'
import type { Operation } from 'fast-json-patch'
import { badRequest, failure } from '../model/status.ts'
import type { StatusError } from '../model/status.ts'
import { copyOf, isFields, textOf } from '../model/values.ts'
import type { Fields } from '../model/values.ts'

/** As the real server: one patch holds at most this many operations. */
const MAX_OPERATIONS = 10_000
/** As the real server: what one patch copies, in octets of JSON. A few copies of copies would take all memory otherwise. */
const MAX_COPIED_BYTES = 3 * 1024 * 1024

/**
 * Apply a JSON patch (RFC 6902), as leniently as the real server: `replace` of a field that is absent adds it, `copy` of one copies
 * null, and an absent value tests equal to null.
 * @throws StatusError 400 when it is no list of operations, 413 when it is too long, 422 when an operation cannot be applied
 */
export function applyJsonPatch(current: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw undecodable(patch, '[]handlers.jsonPatchOp')
  if (patch.length > MAX_OPERATIONS) {
    throw failure(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    )
  }
  const operations = patch.map((operation: unknown) => {
    if (!isFields(operation)) throw undecodable(operation, 'handlers.jsonPatchOp')
    return operation
  })
  try {
    let document = copyOf(current)
    let copiedBytes = 0
    for (const operation of operations) {
      copiedBytes += copiedBy(document, operation)
      if (copiedBytes > MAX_COPIED_BYTES) throw new RangeError('copied too much')
      document = applied(document, operation)
    }
    return document
  } catch {
    throw failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {
      details: {},
    })
  }
}

function copiedBy(document: unknown, { op, from }: Readonly<Fields>): number {
  if (op !== 'copy' || isAbsent(document, textOf(from))) return 0
  const value: unknown = fastJsonPatch.getValueByPointer(document, textOf(from))
  return value === undefined ? 0 : JSON.stringify(value).length
}

function applied(document: unknown, given: Readonly<Fields>): unknown {
  const operation = lenient(document, given)
  if (operation === undefined) return document
  return fastJsonPatch.applyOperation(document, copyOf(operation) as unknown as Operation, true).newDocument // validated by the call
}

/** The operation that does what the real server does with one that RFC 6902 refuses; undefined: nothing. */
function lenient(document: unknown, operation: Readonly<Fields>): Readonly<Fields> | undefined {
  const { op, path } = operation
  if (op === 'replace' && isAbsent(document, textOf(path))) return { ...operation, op: 'add' }
  if (op === 'copy' && isAbsent(document, textOf(operation['from']))) return { op: 'add', path, value: null }
  if (op === 'test' && operation['value'] === null && isAbsent(document, textOf(path))) return undefined
  return operation
}

/** True when a pointer names no field of an object that is there. */
function isAbsent(document: unknown, pointer: string): boolean {
  const names = pointer.split('/').slice(1).map(fastJsonPatch.unescapePathComponent)
  let here = document
  for (const [index, name] of names.entries()) {
    if (Array.isArray(here)) here = here[Number(name)] as unknown
    else if (!isFields(here)) return false
    else if (!Object.hasOwn(here, name)) return index === names.length - 1
    else here = here[name]
  }
  return false
}

function undecodable(value: unknown, type: string): StatusError {
  const word = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value
  return badRequest(`error decoding patch: json: cannot unmarshal ${word} into Go value of type ${type}`)
}
