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
export function startExternalDns({ provider, policy, ...options }: ExternalDnsOptions): Promise<Program> {
  const args = documentedArgs('externaldns.md', { ...options, key: provider.key })
  return start(
    options,
    args.map((line) => (line.startsWith('--policy=') ? `--policy=${policy}` : line)),
  )
}

/** ExternalDNS with the arguments of docs/updates.md, which writes into Waypost. */
export function startExternalDnsInto(
  options: Omit<ExternalDnsOptions, 'provider' | 'policy'> & { readonly key: WriterKey },
): Promise<Program> {
  return start(options, documentedArgs('updates.md', options))
}

/** What updates are signed with: hmac-sha256. */
interface WriterKey {
  readonly name: string
  readonly secret: string
}

type Written = Pick<ExternalDnsOptions, 'name' | 'address' | 'zone'> & { readonly key: WriterKey }

function documentedArgs(page: string, { name, address, zone, key }: Written): readonly string[] {
  const values: Readonly<Record<string, string>> = {
    DNS_SERVER: address,
    'example.com': zone,
    TSIG_NAME: key.name,
    TSIG_SECRET: key.secret,
    OWNER_ID: name.replace(/-again$/, ''),
  }
  return documented(page, 'args')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('--'))
    .map((line) =>
      Object.entries(values).reduce(
        (text, [placeholder, value]) => text.replaceAll(placeholder, value),
        line,
      ),
    )
}

async function start(
  { name, folder, kubeconfig, namespace, once = false }: Omit<ExternalDnsOptions, 'provider' | 'policy'>,
  args: readonly string[],
): Promise<Program> {
  return startProgram({
    ...{ name, folder, command: findComponent('external-dns') },
    args: [
      ...args.filter((line) => !(once && line === '--events')),
      ...[
        `--namespace=${namespace}`,
        `--kubeconfig=${kubeconfig}`,
        `--metrics-address=127.0.0.1:${await freePort()}`,
      ],
      ...(once ? ['--once'] : []),
    ],
  })
}
