import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findComponent } from '../../setup/components.ts'
import { documented } from '../documented.ts'
import { startProgram, type Program } from '../process.ts'
import type { Place } from './secondaries.ts'

export interface PrimaryOptions {
  readonly folder: string
  /** Where it answers. */
  readonly at: Place
  /** Who takes its zone. */
  readonly waypost: Place
  /** Without the final dot; its file is `<folder>/<name>/<zone>.zone`. */
  readonly zone: string
  /** Base64. */
  readonly secret: string
}

/** NSD, Knot and BIND as primaries of one zone, configured as docs/secondary.md says; SIGHUP makes them read it again. */
export const PRIMARIES = {
  nsd(options: PrimaryOptions): Program {
    const home = homeOf(options, 'nsd')
    const own = [
      ...['server:', `  ip-address: ${options.at.host}`, `  port: ${options.at.port}`, '  server-count: 1'],
      ...['  username: ""', '  chroot: ""', '  database: ""', `  zonesdir: "${home}"`, `  xfrdir: "${home}"`],
      ...[
        `  pidfile: "${home}/nsd.pid"`,
        `  xfrdfile: "${home}/xfrd.state"`,
        `  zonelistfile: "${home}/zone.list"`,
      ],
      ...['  verbosity: 2', 'remote-control:', '  control-enable: no'],
    ]
    return start(options, { name: 'nsd', own, args: (file) => ['-d', '-c', file] })
  },
  knotd(options: PrimaryOptions): Program {
    const home = homeOf(options, 'knotd')
    const { host, port } = options.at
    const own = [
      ...[
        'server:',
        `  rundir: "${home}"`,
        `  listen: ${host}@${port}`,
        '  udp-workers: 1',
        '  tcp-workers: 1',
      ],
      ...['  background-workers: 1', 'database:', `  storage: "${home}/db"`],
      ...['log:', '  - target: stdout', '    any: info'],
      ...['template:', '  - id: default', `    storage: "${home}"`],
    ]
    mkdirSync(join(home, 'db'), { recursive: true })
    return start(options, { name: 'knotd', own, args: (file) => ['-c', file] })
  },
  named(options: PrimaryOptions): Program {
    const home = homeOf(options, 'named')
    const own = [
      `options { directory "${home}"; listen-on port ${options.at.port} { ${options.at.host}; }; listen-on-v6 { none; };`,
      '  pid-file none; session-keyfile none; recursion no; dnssec-validation no; };',
      'controls {};',
    ]
    return start(options, { name: 'named', own, args: (file) => ['-g', '-n', '1', '-c', file] })
  },
} as const
export type PrimaryName = keyof typeof PRIMARIES

const LANGUAGES = { nsd: 'nsd-primary', knotd: 'knot-primary', named: 'bind-primary' } as const

/** Where a primary has its files. */
export function homeOf({ folder }: Pick<PrimaryOptions, 'folder'>, name: PrimaryName): string {
  const home = join(folder, name)
  mkdirSync(home, { recursive: true })
  return home
}

function start(
  options: PrimaryOptions,
  {
    name,
    own,
    args,
  }: { name: PrimaryName; own: readonly string[]; args: (file: string) => readonly string[] },
): Program {
  const { folder, waypost, zone, secret } = options
  const text = documented('secondary.md', LANGUAGES[name])
    .replaceAll('SECRET', secret)
    .replaceAll('example.com', zone)
    .replace('notify: 192.0.2.2 ', `notify: ${waypost.host}@${waypost.port} `)
    .replace('provide-xfr: 192.0.2.2 ', 'provide-xfr: 0.0.0.0/0 ') // the test itself compares
    .replace('192.0.2.2@53', `${waypost.host}@${waypost.port}`)
    .replace('192.0.2.2 port 53', `${waypost.host} port ${waypost.port}`)
  const file = join(homeOf(options, name), `${name}.conf`)
  writeFileSync(file, [...own, text, ''].join('\n'))
  return startProgram({ name, command: findComponent(name), folder, args: args(file) })
}
