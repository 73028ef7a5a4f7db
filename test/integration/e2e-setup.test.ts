import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, watch } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { COMPONENTS, howToGet, lookForComponent } from '../e2e/setup/components.ts'
import type { ComponentName } from '../e2e/setup/components.ts'
import { putStandInGo } from '../support/stand-in-go.ts'

const SETUP = 'test/e2e/setup/setup.ts'
const RUN = 'test/e2e/setup/run.ts'
const SAYS_3_6_16 = 'echo "etcd Version: 3.6.16"'

let folder = ''
const bin = () => join(folder, 'bin')
const cache = () => join(folder, 'cache')
/** Nothing on PATH but what a test has put there, and an empty cache. */
const bare = () => ({ PATH: bin(), HOME: folder, WAYPOST_E2E_CACHE: cache() })

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-setup-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

function start(script: string, args: readonly string[] = []) {
  let child!: ReturnType<typeof execFile>
  const ended = new Promise<Ended>((resolve) => {
    child = execFile(process.execPath, [script, ...args], { env: bare() }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    )
  })
  return { child, ended }
}

const run = (script: string, ...args: string[]) => start(script, args).ended

/** Built programs below the cache, and anything half built. */
const inCache = () =>
  existsSync(cache())
    ? readdirSync(cache(), { recursive: true, encoding: 'utf8' }).map((path) =>
        path.replace(/-[0-9a-f]{12}/, ''),
      )
    : []

describe('without Go tool-chain and binaries', () => {
  it('the suite says all that is missing and how to get it, and ends with 2', async () => {
    const { code, stdout, stderr } = await run(RUN)

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('install Go 1.26.6 or newer from https://go.dev/dl/')
    const names = Object.keys(COMPONENTS) as ComponentName[]
    for (const name of names.filter((name) => lookForComponent(name, bare()) === undefined)) {
      const line = stderr.split('\n').find((line) => new RegExp(`\\b${name}\\b.*:`).test(line))
      expect(line).toContain(howToGet(name).split(' ').at(-1))
    }
  })

  it('the set-up says what to install, and ends with 2', async () => {
    const { code, stderr } = await run(SETUP)

    expect(code).toBe(2)
    expect(stderr).toMatch(
      /^e2e:setup cannot build etcd, .*there is no Go tool-chain on PATH: install Go 1\.26\.6 /,
    )
    expect(stderr.trim().split('\n')).toHaveLength(1)
  })

  it('a tool-chain that is too old is named with its version', async () => {
    putStandInGo({ folder: bin(), version: 'go1.21.5' })

    const { code, stderr } = await run(SETUP, 'etcd')

    expect(code).toBe(2)
    expect(stderr).toContain('is Go 1.21.5, too old: install Go 1.26.0 or newer')
  })
})

describe('wrong usage ends with 2', () => {
  const rows = [
    { name: 'a component that does not exist', args: ['etcdd'], want: 'no component etcdd' },
    {
      name: 'a component of the distribution',
      args: ['nsd'],
      want: 'nsd is not built here: apt-get install nsd',
    },
    { name: 'a release without pin', args: ['--kubernetes=1.2'], want: 'no Kubernetes 1.2 here' },
    { name: 'an unknown flag', args: ['--fast'], want: "Unknown option '--fast'" },
  ]
  it.each(rows)('$name', async ({ args, want }) => {
    const { code, stderr } = await run(SETUP, ...args)

    expect(code).toBe(2)
    expect(stderr).toContain(want)
  })

  it('a release without pin, of the suite', async () => {
    expect(await run(RUN, '--kubernetes=1.2')).toMatchObject({
      code: 2,
      stderr: 'no Kubernetes 1.2 here: 1.36 or 1.34\n',
    })
  })
})

