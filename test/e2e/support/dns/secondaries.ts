import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findComponent } from '../../setup/components.ts'
import { documented } from '../documented.ts'
import { startProgram, type Program } from '../process.ts'
import { tool } from './signed-zones.ts'

/** Address and port. */
export interface Place {
  readonly host: string
  readonly port: number
}

export interface SecondaryOptions {
  readonly folder: string
  /** Where it answers. */
  readonly at: Place
  readonly primary: Place
  /** Without the final dot. */
  readonly zones: readonly string[]
  /** Base64. */
  readonly secret: string
  /** Of the key, where it is not `xfr`; Knot's only. */
  readonly keyName?: string
  /** Lines added to each zone, as its server writes them. */
  readonly extra?: readonly string[]
}

/** NSD, Knot and BIND, configured as docs/secondaries.md says. BIND answers only at addresses that an interface has. */
export const SECONDARIES = {
  nsd(options: SecondaryOptions): Program {
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
    return start(options, {
      name: 'nsd',
      home,
      text: configured('nsd', options, own),
      args: (file) => ['-d', '-c', file],
    })
  },
  knotd(options: SecondaryOptions): Program {
    const home = homeOf(options, 'knotd')
    const own = [
      ...[
        'server:',
        `  rundir: "${home}"`,
        `  listen: ${options.at.host}@${options.at.port}`,
        '  udp-workers: 1',
        '  tcp-workers: 1',
      ],
      ...[
        '  background-workers: 1',
        'database:',
        `  storage: "${home}/db"`,
        'log:',
        '  - target: stdout',
        '    any: info',
      ],
      ...['template:', '  - id: default', `    storage: "${home}"`],
    ]
    mkdirSync(join(home, 'db'), { recursive: true })
    return start(options, {
      name: 'knotd',
      home,
      text: configured('knot', options, own),
      args: (file) => ['-c', file],
    })
  },
  named(options: SecondaryOptions): Program {
    const home = homeOf(options, 'named')
    const own = [
      `options { directory "${home}"; listen-on port ${options.at.port} { ${options.at.host}; }; listen-on-v6 { none; };`,
      '  pid-file none; session-keyfile none; recursion no; dnssec-validation no; };',
      'controls {};',
    ]
    return start(options, {
      name: 'named',
      home,
      text: configured('bind', options, own),
      args: (file) => ['-g', '-n', '1', '-c', file],
    })
  },
} as const
export type SecondaryName = keyof typeof SECONDARIES

function homeOf({ folder }: SecondaryOptions, name: string): string {
  const home = join(folder, name)
  mkdirSync(home, { recursive: true })
  return home
}

function start(
  { folder }: SecondaryOptions,
  {
    name,
    home,
    text,
    args,
  }: { name: SecondaryName; home: string; text: string; args: (file: string) => readonly string[] },
): Program {
  const file = join(home, `${name}.conf`)
  writeFileSync(file, text)
  return startProgram({ name, command: findComponent(name), folder, args: args(file) })
}

/** What is documented, with the addresses, zones and secret of a test: its last part, the zone, once for each. */
function configured(
  language: 'nsd' | 'knot' | 'bind',
  options: SecondaryOptions,
  own: readonly string[],
): string {
  const { primary, secret, zones, keyName = 'xfr', extra = [] } = options
  const text = documented('secondaries.md', language)
    .replaceAll('SECRET', secret)
    .replaceAll(/\b(id|key): xfr$/gm, `$1: ${keyName}`)
    .replace('request-xfr: 192.0.2.1', `request-xfr: ${primary.host}@${primary.port}`)
    .replace('192.0.2.1@53', `${primary.host}@${primary.port}`)
    .replace('192.0.2.1 port 53', `${primary.host} port ${primary.port}`)
    .replaceAll('192.0.2.1', primary.host)
  const [head = '', zone = ''] = text.split(/\n(?=zone[: ])/)
  const forZone = (origin: string): string => {
    const lines = zone.trimEnd().replaceAll('example.com', origin).split('\n')
    const end = lines.at(-1) === '};' ? lines.splice(-1) : []
    return [...lines, ...extra, ...end].join('\n')
  }
  return [...own, head, ...zones.map(forZone), ''].join('\n')
}

/** A zone as a server gives it, `name ttl IN type rdata`, sorted. @throws when it does not */
export function zoneAt(server: Place, zone: string, keyFile: string): readonly string[] {
  const args = [
    `@${server.host}`,
    '-p',
    String(server.port),
    zone,
    'AXFR',
    '-k',
    keyFile,
    '+onesoa',
    '+nocmd',
    '+nostats',
  ]
  const lines = tool('dig', args, '/')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(';') && !/\sTSIG\s/.test(line))
    .map((line) => line.replace(/\s+/g, ' '))
  if (lines.length === 0) throw new Error(`${server.host} gives no ${zone}`)
  return lines.sort()
}

/** The serial that a server answers with; undefined: none yet. */
export function serialAt(server: Place, zone: string): number | undefined {
  const args = [
    `@${server.host}`,
    '-p',
    String(server.port),
    zone,
    'SOA',
    '+short',
    '+tries=1',
    '+time=1',
    '+norecurse',
  ]
  const serial = tool('dig', args, '/').split(' ')[2]
  return serial === undefined ? undefined : Number(serial)
}
