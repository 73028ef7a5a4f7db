import { findComponent } from '../../setup/components.ts'
import { documented } from '../documented.ts'
import { freePort } from '../ports.ts'
import { startProgram, type Program } from '../process.ts'
import type { Provider } from './knot.ts'

export interface ExternalDnsOptions {
  /** Names the log, and what it owns in the zone. */
  readonly name: string
  readonly folder: string
  readonly kubeconfig: string
  readonly provider: Provider
  readonly address: string
  readonly zone: string
  /** Whose DNSEndpoints it reads: two that read the same ones take each other's events away. */
  readonly namespace: string
  readonly policy: 'sync' | 'upsert-only'
  /** Look once and end; else it goes on, by events. */
  readonly once?: boolean
}

/** ExternalDNS with the arguments of docs/externaldns.md, written into a server of ours. */
export async function startExternalDns(options: ExternalDnsOptions): Promise<Program> {
  const { name, folder, kubeconfig, provider, address, zone, namespace, policy, once = false } = options
  const values: Readonly<Record<string, string>> = {
    DNS_SERVER: address,
    'example.com': zone,
    TSIG_NAME: provider.key.name,
    TSIG_SECRET: provider.key.secret,
    OWNER_ID: name.replace(/-again$/, ''),
  }
  const args = documented('externaldns.md', 'args')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('--'))
    .map((line) =>
      Object.entries(values).reduce(
        (text, [placeholder, value]) => text.replaceAll(placeholder, value),
        line,
      ),
    )
    .map((line) => (line.startsWith('--policy=') ? `--policy=${policy}` : line))
    .filter((line) => !(once && line === '--events'))
  return startProgram({
    ...{ name, folder, command: findComponent('external-dns') },
    args: [
      ...args,
      ...[
        `--namespace=${namespace}`,
        `--kubeconfig=${kubeconfig}`,
        `--metrics-address=127.0.0.1:${await freePort()}`,
      ],
      ...(once ? ['--once'] : []),
    ],
  })
}
