import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { atEnd } from '../support/ends-with-us.ts'
import type { Work } from './work.ts'

/** The work as files, in a temporary folder that goes with it, also when the bench is ended. */
export interface WorkFiles {
  readonly folder: string
  /** Master file. */
  readonly zone: string
  /** Master file of the same zone without any of the names. */
  readonly emptyZone: string
  /** For dnsperf. */
  readonly queries: string
  remove(): void
}

/** Write them, once for everybody. */
export function writeWork(work: Work): WorkFiles {
  const folder = mkdtempSync(join(tmpdir(), 'waypost-bench-'))
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true })
  const letGo = atEnd(removeFolder)
  const write = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const lines = work.zone.split('\n')
  return {
    folder,
    zone: write('zone', work.zone),
    emptyZone: write('empty-zone', lines.filter((line) => !line.startsWith('svc-')).join('\n')),
    queries: write('queries', work.queries.map(({ name, type }) => `${name} ${type}\n`).join('')),
    remove() {
      removeFolder()
      letGo()
    },
  }
}
