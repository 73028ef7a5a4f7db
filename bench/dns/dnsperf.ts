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

const CLIENTS = 16
/** Queries that were asked first, while sockets are new: not looked at where latency is measured. */
const WARM_SHARE = 0.1

/** Load by dnsperf, one thread. Queries carry EDNS, as those of resolvers do. */
export function createDnsperf(files: WorkFiles): Generator {
  const version =
    /Version (\S+)/.exec(execFileSync('dnsperf', ['-H'], { encoding: 'utf8', stdio: 'pipe' }))?.[1] ?? ''
  const base = [
    '-s',
    '127.0.0.1',
    '-d',
    files.queries,
    '-e',
    '-t',
    String(LOST_MICROS / 1e6),
    '-c',
    String(CLIENTS),
  ]
  return {
    name: `dnsperf ${version}`,
    transports: ['udp', 'tcp', 'dot'],
    async load({ port, seconds, over }) {
      const how = ['-m', over, '-p', String(port), '-q', String(OUTSTANDING), '-l', String(seconds)]
      return readReport(await run([...base, ...how]))
    },
    async latencies({ port, seconds, perSecond }) {
      const lines = join(files.folder, 'latencies')
      const how = [
        '-p',
        String(port),
        '-q',
        '5000',
        '-l',
        String(seconds),
        '-Q',
        String(Math.round(perSecond)),
      ]
      await run([...base, ...how, '-v'], lines)
      const latencies = await readLatencies(lines)
      rmSync(lines)
      return latencies
    },
  }
}

/** @returns what it said; nothing where that went to a file */
async function run(args: readonly string[], toFile?: string): Promise<string> {
  const [file, ...rest] = pinned(LOAD_CPU, ['dnsperf', ...args])
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
