import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../support/commands.ts'
import { startProgram } from '../support/program.ts'
import { freePort } from './free-port.ts'
import { LeftOut, untilServing, type Serving, type StartSubject } from './subject.ts'

/** NSD with one server process. */
export const nsd: StartSubject = async (serving) => {
  const path = findProgram('nsd')
  if (path === undefined) throw new LeftOut('nsd is not installed')
  const home = join(serving.files.folder, `nsd-${serving.label}`)
  mkdirSync(home)
  const [port, tlsPort] = [await freePort(), await freePort()]
  const config = join(home, 'nsd.conf')
  writeFileSync(config, `${configuration(home, serving, { port, tlsPort }).join('\n')}\n`)
  const program = startProgram('nsd', [path, '-d', '-c', config])
  try {
    await untilServing(program, port, serving)
  } catch (error) {
    await program.stop()
    throw error
  }
  const version = /version (\S+)/.exec(spawnSync(path, ['-v'], { encoding: 'utf8' }).stderr)?.[1] ?? 'unknown'
  return { program, port, version, ...(serving.tls === undefined ? {} : { tlsPort }) }
}

interface Ports {
  readonly port: number
  readonly tlsPort: number
}

/** Nothing that costs it anything: no limits of rate, no control channel, answers as short as ours. */
function configuration(
  home: string,
  { work, zone, tls }: Serving,
  { port, tlsPort }: Ports,
): readonly string[] {
  const withTls =
    tls === undefined
      ? []
      : [
          `  ip-address: 127.0.0.1@${tlsPort}`,
          `  tls-port: ${tlsPort}`,
          `  tls-service-key: "${tls.key}"`,
          `  tls-service-pem: "${tls.certificate}"`,
        ]
  return [
    'server:',
    `  ip-address: 127.0.0.1@${port}`,
    ...withTls,
    '  server-count: 1',
    '  tcp-count: 150',
    '  username: ""',
    '  chroot: ""',
    '  database: ""',
    `  zonesdir: "${home}"`,
    `  pidfile: "${home}/nsd.pid"`,
    `  xfrdfile: "${home}/xfrd.state"`,
    `  xfrdir: "${home}"`,
    `  zonelistfile: "${home}/zone.list"`,
    '  rrl-ratelimit: 0',
    '  minimal-responses: yes',
    'remote-control:',
    '  control-enable: no',
    'zone:',
    `  name: "${work.origin}"`,
    `  zonefile: "${zone}"`,
  ]
}
