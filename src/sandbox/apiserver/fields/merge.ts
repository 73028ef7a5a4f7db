import { isFields, setField } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import type { PathElement } from './element.ts'
import { fieldOf, fieldRules, formOf, itemElement } from './forms.ts'
import type { ListRules, MapRules, TypeRules } from './type-rules.ts'

/**
 * Lay an applied configuration over an object: objects merge field by field, sets and map lists item by item, everything else is
 * taken from the configuration where it has it.
 * @throws FieldTypeError when items of a list cannot be told apart
 */
export function mergeObjects(type: TypeRules, live: unknown, config: unknown): unknown {
  return merged(type, live, config)
}

function merged(type: TypeRules, live: unknown, config: unknown): unknown {
  if (config === undefined) return live
  if (live === undefined) return config
  const form = formOf(type, config)
  if (formOf(type, live) !== form && live !== null && config !== null) return config
  if (form === 'map' && type.map !== undefined) return mergedMaps(type.map, live, config)
  if (form === 'list' && type.list !== undefined) return mergedLists(type.list, live, config)
  return config
}

function mergedMaps(rules: MapRules, live: unknown, config: unknown): unknown {
  const left = isFields(live) ? live : {}
  const right = isFields(config) ? config : {}
  if (rules.atomic || (Object.keys(left).length === 0 && Object.keys(right).length === 0)) return config
  const result: Fields = {}
  for (const name of Object.keys(left)) {
    setField(result, name, merged(fieldRules(rules, name), left[name], fieldOf(right, name)))
  }
  for (const name of Object.keys(right)) {
    if (!Object.hasOwn(left, name)) setField(result, name, right[name])
  }
  return result
}

function mergedLists(rules: ListRules, live: unknown, config: unknown): unknown {
  const left: readonly unknown[] = Array.isArray(live) ? live : []
  const right: readonly unknown[] = Array.isArray(config) ? config : []
  if (rules.atomic || (left.length === 0 && right.length === 0)) return config
  return new ListMerge(rules, left, right).run()
}

/**
 * Lays two lists of items into each other. Items of the configuration keep its order, all others stay behind the item that they stood
 * behind; an item of both appears once, where the configuration has it.
 */
class ListMerge {
  readonly #rules: ListRules
  readonly #live: readonly unknown[]
  readonly #liveElements: readonly PathElement[]
  readonly #config: ReadonlyMap<PathElement, unknown>
  /** Items of both lists that are still to come, in the order of the configuration. */
  readonly #shared: PathElement[]
  readonly #done = new Set<PathElement>()
  readonly #out: unknown[] = []

  constructor(rules: ListRules, live: readonly unknown[], config: readonly unknown[]) {
    this.#rules = rules
    this.#live = live
    this.#liveElements = live.map((item) => itemElement(rules, item))
    this.#config = new Map(config.map((item) => [itemElement(rules, item), item]))
    const known = new Set(this.#liveElements)
    this.#shared = [...this.#config.keys()].filter((element) => known.has(element))
  }

  run(): readonly unknown[] {
    const wanted = [...this.#config.keys()]
    let left = 0
    let right = 0
    while (left < this.#live.length || right < wanted.length) {
      const mine = this.#liveElements[left]
      const other = wanted[right]
      if (mine !== undefined && other !== undefined) {
        if (mine === other) {
          this.#take(other)
          left += 1
          right += 1
          continue
        }
        if (this.#config.has(mine) && this.#shared[0] !== undefined && this.#shared[0] !== mine) {
          left += 1 // comes where the configuration has it
          continue
        }
      }
      if (mine !== undefined) {
        if (!this.#config.has(mine)) {
          this.#out.push(this.#live[left])
          left += 1
          continue
        }
        if (this.#done.has(mine)) left += 1
      }
      if (other !== undefined) {
        this.#take(other)
        right += 1
      }
    }
    return this.#out
  }

  /** The item of the configuration, merged into the live one where there is exactly one. */
  #take(element: PathElement): void {
    const first = this.#liveElements.indexOf(element)
    const single = first !== -1 && first === this.#liveElements.lastIndexOf(element)
    const live = single ? this.#live[first] : undefined
    this.#out.push(merged(this.#rules.items, live, this.#config.get(element)))
    this.#done.add(element)
    if (this.#shared[0] === element) this.#shared.shift()
  }
}
