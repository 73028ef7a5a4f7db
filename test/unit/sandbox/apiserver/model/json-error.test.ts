import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonError } from '../../../../../src/sandbox/apiserver/model/json-error.ts'

/** Each was asked of a kube-apiserver 1.36. */
const CASES: readonly (readonly [text: string, want: string])[] = [
  ['', 'unexpected end of JSON input'],
  ['{"a":', 'unexpected end of JSON input'],
  ['"', 'unexpected end of JSON input'],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['{"a":tru}', "invalid character '}' in literal true (expecting 'e')"],
  ['\uFEFF{}', "invalid character 'ï' looking for beginning of value"],
  ['{}{}', "invalid character '{' after top-level value"],
  ['{"a":01}', "invalid character '1' after object key:value pair"],
]

describe('jsonError', () => {
  it.each(CASES)('%j', (text, want) => {
    expect(jsonError(text)).toBe(want)
  })

  it('has nothing to say of JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(jsonError(text)).toBeUndefined()
      }),
    )
  })

  it('says something of everything that JSON.parse refuses, and of nothing else', () => {
    const signs = fc.constantFrom(...Array.from('{}[]",:-+.eE0123tfnrueals\\ \n\u0001é'))
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: signs, maxLength: 12 }), fc.string()), (text) => {
        expect(jsonError(text) === undefined).toBe(parses(text))
      }),
      { numRuns: 2_000 },
    )
  })
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
