import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runAlone } from './alone.ts'
import { KUBERNETES, KUBERNETES_VARIABLE, kubernetesRelease } from './pins.ts'
import { preflight } from './preflight.ts'
import type { Ready } from './preflight.ts'
import { Stop, exitCodeOf, say, spell } from './stop.ts'

const CONFIG = join(import.meta.dirname, 'vitest.config.ts')
const VITEST = join(dirname(createRequire(import.meta.url).resolve('vitest/package.json')), 'vitest.mjs')
const RELEASE_FLAG = '--kubernetes='

process.exitCode = await exitCodeOf(main)

/** Preflight, then the suite in a network namespace of its own. Exit code: the runner's; 2: something is missing. */
async function main(): Promise<number> {
  const started = performance.now()
  const { env, forRunner } = readArguments()
  const ready = preflight(env)
  say(`Kubernetes ${KUBERNETES[kubernetesRelease(env)].version}; ${originsOf(ready)}`)
  const folder = mkdtempSync(join(tmpdir(), 'waypost-e2e-'))
  const command = [
    process.execPath,
    VITEST,
    'run',
    '--configLoader',
    'native',
    '--config',
    CONFIG,
    ...forRunner,
  ]
  const code = await runAlone({
    namespaces: ready.namespaces,
    folder,
    command,
    env: { ...env, TMPDIR: folder },
  })
  if (code === 0) rmSync(folder, { recursive: true, force: true })
  else say(`e2e: folders and logs are kept in ${folder}`)
  say(`e2e: ${code === 0 ? 'green' : `ended with ${code}`} after ${spell(performance.now() - started)}`)
  return code
}

/** `--kubernetes=` is ours; all else goes to the runner. */
function readArguments(): { env: NodeJS.ProcessEnv; forRunner: readonly string[] } {
  const args = process.argv.slice(2)
  const release = args.findLast((arg) => arg.startsWith(RELEASE_FLAG))?.slice(RELEASE_FLAG.length)
  const env = { ...process.env, ...(release !== undefined && { [KUBERNETES_VARIABLE]: release }) }
  try {
    kubernetesRelease(env)
  } catch (error) {
    throw new Stop(2, error instanceof Error ? error.message : String(error))
  }
  return { env, forRunner: args.filter((arg) => !arg.startsWith(RELEASE_FLAG)) }
}

/** `etcd, kubectl from cache; nsd from system`. */
function originsOf({ components }: Ready): string {
  const origins = Map.groupBy(components, ([, { from }]) => from)
  return [...origins]
    .map(([from, found]) => `${found.map(([name]) => name).join(', ')} from ${from}`)
    .join('; ')
}
