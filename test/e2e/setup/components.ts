import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import { builtFolder } from './cache.ts'
import { KUBERNETES, PINS, kubernetesRelease } from './pins.ts'
import type { Pin } from './pins.ts'

/** Programs that users run and that the suite runs against. */
export type ComponentName =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kubectl'
  | 'external-dns'
  | 'coredns'
  | 'nsd'
  | 'unbound'
  | 'knotd'
  | 'named'
  | 'dig'
  | 'kdig'
  | 'delv'
  | 'nsupdate'
  | 'dnstap-read'
  | 'dnssec-keygen'
  | 'tsig-keygen'
  | 'dnssec-settime'
  | 'dnssec-dsfromkey'
  | 'dnssec-cds'

/** Built by us from its pinned module. */
export interface BuiltComponent {
  readonly kind: 'built'
  /** Name of its pin in PINS, or the release of Kubernetes that the environment names. */
  readonly pin: keyof typeof PINS | 'kubernetes'
  /** Go package of its `main`. */
  readonly package: string
  /** Arguments that make it say its version, and end. */
  readonly versionArgs: readonly string[]
  /** In what it says: the version is the first group. */
  readonly versionPattern: RegExp
}

/** Of the distribution. */
export interface PackagedComponent {
  readonly kind: 'packaged'
  /** Debian's name of the package with it. */
  readonly package: string
}

const KUBERNETES_VERSION = /^Kubernetes v(\S+)$/m

/** Every component: where it comes from, and how it says its version. */
export const COMPONENTS: Readonly<Record<ComponentName, BuiltComponent | PackagedComponent>> = {
  etcd: {
    ...{ kind: 'built', pin: 'etcd', package: 'go.etcd.io/etcd/server/v3' },
    ...{ versionArgs: ['--version'], versionPattern: /^etcd Version: (\S+)$/m },
  },
  'kube-apiserver': {
    ...{ kind: 'built', pin: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kube-apiserver' },
    ...{ versionArgs: ['--version'], versionPattern: KUBERNETES_VERSION },
  },
  'kube-controller-manager': {
    ...{ kind: 'built', pin: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kube-controller-manager' },
    ...{ versionArgs: ['--version'], versionPattern: KUBERNETES_VERSION },
  },
  kubectl: {
    ...{ kind: 'built', pin: 'kubernetes', package: 'k8s.io/kubernetes/cmd/kubectl' },
    ...{ versionArgs: ['version', '--client'], versionPattern: /^Client Version: v(\S+)$/m },
  },
  'external-dns': {
    ...{ kind: 'built', pin: 'external-dns', package: 'sigs.k8s.io/external-dns' },
    ...{ versionArgs: ['--version'], versionPattern: /^v(\S+)$/m },
  },
  coredns: {
    ...{ kind: 'built', pin: 'coredns', package: 'github.com/coredns/coredns' },
    ...{ versionArgs: ['-version'], versionPattern: /^CoreDNS-(\S+)$/m },
  },
  nsd: { kind: 'packaged', package: 'nsd' },
  unbound: { kind: 'packaged', package: 'unbound' },
  knotd: { kind: 'packaged', package: 'knot' },
  named: { kind: 'packaged', package: 'bind9' },
  dig: { kind: 'packaged', package: 'dnsutils' },
  kdig: { kind: 'packaged', package: 'knot-dnsutils' },
  delv: { kind: 'packaged', package: 'dnsutils' },
  nsupdate: { kind: 'packaged', package: 'dnsutils' },
  'dnstap-read': { kind: 'packaged', package: 'dnsutils' },
  'dnssec-keygen': { kind: 'packaged', package: 'bind9' },
  'tsig-keygen': { kind: 'packaged', package: 'bind9' },
  'dnssec-settime': { kind: 'packaged', package: 'bind9' },
  'dnssec-dsfromkey': { kind: 'packaged', package: 'bind9' },
  'dnssec-cds': { kind: 'packaged', package: 'bind9' },
}

/** Where one was found. */
export interface Found {
  readonly path: string
  readonly from: 'WAYPOST_E2E_BIN' | 'KUBEBUILDER_ASSETS' | 'cache' | 'system'
}

/** The pin that this component is built from, under the release of Kubernetes that the environment names. */
export function pinOf(component: BuiltComponent, env: Readonly<NodeJS.ProcessEnv>): Pin {
  return component.pin === 'kubernetes' ? KUBERNETES[kubernetesRelease(env)] : PINS[component.pin]
}

/** Look for one where {@link findComponent} looks. @returns undefined: nowhere */
export function lookForComponent(name: ComponentName, env: Readonly<NodeJS.ProcessEnv>): Found | undefined {
  for (const [from, folder] of foldersFor(name, env)) {
    const path = resolve(folder, name)
    if (isProgram(path)) return { path, from }
  }
  return undefined
}

/**
 * Absolute path of a component: in the folder `WAYPOST_E2E_BIN`, else `KUBEBUILDER_ASSETS`, else the cache of built ones;
 * those of the distribution on PATH and in the system's folders instead of the cache.
 * @throws Error saying what to install
 */
export function findComponent(name: ComponentName, env: Readonly<NodeJS.ProcessEnv> = process.env): string {
  const found = lookForComponent(name, env)
  if (found === undefined) throw new Error(`${name} is missing: ${howToGet(name)}`)
  return found.path
}

/** The command that brings a component. */
export function howToGet(name: ComponentName): string {
  const component = COMPONENTS[name]
  return component.kind === 'built' ? 'npm run e2e:setup' : `apt-get install ${component.package}`
}

/** Look for a program on PATH and in the system's folders, which are not on every user's PATH. */
export function lookForProgram(name: string, env: Readonly<NodeJS.ProcessEnv>): string | undefined {
  return systemFolders(env)
    .map((folder) => resolve(folder, name))
    .find(isProgram)
}

function foldersFor(name: ComponentName, env: Readonly<NodeJS.ProcessEnv>): [Found['from'], string][] {
  const component = COMPONENTS[name]
  const named = (['WAYPOST_E2E_BIN', 'KUBEBUILDER_ASSETS'] as const).flatMap(
    (from): [Found['from'], string][] => (env[from] ? [[from, env[from]]] : []),
  )
  if (component.kind === 'built') return [...named, ['cache', builtFolder(pinOf(component, env), env)]]
  return [...named, ...systemFolders(env).map((folder): [Found['from'], string] => ['system', folder])]
}

function systemFolders(env: Readonly<NodeJS.ProcessEnv>): string[] {
  const onPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return [...onPath, join('/usr', 'sbin'), '/sbin']
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}
