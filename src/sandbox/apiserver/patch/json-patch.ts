import fastJsonPatch from 'fast-json-patch'
import type { Operation } from 'fast-json-patch'
import { badRequest, failure } from '../model/status.ts'
import type { StatusError } from '../model/status.ts'
import { copyOf, isFields } from '../model/values.ts'

/** As the real server: one patch holds at most this many operations. */
const MAX_OPERATIONS = 10_000

/**
 * Apply a JSON patch (RFC 6902).
 * @throws StatusError 400 when it is no list of operations, 413 when it is too long, 422 when an operation cannot be applied
 */
export function applyJsonPatch(current: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${isFields(patch) ? 'object' : typeof patch} into Go value of type []handlers.jsonPatchOp`,
    )
  }
  if (patch.length > MAX_OPERATIONS) {
    throw failure(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    )
  }
  const operations = patch.map((operation: unknown) => {
    if (!isFields(operation)) throw badRequest('error decoding patch: an operation must be an object')
    return operation as unknown as Operation // validated by applyPatch below
  })
  try {
    return fastJsonPatch.applyPatch(copyOf(current), copyOf(operations), true).newDocument
  } catch {
    throw unprocessable()
  }
}

function unprocessable(): StatusError {
  return failure(422, 'Invalid', 'the server rejected our request due to an error in our request', {
    details: {},
  })
}
