import { parseArgs } from 'node:util'
import type { BenchResult, RunOptions } from './support/result.ts'
import { tableOf } from './support/table.ts'

/** Every bench by name; loaded when run, so that one broken bench does not stop the others. */
const BENCHES: Readonly<Record<string, () => Promise<{ run(options: RunOptions): Promise<BenchResult> }>>> = {
  dns: () => import('./dns.ts'),
  convergence: () => import('./convergence.ts'),
}

const USAGE = `npm run bench -- [${Object.keys(BENCHES).join('|')}] [--only PART,PART] [--smoke] [--json]   see docs/benchmarks.md`

const { values, positionals } = readArguments()
if (values.help) {
  console.log(USAGE)
  process.exit(0)
}
const names = positionals.length === 0 ? Object.keys(BENCHES) : positionals
const unknown = names.filter((name) => !(name in BENCHES))
if (unknown.length > 0) {
  console.error(`bench: unknown bench ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}
const only = values.only.split(',').filter((part) => part !== '')
for (const name of names) {
  const { run } = await BENCHES[name]!() // names were checked above
  const result = await run({ smoke: values.smoke, only })
  console.log(values.json ? JSON.stringify(result) : `\n${tableOf(result)}`)
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        smoke: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}\nusage: ${USAGE}`)
    process.exit(2)
  }
}
