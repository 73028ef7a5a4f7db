import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findComponent } from '../../setup/components.ts'
import { startProgram, until, type Program } from '../process.ts'
import { ask } from './ask.ts'

export interface ProviderOptions {
  readonly folder: string
  readonly address: string
  /** Origins of zones that start out empty. */
  readonly zones: readonly string[]
}

/** A server that takes RFC 2136 updates with a key, as a provider of DNS does. */
export interface Provider {
  readonly program: Program
  readonly key: { readonly name: string; readonly secret: string; readonly algorithm: 'hmac-sha256' }
}

/** Knot, primary for zones that anyone with its key may update and transfer. */
export async function startProvider({ folder, address, zones }: ProviderOptions): Promise<Provider> {
  const home = join(folder, 'knot')
  mkdirSync(join(home, 'db'), { recursive: true })
  const key = {
    name: 'externaldns',
    secret: randomBytes(32).toString('base64'),
    algorithm: 'hmac-sha256',
  } as const
  for (const zone of zones) {
    const text = `$TTL 60\n${zone}. SOA ns1.${zone}. hostmaster.${zone}. 1 3600 900 604800 5\n${zone}. NS ns1.${zone}.\nns1.${zone}. A ${address}\n`
    writeFileSync(join(home, `${zone}.zone`), text)
  }
  writeFileSync(join(home, 'knot.conf'), configuration(home, address, { zones, secret: key.secret }))
  const program = startProgram({
    name: 'knot',
    command: findComponent('knotd'),
    folder,
    args: ['-c', join(home, 'knot.conf')],
  })
  for (const zone of zones) {
    await until(async () => {
      if (!program.isRunning) throw new Error(`knot ended: ${program.log().slice(-1_000)}`)
      const told = await ask({ server: address, name: `ns1.${zone}`, timeoutMs: 200 })
      return told.addresses.length === 1 ? true : undefined
    })
  }
  return { program, key }
}

function configuration(
  home: string,
  address: string,
  { zones, secret }: { readonly zones: readonly string[]; readonly secret: string },
): string {
  const lines = [
    'server:',
    `  rundir: "${home}"`,
    `  listen: ${address}@53`,
    '  udp-workers: 1',
    '  tcp-workers: 1',
    '  background-workers: 1',
    'database:',
    `  storage: "${home}/db"`,
    'log:',
    '  - target: stdout',
    '    any: info',
    'key:',
    '  - id: externaldns',
    '    algorithm: hmac-sha256',
    `    secret: ${secret}`,
    'acl:',
    '  - id: externaldns',
    '    key: externaldns',
    '    action: [update, transfer]',
    'template:',
    '  - id: default',
    `    storage: "${home}"`,
    '    acl: externaldns',
    '    journal-content: all',
    '    zonefile-load: difference-no-serial',
    '    zonefile-sync: -1',
    'zone:',
    ...zones.flatMap((zone) => [`  - domain: ${zone}`, `    file: "${zone}.zone"`]),
  ]
  return `${lines.join('\n')}\n`
}
