import { badRequest } from '../model/status.ts'
import { copyOf, isFields, listOf, sameValue, setField } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { MergeSchema } from '../resource/resource.ts'
import { ordered } from './list-order.ts'

const DIRECTIVE = '$patch'
const RETAIN_KEYS = '$retainKeys'
const SET_ORDER = '$setElementOrder/'
const DELETE_FROM = '$deleteFromPrimitiveList/'

/**
 * Apply a strategic merge patch: objects merge field by field, lists as their schema says (by merge key, as a set, or replaced).
 * Understood directives: `$patch: replace | merge | delete`, `$retainKeys`, `$setElementOrder/<list>`, `$deleteFromPrimitiveList/<list>`.
 * @throws StatusError 400 for a patch that is no object, unknown directives and items without merge key
 */
export function applyStrategicPatch(
  current: unknown,
  patch: unknown,
  schema: MergeSchema | undefined,
): unknown {
  if (!isFields(patch)) throw badRequest('error decoding patch: the patch must be an object')
  return mergeObject(isFields(current) ? current : {}, patch, schema)
}

function mergeObject(
  current: Readonly<Fields>,
  patch: Readonly<Fields>,
  schema: MergeSchema | undefined,
): Fields {
  const directive = patch[DIRECTIVE]
  if (directive === 'replace') return stripped(patch)
  if (directive === 'delete') return {}
  if (directive !== undefined && directive !== 'merge') throw unknownDirective(directive)
  const result: Fields = { ...current }
  retainKeys(result, patch)
  for (const name of Object.keys(patch)) {
    if (name === DIRECTIVE || name === RETAIN_KEYS) continue
    if (name.startsWith(SET_ORDER) || name.startsWith(DELETE_FROM)) continue
    const value = patch[name]
    if (value === null) delete result[name]
    else
      setField(
        result,
        name,
        mergeField(Object.hasOwn(result, name) ? result[name] : undefined, value, name, schema),
      )
  }
  listDirectives(result, { current, patch, schema })
  return result
}

function mergeField(
  current: unknown,
  value: unknown,
  name: string,
  schema: MergeSchema | undefined,
): unknown {
  const rule = schema?.rule(name)
  if (Array.isArray(value)) {
    if (rule?.strategy !== 'merge') return value.map(cleaned)
    const before = listOf(current)
    const merged =
      rule.key === undefined
        ? mergeValues(before, value)
        : mergeItems(before, value, { key: rule.key, name, schema: schema?.inner(name) })
    return ordered(merged, { wanted: value, before, key: rule.key })
  }
  if (!isFields(value)) return value
  if (rule?.strategy === 'replace') return cleaned(value)
  return mergeObject(isFields(current) ? current : {}, value, schema?.inner(name))
}

/** Only the named fields of an object survive: for unions such as the sources of a volume. */
function retainKeys(result: Fields, patch: Readonly<Fields>): void {
  const retained = patch[RETAIN_KEYS]
  if (retained === undefined) return
  if (!Array.isArray(retained)) throw badRequest('the value of $retainKeys must be a list')
  for (const name of Object.keys(result)) if (!retained.includes(name)) delete result[name]
}

/** `$deleteFromPrimitiveList/x` and `$setElementOrder/x` speak about the list x beside them. */
function listDirectives(
  result: Fields,
  {
    current,
    patch,
    schema,
  }: {
    readonly current: Readonly<Fields>
    readonly patch: Readonly<Fields>
    readonly schema: MergeSchema | undefined
  },
): void {
  for (const name of Object.keys(patch).filter((directive) => directive.startsWith(DELETE_FROM))) {
    const list = name.slice(DELETE_FROM.length)
    const gone = listOf(patch[name])
    const kept = listOf(result[list]).filter((item) => !gone.some((value) => sameValue(value, item)))
    if (Array.isArray(result[list])) setField(result, list, kept)
  }
  for (const name of Object.keys(patch).filter((directive) => directive.startsWith(SET_ORDER))) {
    const list = name.slice(SET_ORDER.length)
    if (!Array.isArray(result[list])) continue
    const order = { wanted: listOf(patch[name]), before: listOf(current[list]), key: schema?.rule(list)?.key }
    setField(result, list, ordered(listOf(result[list]), order))
  }
}

/** Lists of plain values merge as sets. */
function mergeValues(current: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
  const added = patch.filter((value) => !current.some((known) => sameValue(known, value)))
  return [...current, ...added]
}

interface ItemRules {
  readonly key: string
  readonly name: string
  readonly schema: MergeSchema | undefined
}

function mergeItems(
  current: readonly unknown[],
  patch: readonly unknown[],
  rules: ItemRules,
): readonly unknown[] {
  const items = patch.map((item) => {
    if (!isFields(item)) throw badRequest(`the list ${rules.name} in the patch must hold objects`)
    return item
  })
  // One item with that directive replaces the whole list, and is none of the new ones.
  if (items.some((item) => item[DIRECTIVE] === 'replace')) {
    return items.filter((item) => item[DIRECTIVE] === undefined).map(stripped)
  }
  return items.reduce((list: readonly unknown[], item) => mergeItem(list, item, rules), current)
}

function mergeItem(
  list: readonly unknown[],
  item: Readonly<Fields>,
  { key, schema }: ItemRules,
): readonly unknown[] {
  const directive = item[DIRECTIVE]
  if (directive !== undefined && directive !== 'delete') throw unknownDirective(directive)
  const value = item[key]
  if (value === undefined) {
    throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`)
  }
  const matches = (other: unknown): boolean => isFields(other) && sameValue(other[key], value)
  if (directive === 'delete') return list.filter((other) => !matches(other))
  if (!list.some(matches)) return [...list, stripped(item)]
  return list.map((other) => (isFields(other) && matches(other) ? mergeObject(other, item, schema) : other))
}

/** A new object without directives and nulls. */
function stripped(patch: Readonly<Fields>): Fields {
  const result: Fields = {}
  for (const name of Object.keys(patch)) {
    if (
      name === DIRECTIVE ||
      name === RETAIN_KEYS ||
      name.startsWith(SET_ORDER) ||
      name.startsWith(DELETE_FROM)
    )
      continue
    if (patch[name] !== null) setField(result, name, cleaned(patch[name]))
  }
  return result
}

function cleaned(value: unknown): unknown {
  if (isFields(value)) return stripped(value)
  return Array.isArray(value) ? value.map(cleaned) : copyOf(value)
}

function unknownDirective(directive: unknown): Error {
  return badRequest(`unknown $patch directive: ${JSON.stringify(directive)}`)
}
