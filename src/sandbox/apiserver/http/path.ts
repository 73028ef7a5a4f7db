/** What a path below `/api` or `/apis` names. */
export interface ResourcePath {
  readonly group: string
  readonly version: string
  readonly namespace: string
  readonly plural: string
  /** Empty for a collection. */
  readonly name: string
  /** `status`, `scale`, …; empty for the object itself. */
  readonly subresource: string
}

const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize'])

/** Take a path apart; undefined when it names no resource. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const segments = path.replace(/^\//, '').replace(/\/$/, '').split('/')
  if (segments.includes('')) return undefined // `//` names nothing
  const [root, ...rest] = segments
  if (root === 'api' && rest.length >= 2) return parseBelow('', rest[0]!, rest.slice(1)) // length checked
  if (root === 'apis' && rest.length >= 3) return parseBelow(rest[0]!, rest[1]!, rest.slice(2)) // length checked
  return undefined
}

function parseBelow(group: string, version: string, segments: readonly string[]): ResourcePath | undefined {
  const [first = '', second, third] = segments
  const inNamespace =
    first === 'namespaces' &&
    second !== undefined &&
    third !== undefined &&
    !(segments.length === 3 && group === '' && NAMESPACE_SUBRESOURCES.has(third))
  const [plural = '', name = '', subresource = '', ...more] = inNamespace ? segments.slice(2) : segments
  if (more.length > 0 || plural === '') return undefined
  return { group, version, namespace: inNamespace ? second : '', plural, name, subresource }
}
