import { describe, expect, it } from 'vitest'
import { BUILTIN_KINDS } from '../../../../../src/sandbox/apiserver/builtin/kinds.ts'
import { builtinDefinitions } from '../../../../../src/sandbox/apiserver/builtin/schema.ts'
import {
  DESCRIPTIONS,
  describedDefinitions,
  wordsOf,
} from '../../../../../src/sandbox/apiserver/openapi/described.ts'

const MAX_LENGTH = 120
const definitions = Object.entries(builtinDefinitions())

/** Definitions that are described under this name. */
function describedAs(words: string): readonly (readonly [string, (typeof definitions)[number][1]])[] {
  return definitions.filter(([name]) => name === words || name.endsWith(`.${words}`))
}

describe('descriptions of built-in kinds', () => {
  it.each(Object.keys(DESCRIPTIONS))(
    '%s is one definition, and has the fields that are described',
    (words) => {
      const found = describedAs(words)
      const [, schema] = found[0] ?? []
      const fields = Object.keys(schema?.properties ?? {})

      expect(found.map(([name]) => wordsOf(name))).toEqual([DESCRIPTIONS[words]])
      expect(
        Object.keys(DESCRIPTIONS[words] ?? {}).filter((field) => field !== '' && !fields.includes(field)),
      ).toEqual([])
    },
  )

  it('are short sentences', () => {
    const all = Object.entries(DESCRIPTIONS).flatMap(([name, words]) =>
      Object.entries(words).map(([field, text]) => ({ at: `${name} ${field}`, text })),
    )

    expect(all.filter(({ text }) => !/^\S.*\.$/.test(text) || text.length > MAX_LENGTH)).toEqual([])
  })

  it.each(BUILTIN_KINDS.map(({ definition }) => definition))(
    '%s is described with all its own fields',
    (name) => {
      const { description, properties } = describedDefinitions()[name] ?? {}
      const undescribed = Object.entries(properties ?? {}).filter(
        ([, schema]) => schema['description'] === undefined,
      )

      expect(description).toMatch(/\.$/)
      expect(
        undescribed.map(([field]) => field).filter((field) => !/^(deprecated|reporting|series)/.test(field)),
      ).toEqual([])
    },
  )

  it('change nothing but descriptions', () => {
    const plain: unknown = JSON.parse(
      JSON.stringify(describedDefinitions(), (name, value: unknown) =>
        name === 'description' && typeof value === 'string' ? undefined : value,
      ),
    )

    expect(plain).toEqual(builtinDefinitions())
  })
})
