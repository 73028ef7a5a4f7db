import { spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { describe, expect, it } from 'vitest'

const root = new URL('../..', import.meta.url).pathname

/** No bench may take longer in smoke mode, however busy the machine is. */
const LIMIT_MS = 60_000

function bench(args: readonly string[]): SpawnSyncReturns<string> {
  const options = { cwd: root, encoding: 'utf8', timeout: LIMIT_MS, killSignal: 'SIGTERM' } as const
  return spawnSync(process.execPath, ['bench/main.ts', ...args], options)
}

const refused = bench(['no-such-bench'])
const names = /there are (.*)/.exec(refused.stderr)?.[1]?.split(', ') ?? []

describe('benches', () => {
  it('are listed to whoever asks for one that does not exist, with exit code 2', () => {
    expect(refused.status).toBe(2)
    expect(names).toContain('dns')
    expect(names).toContain('convergence')
  })

  for (const name of names) {
    it(
      `${name} runs in smoke mode and prints one line of JSON`,
      () => {
        const { status, stdout, stderr } = bench([name, '--smoke', '--json'])

        expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
        expect(stdout.trimEnd().split('\n')).toHaveLength(1)
        const result = JSON.parse(stdout) as Record<string, unknown>
        expect(Object.keys(result)).toEqual(['name', 'machine', 'figures', 'ratios'])
        expect(result['name']).toBe(name)
        expect(faults(result['machine'], (value) => typeof value === 'string' || isFigure(value))).toEqual([])
        expect(faults(result['figures'], isFigure)).toEqual([])
        expect(faults(result['ratios'], (value) => isFigure(value) && value !== 0)).toEqual([])
      },
      LIMIT_MS + 10_000,
    )
  }

  it('tell a figure from what is none (the check itself can fail)', () => {
    expect(faults({ a: 1, b: Number.NaN, c: '1' }, isFigure)).toEqual(['b', 'c'])
    expect(faults(undefined, isFigure)).toEqual(['is no object with entries'])
    expect(faults({}, isFigure)).toEqual(['is no object with entries'])
  })
})

/** Entries that do not hold; a group without entries is a fault, too. */
function faults(group: unknown, holds: (value: unknown) => boolean): readonly string[] {
  const entries = typeof group === 'object' && group !== null ? Object.entries(group) : []
  if (entries.length === 0) return ['is no object with entries']
  return entries.filter(([, value]) => !holds(value)).map(([key]) => key)
}

function isFigure(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
