import { rmSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { build, makeBuildCache, removeLeftovers } from './build.ts'
import { COMPONENTS, howToGet, lookForComponent, pinOf } from './components.ts'
import type { BuiltComponent, ComponentName } from './components.ts'
import { lookForToolchain } from './go-toolchain.ts'
import { KUBERNETES, KUBERNETES_VARIABLE } from './pins.ts'
import type { Pin } from './pins.ts'
import { Stop, exitCodeOf, say, spell } from './stop.ts'

const USAGE = `usage: npm run e2e:setup [-- [--kubernetes=${Object.keys(KUBERNETES).join('|')}] [--drop-build-cache] [component …]]`

interface Wanted {
  readonly name: ComponentName
  readonly component: BuiltComponent
  readonly pin: Pin
}

process.exitCode = await exitCodeOf(main)

/** Build what is missing into the cache. Exit code 0: all there; 1: a build failed; 2: wrong usage, or no fit Go. */
async function main(): Promise<number> {
  const started = performance.now()
  const { names, env, dropBuildCache } = readArguments()
  const wanted = names.map((name) => wantedOf(name, env))
  removeLeftovers(env)
  const missing = wanted.filter((one) => !isThere(one, env))
  if (missing.length > 0) await buildAll(missing, env, dropBuildCache)
  const there = wanted.length - missing.length
  say(`${missing.length} built, ${there} there already, ${spell(performance.now() - started)} in all`)
  return 0
}

async function buildAll(
  missing: readonly Wanted[],
  env: NodeJS.ProcessEnv,
  dropBuildCache: boolean,
): Promise<void> {
  const toolchain = lookForToolchain(
    missing.map(({ pin }) => pin),
    env,
  )
  if (toolchain.kind === 'unfit') {
    const names = missing.map(({ name }) => name).join(', ')
    throw new Stop(2, `e2e:setup cannot build ${names}: ${toolchain.why}; then run npm run e2e:setup again`)
  }
  const interrupted = onInterrupt()
  const buildCache = dropBuildCache ? makeBuildCache(env) : undefined
  const goEnv = buildCache === undefined ? env : { ...env, GOCACHE: buildCache }
  try {
    for (const { name, component, pin } of missing) {
      const begun = performance.now()
      say(`${name} ${pin.version}: building from ${pin.module} with Go ${toolchain.version}`)
      const order = { name, component, pin, go: toolchain.path, env: goEnv, signal: interrupted }
      const path = await build(order)
      say(`${name} ${pin.version}: built in ${spell(performance.now() - begun)}: ${path}`)
    }
  } catch (error) {
    if (interrupted.aborted) throw new Stop(1, 'interrupted; what was built whole stays')
    throw error
  } finally {
    if (buildCache !== undefined) rmSync(buildCache, { recursive: true, force: true })
  }
}

function isThere({ name, pin }: Wanted, env: NodeJS.ProcessEnv): boolean {
  const found = lookForComponent(name, env)
  if (found === undefined) return false
  const version = found.from === 'cache' ? ` ${pin.version}` : ''
  say(`${name}${version}: there already, from ${found.from}: ${found.path}`)
  return true
}

function readArguments(): { names: readonly string[]; env: NodeJS.ProcessEnv; dropBuildCache: boolean } {
  const { values, positionals } = parsed()
  const release = values.kubernetes ?? process.env[KUBERNETES_VARIABLE]
  if (release !== undefined && !Object.hasOwn(KUBERNETES, release)) {
    throw new Stop(2, `no Kubernetes ${release} here\n${USAGE}`)
  }
  const env = { ...process.env, ...(release !== undefined && { [KUBERNETES_VARIABLE]: release }) }
  const built = Object.keys(COMPONENTS).filter((name) => COMPONENTS[name as ComponentName].kind === 'built')
  const names = positionals.length > 0 ? positionals : built
  return { names, env, dropBuildCache: values['drop-build-cache'] }
}

function parsed() {
  try {
    return parseArgs({
      options: { kubernetes: { type: 'string' }, 'drop-build-cache': { type: 'boolean', default: false } },
      allowPositionals: true,
    })
  } catch (error) {
    throw new Stop(2, `${error instanceof Error ? error.message : String(error)}\n${USAGE}`)
  }
}

function wantedOf(text: string, env: NodeJS.ProcessEnv): Wanted {
  if (!Object.hasOwn(COMPONENTS, text)) throw new Stop(2, `no component ${text}\n${USAGE}`)
  const name = text as ComponentName
  const component = COMPONENTS[name]
  if (component.kind === 'packaged') throw new Stop(2, `${name} is not built here: ${howToGet(name)}`)
  return { name, component, pin: pinOf(component, env) }
}

/** Aborted at the first SIGINT or SIGTERM. */
function onInterrupt(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort())
  return controller.signal
}
