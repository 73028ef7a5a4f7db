import { COMPONENTS, lookForComponent, lookForProgram, pinOf } from './components.ts'
import type { BuiltComponent, ComponentName, Found } from './components.ts'
import { lookForToolchain } from './go-toolchain.ts'
import { lookForNamespaces } from './namespace.ts'
import type { Namespaces } from './namespace.ts'
import { KUBERNETES_VARIABLE } from './pins.ts'
import { Stop } from './stop.ts'
import { tellVersion } from './version.ts'

/** Of the system, beside the components: program and Debian's package with it. */
export const SYSTEM_PROGRAMS = { unshare: 'util-linux', ip: 'iproute2' } as const

const ALLOW_NAMESPACES =
  'run it as root, or allow user namespaces (sysctl user.max_user_namespaces above 0, kernel.unprivileged_userns_clone=1 ' +
  'on Debian, kernel.apparmor_restrict_unprivileged_userns=0 on Ubuntu; a container needs CAP_SYS_ADMIN)'

/** What the suite found before it starts. */
export interface Ready {
  readonly components: ReadonlyMap<ComponentName, Found>
  readonly namespaces: Namespaces
}

/**
 * See that all is there that the suite needs.
 * @throws Stop (exit code 2) with all that is missing, one line each, and how to get it
 */
export function preflight(env: Readonly<NodeJS.ProcessEnv>): Ready {
  const names = Object.keys(COMPONENTS) as ComponentName[]
  const components = new Map<ComponentName, Found>()
  for (const name of names) {
    const found = lookForComponent(name, env)
    if (found !== undefined) components.set(name, found)
  }
  const missing = names.filter((name) => !components.has(name))
  const namespaces = lookForNamespaces(env)
  const lines = [
    ...missingBuilt(missing, env),
    ...missingPackaged(missing, env),
    ...otherRelease(components, env),
    ...('why' in namespaces ? missingNamespaces(namespaces.why, env) : []),
  ]
  if ('why' in namespaces || lines.length > 0) {
    throw new Stop(2, ['test:e2e cannot run here. Missing:', ...lines.map((line) => `  ${line}`)].join('\n'))
  }
  return { components, namespaces }
}

function missingBuilt(
  missing: readonly ComponentName[],
  env: Readonly<NodeJS.ProcessEnv>,
): readonly string[] {
  const built = missing.flatMap((name) => {
    const component = COMPONENTS[name]
    return component.kind === 'built' ? [{ name, pin: pinOf(component, env) }] : []
  })
  if (built.length === 0) return []
  const toolchain = lookForToolchain(
    built.map(({ pin }) => pin),
    env,
  )
  const release = env[KUBERNETES_VARIABLE]
  const command = release === undefined ? 'npm run e2e:setup' : `npm run e2e:setup -- --kubernetes=${release}`
  const what = built.map(({ name, pin }) => `${name} ${pin.version}`).join(', ')
  const line = `${what}: ${command} (or name their folder in WAYPOST_E2E_BIN)`
  return toolchain.kind === 'fit' ? [line] : [`Go, to build components: ${toolchain.why}`, line]
}

/** Distribution's programs come by one command. */
function missingPackaged(
  missing: readonly ComponentName[],
  env: Readonly<NodeJS.ProcessEnv>,
): readonly string[] {
  const packaged = missing.flatMap((name): [string, string][] => {
    const component = COMPONENTS[name]
    return component.kind === 'packaged' ? [[name, component.package]] : []
  })
  const all = [...packaged, ...missingPrograms(env)]
  if (all.length === 0) return []
  const packages = [...new Set(all.map(([, name]) => name))]
  return [`${all.map(([name]) => name).join(', ')}: apt-get install ${packages.join(' ')}`]
}

/** Where the programs for it are missing too, their line says all. */
function missingNamespaces(why: string, env: Readonly<NodeJS.ProcessEnv>): readonly string[] {
  if (process.platform !== 'linux') return ['network namespaces: only Linux has them']
  return missingPrograms(env).length > 0 ? [] : [`network namespaces (${why}): ${ALLOW_NAMESPACES}`]
}

function missingPrograms(env: Readonly<NodeJS.ProcessEnv>): [string, string][] {
  if (process.platform !== 'linux') return []
  return Object.entries(SYSTEM_PROGRAMS).filter(([name]) => lookForProgram(name, env) === undefined)
}

/** Where a release was asked for by name, programs that the user brings have to be of it. */
function otherRelease(
  components: ReadonlyMap<ComponentName, Found>,
  env: Readonly<NodeJS.ProcessEnv>,
): readonly string[] {
  const release = env[KUBERNETES_VARIABLE]
  if (release === undefined) return []
  return [...components].flatMap(([name, { path, from }]) => {
    const component = COMPONENTS[name]
    if (component.kind !== 'built' || component.pin !== 'kubernetes' || from === 'cache') return []
    return isOfRelease(path, component, release)
      ? []
      : [`${name} of ${release}: ${from} has another: ${path}`]
  })
}

function isOfRelease(path: string, component: BuiltComponent, release: string): boolean {
  const version = tellVersion(path, component)
  return typeof version === 'string' && version.startsWith(`${release}.`)
}
