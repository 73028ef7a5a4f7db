import type { Bench } from './bench.ts'
import { coredns } from './coredns.ts'
import { knot } from './knot.ts'
import { nsd } from './nsd.ts'
import { LeftOut, reasonOf, type StartSubject } from './subject.ts'
import { waypost } from './waypost.ts'

const SERVERS: Readonly<Record<string, StartSubject>> = { waypost: waypost('dgram'), nsd, knot, coredns }

/** Memory of a server with all names less that of one with none, for each name; and of one with none. */
export async function measureMemory(bench: Bench): Promise<void> {
  const { work, files, outcome, smoke } = bench
  for (const [key, start] of Object.entries(SERVERS)) {
    try {
      if (smoke) throw new LeftOut('smoke mode')
      const empty = await memoryOf(start, { work, files, zone: files.emptyZone, label: 'empty' })
      const full = await memoryOf(start, { work, files, zone: files.zone, label: 'full' })
      outcome.figure(`${key}_rss_bytes_per_name`, Math.max(0, full - empty) / work.names.length)
      outcome.figure(`${key}_rss_empty_mib`, empty / 2 ** 20)
    } catch (error) {
      if (!(error instanceof LeftOut) && key === 'waypost') throw error
      outcome.leftOut(`${key}_memory`, reasonOf(error))
    }
  }
}

async function memoryOf(start: StartSubject, serving: Parameters<StartSubject>[0]): Promise<number> {
  const { program } = await start(serving)
  try {
    return program.memoryBytes()
  } finally {
    await program.stop()
  }
}
