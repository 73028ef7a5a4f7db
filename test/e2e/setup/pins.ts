/** A Go module of ours that pins one real component, and how its programs get their version. */
export interface Pin {
  /** Folder under test/e2e/tools with its go.mod, go.sum and tools.go. */
  readonly folder: string
  /** Path of the pinned module, as go.mod requires it. */
  readonly module: string
  /** Of the module, without `v`: also what the programs must say of themselves. */
  readonly version: string
  /** Linker flags that tell the programs their version, where they cannot know it. */
  readonly ldflags: readonly string[]
}

/** Minor releases of Kubernetes that the suite can run against. */
export type KubernetesRelease = '1.36' | '1.34'

/** What runs when nothing else is asked for: the newest. */
export const DEFAULT_KUBERNETES: KubernetesRelease = '1.36'

/** Names what a process and its children test against; set by `--kubernetes=`. */
export const KUBERNETES_VARIABLE = 'WAYPOST_E2E_KUBERNETES'

/** Kubernetes by minor release. Every other component has one version. */
export const KUBERNETES: Readonly<Record<KubernetesRelease, Pin>> = {
  '1.36': kubernetes('kubernetes', '1.36.3'),
  '1.34': kubernetes('kubernetes-1.34', '1.34.4'),
}

/** Components that are a module with one program. */
export const PINS = {
  etcd: { folder: 'etcd', module: 'go.etcd.io/etcd/server/v3', version: '3.6.16', ldflags: [] },
  coredns: { folder: 'coredns', module: 'github.com/coredns/coredns', version: '1.15.0', ldflags: [] },
  'external-dns': {
    folder: 'external-dns',
    module: 'sigs.k8s.io/external-dns',
    version: '0.22.0',
    ldflags: ['-X sigs.k8s.io/external-dns/pkg/apis/externaldns.Version=v0.22.0'],
  },
} as const satisfies Readonly<Record<string, Pin>>

/** The release that this environment asks for. @throws Error naming the ones there are */
export function kubernetesRelease(env: Readonly<NodeJS.ProcessEnv>): KubernetesRelease {
  const asked = env[KUBERNETES_VARIABLE] ?? DEFAULT_KUBERNETES
  if (!isRelease(asked))
    throw new Error(`no Kubernetes ${asked} here: ${Object.keys(KUBERNETES).join(' or ')}`)
  return asked
}

function isRelease(text: string): text is KubernetesRelease {
  return Object.hasOwn(KUBERNETES, text)
}

/** Kubernetes stamps its programs from its own build scripts; a module build has to say the same. */
function kubernetes(folder: string, version: string): Pin {
  const [major, minor] = version.split('.')
  const at = 'k8s.io/component-base/version'
  const ldflags = [
    `-X ${at}.gitVersion=v${version}`,
    `-X ${at}.gitMajor=${major}`,
    `-X ${at}.gitMinor=${minor}`,
  ]
  return { folder, module: 'k8s.io/kubernetes', version, ldflags }
}
