import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findComponent } from '../../setup/components.ts'
import { startProgram, until, type Program } from '../process.ts'
import { ask } from './ask.ts'

const MAIN = new URL('../../../../src/main.ts', import.meta.url).pathname

/** Master files, by origin without the final dot. */
export type Zones = ReadonlyMap<string, string>

export interface ServedZones {
  readonly folder: string
  readonly address: string
  readonly zones: Zones
}

/** Serve the same files with three programs, each on port 53 of its address. */
export const SERVERS: Readonly<
  Record<'waypost' | 'nsd' | 'knot', (served: ServedZones) => Promise<Program>>
> = {
  async waypost(served) {
    const home = write(served, 'waypost-zones')
    const program = startProgram({
      ...{ name: 'waypost-dns', command: process.execPath, folder: served.folder },
      args: [
        ...[MAIN, 'dns', '--listen', `${served.address}:53`],
        ...[...served.zones.keys()].flatMap((origin) => ['--zone', `${origin}=${join(home, origin)}`]),
      ],
    })
    return ready(program, served)
  },
  async nsd(served) {
    const home = write(served, 'nsd-zones')
    const lines = [
      ...[
        'server:',
        `  ip-address: ${served.address}`,
        '  port: 53',
        '  server-count: 1',
        '  username: ""',
        '  chroot: ""',
      ],
      ...[
        '  database: ""',
        `  zonesdir: "${home}"`,
        `  pidfile: "${home}/nsd.pid"`,
        `  xfrdfile: "${home}/xfrd.state"`,
      ],
      ...[
        `  zonelistfile: "${home}/zone.list"`,
        '  rrl-ratelimit: 0',
        '  minimal-responses: yes',
        '  hide-version: yes',
      ],
      ...['remote-control:', '  control-enable: no'],
      ...[...served.zones.keys()].flatMap((origin) => [
        'zone:',
        `  name: "${origin}"`,
        `  zonefile: "${origin}"`,
      ]),
    ]
    writeFileSync(join(home, 'nsd.conf'), `${lines.join('\n')}\n`)
    const program = startProgram({
      ...{ name: 'nsd-zones', command: findComponent('nsd'), folder: served.folder },
      args: ['-d', '-c', join(home, 'nsd.conf')],
    })
    return ready(program, served)
  },
  async knot(served) {
    const home = write(served, 'knot-zones')
    mkdirSync(join(home, 'db'))
    const lines = [
      ...[
        'server:',
        `  rundir: "${home}"`,
        `  listen: ${served.address}@53`,
        '  udp-workers: 1',
        '  tcp-workers: 1',
        '  background-workers: 1',
      ],
      ...['database:', `  storage: "${home}/db"`, 'log:', '  - target: stdout', '    any: info'],
      ...[
        'template:',
        '  - id: default',
        `    storage: "${home}"`,
        '    semantic-checks: off',
        '    zonefile-sync: -1',
      ],
      'zone:',
      ...[...served.zones.keys()].flatMap((origin) => [`  - domain: ${origin}`, `    file: "${origin}"`]),
    ]
    writeFileSync(join(home, 'knot.conf'), `${lines.join('\n')}\n`)
    const program = startProgram({
      ...{ name: 'knot-zones', command: findComponent('knotd'), folder: served.folder },
      args: ['-c', join(home, 'knot.conf')],
    })
    return ready(program, served)
  },
}

function write({ folder, zones }: ServedZones, name: string): string {
  const home = join(folder, name)
  mkdirSync(home, { recursive: true })
  for (const [origin, text] of zones) writeFileSync(join(home, origin), text)
  return home
}

async function ready(program: Program, { address, zones }: ServedZones): Promise<Program> {
  for (const origin of zones.keys()) {
    await until(async () => {
      if (!program.isRunning) throw new Error(`${program.name} ended: ${program.log().slice(-2_000)}`)
      const { rcode } = await ask({ server: address, name: origin, timeoutMs: 500 })
      if (rcode !== 'NOERROR') throw new Error(`${program.name} says ${rcode} of ${origin}`)
      return true
    })
  }
  return program
}
