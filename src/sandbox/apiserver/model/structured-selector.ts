import { fieldsOf, isFields, listOf, textOf } from './values.ts'

/** A structured label selector (`matchLabels`, `matchExpressions`) in text form; empty when it selects everything or is absent. */
export function formatSelector(selector: unknown): string {
  const { matchLabels, matchExpressions } = fieldsOf(selector)
  return [...equalities(matchLabels), ...listOf(matchExpressions).filter(isFields).map(expression)].join(',')
}

/** A plain map of labels in text form. */
export function formatLabels(labels: unknown): string {
  return equalities(labels).join(',')
}

function equalities(labels: unknown): readonly string[] {
  return Object.entries(fieldsOf(labels))
    .map(([key, value]) => `${key}=${textOf(value)}`)
    .toSorted()
}

function expression(term: Readonly<Record<string, unknown>>): string {
  const key = textOf(term['key'])
  const values = listOf(term['values']).map(textOf).toSorted().join(',')
  switch (term['operator']) {
    case 'In':
      return `${key} in (${values})`
    case 'NotIn':
      return `${key} notin (${values})`
    case 'DoesNotExist':
      return `!${key}`
    default:
      return key
  }
}

/** True when a structured selector selects a set of labels. */
export function selectorMatches(selector: unknown, labels: Readonly<Record<string, unknown>>): boolean {
  const { matchLabels, matchExpressions } = fieldsOf(selector)
  return (
    Object.entries(fieldsOf(matchLabels)).every(([key, value]) => labels[key] === value) &&
    listOf(matchExpressions)
      .filter(isFields)
      .every((term) => {
        const key = textOf(term['key'])
        const has = Object.hasOwn(labels, key)
        const among = has && listOf(term['values']).includes(labels[key])
        switch (term['operator']) {
          case 'In':
            return among
          case 'NotIn':
            return !among
          case 'Exists':
            return has
          case 'DoesNotExist':
            return !has
          default:
            return false
        }
      })
  )
}
