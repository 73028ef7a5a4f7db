import { isFields, sameValue } from '../model/values.ts'

/** What decides on the order of a merged list. */
export interface ListOrder {
  /** The order that the patch wants, of some of the items. */
  readonly wanted: readonly unknown[]
  /** The list before the patch. */
  readonly before: readonly unknown[]
  /** Field that tells items apart; absent for plain values. */
  readonly key: string | undefined
}

/**
 * Order a merged list as the real server does: items that the patch names in its order, the others in theirs; of two lists that are
 * laid into each other so, an item of the others comes first when it came first before.
 */
export function ordered(items: readonly unknown[], { wanted, before, key }: ListOrder): readonly unknown[] {
  const identity = (item: unknown): unknown =>
    key === undefined ? item : isFields(item) ? item[key] : undefined
  const position = (list: readonly unknown[], item: unknown): number =>
    list.findIndex((other) => sameValue(identity(other), identity(item)))
  const by = (list: readonly unknown[]) => (a: unknown, b: unknown) => position(list, a) - position(list, b)
  const named = items.filter((item) => position(wanted, item) !== -1).toSorted(by(wanted))
  const others = items.filter((item) => position(wanted, item) === -1).toSorted(by(before))
  const result: unknown[] = []
  while (named.length > 0 && others.length > 0) {
    const [left, right] = [position(before, others[0]), position(before, named[0])]
    const otherFirst = left !== -1 && right !== -1 && left < right
    result.push(otherFirst ? others.shift() : named.shift())
  }
  return [...result, ...named, ...others]
}
