import { badRequest } from '../model/status.ts'
import { copyOf, isFields, listOf, sameValue, setField } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { MergeRule, MergeSchema } from '../resource/resource.ts'

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
  listDirectives(result, patch, schema)
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
    return rule.key === undefined
      ? mergeValues(listOf(current), value)
      : mergeItems(listOf(current), value, {
          rule: { ...rule, key: rule.key },
          name,
          schema: schema?.inner(name),
        })
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
function listDirectives(result: Fields, patch: Readonly<Fields>, schema: MergeSchema | undefined): void {
  for (const name of Object.keys(patch)) {
    if (name.startsWith(DELETE_FROM)) {
      const list = name.slice(DELETE_FROM.length)
      const gone = listOf(patch[name])
      if (Array.isArray(result[list])) {
        setField(
          result,
          list,
          listOf(result[list]).filter((item) => !gone.some((value) => sameValue(value, item))),
        )
      }
    }
  }
  for (const name of Object.keys(patch)) {
    if (!name.startsWith(SET_ORDER)) continue
    const list = name.slice(SET_ORDER.length)
    if (Array.isArray(result[list])) {
      setField(result, list, ordered(listOf(result[list]), listOf(patch[name]), schema?.rule(list)?.key))
    }
  }
}

/** Lists of plain values merge as sets: new ones at the end. */
function mergeValues(current: readonly unknown[], patch: readonly unknown[]): readonly unknown[] {
  const added = patch.filter((value) => !current.some((known) => sameValue(known, value)))
  return [...current, ...added]
}

interface ItemRules {
  readonly rule: MergeRule & { readonly key: string }
  readonly name: string
  readonly schema: MergeSchema | undefined
}

function mergeItems(
  current: readonly unknown[],
  patch: readonly unknown[],
  rules: ItemRules,
): readonly unknown[] {
  const { key } = rules.rule
  const items = patch.map((item) => {
    if (!isFields(item)) throw badRequest(`the list ${rules.name} in the patch must hold objects`)
    return item
  })
  // An item that is nothing but the directive replaces the whole list.
  const replaces = items.some((item) => item[DIRECTIVE] === 'replace')
  let result: Fields[] = replaces ? [] : current.filter(isFields)
  for (const item of items) {
    const directive = item[DIRECTIVE]
    if (directive === 'replace' && item[key] === undefined) continue
    const value = item[key]
    if (value === undefined)
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`)
    const matches = (other: Readonly<Fields>) => sameValue(other[key], value)
    if (directive === 'delete') result = result.filter((other) => !matches(other))
    else if (directive !== undefined && directive !== 'merge' && directive !== 'replace')
      throw unknownDirective(directive)
    else if (result.some(matches)) {
      result = result.map((other) => (matches(other) ? mergeObject(other, item, rules.schema) : other))
    } else result.push(stripped(item))
  }
  return result
}

/**
 * Items in the order that the patch names; those it does not name keep their place relative to the one before them, as in the
 * real server.
 */
function ordered(
  items: readonly unknown[],
  order: readonly unknown[],
  key: string | undefined,
): readonly unknown[] {
  const keyOf = (item: unknown): unknown =>
    key === undefined ? item : isFields(item) ? item[key] : undefined
  const position = (item: unknown): number =>
    order.findIndex((wanted) => sameValue(keyOf(wanted), keyOf(item)))
  const named = items.filter((item) => position(item) !== -1).toSorted((a, b) => position(a) - position(b))
  const result: unknown[] = []
  let taken = 0
  for (const [index, item] of items.entries()) {
    if (position(item) !== -1) continue
    const before = items.slice(0, index).filter((other) => position(other) !== -1)
    const last = Math.max(-1, ...before.map((other) => named.indexOf(other)))
    while (taken <= last) result.push(named[taken++])
    result.push(item)
  }
  return [...result, ...named.slice(taken)]
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
