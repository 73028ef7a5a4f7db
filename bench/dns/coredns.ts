import { spawnSync } from 'node:child_process'
import { readdirSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { findProgram, isExecutable } from '../support/commands.ts'
import { startProgram } from '../support/program.ts'
import { freePort } from './free-port.ts'
import { LeftOut, untilServing, type StartSubject } from './subject.ts'

/** CoreDNS with its plugin `file`, on one processor. */
export const coredns: StartSubject = async (serving) => {
  const path = findCoreDns(process.env)
  if (path === undefined)
    throw new LeftOut('coredns is not there: npm run e2e:setup, or WAYPOST_BENCH_COREDNS=PATH')
  const port = await freePort()
  const config = join(serving.files.folder, `Corefile-${serving.label}`)
  const lines = [`${serving.work.origin}:${port} {`, '  bind 127.0.0.1', `  file ${serving.zone}`, '}']
  writeFileSync(config, `${lines.join('\n')}\n`)
  const program = startProgram('coredns', ['env', 'GOMAXPROCS=1', path, '-conf', config])
  try {
    await untilServing(program, port, serving)
  } catch (error) {
    await program.stop()
    throw error
  }
  const version =
    /CoreDNS-(\S+)/.exec(spawnSync(path, ['-version'], { encoding: 'utf8' }).stdout)?.[1] ?? 'unknown'
  return { program, port, version }
}

/** `WAYPOST_BENCH_COREDNS`, else one built by `npm run e2e:setup` (the newest), else on PATH. */
function findCoreDns(env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  const named = env['WAYPOST_BENCH_COREDNS']
  if (named) return named
  const cache =
    env['WAYPOST_E2E_CACHE'] || join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'waypost', 'e2e')
  const folders = namesIn(cache).filter((name) => name.startsWith('coredns-'))
  const built = folders.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  return built.map((name) => join(cache, name, 'coredns')).find(isExecutable) ?? findProgram('coredns')
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
