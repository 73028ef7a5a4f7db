/** etcd's `--max-request-bytes`: what is larger in JSON is not stored. Kinds that the real server keeps as protobuf have a little more. */
const MAX_BYTES = 1_572_864

/** Whether an object is larger than the store of a real server takes. */
export function isTooLarge(object: unknown): boolean {
  // Most objects are tiny: a rough count spares writing them out. JSON needs at most six signs for one.
  return roughly(object) * 6 > MAX_BYTES && Buffer.byteLength(JSON.stringify(object)) > MAX_BYTES
}

/** Code units of all text and some for all else; never more than six times less than the JSON. */
function roughly(value: unknown): number {
  if (typeof value === 'string') return value.length + 1
  if (typeof value !== 'object' || value === null) return 4
  let sum = 1
  for (const [name, inner] of Object.entries(value))
    sum += (Array.isArray(value) ? 0 : name.length + 1) + roughly(inner)
  return sum
}
