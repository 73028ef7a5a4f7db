import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parseDomainName, wireName } from '../../src/dns/names.ts'
import { isInstalled, pinned } from './commands.ts'

/** Asks a server on loopback as fast as it answers. */
export interface DnsLoad {
  readonly generator: string
  /** @returns queries answered and seconds it took */
  run(port: number, seconds: number): Promise<{ readonly queries: number; readonly seconds: number }>
  close(): void
}

const OUTSTANDING = 200
const run = promisify(execFile)

/** By dnsperf where it is installed, else by a generator of our own, which is slower than the servers it asks. */
export function createDnsLoad(names: readonly string[]): DnsLoad {
  return isInstalled('dnsperf') ? dnsperfLoad(names) : builtInLoad(names)
}

function dnsperfLoad(names: readonly string[]): DnsLoad {
  const folder = mkdtempSync(join(tmpdir(), 'waypost-bench-'))
  const file = join(folder, 'queries.txt')
  writeFileSync(file, names.map((name) => `${name} A\n`).join(''))
  return {
    generator: 'dnsperf',
    async run(port, seconds) {
      const options = ['-s', '127.0.0.1', '-p', String(port), '-d', file]
      const load = ['-c', '16', '-q', String(OUTSTANDING), '-l', String(seconds)]
      const [program, ...args] = pinned(1, ['dnsperf', ...options, ...load])
      const { stdout } = await run(program, args)
      return { queries: field(stdout, 'Queries completed'), seconds: field(stdout, 'Run time (s)') }
    },
    close: () => rmSync(folder, { recursive: true }),
  }
}

function field(report: string, label: string): number {
  const line = report.split('\n').find((text) => text.trim().startsWith(`${label}:`))
  const value = Number(line?.split(':')[1]?.trim().split(/\s/)[0])
  if (!Number.isFinite(value)) throw new Error(`dnsperf did not report "${label}"`)
  return value
}

function builtInLoad(names: readonly string[]): DnsLoad {
  const queries = names.map((name, index) => queryFor(name, index))
  return {
    generator: 'built-in (dnsperf is not installed)',
    async run(port, seconds) {
      const socket = createSocket('udp4')
      await new Promise<void>((resolve) => socket.connect(port, '127.0.0.1', resolve))
      let answered = 0
      let next = 0
      const ask = (): void => {
        socket.send(queries[next]!) // next < length
        next = (next + 1) % queries.length
      }
      socket.on('message', () => {
        answered += 1
        ask()
      })
      const begin = performance.now()
      for (let i = 0; i < OUTSTANDING; i += 1) ask()
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
      socket.close()
      return { queries: answered, seconds: (performance.now() - begin) / 1000 }
    },
    close: () => {},
  }
}

function queryFor(name: string, id: number): Buffer {
  const wire = wireName(parseDomainName(name))
  const query = Buffer.alloc(12 + wire.length + 4)
  query.writeUInt16BE(id & 0xffff, 0)
  query.writeUInt16BE(1, 4)
  query.set(wire, 12)
  query.writeUInt16BE(1, 12 + wire.length)
  query.writeUInt16BE(1, 14 + wire.length)
  return query
}
