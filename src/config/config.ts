import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { readDocument, readDocuments, reasonOf } from './files.ts'
import type { SourceDocument } from './files.ts'
import { readOptions } from './read-options.ts'
import type { Given } from './read-options.ts'
import type { OptionValues } from './options.ts'
import { UsageError } from './usage-error.ts'

type Replaced<T, R> = Readonly<Omit<T, keyof R> & R>

/** All that `waypost sandbox` needs to know: options, and the contents of the files they name. */
export type SandboxConfig = Replaced<
  OptionValues<'sandbox'>,
  { readonly topology: SourceDocument | undefined; readonly manifests: readonly SourceDocument[] }
>

/** All that `waypost controller` needs to know. */
export type ControllerConfig = Replaced<
  OptionValues<'controller'>,
  {
    /** Files to merge, the first wins, as kubectl does; empty: the service account of the pod. Each can be read. */
    readonly kubeconfig: readonly string[]
  }
>

/** All that `waypost dns` needs to know. */
export type DnsConfig = Replaced<OptionValues<'dns'>, { readonly world: SourceDocument }>

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
export async function readConfig<C extends keyof Configs>(command: C, given: Given): Promise<Configs[C]> {
  const config: unknown = await READERS[command](given)
  return Object.freeze(config) as Configs[C] // READERS has one entry of the right type for each command
}

const READERS: { readonly [C in keyof Configs]: (given: Given) => Promise<Configs[C]> } = {
  async sandbox(given) {
    const options = readOptions('sandbox', given)
    return {
      ...options,
      topology:
        options.topology === undefined ? undefined : await readDocument('--topology', options.topology),
      manifests: await readDocuments('--manifests', options.manifests),
    }
  },
  async controller(given) {
    const options = readOptions('controller', given)
    return { ...options, kubeconfig: kubeconfigFiles(given, options.kubeconfig) }
  },
  async dns(given) {
    const options = readOptions('dns', given)
    if (options.world === undefined)
      throw new UsageError('--world', 'is missing: name the file to answer from')
    return { ...options, world: await readDocument('--world', options.world) }
  },
  async version(given) {
    return readOptions('version', given)
  },
}

function kubeconfigFiles(given: Given, value: string | undefined): readonly string[] {
  if (value === undefined) {
    const usual = join(given.env['HOME'] ?? '', '.kube', 'config')
    return existsSync(usual) ? [usual] : []
  }
  // as kubectl: the flag names one file, the variable may name several, of which those that do not exist are passed over
  if (given.flags['kubeconfig'] !== undefined) return [readable('--kubeconfig', value)]
  const files = value.split(delimiter).filter((file) => file !== '')
  const existing = files.filter((file) => existsSync(file))
  if (existing.length === 0)
    throw new UsageError('KUBECONFIG', `${value} does not exist: name a kubeconfig that does`)
  return existing.map((file) => readable('KUBECONFIG', file))
}

function readable(where: string, file: string): string {
  try {
    accessSync(file, constants.R_OK)
    return file
  } catch (error) {
    throw new UsageError(
      where,
      `${file} cannot be read (${reasonOf(error)}): give a kubeconfig that can`,
      error,
    )
  }
}
