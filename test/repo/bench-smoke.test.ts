import { spawn, spawnSync, type SpawnSyncReturns } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readReport } from '../../bench/dns/dnsperf.ts'
import { makeWork } from '../../bench/dns/work.ts'
import { tableOf } from '../../bench/support/table.ts'
import { parseDomainName, wireName } from '../../src/dns/names.ts'
import { readZoneFile } from '../../src/dns/zone-file/read-zone-file.ts'

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

  it('say how they are run, in one line, to whoever asks or errs', () => {
    const usage = /^npm run bench -- \[dns\|convergence\]/
    const [asked, erred] = [bench(['--help']), bench(['--nope'])]

    expect([asked.status, asked.stdout.trimEnd().split('\n').length]).toEqual([0, 1])
    expect(asked.stdout).toMatch(usage)
    expect([erred.status, erred.stderr.split('\n')[0]]).toEqual([2, expect.stringContaining("'--nope'")])
    expect(erred.stderr.split('\n')[1]?.replace('usage: ', '')).toMatch(usage)
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
        expect(missing(name, result)).toEqual([])
      },
      LIMIT_MS + 10_000,
    )
  }

  it('tell a figure from what is none (the check itself can fail)', () => {
    expect(faults({ a: 1, b: Number.NaN, c: '1' }, isFigure)).toEqual(['b', 'c'])
    expect(faults(undefined, isFigure)).toEqual(['is no object with entries'])
    expect(faults({}, isFigure)).toEqual(['is no object with entries'])
    expect(missing('dns', { ratios: {}, figures: {}, machine: {} })).toContain('ratios.dgram_vs_echo')
  })

  it(
    'leave neither processes nor files behind when they are ended',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'waypost-bench-test-'))
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      const env = { ...process.env, TMPDIR: folder }
      const child = spawn(process.execPath, ['bench/main.ts', 'dns', '--smoke'], {
        cwd: root,
        env,
        stdio: 'ignore',
      })
      const ended = once(child, 'exit')
      await expect.poll(() => commandsWith(folder), { timeout: LIMIT_MS }).not.toEqual([])

      child.kill('SIGTERM')

      expect(await ended).toEqual([1, null])
      expect(readdirSync(folder)).toEqual([])
      await expect.poll(() => commandsWith(folder), { timeout: LIMIT_MS }).toEqual([])
    },
    2 * LIMIT_MS,
  )

  it('print quartiles beside their median', () => {
    const figures = { x_micros_p25: 1, x_micros_p50: 2, x_micros_p75: 3, lost: 0 }
    const table = tableOf({
      name: 'dns',
      machine: { cpus: 2 },
      figures,
      ratios: { a: 1, a_p25: 0.5, a_p75: 2 },
    })

    expect(table.split('\n')).toEqual([
      'dns',
      '  cpus      2',
      '  x_micros  2.00     quartiles 1.00 to 3.00',
      '  lost      0.00',
      '  ratio a   1.00     quartiles 0.500 to 2.00',
    ])
  })
})

describe('the work of the DNS bench', () => {
  const work = makeWork({ names: 2_000, queries: 20_000 })

  it('is a zone that can be served, without a warning', () => {
    const file = readZoneFile(work.zone, parseDomainName(work.origin))

    expect(file).toMatchObject({ kind: 'zone', warnings: [] })
    expect(file.kind === 'zone' && file.zone.names.size).toBe(work.names.length + 2) // origin, name server
  })

  it('has names of 75 octets', () => {
    const lengths = new Set(work.names.map(({ name }) => wireName(parseDomainName(name)).length))

    expect([...lengths]).toEqual([75])
  })

  it('asks one tenth for what is not there, half of it by name, half by type', () => {
    const kinds = new Map(work.names.map(({ name, kind }) => [name, kind]))
    const noName = work.queries.filter(({ name }) => !kinds.has(name)).length / work.queries.length
    const noData = work.queries.filter(({ name, type }) => kinds.get(name) === 'address' && type !== 'A')

    expect(noName).toBe(work.noSuchNameShare)
    expect(noName).toBeCloseTo(0.05, 2)
    expect(noData.length / work.queries.length).toBeCloseTo(0.05, 2)
  })

  it('asks mostly for A, and for every other type', () => {
    const counts = Object.groupBy(work.queries, ({ type }) => type)

    expect((counts.A?.length ?? 0) / work.queries.length).toBeGreaterThan(0.6)
    for (const type of ['AAAA', 'TXT', 'SRV', 'MX'] as const)
      expect(counts[type]?.length).toBeGreaterThan(100)
  })

  it('is the same every time', () => {
    expect(makeWork({ names: 2_000, queries: 20_000 })).toEqual(work)
  })
})

describe('the report of dnsperf', () => {
  const report = [
    '  Queries sent:         1000',
    '  Queries completed:    990 (99.00%)',
    '  Queries lost:         10 (1.00%)',
    '',
    '  Response codes:       NOERROR 891 (90.00%), NXDOMAIN 99 (10.00%)',
    '  Average packet size:  request 104, response 147',
    '  Run time (s):         2.000123',
    '  Queries per second:   494.9695',
  ]

  it('is read', () => {
    expect(readReport(report.join('\n'))).toEqual({
      ...{ queries: 990, lost: 10, seconds: 2.000123 },
      ...{ meanAnswerBytes: 147, noSuchNameShare: 0.1 },
    })
  })

  it('is refused without its figures', () => {
    expect(() => readReport(report.slice(0, 3).join('\n'))).toThrow('dnsperf did not report')
  })
})

/** Figures that others script against. */
const PROMISED: Readonly<Record<string, readonly string[]>> = {
  dns: [
    'machine.generator',
    'figures.dgram_cpu_micros_per_query_p50',
    'figures.echo_cpu_micros_per_query_p50',
    'figures.store_bytes_per_name',
    'figures.change_to_answer_p99_micros',
    'ratios.dgram_vs_echo',
    'ratios.p999_changes_vs_still',
  ],
  convergence: ['figures.convergence_p50_ms', 'figures.convergence_p99_ms'],
}

function missing(name: string, result: Readonly<Record<string, unknown>>): readonly string[] {
  return (PROMISED[name] ?? []).filter((path) => {
    const [group, key] = path.split('.') as [string, string] // as written above
    return !(key in (result[group] as object))
  })
}

/** Command lines of processes that name this. */
function commandsWith(text: string): readonly string[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
        return command.includes(text) ? [command] : []
      } catch {
        return [] // ended meanwhile
      }
    })
}

/** Entries that do not hold; a group without entries is a fault, too. */
function faults(group: unknown, holds: (value: unknown) => boolean): readonly string[] {
  const entries = typeof group === 'object' && group !== null ? Object.entries(group) : []
  if (entries.length === 0) return ['is no object with entries']
  return entries.filter(([, value]) => !holds(value)).map(([key]) => key)
}

function isFigure(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}
