import { parseArgs } from 'node:util'
import type { BenchResult } from './support/result.ts'

/** Every bench by name; loaded when run, so that one broken bench does not stop the others. */
const BENCHES: Readonly<
  Record<string, () => Promise<{ run(options: { smoke: boolean }): Promise<BenchResult> }>>
> = {
  dns: () => import('./dns.ts'),
  convergence: () => import('./convergence.ts'),
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false }, smoke: { type: 'boolean', default: false } },
})
const names = positionals.length === 0 ? Object.keys(BENCHES) : positionals
const unknown = names.filter((name) => !(name in BENCHES))
if (unknown.length > 0) {
  console.error(`bench: unknown bench ${unknown.join(', ')}; there are ${Object.keys(BENCHES).join(', ')}`)
  process.exit(2)
}
for (const name of names) {
  const { run } = await BENCHES[name]!() // names were checked above
  print(await run({ smoke: values.smoke }))
}

function print(result: BenchResult): void {
  if (values.json) {
    console.log(JSON.stringify(result))
    return
  }
  console.log(`\n${result.name}`)
  const rows = [
    ...Object.entries(result.machine),
    ...Object.entries(result.figures).map(([key, value]) => [key, round(value)] as const),
    ...Object.entries(result.ratios).map(([key, value]) => [`ratio ${key}`, round(value)] as const),
  ]
  const width = Math.max(...rows.map(([key]) => key.length))
  for (const [key, value] of rows) console.log(`  ${key.padEnd(width)}  ${value}`)
}

function round(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
