import { isFields } from '../model/values.ts'

type Step =
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'all' }
  | { readonly kind: 'index'; readonly index: number }
  | {
      readonly kind: 'filter'
      readonly path: readonly Step[]
      readonly operator: string
      readonly value: unknown
    }

/** A compiled path: finds all values it names, in document order. */
export type JsonPath = (value: unknown) => readonly unknown[]

/**
 * Compile the JSONPath of a printer column: fields, `['quoted']`, `[*]`, `[0]`, `[-1]` and `[?(@.type=="Ready")]`.
 * @returns undefined for text outside that language
 */
export function compileJsonPath(text: string): JsonPath | undefined {
  const steps = parseSteps(text.replace(/^\{(.*)\}$/s, '$1').trim())
  return steps === undefined ? undefined : (value) => walk([value], steps)
}

const STEP =
  /\.?\[\?\(\s*@((?:\.[\w\\./-]+|\['[^']*'\])+)\s*(?:(==|!=|>=|<=|>|<)\s*("[^"]*"|'[^']*'|[\w.+-]+)\s*)?\)\]|\.?\[\s*(\*|-?\d+|'[^']*'|"[^"]*")\s*\]|\.((?:[^.[\]\\]|\\.)+)/y

function parseSteps(text: string): readonly Step[] | undefined {
  const steps: Step[] = []
  STEP.lastIndex = 0
  const source = text.startsWith('.') || text.startsWith('[') ? text : `.${text}`
  let at = source === '.' ? 1 : 0
  while (at < source.length) {
    STEP.lastIndex = at
    const match = STEP.exec(source)
    if (match === null) return undefined
    at = STEP.lastIndex
    const [, filterPath, operator = '', filterValue, bracket, field] = match
    if (filterPath !== undefined) {
      const path = parseSteps(filterPath)
      if (path === undefined) return undefined
      steps.push({ kind: 'filter', path, operator, value: literal(filterValue ?? '') })
    } else if (bracket !== undefined) steps.push(...bracketSteps(bracket))
    else
      steps.push(
        field === '*' ? { kind: 'all' } : { kind: 'field', name: (field ?? '').replaceAll(/\\(.)/g, '$1') },
      )
  }
  return steps
}

/** A quoted name is read as a path of its own: a dot in it needs a backslash (client-go util/jsonpath, dictKeyRex). */
function bracketSteps(text: string): readonly Step[] {
  if (text === '*') return [{ kind: 'all' }]
  if (/^-?\d+$/.test(text)) return [{ kind: 'index', index: Number(text) }]
  const names = text.slice(1, -1).match(/(?:[^.\\]|\\.)+/g) ?? []
  return names.map((name) => ({ kind: 'field', name: name.replaceAll(/\\(.)/g, '$1') }))
}

function literal(text: string): unknown {
  if (/^["']/.test(text)) return text.slice(1, -1)
  if (text === 'true' || text === 'false') return text === 'true'
  return text !== '' && !Number.isNaN(Number(text)) ? Number(text) : text
}

function walk(values: readonly unknown[], steps: readonly Step[]): readonly unknown[] {
  let here = values
  for (const step of steps) here = here.flatMap((value) => stepInto(value, step))
  return here
}

function stepInto(value: unknown, step: Step): readonly unknown[] {
  switch (step.kind) {
    case 'field':
      return isFields(value) && Object.hasOwn(value, step.name) ? [value[step.name]] : []
    case 'all':
      return Array.isArray(value) ? value : isFields(value) ? Object.values(value) : []
    case 'index': {
      const found: unknown = Array.isArray(value) ? value.at(step.index) : undefined
      return found === undefined ? [] : [found]
    }
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => passes(item, step)) : []
  }
}

function passes(item: unknown, filter: Extract<Step, { kind: 'filter' }>): boolean {
  const [found] = walk([item], filter.path)
  if (filter.operator === '') return found !== undefined
  const left = found as string | number // compared by JavaScript's own rules below; other types compare unequal
  const right = filter.value as string | number // likewise
  switch (filter.operator) {
    case '==':
      return left === right
    case '!=':
      return found !== undefined && left !== right
    case '>':
      return left > right
    case '<':
      return left < right
    case '>=':
      return left >= right
    default:
      return left <= right
  }
}