describe('the set-up', () => {
  it('builds what is missing, and has nothing to do the second time', async () => {
    putStandInGo({ folder: bin(), program: SAYS_3_6_16 })

    const first = await run(SETUP, 'etcd')
    rmSync(bin(), { recursive: true })
    const second = await run(SETUP, 'etcd')

    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toMatch(
      /^etcd 3\.6\.16: building from go\.etcd\.io\/etcd\/server\/v3 with Go 1\.99\.0\n/,
    )
    expect(first.stdout).toMatch(/\n1 built, 0 there already, .* in all\n$/)
    expect(second.stdout).toMatch(
      /^etcd 3\.6\.16: there already, from cache: .*\n0 built, 1 there already, .*\n$/,
    )
    expect(second.code).toBe(0)
    expect(inCache()).toEqual(['etcd-3.6.16', 'etcd-3.6.16/etcd'])
  })

  it('shows the last lines of go when a build fails, without its progress', async () => {
    const before =
      'echo "go: downloading example.com/x v1" >&2; echo some/package >&2; echo "x.go:1:2: undefined: y" >&2; exit 1'
    putStandInGo({ folder: bin(), before })

    const { code, stderr } = await run(SETUP, 'etcd')

    expect(code).toBe(1)
    expect(stderr).toBe('etcd 3.6.16: go build failed in etcd:\nx.go:1:2: undefined: y\n')
    expect(inCache()).toEqual([])
  })

  const wrong = [
    { name: 'another version', program: 'echo "etcd Version: 3.5.0"', want: '3.5.0' },
    { name: 'words without version', program: 'echo "unknown flag" >&2; exit 2', want: 'unknown flag' },
    { name: 'nothing', program: 'exit 0', want: 'nothing' },
  ]
  it.each(wrong)('keeps no program that says $name', async ({ program, want }) => {
    putStandInGo({ folder: bin(), program })

    const { code, stderr } = await run(SETUP, 'etcd')

    expect(code).toBe(1)
    expect(stderr).toBe(`etcd: the pin in etcd says 3.6.16, the built program says: ${want}\n`)
    expect(inCache()).toEqual([])
  })

  it('two at once both end well', async () => {
    putStandInGo({ folder: bin(), program: SAYS_3_6_16 })

    const both = await Promise.all([run(SETUP, 'etcd'), run(SETUP, 'etcd')])

    expect(both.map(({ code }) => code)).toEqual([0, 0])
    expect(inCache()).toEqual(['etcd-3.6.16', 'etcd-3.6.16/etcd'])
  })

  it('leaves nothing that looks whole when it is interrupted', async () => {
    putStandInGo({ folder: bin(), before: HANG })
    const { child, ended } = await building()

    child.kill('SIGTERM')

    expect(await ended).toMatchObject({ code: 1, stderr: 'interrupted; what was built whole stays\n' })
    expect(inCache()).toEqual([])
  })

  it('removes what a killed one left', async () => {
    putStandInGo({ folder: bin(), before: HANG })
    const killed = await building()
    killed.child.kill('SIGKILL')
    await once(killed.child, 'exit')
    process.kill(-goPid(), 'SIGKILL')
    expect(inCache()).not.toEqual([])
    putStandInGo({ folder: bin(), program: SAYS_3_6_16 })

    const { code } = await run(SETUP, 'etcd')

    expect(code).toBe(0)
    expect(inCache()).toEqual(['etcd-3.6.16', 'etcd-3.6.16/etcd'])
  })
})

/** The go command leaves half a program and its id, which is its group's, and waits for its end. */
const HANG = 'echo > "$out"; : > "$HOME/go-runs/$$"; /bin/sleep 60'

/** Start a set-up and wait until its go command runs. */
async function building() {
  const runs = join(folder, 'go-runs')
  mkdirSync(runs)
  const watcher = watch(runs)
  const begun = once(watcher, 'change')
  const started = start(SETUP, ['etcd'])
  await begun
  watcher.close()
  return started
}

function goPid(): number {
  return Number(readdirSync(join(folder, 'go-runs'))[0])
}
