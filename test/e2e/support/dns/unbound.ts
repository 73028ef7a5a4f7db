import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findComponent } from '../../setup/components.ts'
import { startProgram, until, type Program } from '../process.ts'
import { ask } from './ask.ts'

export interface ResolverOptions {
  readonly folder: string
  readonly address: string
  /** Of the root's server. */
  readonly parents: string
  /** False: nothing is kept, so that every question comes down to us. */
  readonly cache: boolean
  /** Names the log; default `unbound`. */
  readonly name?: string
}

/** Unbound as a strict resolver: names minimised, nothing asked below an NXDOMAIN. */
export async function startResolver(options: ResolverOptions): Promise<Program> {
  const { folder, address, parents, cache, name = 'unbound' } = options
  const home = join(folder, name)
  mkdirSync(home, { recursive: true })
  writeFileSync(join(home, 'root.hints'), `. 3600000 NS ns.\nns. 3600000 A ${parents}\n`)
  writeFileSync(join(home, 'unbound.conf'), configuration(home, address, cache))
  const program = startProgram({
    ...{ name, command: findComponent('unbound'), folder },
    args: ['-d', '-c', join(home, 'unbound.conf')],
  })
  await until(async () => {
    if (!program.isRunning) throw new Error(`${name} ended: ${program.log().slice(-1_000)}`)
    const told = await ask({ server: address, name: 'ns.acme.test', timeoutMs: 500 })
    return told.addresses.length === 1 ? true : undefined
  })
  return program
}

function configuration(home: string, address: string, cache: boolean): string {
  const lines = [
    'server:',
    `  interface: ${address}`,
    '  port: 53',
    '  access-control: 127.0.0.0/8 allow',
    `  outgoing-interface: ${address}`,
    '  do-not-query-localhost: no',
    '  do-ip6: no',
    '  username: ""',
    '  chroot: ""',
    `  directory: "${home}"`,
    `  pidfile: "${home}/unbound.pid"`,
    `  root-hints: "${home}/root.hints"`,
    '  use-syslog: no',
    '  logfile: ""',
    '  verbosity: 1',
    '  num-threads: 1',
    '  module-config: "iterator"',
    '  local-zone: "test." nodefault',
    '  qname-minimisation: yes',
    '  qname-minimisation-strict: yes',
    '  harden-below-nxdomain: yes',
    '  aggressive-nsec: no',
    '  serve-expired: no',
    ...(cache ? [] : ['  cache-max-ttl: 0', '  cache-max-negative-ttl: 0', '  infra-host-ttl: 1']),
    'remote-control:',
    '  control-enable: no',
  ]
  return `${lines.join('\n')}\n`
}
