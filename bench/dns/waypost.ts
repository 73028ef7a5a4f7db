import { spawnSync } from 'node:child_process'
import { startProgram } from '../support/program.ts'
import { LeftOut, type StartSubject } from './subject.ts'

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname

/** `waypost dns` with one worker. */
export function waypost(io: 'dgram' | 'batch'): StartSubject {
  return async ({ work, zone }) => {
    const program = startProgram(`waypost dns --io ${io}`, [
      ...([process.execPath, MAIN, 'dns', '--zone', `${work.origin}=${zone}`, '--io', io] as const),
      ...['--listen', '127.0.0.1:0', '--workers', '1', '--rate-limit', '0', '--log-level', 'warn'],
    ])
    try {
      const [, port] = await program.says(/^ready .*127\.0\.0\.1:(\d+)/m)
      const doubts = program.log().match(/^\{.*batch.*$/m) // it serves, but not that way
      if (io === 'batch' && doubts !== null) throw new LeftOut(doubts[0])
      return { program, port: Number(port) }
    } catch (error) {
      await program.stop()
      throw io === 'batch' && !(error instanceof LeftOut) ? new LeftOut(firstLine(error)) : error
    }
  }
}

let help: string | undefined

/** True when `waypost dns` knows the option. */
export function offers(option: `--${string}`): boolean {
  help ??= spawnSync(process.execPath, [MAIN, 'dns', '--help'], { encoding: 'utf8' }).stdout
  return help.includes(option)
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!
}
