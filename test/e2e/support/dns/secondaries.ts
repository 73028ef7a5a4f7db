import { documented } from '../documented.ts'
import type { Program } from '../process.ts'
import { startEngine, type EngineName, type EngineOptions, type Place } from './engines.ts'
import { tool } from './signed-zones.ts'

export interface SecondaryOptions extends EngineOptions {
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

const LANGUAGES = { nsd: 'nsd', knotd: 'knot', named: 'bind' } as const

/** NSD, Knot or BIND, configured as docs/secondaries.md says. BIND answers only at addresses that an interface has. */
export function startSecondary(name: EngineName, options: SecondaryOptions): Program {
  return startEngine(name, options, configured(LANGUAGES[name], options))
}

/** What is documented, with the addresses, zones and secret of a test: its last part, the zone, once for each. */
function configured(language: 'nsd' | 'knot' | 'bind', options: SecondaryOptions): readonly string[] {
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
  return [head, ...zones.map(forZone)]
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
