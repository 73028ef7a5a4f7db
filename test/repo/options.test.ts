import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { optionsDocument } from '../../src/config/options-table.ts'

it('docs/options.md is as src/config says (node src/config/print-options.ts)', () => {
  expect(readFileSync(new URL('../../docs/options.md', import.meta.url), 'utf8')).toBe(optionsDocument())
})
