import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findComponent } from '../../setup/components.ts'
import { documented } from '../documented.ts'
import { startProgram, until, type Program } from '../process.ts'
import { ask } from './ask.ts'

export interface CoreDnsOptions {
  readonly folder: string
  readonly address: string
  /** Our server. */
  readonly waypost: string
}

/** What the kubernetes plugin says of names that no Service has. */
const CLUSTER_LOCAL = `cluster.local:53 {
    template ANY ANY {
        rcode NXDOMAIN
        authority "cluster.local. 30 IN SOA ns.dns.cluster.local. hostmaster.cluster.local. 1 7200 1800 86400 30"
    }
}
`

/** CoreDNS with the server blocks of docs/coredns.md, and a stand-in for the cluster's own zone. */
export async function startCoreDns({ folder, address, waypost }: CoreDnsOptions): Promise<Program> {
  const corefile =
    `${documented('coredns.md', 'corefile').replaceAll('10.0.0.53', waypost)}\n${CLUSTER_LOCAL}`
      .split('\n')
      .flatMap((line) => (/^\S.*\{$/.test(line) ? [line, `    bind ${address}`] : [line]))
      .join('\n')
  const path = join(folder, 'Corefile')
  writeFileSync(path, corefile)
  const program = startProgram({
    name: 'coredns',
    command: findComponent('coredns'),
    folder,
    args: ['-conf', path],
  })
  await until(async () => {
    if (!program.isRunning) throw new Error(`coredns ended: ${program.log().slice(-1_000)}`)
    const told = await ask({ server: address, name: 'x.cluster.local', timeoutMs: 200 })
    return told.rcode === 'NXDOMAIN' ? true : undefined
  })
  return program
}
