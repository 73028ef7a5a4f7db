import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, type RunnerTask } from 'vitest'
import { findComponent, type ComponentName } from '../../setup/components.ts'
import { startProgram, until, type Program } from '../process.ts'

const MAIN = new URL('../../../../src/main.ts', import.meta.url).pathname
const TIMEOUT_MS = 20_000

/** A folder for the tests of a file; it stays, with all logs, when one of them fails. To be called before what is started in it. */
export function useFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'waypost-e2e-'))
  // oxlint-disable-next-line no-empty-pattern -- the runner wants a pattern here, and nothing of it is needed
  afterAll(({}, suite) => {
    if (allPassed(suite.tasks)) rmSync(folder, { recursive: true, force: true })
    else process.stderr.write(`kept: ${folder}\n`)
  })
  return folder
}

function allPassed(tasks: readonly RunnerTask[]): boolean {
  return tasks.every((task) =>
    task.type === 'suite' ? allPassed(task.tasks) : task.result?.state === 'pass',
  )
}

/** Run a tool to its end. @returns what it wrote, both streams; whatever its exit code */
export function tool(name: ComponentName, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(findComponent(name), args, {
      ...{ cwd, encoding: 'utf8', timeout: TIMEOUT_MS },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string }
    return `${stdout ?? ''}${stderr ?? ''}`
  }
}

/** A folder of keys, made and timed by BIND's tools. */
export class KeyRing {
  readonly folder: string

  constructor(folder: string) {
    this.folder = join(folder, 'keys')
    mkdirSync(this.folder)
  }

  /** @returns the stem of the key's files */
  make(...args: readonly string[]): string {
    return tool('dnssec-keygen', ['-q', ...args], this.folder).trim()
  }

  /** Times as dnssec-settime takes them: `now+10`. */
  settime(stem: string, ...args: readonly string[]): void {
    tool('dnssec-settime', [...args, stem], this.folder)
  }

  /** The DS record that the parent of a key should have, without its owner. */
  ds(stem: string): string {
    return tool('dnssec-dsfromkey', ['-2', stem], this.folder)
      .trim()
      .replace(/^\S+ IN /, '')
  }

  /** The DNSKEY record, in the form of Unbound's `trust-anchor`. */
  dnskey(stem: string): string {
    return readFileSync(join(this.folder, `${stem}.key`), 'utf8')
      .replace(/^;.*\n/gm, '')
      .trim()
  }

  /** What delv trusts: its `-a` file. */
  anchors(stem: string): string {
    const [, zone, flags, protocol, algorithm, key] =
      /^(\S+?)\.? (?:\d+ )?IN DNSKEY (\d+) (\d+) (\d+) (.+)$/.exec(this.dnskey(stem)) ?? []
    const path = join(this.folder, '..', 'anchors')
    writeFileSync(
      path,
      `trust-anchors { "${zone}" static-key ${flags} ${protocol} ${algorithm} "${key?.replaceAll(' ', '')}"; };\n`,
    )
    return path
  }

  /** The tag in the name of a key's files. */
  static tag(stem: string): number {
    return Number(stem.slice(stem.lastIndexOf('+') + 1))
  }

  get files(): readonly string[] {
    return readdirSync(this.folder)
  }
}

export interface SignedServer {
  readonly folder: string
  readonly address: string
  /** Master files by origin. */
  readonly zones: ReadonlyMap<string, string>
  readonly keys: KeyRing
  /** More options. */
  readonly args?: readonly string[]
}

/** `waypost dns` on port 53, with keys. */
export async function startSigned({
  folder,
  address,
  zones,
  keys,
  args = [],
}: SignedServer): Promise<Program> {
  const home = join(folder, 'zones')
  mkdirSync(home, { recursive: true })
  for (const [origin, text] of zones) writeFileSync(join(home, origin), text)
  const program = startProgram({
    ...{ name: 'waypost-signed', command: process.execPath, folder },
    args: [
      ...[MAIN, 'dns', '--listen', `${address}:53`, '--dnssec-keys', keys.folder, ...args],
      ...[...zones.keys()].flatMap((origin) => ['--zone', `${origin}=${join(home, origin)}`]),
    ],
  })
  await program.logged(/^ready /m)
  return program
}

export interface ValidatorOptions {
  readonly folder: string
  readonly address: string
  readonly name: string
  /** Answers below this zone come from this server. */
  readonly zone: string
  readonly server: string
  /** A DNSKEY record. */
  readonly trustAnchor: string
}

/** Unbound as a validating resolver, below a trust anchor. */
export async function startValidator(options: ValidatorOptions): Promise<Program> {
  const { folder, address, name, zone, server, trustAnchor } = options
  const home = join(folder, name)
  mkdirSync(home)
  const lines = [
    'server:',
    `  interface: ${address}`,
    '  port: 53',
    '  access-control: 127.0.0.0/8 allow',
    '  do-not-query-localhost: no',
    '  do-ip6: no',
    '  username: ""',
    '  chroot: ""',
    `  directory: "${home}"`,
    `  pidfile: "${home}/unbound.pid"`,
    '  use-syslog: no',
    '  logfile: ""',
    '  verbosity: 1',
    '  val-log-level: 2',
    '  num-threads: 1',
    '  module-config: "validator iterator"',
    `  trust-anchor: "${trustAnchor}"`,
    '  local-zone: "test." nodefault',
    '  qname-minimisation: yes',
    '  qname-minimisation-strict: yes',
    '  harden-dnssec-stripped: yes',
    '  harden-below-nxdomain: yes',
    '  aggressive-nsec: yes',
    'remote-control:',
    '  control-enable: no',
    'stub-zone:',
    `  name: "${zone}"`,
    `  stub-addr: ${server}`,
  ]
  writeFileSync(join(home, 'unbound.conf'), `${lines.join('\n')}\n`)
  const program = startProgram({
    ...{ name, command: findComponent('unbound'), folder },
    args: ['-d', '-c', join(home, 'unbound.conf')],
  })
  await until(async () => {
    if (!program.isRunning) throw new Error(`${name} ended: ${program.log().slice(-1_000)}`)
    return resolved(address, `${zone} SOA`, folder).startsWith('TIMEOUT') ? undefined : true
  })
  return program
}

/** What a resolver says: response code, `ad` where it has validated, and the answer's last column. */
export function resolved(address: string, question: string, cwd: string): string {
  const [name = '', type = ''] = question.split(' ')
  const text = tool(
    'dig',
    [`@${address}`, '+tries=1', '+time=3', '+nocookie', '+dnssec', '+noidnout', name, type],
    cwd,
  )
  const rcode = /status: (\w+)/.exec(text)?.[1] ?? 'TIMEOUT'
  const isValidated = /flags:[^;]* ad[ ;]/.test(text)
  const answer = [...text.matchAll(/^[^;\s]\S*\s+\d+\s+IN\s+(\S+)\s+(.+)$/gm)]
    .filter(([, type_]) => type_ === type || type_ === 'CNAME' || type_ === 'DNAME')
    .map(([, , rdata = '']) => rdata)
  return [rcode, ...(isValidated ? ['ad'] : []), ...answer].join(' ')
}
