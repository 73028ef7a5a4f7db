import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { LOG_FIELDS } from '../../src/telemetry/log-fields.ts'
import { sourceFiles } from '../support/source-imports.ts'

const root = new URL('../..', import.meta.url).pathname

interface LogCall {
  readonly fields: readonly string[]
  /** The message where it is a constant; undefined for `child` and for what is put together. */
  readonly message: string | undefined
  readonly isChild: boolean
}

/** Calls of a logger whose fields are written out where it is called. */
function logCalls(text: string): readonly LogCall[] {
  return [...text.matchAll(/\blogger\.(debug|info|warn|error|child)\(\s*\{/gi)].map((match) => {
    const start = match.index + match[0].length
    const end = closing(text, start)
    const [, message] = /^\s*,\s*'([^']*)'/.exec(text.slice(end + 1)) ?? []
    return { fields: fieldNames(text.slice(start, end)), message, isChild: match[1] === 'child' }
  })
}

/** Index of the brace that closes the one before `start`. */
function closing(text: string, start: number): number {
  let depth = 1
  for (let i = start; i < text.length; i += 1) {
    if ('{[('.includes(text[i] ?? '')) depth += 1
    if ('}])'.includes(text[i] ?? '')) depth -= 1
    if (depth === 0) return i
  }
  return text.length
}

/** Names at the top of an object literal; what is spread in is not seen. */
function fieldNames(literal: string): readonly string[] {
  let flat = literal
  for (let before = ''; before !== flat;) {
    before = flat
    flat = flat.replaceAll(/\([^()]*\)|\[[^[\]]*\]|\{[^{}]*\}|`[^`]*`|'[^']*'/g, '')
  }
  return flat
    .split(',')
    .map((part) => /^\s*(\w+)\s*(?::|$)/.exec(part)?.[1])
    .filter((name) => name !== undefined)
}

const calls = sourceFiles(root, 'src').flatMap((file) =>
  logCalls(readFileSync(`${root}/${file}`, 'utf8')).map((call) => ({ file, ...call })),
)

describe('log lines', () => {
  it('are found', () => {
    expect(calls.length).toBeGreaterThan(5)
    expect(
      logCalls("logger.warn({ key, err: describe(a, { b: 1 }), ...rest, count: [x, y].length }, 'gave up')"),
    ).toEqual([{ fields: ['key', 'err', 'count'], message: 'gave up', isChild: false }])
  })

  it('use the fields of src/telemetry/log-fields.ts', () => {
    const unknown = calls.flatMap(({ file, fields }) =>
      fields.filter((name) => !(name in LOG_FIELDS)).map((name) => `${file}: ${name}`),
    )

    expect(unknown).toEqual([])
  })

  it('have a constant message that begins in lower case', () => {
    const bad = calls.filter(
      ({ isChild, message }) => !isChild && (message === undefined || !/^[a-z0-9]/.test(message)),
    )

    expect(bad.map(({ file, message }) => `${file}: ${message ?? 'not a constant'}`)).toEqual([])
  })
})
