import { badRequest } from './status.ts'

/** One term of a field selector. */
export interface FieldTerm {
  readonly field: string
  readonly equals: boolean
  readonly value: string
}

const ALWAYS = ['metadata.name', 'metadata.namespace']

/**
 * Parse the text form of a field selector: `metadata.name=a,status.phase!=Running`.
 * @param supported - fields beside metadata.name and metadata.namespace; undefined for built-in kinds that know no others
 * @throws StatusError 400 for text that is no selector, and for other fields
 */
export function parseFieldSelector(
  text: string,
  supported: readonly string[] | undefined,
): readonly FieldTerm[] {
  return splitTerms(text).map((term) => {
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term)
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`)
    const [, field = '', operator = '', value = ''] = match
    if (!ALWAYS.includes(field) && supported?.includes(field) !== true) {
      throw badRequest(
        supported === undefined
          ? `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`
          : `field label not supported: ${field}`,
      )
    }
    return { field, equals: operator !== '!=', value: unescaped(value) }
  })
}

/** True when every term holds. */
export function selectsFields(
  terms: readonly FieldTerm[],
  values: Readonly<Record<string, string>>,
): boolean {
  return terms.every((term) => ((values[term.field] ?? '') === term.value) === term.equals)
}

/** Commas, equal signs and backslashes in values are escaped by a backslash. */
function splitTerms(text: string): readonly string[] {
  return [...text.matchAll(/(?:\\[^]|[^,\\])+/g)].map(([term]) => term)
}

function unescaped(value: string): string {
  return value.replaceAll(/\\(.?)|=/gs, (found, sign: string | undefined) => {
    if (found === '=') throw badRequest('invalid field selector: unescaped character in value: 61')
    if (sign !== undefined && '\\,='.includes(sign) && sign !== '') return sign
    throw badRequest(`invalid field selector: invalid escape sequence: ${found}`)
  })
}
