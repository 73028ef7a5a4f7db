import { execFile, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import DNS2 from 'dns2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startSandbox, type StartedSandbox } from '../../src/app/sandbox.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { DEPLOYMENTS } from '../../src/sandbox/resources.ts'
import { defaultWorld } from '../../src/sandbox/world/demo-world.ts'
import { silentLogger } from '../../src/telemetry/logger.ts'
import { blocksOf, stepsOf, type Step } from '../support/readme.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
const steps = blocksOf(readme)
  .filter(({ language }) => language === 'console')
  .flatMap(stepsOf)
const hasKubectl = spawnSync('kubectl', ['version', '--client']).status === 0

/** The quick start of the README, command by command, against a sandbox on free ports. */
describe('the quick start of README.md', () => {
  const stateDir = mkdtempSync(join(tmpdir(), 'waypost-readme-'))
  let started: StartedSandbox | undefined

  beforeAll(async () => {
    started = await startSandbox({
      ...{ world: defaultWorld(), stateDir, manifests: [], dnsPort: 0, httpPort: 0 },
      ...{ clock: systemClock, logger: silentLogger, tell: () => {} },
    })
    await started.instance.controlPlane.serving
  })
  afterAll(async () => {
    await started?.stop()
    rmSync(stateDir, { recursive: true })
  })

  it('has commands', () => {
    expect(steps.filter(({ prints }) => prints.length > 0).length).toBeGreaterThanOrEqual(3)
  })

  for (const step of steps) {
    it(`$ ${step.command}`, async () => {
      await run(step, started!, stateDir) // beforeAll set it, or failed
    })
  }
})

async function run(step: Step, sandbox: StartedSandbox, stateDir: string): Promise<void> {
  const [program, ...words] = step.command.split(' ')
  switch (program) {
    case 'dig':
      return expect
        .poll(() => digShort(words.at(-1) ?? '', sandbox.instance.nameserver.listening[0]?.port ?? 0), {
          timeout: 10_000,
          interval: 20,
        })
        .toEqual(step.prints)
    case 'kubectl':
      return hasKubectl ? kubectl(words, stateDir) : scale(words, sandbox)
    default:
      return expect(step.command).toBe('export KUBECONFIG=.waypost/kubeconfig')
  }
}

/** As `dig +short`: the records of the answer, in its order. */
async function digShort(name: string, port: number): Promise<readonly string[]> {
  const ask = DNS2.UDPClient({ dns: '127.0.0.1', port })
  const { answers } = await ask(name, 'A')
  return answers.map(
    (answer) =>
      ('address' in answer && answer.address) || `${String((answer as { domain?: string }).domain)}.`,
  )
}

/** Asynchronously: the API servers that it talks to live in this process. */
async function kubectl(words: readonly string[], stateDir: string): Promise<void> {
  const env = { ...process.env, KUBECONFIG: join(stateDir, 'kubeconfig') }
  const { stdout, stderr } = await promisify(execFile)('kubectl', [...words], { env, timeout: 20_000 })

  expect(stderr).toBe('')
  expect(stdout).not.toBe('')
}

/** What `kubectl scale` does, on machines without it; commands that only show are left out. */
function scale(words: readonly string[], { sandbox }: StartedSandbox): void {
  if (!words.includes('scale')) return
  const [, context = '', , namespace = '', , , name = '', replicas = ''] = words
  const objects = sandbox.servers.get(context)!.objects // a context of the README
  const deployment = objects.get(DEPLOYMENTS, namespace, name)!
  const spec = { ...(deployment['spec'] as object), replicas: Number(replicas.split('=')[1]) }
  objects.update(DEPLOYMENTS, { ...deployment, spec })
}
