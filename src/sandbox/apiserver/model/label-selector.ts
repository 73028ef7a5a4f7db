import { badRequest } from './status.ts'
import type { StatusError } from './status.ts'
import { labelValueProblems, qualifiedNameProblems } from './names.ts'

/** Says whether a set of labels is selected. */
export type LabelSelector = (labels: Readonly<Record<string, string>>) => boolean

/** Selects everything. */
export const everyLabel: LabelSelector = () => true

interface Token {
  readonly text: string
  readonly kind: 'word' | 'symbol' | 'end'
}

const END: Token = { text: '', kind: 'end' }
const SYMBOL = /^(==|!=|[=!<>(),])$/
const OPERATORS = 'in, notin, =, ==, !=, gt, lt'

/**
 * Parse the text form of a label selector (`a=b,c in (d,e),!f`), as in the `labelSelector` parameter.
 * @throws StatusError 400 in the words of the real server
 */
export function parseLabelSelector(text: string): LabelSelector {
  const parser = new Parser(text)
  const requirements = parser.requirements()
  return requirements.length === 0 ? everyLabel : (labels) => requirements.every((holds) => holds(labels))
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(text: string) {
    this.#tokens = tokensOf(text)
  }

  requirements(): readonly LabelSelector[] {
    const found: LabelSelector[] = []
    if (this.#peek().kind === 'end') return found
    for (;;) {
      const first = this.#peek()
      if (first.kind !== 'word' && first.text !== '!') {
        throw unexpected('', first, "!, identifier, or 'end of string'")
      }
      found.push(this.#requirement())
      const token = this.#next()
      if (token.kind === 'end') return found
      if (token.text !== ',') throw unexpected('', token, "',' or 'end of string'")
      const following = this.#peek()
      if (following.kind !== 'word' && following.text !== '!') {
        throw unexpected('', following, "identifier after ','")
      }
    }
  }

  #requirement(): LabelSelector {
    if (this.#peek().text === '!') {
      this.#next()
      const key = this.#key()
      return (labels) => !Object.hasOwn(labels, key)
    }
    const key = this.#key()
    const operator = this.#peek()
    if (operator.kind === 'end' || operator.text === ',') return (labels) => Object.hasOwn(labels, key)
    this.#next()
    switch (operator.text) {
      case 'in':
        return among(key, this.#values(key))
      case 'notin':
        return notAmong(key, this.#values(key))
      case '=':
      case '==':
        return among(key, this.#value(key))
      case '!=':
        return notAmong(key, this.#value(key))
      case '>':
      case '<':
        return this.#comparison(key, operator.text)
      default:
        throw unexpected(IN_REQUIREMENT, operator, OPERATORS)
    }
  }

  #key(): string {
    const token = this.#next()
    if (token.kind !== 'word') throw unexpected(IN_REQUIREMENT, token, 'identifier')
    const [problem] = qualifiedNameProblems(token.text)
    if (problem !== undefined)
      throw refused(`<nil>: Invalid value: ${JSON.stringify(token.text)}: ${problem}`)
    return token.text
  }

  #value(key: string): ReadonlySet<string> {
    const value = this.#peek().kind === 'word' ? this.#next().text : ''
    return new Set([checkedValue(key, 0, value)])
  }

  #values(key: string): ReadonlySet<string> {
    const open = this.#next()
    if (open.text !== '(') throw refused(`found '${open.text}' expected: '('`)
    const values = new Set<string>()
    for (let index = 0; ; index += 1) {
      const value = this.#peek()
      if (value.kind === 'word') values.add(checkedValue(key, index, this.#next().text))
      else if (value.kind === 'end') throw unexpected(IN_REQUIREMENT, value, "',', ')' or identifier")
      else values.add('')
      const token = this.#next()
      if (token.text === ')') return values
      if (token.text !== ',') throw unexpected(IN_REQUIREMENT, token, "',' or ')'")
    }
  }

  #comparison(key: string, operator: '<' | '>'): LabelSelector {
    const text = this.#peek().kind === 'word' ? this.#next().text : ''
    if (!/^-?\d+$/.test(text)) {
      throw refused(
        `values[0]: Invalid value: ${JSON.stringify(text)}: for 'Gt', 'Lt' operators, the value must be an integer`,
      )
    }
    const bound = Number(text)
    return (labels) => {
      const value = Number(labels[key])
      return Object.hasOwn(labels, key) && (operator === '>' ? value > bound : value < bound)
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? END
  }

  #next(): Token {
    const token = this.#peek()
    this.#at += 1
    return token
  }
}

const IN_REQUIREMENT = 'unable to parse requirement: '

function among(key: string, values: ReadonlySet<string>): LabelSelector {
  return (labels) => Object.hasOwn(labels, key) && values.has(labels[key]!) // hasOwn
}

function notAmong(key: string, values: ReadonlySet<string>): LabelSelector {
  return (labels) => !Object.hasOwn(labels, key) || !values.has(labels[key]!) // hasOwn
}

function checkedValue(key: string, index: number, value: string): string {
  const [problem] = labelValueProblems(value)
  if (problem === undefined) return value
  throw refused(`values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${problem}`)
}

function refused(words: string): StatusError {
  return badRequest(`${IN_REQUIREMENT}${words}`)
}

function unexpected(where: string, token: Token, wanted: string): StatusError {
  return badRequest(`${where}found '${token.text}', expected: ${wanted}`)
}

function tokensOf(text: string): readonly Token[] {
  return [...text.matchAll(/==|!=|[=!<>(),]|[^\s=!<>(),]+/g)].map(([found]) => ({
    text: found,
    kind: SYMBOL.test(found) ? 'symbol' : 'word',
  }))
}
