import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, createReadStream, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pinned } from '../support/commands.ts'
import { endsWithUs } from '../support/ends-with-us.ts'
import { LOAD_CPU } from '../support/program.ts'
import { LOST_MICROS, OUTSTANDING, type Generator, type LoadReport } from './generator.ts'
import type { WorkFiles } from './work-files.ts'

/** Sockets of a thread. */
const CLIENTS = 16
/** Queries on their way at a steady rate: more than a server that keeps up ever owes. */
const MOST_LATE = 5_000
const ALONE = { threads: 1, on: LOAD_CPU } as const
/** Queries that were asked first, while sockets are new: not looked at where latency is measured. */
const WARM_SHARE = 0.1

/** Load by dnsperf. Queries carry EDNS, as those of resolvers do. */
export function createDnsperf(files: WorkFiles): Generator {
  const version =
    /Version (\S+)/.exec(execFileSync('dnsperf', ['-H'], { encoding: 'utf8', stdio: 'pipe' }))?.[1] ?? ''
  const base = ['-s', '127.0.0.1', '-d', files.queries, '-e', '-t', String(LOST_MICROS / 1e6)]
  return {
    name: `dnsperf ${version}`,
    transports: ['udp', 'tcp', 'dot'],
    async load({ port, seconds, over, by = ALONE }) {
      const many = ['-c', String(CLIENTS * by.threads), '-q', String(OUTSTANDING * by.threads)]
      const how = ['-m', over, '-p', String(port), '-T', String(by.threads), '-l', String(seconds)]
      return readReport(await run([...base, ...many, ...how], { on: by.on }))
    },
    async latencies({ port, seconds, perSecond }) {
      const toFile = join(files.folder, 'latencies')
      const many = ['-c', String(CLIENTS), '-q', String(MOST_LATE), '-Q', String(Math.round(perSecond))]
      const how = ['-p', String(port), '-l', String(seconds), '-v']
      await run([...base, ...many, ...how], { on: ALONE.on, toFile })
      const latencies = await readLatencies(toFile)
      rmSync(toFile)
      return latencies
    },
  }
}

interface Running {
  readonly on: string
  readonly toFile?: string
}

/** @returns what it said; nothing where that went to a file */
async function run(args: readonly string[], { on, toFile }: Running): Promise<string> {
  const [file, ...rest] = pinned(on, ['dnsperf', ...args])
  const sink = toFile === undefined ? undefined : openSync(toFile, 'w')
  const child = spawn(file, rest, { stdio: ['ignore', sink ?? 'pipe', 'pipe'] })
  const letGo = endsWithUs(child)
  let said = ''
  let failure = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (failure += text))
  const [code] = (await once(child, 'close')) as [number | null]
  letGo()
  if (sink !== undefined) closeSync(sink)
  if (code !== 0) throw new Error(`dnsperf failed: ${failure.trim().slice(-500)}`)
  return said
}

/** From dnsperf's report, as it prints it at its end. @throws Error when something is missing */
export function readReport(text: string): LoadReport {
  const field = (pattern: RegExp): number => {
    const value = Number(pattern.exec(text)?.[1])
    if (!Number.isFinite(value)) throw new Error(`dnsperf did not report ${pattern.source}`)
    return value
  }
  const queries = field(/Queries completed:\s+(\d+)/)
  return {
    queries,
    seconds: field(/Run time \(s\):\s+([\d.]+)/),
    lost: field(/Queries lost:\s+(\d+)/),
    meanAnswerBytes: field(/Average packet size:.*response (\d+)/),
    noSuchNameShare: Number(/NXDOMAIN (\d+)/.exec(text)?.[1] ?? 0) / Math.max(1, queries),
  }
}

/** Lines of `dnsperf -v`: `> NOERROR name type seconds`, and `> T name type` for one that was lost. */
async function readLatencies(path: string): Promise<Float64Array> {
  const micros: number[] = []
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (!line.startsWith('> ')) continue
    const words = line.split(' ')
    micros.push(words[1] === 'T' ? LOST_MICROS : Math.round(Number(words.at(-1)) * 1e6))
  }
  return Float64Array.from(micros.slice(Math.floor(micros.length * WARM_SHARE))).sort()
}
