import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { readableFile, readablePath, readCookieSecrets } from './files.ts'
import type { OptionValues } from './options.ts'
import { readOptions } from './read-options.ts'
import type { Given } from './read-options.ts'
import { UsageError } from './usage-error.ts'
import type { Listen } from './values.ts'

type Replaced<T, R> = Readonly<Omit<T, keyof R> & R>

/** All that `waypost sandbox` needs to know. `topology` and `manifests` are paths that can be read. */
export type SandboxConfig = OptionValues<'sandbox'>

/** All that `waypost controller` needs to know. */
export type ControllerConfig = Replaced<
  OptionValues<'controller'>,
  {
    /** Files to merge, the first wins, as kubectl does; empty: the service account of the pod. Each can be read. */
    readonly kubeconfig: readonly string[]
    /** Where a pod finds its API server; both empty outside of a cluster. */
    readonly pod: { readonly host: string; readonly port: string }
    readonly httpListen: Listen
    readonly cookieSecrets: readonly Uint8Array[] | undefined
  }
>

/** All that `waypost dns` needs to know. Files can be read; there is a world or a zone of either kind. */
export type DnsConfig = Replaced<
  OptionValues<'dns'>,
  { readonly cookieSecrets: readonly Uint8Array[] | undefined }
>

export type VersionConfig = OptionValues<'version'>

/** The configuration of each command. */
export interface Configs {
  readonly sandbox: SandboxConfig
  readonly controller: ControllerConfig
  readonly dns: DnsConfig
  readonly version: VersionConfig
}

/**
 * The configuration of a command: complete and frozen. Flags win over the environment, that over defaults.
 * @throws UsageError for the first value that cannot be used
 */
export function readConfig<C extends keyof Configs>(command: C, given: Given): Configs[C] {
  const config: Configs[C] = READERS[command](given)
  Object.freeze(config)
  return config
}

const READERS: { readonly [C in keyof Configs]: (given: Given) => Configs[C] } = {
  sandbox(given) {
    const options = readOptions('sandbox', given)
    if (options.topology !== undefined) readableFile('--topology', options.topology)
    for (const path of options.manifests) readablePath('--manifests', path)
    return { ...options, ...keyFilesOf(options) }
  },
  controller(given) {
    const options = readOptions('controller', given)
    const { KUBERNETES_SERVICE_HOST: host = '', KUBERNETES_SERVICE_PORT: port = '' } = given.env
    const kubeconfig = kubeconfigFiles(given, options.kubeconfig)
    if (kubeconfig.length === 0 && host === '')
      throw new UsageError(
        '--kubeconfig',
        'is missing, and this is no pod: name the kubeconfig of the host cluster',
      )
    const httpListen = options.httpListen as Listen // the option has a default for this command
    return {
      ...{ ...options, ...secretsOf(options), ...certificateOf(options), ...keyFilesOf(options) },
      ...{ kubeconfig, httpListen, pod: { host, port } },
    }
  },
  dns(given) {
    const options = readOptions('dns', given)
    if (options.world === undefined && options.zone.length + options.secondary.length === 0)
      throw new UsageError(
        '--zone',
        'is missing: name a zone and its file, a zone of another primary with --secondary, or a world with --world',
      )
    const zone = options.zone.map(({ origin, file }) => ({ origin, file: readableFile('--zone', file) }))
    const read = {
      ...options,
      ...secretsOf(options),
      ...certificateOf(options),
      ...keyFilesOf(options),
      zone,
    }
    return options.world === undefined ? read : { ...read, world: readableFile('--world', options.world) }
  },
  version(given) {
    return readOptions('version', given)
  },
}

function secretsOf({ cookieSecrets: file }: { readonly cookieSecrets: string | undefined }): {
  readonly cookieSecrets: readonly Uint8Array[] | undefined
} {
  return { cookieSecrets: file === undefined ? undefined : readCookieSecrets('--cookie-secrets', file) }
}

/** Key files can be read. */
function keyFilesOf({
  tsigKeys,
}: Pick<OptionValues<'dns'>, 'tsigKeys'>): Pick<OptionValues<'dns'>, 'tsigKeys'> {
  return { tsigKeys: tsigKeys.map((file) => readableFile('--tsig-keys', file)) }
}

type CertificateOptions = Pick<OptionValues<'dns'>, 'tlsCert' | 'tlsKey' | 'tlsListen' | 'httpsListen'>

/** Certificate and key, both or none; what encrypts needs them. */
function certificateOf(options: CertificateOptions): Pick<CertificateOptions, 'tlsCert' | 'tlsKey'> {
  const { tlsCert, tlsKey, tlsListen, httpsListen } = options
  if (tlsCert === undefined && tlsKey === undefined) {
    if (tlsListen.length > 0 || httpsListen.length > 0)
      throw new UsageError('--tls-cert', 'is missing: --tls-listen and --https-listen need a certificate')
    return { tlsCert, tlsKey }
  }
  if (tlsCert === undefined) throw new UsageError('--tls-cert', 'is missing: --tls-key alone is of no use')
  if (tlsKey === undefined) throw new UsageError('--tls-key', 'is missing: --tls-cert needs its key')
  return { tlsCert: readableFile('--tls-cert', tlsCert), tlsKey: readableFile('--tls-key', tlsKey) }
}

function kubeconfigFiles(given: Given, value: string | undefined): readonly string[] {
  if (value === undefined) {
    const usual = join(given.env['HOME'] ?? '', '.kube', 'config')
    return existsSync(usual) ? [usual] : []
  }
  // as kubectl: the flag names one file, the variable may name several, of which those that do not exist are passed over
  if (given.flags['kubeconfig'] !== undefined) return [readableFile('--kubeconfig', value)]
  const existing = value.split(delimiter).filter((file) => file !== '' && existsSync(file))
  if (existing.length === 0)
    throw new UsageError('KUBECONFIG', `${value} does not exist: name a kubeconfig that does`)
  return existing.map((file) => readableFile('KUBECONFIG', file))
}
