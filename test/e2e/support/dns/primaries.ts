import { documented } from '../documented.ts'
import type { Program } from '../process.ts'
import { startEngine, type EngineName, type EngineOptions, type Place } from './engines.ts'

export interface PrimaryOptions extends EngineOptions {
  /** Who takes its zone. */
  readonly waypost: Place
  /** Without the final dot; its file is `<folder>/<name>/<zone>.zone`. */
  readonly zone: string
  /** Base64. */
  readonly secret: string
}

const LANGUAGES = { nsd: 'nsd-primary', knotd: 'knot-primary', named: 'bind-primary' } as const

/** NSD, Knot or BIND as the primary of one zone, configured as docs/secondary.md says; SIGHUP makes it read the zone again. */
export function startPrimary(name: EngineName, options: PrimaryOptions): Program {
  const { waypost, zone, secret } = options
  const text = documented('secondary.md', LANGUAGES[name])
    .replaceAll('SECRET', secret)
    .replaceAll('example.com', zone)
    .replace('notify: 192.0.2.2 ', `notify: ${waypost.host}@${waypost.port} `)
    .replace('provide-xfr: 192.0.2.2 ', 'provide-xfr: 0.0.0.0/0 ') // the test itself compares
    .replace('192.0.2.2@53', `${waypost.host}@${waypost.port}`)
    .replace('192.0.2.2 port 53', `${waypost.host} port ${waypost.port}`)
  return startEngine(name, options, [text])
}
