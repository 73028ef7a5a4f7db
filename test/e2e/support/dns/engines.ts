import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findComponent } from '../../setup/components.ts'
import { startProgram, type Program } from '../process.ts'

/** Address and port. */
export interface Place {
  readonly host: string
  readonly port: number
}

interface Engine {
  /** What its configuration begins with: where it answers, and its files in `home` alone. */
  readonly head: (home: string, at: Place) => readonly string[]
  readonly args: (file: string) => readonly string[]
}

/** Other DNS servers, each in a folder of its own and without control sockets. */
const ENGINES = {
  nsd: {
    head: (home, { host, port }) => [
      ...['server:', `  ip-address: ${host}`, `  port: ${port}`, '  server-count: 1'],
      ...['  username: ""', '  chroot: ""', '  database: ""', `  zonesdir: "${home}"`, `  xfrdir: "${home}"`],
      ...[`  pidfile: "${home}/nsd.pid"`, `  xfrdfile: "${home}/xfrd.state"`],
      ...[`  zonelistfile: "${home}/zone.list"`, '  verbosity: 2', 'remote-control:', '  control-enable: no'],
    ],
    args: (file) => ['-d', '-c', file],
  },
  knotd: {
    head: (home, { host, port }) => [
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
    ],
    args: (file) => ['-c', file],
  },
  named: {
    head: (home, { host, port }) => [
      `options { directory "${home}"; listen-on port ${port} { ${host}; }; listen-on-v6 { none; };`,
      '  pid-file none; session-keyfile none; recursion no; dnssec-validation no; };',
      'controls {};',
    ],
    args: (file) => ['-g', '-n', '1', '-c', file],
  },
} as const satisfies Readonly<Record<string, Engine>>
export type EngineName = keyof typeof ENGINES

export interface EngineOptions {
  readonly folder: string
  /** Where it answers. */
  readonly at: Place
}

/** Where an engine has its files. */
export function homeOf({ folder }: Pick<EngineOptions, 'folder'>, name: EngineName): string {
  const home = join(folder, name)
  mkdirSync(join(home, 'db'), { recursive: true })
  return home
}

/** Start one with these lines behind what its configuration begins with. */
export function startEngine(name: EngineName, options: EngineOptions, lines: readonly string[]): Program {
  const { folder, at } = options
  const home = homeOf(options, name)
  const { head, args } = ENGINES[name]
  const file = join(home, `${name}.conf`)
  writeFileSync(file, [...head(home, at), ...lines, ''].join('\n'))
  return startProgram({ name, command: findComponent(name), folder, args: args(file) })
}
