import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findComponent } from '../../setup/components.ts'
import { startProgram, until, type Program } from '../process.ts'
import { ask } from './ask.ts'

export interface ParentsOptions {
  readonly folder: string
  /** NSD's. */
  readonly address: string
  /** Our server's: where `example.com` is delegated to. */
  readonly waypost: string
}

/** The foreign name that leads to us, and its target. */
export const FOREIGN = {
  name: 'eu.nginx.acme.test',
  target: 'nginx.mynamespace.myfederation.svc.europe-west1.example.com',
} as const

/**
 * NSD as everybody above and beside us: the root, `com` with the delegation of `example.com` and its glue, and `acme.test`, somebody
 * else's zone with an alias to a region's name of ours.
 */
export async function startParents({ folder, address, waypost }: ParentsOptions): Promise<Program> {
  const home = join(folder, 'nsd')
  mkdirSync(home, { recursive: true })
  const zones = zoneFiles(address, waypost)
  for (const [origin, text] of zones) writeFileSync(join(home, fileOf(origin)), text)
  writeFileSync(join(home, 'nsd.conf'), configuration(home, address, [...zones.keys()]))
  const program = startProgram({
    name: 'nsd',
    command: findComponent('nsd'),
    folder,
    args: ['-d', '-c', join(home, 'nsd.conf')],
  })
  await until(async () => {
    if (!program.isRunning) throw new Error(`nsd ended: ${program.log().slice(-1_000)}`)
    const told = await ask({ server: address, name: 'ns.acme.test', timeoutMs: 200 })
    return told.addresses.length === 1 ? true : undefined
  })
  return program
}

function zoneFiles(address: string, waypost: string): ReadonlyMap<string, string> {
  const soa = 'SOA ns. hostmaster. 1 3600 900 604800 5'
  return new Map([
    ['.', `$TTL 3600\n. ${soa}\n. NS ns.\nns. A ${address}\ncom. NS ns.\ntest. NS ns.\n`],
    [
      'com',
      `$TTL 3600\ncom. ${soa}\ncom. NS ns.\nexample.com. NS ns1.example.com.\nns1.example.com. A ${waypost}\n`,
    ],
    [
      'test',
      `$TTL 3600\ntest. ${soa}\ntest. NS ns.\nacme.test. NS ns.acme.test.\nns.acme.test. A ${address}\n`,
    ],
    [
      'acme.test',
      `$TTL 5\nacme.test. ${soa}\nacme.test. NS ns.acme.test.\nns.acme.test. A ${address}\n${FOREIGN.name}. CNAME ${FOREIGN.target}.\n`,
    ],
  ])
}

function fileOf(origin: string): string {
  return origin === '.' ? 'root.zone' : `${origin}.zone`
}

function configuration(home: string, address: string, origins: readonly string[]): string {
  const lines = [
    'server:',
    `  ip-address: ${address}`,
    '  port: 53',
    '  server-count: 1',
    '  username: ""',
    '  chroot: ""',
    '  database: ""',
    `  zonesdir: "${home}"`,
    `  pidfile: "${home}/nsd.pid"`,
    `  xfrdfile: "${home}/xfrd.state"`,
    `  zonelistfile: "${home}/zone.list"`,
    '  rrl-ratelimit: 0',
    'remote-control:',
    '  control-enable: no',
    ...origins.flatMap((origin) => ['zone:', `  name: "${origin}"`, `  zonefile: "${fileOf(origin)}"`]),
  ]
  return `${lines.join('\n')}\n`
}
