import { writeFileSync } from 'node:fs'
import { optionsDocument } from './options-table.ts'

// Run by hand, as the test of docs/options.md says.
writeFileSync(new URL('../../docs/options.md', import.meta.url), optionsDocument())
