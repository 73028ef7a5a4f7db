import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../support/commands.ts'
import { startProgram } from '../support/program.ts'
import { freePort } from './free-port.ts'
import { LeftOut, untilServing, type Serving, type StartSubject } from './subject.ts'

/** Knot with one worker for UDP. */
export const knot: StartSubject = async (serving) => {
  const path = findProgram('knotd')
  if (path === undefined) throw new LeftOut('knotd is not installed')
  const home = join(serving.files.folder, `knot-${serving.label}`)
  mkdirSync(join(home, 'db'), { recursive: true })
  const port = await freePort()
  const config = join(home, 'knot.conf')
  writeFileSync(config, `${configuration(home, serving, port).join('\n')}\n`)
  const program = startProgram('knotd', [path, '-c', config])
  try {
    await untilServing(program, port, serving)
  } catch (error) {
    await program.stop()
    throw error
  }
  const version = /version (\S+)/.exec(spawnSync(path, ['-V'], { encoding: 'utf8' }).stdout)?.[1] ?? 'unknown'
  return { program, port, version }
}

/** Limits of rate are a module, which is not loaded. */
function configuration(home: string, { work, zone }: Serving, port: number): readonly string[] {
  return [
    'server:',
    `  rundir: "${home}"`,
    `  listen: 127.0.0.1@${port}`,
    '  udp-workers: 1',
    '  tcp-workers: 1',
    '  background-workers: 1',
    'database:',
    `  storage: "${home}/db"`,
    'log:',
    '  - target: stdout',
    '    any: warning',
    'template:',
    '  - id: default',
    `    storage: "${home}"`,
    '    semantic-checks: off',
    '    zonefile-sync: -1',
    '    journal-content: none',
    'zone:',
    `  - domain: ${work.origin}`,
    `    file: "${zone}"`,
  ]
}
