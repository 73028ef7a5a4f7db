import { isFields } from '../model/values.ts'
import type { Fields } from '../model/values.ts'
import { fieldElement, shownElement } from './element.ts'
import type { PathElement } from './element.ts'
import { FieldTypeError, formOf, itemElement } from './forms.ts'
import type { ListRules, MapRules, Scalar, TypeRules } from './type-rules.ts'

/**
 * The problems of an applied configuration with its schema, in the words of the real server: `.spec.foo: field not declared in schema`.
 * Of an object only the first unknown field is told.
 */
export function typeProblems(type: TypeRules, value: unknown): readonly string[] {
  switch (formOf(type, value)) {
    case 'map':
      return type.map === undefined ? [] : mapProblems(type.map, value)
    case 'list':
      return type.list === undefined ? [] : listProblems(type.list, value)
    case 'scalar':
      return scalarProblems(type.scalar ?? 'untyped', value)
  }
}

function mapProblems(rules: MapRules, value: unknown): readonly string[] {
  if (value === null) return []
  if (!isFields(value)) return [`: expected map, got ${shownValue(value)}`]
  const problems: string[] = []
  for (const name of Object.keys(value).toSorted()) {
    const inner = rules.field(name) ?? rules.others
    if (inner === undefined) return [...problems, `.${name}: field not declared in schema`]
    problems.push(...below(fieldElement(name), typeProblems(inner, value[name])))
  }
  return problems
}

function listProblems(rules: ListRules, value: unknown): readonly string[] {
  if (value === null) return []
  if (!Array.isArray(value)) return [`: expected list, got ${shownValue(value)}`]
  const problems: string[] = []
  const seen = new Set<PathElement>()
  for (const [index, item] of value.entries() as IterableIterator<[number, unknown]>) {
    const element = rules.atomic ? `i:${index}` : elementOrWords(rules, item)
    if (element instanceof FieldTypeError) return [...problems, `: element ${index}: ${element.message}`]
    if (!rules.atomic && seen.has(element)) {
      problems.push(`: duplicate entries for key ${shownElement(element)}`)
    }
    seen.add(element)
    problems.push(...below(element, typeProblems(rules.items, item)))
  }
  return problems
}

function elementOrWords(rules: ListRules, item: unknown): PathElement | FieldTypeError {
  try {
    return itemElement(rules, item)
  } catch (error) {
    if (error instanceof FieldTypeError) return error
    throw error
  }
}

function below(element: PathElement, problems: readonly string[]): readonly string[] {
  return problems.map((words) => `${shownElement(element)}${words}`)
}

function scalarProblems(scalar: Scalar, value: unknown): readonly string[] {
  if (value === null || value === undefined) return []
  switch (scalar) {
    case 'numeric':
      return typeof value === 'number' ? [] : [`: expected numeric (int or float), got ${goType(value)}`]
    case 'string':
      return typeof value === 'string'
        ? []
        : [`: expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`]
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`: expected boolean, got ${shownValue(value)}`]
    case 'untyped':
      return typeof value === 'object' ? [`: expected any scalar, got ${shownValue(value)}`] : []
  }
}

function goType(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}'
  if (isFields(value)) return 'map[string]interface {}'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

/** Values as `%#v` writes them. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (isFields(value)) {
    const fields = Object.entries(value).map(([name, inner]) => `${JSON.stringify(name)}:${goSyntax(inner)}`)
    return `map[string]interface {}{${fields.join(', ')}}`
  }
  return value === null ? 'interface {}(nil)' : JSON.stringify(value)
}

/** Values as `%v` writes them. */
function shownValue(value: unknown): string {
  return `&{${plainWords(value)}}`
}

function plainWords(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plainWords).join(' ')}]`
  if (isFields(value)) return mapWords(value)
  return value === null ? '<nil>' : typeof value === 'string' ? value : JSON.stringify(value)
}

function mapWords(value: Readonly<Fields>): string {
  const fields = Object.keys(value)
    .toSorted()
    .map((name) => `${name}:${plainWords(value[name])}`)
  return `map[${fields.join(' ')}]`
}
