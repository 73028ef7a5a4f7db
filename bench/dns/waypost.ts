import { startProgram } from '../support/program.ts'
import { LeftOut, type Serving, type StartSubject } from './subject.ts'

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname
const ANYWHERE = '127.0.0.1:0'

export interface WaypostOptions {
  /** One worker each; as many as there are processors in `on`. */
  readonly workers: number
  /** As taskset writes them. */
  readonly on?: string
}

/** `waypost dns`, with one worker where nothing else is said. */
export function waypost(
  io: 'dgram' | 'batch',
  { workers, on }: WaypostOptions = { workers: 1 },
): StartSubject {
  return async (serving) => {
    const command = [...commandOf(io, serving), '--workers', String(workers)] as const
    const program = startProgram(`waypost dns --io ${io}`, command, on)
    try {
      const [, port, tlsPort] = await program.says(
        /^ready +DNS on 127\.0\.0\.1:(\d+)(?:, TLS on 127\.0\.0\.1:(\d+))?/m,
      )
      const warning = /^\{.*$/m.exec(program.log())?.[0]
      if (io === 'batch' && warning !== undefined) throw new LeftOut(warning) // it serves, but not that way
      return { program, port: Number(port), ...(tlsPort === undefined ? {} : { tlsPort: Number(tlsPort) }) }
    } catch (error) {
      await program.stop()
      throw error
    }
  }
}

function commandOf(io: 'dgram' | 'batch', { work, zone, tls }: Serving): readonly [string, ...string[]] {
  return [
    ...([process.execPath, MAIN, 'dns', '--zone', `${work.origin}=${zone}`, '--io', io] as const),
    ...['--listen', ANYWHERE, '--rate-limit', '0', '--log-level', 'warn'],
    ...(tls === undefined
      ? []
      : ['--tls-listen', ANYWHERE, '--tls-cert', tls.certificate, '--tls-key', tls.key]),
  ]
}
