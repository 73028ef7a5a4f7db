import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { AppError } from '../../../src/errors.ts'
import { kubeconfigText } from '../../../src/sandbox/kubeconfig.ts'
import { claimStateDir, writeEndpoints } from '../../../src/sandbox/state-dir.ts'
import { parse } from 'yaml'

const MODULE = new URL('../../../src/sandbox/state-dir.ts', import.meta.url).href

let root = ''
let folder = ''

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'waypost-state-'))
  folder = join(root, 'deep', 'state')
})
afterEach(() => rmSync(root, { recursive: true }))

const endpoints = {
  dns: { host: '127.0.0.1', port: 5300 },
  http: { url: 'http://127.0.0.1:8053' },
  clusters: { host: { url: 'https://127.0.0.1:1' } },
}

describe('claimStateDir', () => {
  it('makes the folder and takes away what an earlier sandbox left', () => {
    const first = claimStateDir(folder)
    first.writeKubeconfig('old')
    writeEndpoints(folder, endpoints)
    writeFileSync(join(folder, 'sandbox.pid'), '999999999\n') // above any pid

    claimStateDir(folder)

    expect(readdirSync(folder)).toEqual(['sandbox.pid'])
    expect(readFileSync(join(folder, 'sandbox.pid'), 'utf8')).toBe(`${process.pid}\n`)
  })

  it('refuses a folder that a living sandbox has, names its pid, and leaves its files', () => {
    claimStateDir(folder)
    writeEndpoints(folder, endpoints)
    writeFileSync(join(folder, 'sandbox.pid'), `${process.ppid}\n`)

    const error = errorOf(() => claimStateDir(folder))

    expect(error.code).toBe('SANDBOX_STATE_DIR_IN_USE')
    expect(error.fields).toEqual({ stateDir: folder, pid: process.ppid })
    expect(existsSync(join(folder, 'endpoints.json'))).toBe(true)
  })

  it.each(['', 'no number\n', '-1\n'])('takes over a lock that names nobody: %j', (text) => {
    claimStateDir(folder)
    writeFileSync(join(folder, 'sandbox.pid'), text)

    claimStateDir(folder)

    expect(readFileSync(join(folder, 'sandbox.pid'), 'utf8')).toBe(`${process.pid}\n`)
  })

  it('says so when the folder cannot be made', () => {
    writeFileSync(join(root, 'deep'), 'a file')

    expect(errorOf(() => claimStateDir(folder)).code).toBe('SANDBOX_STATE_DIR_UNUSABLE')
  })

  // In a process of its own: a loop inside one system call after another cannot be ended from within.
  it.each(['/proc/nope', '/proc/self/nope/deeper', '/dev/null/state', '/etc/hostname'])(
    'says so, and ends, where no folder can be made: %s',
    (path) => {
      const script = `import { claimStateDir } from '${MODULE}'; try { claimStateDir('${path}') } catch (error) { console.log(error.code) }`
      const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
        encoding: 'utf8',
        timeout: 10_000,
        killSignal: 'SIGKILL',
      })

      expect({ signal, stdout }).toEqual({ signal: null, stdout: 'SANDBOX_STATE_DIR_UNUSABLE\n' })
    },
  )

  it('release takes away what says that a sandbox runs', () => {
    const state = claimStateDir(folder)
    state.writeKubeconfig('text')
    writeEndpoints(folder, endpoints)

    state.release()

    expect(readdirSync(folder)).toEqual(['kubeconfig'])
  })
})

describe('files', () => {
  it('the kubeconfig can be read by its owner alone, even where a wider one was', () => {
    const state = claimStateDir(folder)
    writeFileSync(state.kubeconfigPath, 'old', { mode: 0o644 })

    state.writeKubeconfig('new')

    expect(readFileSync(state.kubeconfigPath, 'utf8')).toBe('new')
    expect(statSync(state.kubeconfigPath).mode & 0o777).toBe(0o600)
  })

  it('endpoints.json holds what is promised, and nothing else is left beside it', () => {
    claimStateDir(folder)

    writeEndpoints(folder, endpoints)
    writeEndpoints(folder, endpoints)

    expect(JSON.parse(readFileSync(join(folder, 'endpoints.json'), 'utf8'))).toEqual(endpoints)
    expect(readdirSync(folder).sort()).toEqual(['endpoints.json', 'sandbox.pid'])
  })
})

describe('kubeconfigText', () => {
  it('has one context for each cluster and one that is current', () => {
    const text = kubeconfigText(
      [
        { name: 'host', url: 'https://127.0.0.1:1', caPem: 'pem', token: 'secret' },
        { name: 'east', url: 'https://127.0.0.1:2', caPem: 'pem', token: 'other: "text"' },
      ],
      'host',
    )

    expect(parse(text)).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      preferences: {},
      'current-context': 'host',
      clusters: [
        { name: 'host', cluster: { server: 'https://127.0.0.1:1', 'certificate-authority-data': 'cGVt' } },
        { name: 'east', cluster: { server: 'https://127.0.0.1:2', 'certificate-authority-data': 'cGVt' } },
      ],
      users: [
        { name: 'host', user: { token: 'secret' } },
        { name: 'east', user: { token: 'other: "text"' } },
      ],
      contexts: [
        { name: 'host', context: { cluster: 'host', user: 'host' } },
        { name: 'east', context: { cluster: 'east', user: 'east' } },
      ],
    })
  })
})

function errorOf(act: () => unknown): AppError {
  try {
    act()
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
