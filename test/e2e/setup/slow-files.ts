import type { Reporter, TestModule } from 'vitest/node'

const SLOW_MS = 10_000

/** Prints, after a run, how long the slow files took, slowest first; under `CI=true` a skipped test fails the run. */
export class SlowFiles implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const took = modules.map((module) => ({ file: module.relativeModuleId, ms: durationMs(module) }))
    const slow = took.filter(({ ms }) => ms >= SLOW_MS).sort((a, b) => b.ms - a.ms)
    for (const { file, ms } of slow) say(`slow: ${file} took ${(ms / 1000).toFixed(1)} s`)
    if (process.env['CI'] !== 'true') return
    const skipped = modules.flatMap((module) => [...module.children.allTests('skipped')])
    for (const test of skipped) say(`skipped: ${test.module.relativeModuleId}: ${test.fullName}`)
    if (skipped.length > 0) process.exitCode = 1
  }
}

function durationMs(module: TestModule): number {
  const { collectDuration, setupDuration, duration } = module.diagnostic()
  return collectDuration + setupDuration + duration
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
