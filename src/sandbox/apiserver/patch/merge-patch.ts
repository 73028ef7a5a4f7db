import { badRequest } from '../model/status.ts'
import { copyOf, isFields, setField } from '../model/values.ts'

/**
 * Apply a JSON merge patch (RFC 7386) to an object.
 * @throws StatusError 400 when the patch is no object
 */
export function applyMergePatch(current: unknown, patch: unknown, kind: string): unknown {
  if (!isFields(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${Array.isArray(patch) ? 'array' : typeof patch} into Go value of type map[string]interface {} (${kind})`,
    )
  }
  return merged(current, patch)
}

function merged(current: unknown, patch: unknown): unknown {
  if (!isFields(patch)) return copyOf(patch)
  const result: Record<string, unknown> = isFields(current) ? { ...current } : {}
  for (const name of Object.keys(patch)) {
    const value = patch[name]
    if (value === null) delete result[name]
    else setField(result, name, merged(Object.hasOwn(result, name) ? result[name] : undefined, value))
  }
  return result
}
