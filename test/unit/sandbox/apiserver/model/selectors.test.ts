import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseFieldSelector,
  selectsFields,
} from '../../../../../src/sandbox/apiserver/model/field-selector.ts'
import { parseLabelSelector } from '../../../../../src/sandbox/apiserver/model/label-selector.ts'
import { StatusError } from '../../../../../src/sandbox/apiserver/model/status.ts'
import {
  formatSelector,
  selectorMatches,
} from '../../../../../src/sandbox/apiserver/model/structured-selector.ts'

function refusal(parse: () => unknown): string | undefined {
  try {
    parse()
    return undefined
  } catch (error) {
    return error instanceof StatusError ? (error.status.message ?? '') : String(error)
  }
}

const LABELS = { app: 'web', tier: 'front', size: '5', 'a.b/c': '' }

describe('parseLabelSelector', () => {
  it.each([
    { in: '', want: true },
    { in: 'app=web', want: true },
    { in: 'app==web,tier!=back', want: true },
    { in: 'app in (web, api),tier notin (back)', want: true },
    { in: 'app in (api)', want: false },
    { in: 'absent notin (x)', want: true },
    { in: 'absent!=x', want: true },
    { in: 'absent=', want: false },
    { in: 'a.b/c=', want: true },
    { in: '!absent', want: true },
    { in: '! app', want: false },
    { in: 'size>4,size<6', want: true },
    { in: 'size>5', want: false },
    { in: 'absent<3', want: false },
    { in: 'a.b/c in ()', want: true },
  ])('"$in" selects: $want', ({ in: text, want }) => {
    expect(parseLabelSelector(text)(LABELS)).toBe(want)
  })

  it('names a key or value that cannot be one', () => {
    expect(refusal(() => parseLabelSelector('a/b/c=d'))).toContain('a valid label key must consist of')
    expect(refusal(() => parseLabelSelector('a=b/c'))).toContain('values[0][a]: Invalid value: "b/c"')
  })

  it('parses or refuses any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(refusal(() => parseLabelSelector(text)) ?? 'found').toMatch(
          /found|unable to parse requirement/,
        )
      }),
    )
  })
})

describe('structured selectors', () => {
  const key = fc.constantFrom('a', 'b', 'c')
  const value = fc.constantFrom('x', 'y', 'z')
  const expression = fc.oneof(
    fc.record({
      key,
      operator: fc.constantFrom('In', 'NotIn'),
      values: fc.array(value, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ key, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
  )
  const selector = fc.record({
    matchLabels: fc.dictionary(key, value),
    matchExpressions: fc.array(expression, { maxLength: 3 }),
  })

  it('select what their text form selects', () => {
    fc.assert(
      fc.property(selector, fc.dictionary(key, value), (structured, labels) => {
        expect(selectorMatches(structured, labels)).toBe(
          parseLabelSelector(formatSelector(structured))(labels),
        )
      }),
    )
  })
})

describe('parseFieldSelector', () => {
  const values = { 'metadata.name': 'a,b', 'status.phase': 'Running' }

  it.each([
    { in: '', want: true },
    { in: 'status.phase=Running', want: true },
    { in: 'status.phase!=Running', want: false },
    { in: 'status.phase==Running,metadata.name!=x', want: true },
    { in: 'metadata.name=a\\,b', want: true },
    { in: 'metadata.namespace=', want: true },
  ])('"$in" selects: $want', ({ in: text, want }) => {
    expect(selectsFields(parseFieldSelector(text, ['status.phase']), values)).toBe(want)
  })

  it.each([
    { in: 'nonsense', want: "invalid selector: 'nonsense'; can't understand 'nonsense'" },
    { in: 'spec.x=1', want: 'field label not supported: spec.x' },
    { in: 'metadata.name=a\\b', want: 'invalid field selector: invalid escape sequence: \\b' },
    { in: 'metadata.name=a=b', want: 'invalid field selector: unescaped character in value: 61' },
  ])('"$in" is refused', ({ in: text, want }) => {
    expect(refusal(() => parseFieldSelector(text, ['status.phase']))).toBe(want)
  })
})
