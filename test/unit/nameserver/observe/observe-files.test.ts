import { execFileSync } from 'node:child_process'
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmpty, openToAppend } from '../../../../src/nameserver/observe/open-file.ts'
import { ObserveFiles } from '../../../../src/nameserver/observe/observe-files.ts'

let folder = ''
const at = (name: string): string => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-observe-'))
  execFileSync('mkfifo', [at('pipe')])
})

afterAll(() => {
  rmSync(folder, { recursive: true })
})

const identity = { identity: 'one', version: 'two' }

describe('ObserveFiles', () => {
  it.each([
    {
      name: 'a query log into a pipe that nobody reads is an error, not a wait without end',
      settings: () => ({ queryLog: { target: at('pipe'), oneIn: 1 } }),
      code: 'QUERY_LOG_UNWRITABLE',
    },
    {
      name: 'dnstap into a pipe that nobody reads, too',
      settings: () => ({ dnstap: { target: { kind: 'file' as const, path: at('pipe') }, ...identity } }),
      code: 'DNSTAP_UNWRITABLE',
    },
    {
      name: 'a folder is an error',
      settings: () => ({ queryLog: { target: folder, oneIn: 1 } }),
      code: 'QUERY_LOG_UNWRITABLE',
    },
  ])('$name', ({ settings, code }) => {
    expect(() => new ObserveFiles(settings())).toThrow(expect.objectContaining({ code }))
  })

  it('a query log into a pipe that is read is none', () => {
    const reader = openSync(at('pipe'), constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      new ObserveFiles({ queryLog: { target: at('pipe'), oneIn: 1 } }).close()
      expect(readSync(reader, Buffer.alloc(1))).toBe(0)
    } finally {
      closeSync(reader)
    }
  })

  it('a file of dnstap is begun anew, a query log goes on', () => {
    writeFileSync(at('log'), 'before\n')
    writeFileSync(at('tap'), 'before\n')
    closeSync(openToAppend(at('log')))
    closeSync(openEmpty(at('tap')))

    expect(readFileSync(at('log'), 'utf8')).toBe('before\n')
    expect(readFileSync(at('tap'), 'utf8')).toBe('')
  })
})
