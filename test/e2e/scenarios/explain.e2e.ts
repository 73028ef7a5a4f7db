import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { toCustomResourceDefinition } from '../../../src/api/crd.ts'
import { KINDS } from '../../../src/api/kinds.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { startApiServer } from '../../../src/sandbox/apiserver/start.ts'
import type { ApiServer } from '../../../src/sandbox/apiserver/types.ts'
import { kubeconfigText } from '../../../src/sandbox/kubeconfig.ts'
import { findComponent } from '../setup/components.ts'
import { startFleet, type Fleet } from '../support/fleet.ts'
import { until } from '../support/process.ts'

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const FORMS = [['--recursive'], ['--output=plaintext'], ['--output=plaintext-openapiv2']]
/** Beside every kind itself. */
const PARTS = [
  'servicednsrecord.spec',
  'servicednsrecord.status.dns',
  'servicednsrecord.status.conditions',
  'ingressdnsrecord.spec.hosts',
  'domain.nameServers',
  'domain.spec',
  'kubefedcluster.spec',
  'kubefedcluster.status',
  'dnsendpoint.spec.endpoints',
  'dnsendpoint.spec.endpoints.labels',
  'dnsendpoint.spec.nothing',
]

/** `/openapi/v3`: where the document of each group and version is. */
interface OpenApiIndex {
  readonly paths: Readonly<Record<string, { readonly serverRelativeURL: string } | undefined>>
}

const run = promisify(execFile)

describe('kubectl explain of our kinds', () => {
  const folder = mkdtempSync(join(tmpdir(), 'waypost-explain-'))
  const crds = KINDS.map((kind) => toCustomResourceDefinition(kind.definition))
  let fleet: Fleet
  let double: ApiServer

  beforeAll(async () => {
    const [started, server] = await Promise.all([
      startFleet({ folder, members: [] }),
      startApiServer({ name: 'double', clock: systemClock, crds }),
    ])
    fleet = started
    double = server
    writeFileSync(join(folder, 'double'), kubeconfigText([double], 'double'))
    const { api } = fleet.host
    for (const crd of crds) {
      const { code, text } = await api.post(CRDS, crd)
      if (code !== 201) throw new Error(text)
    }
    // Documents follow a CRD a moment later, each of them in its own time.
    await until(async () => ((await isDocumented(api)) ? true : undefined))
  })

  afterAll(async () => {
    await fleet.close()
    await double.close()
    rmSync(folder, { recursive: true, force: true })
  })

  async function explain(server: 'real' | 'double', args: readonly string[]): Promise<string> {
    const kubeconfig = server === 'real' ? fleet.host.kubeconfigPath : join(folder, 'double')
    const where = ['--kubeconfig', kubeconfig, '--cache-dir', join(folder, `cache-${server}`)]
    try {
      const { stdout } = await run(findComponent('kubectl'), [...where, 'explain', ...args], {
        timeout: 20_000,
      })
      return withoutServerWords(stdout)
    } catch (error) {
      return String((error as { stderr?: string }).stderr) // what execFile rejects with
    }
  }

  it.each([...KINDS.map(({ definition }) => `${definition.plural}.${definition.group}`), ...PARTS])(
    '%s reads the same, to the byte, from a real server and from the sandbox',
    async (what) => {
      for (const form of FORMS) {
        const [real, ours] = [
          await explain('real', [what, ...form]),
          await explain('double', [what, ...form]),
        ]

        expect(ours).toBe(real)
        expect(real).toMatch(/\w/)
      }
    },
  )
})

/** Whether what kubectl reads tells of every kind: version 2, and version 3 by its index. */
async function isDocumented(api: Fleet['host']['api']): Promise<boolean> {
  const { text: version2 } = await api.get('/openapi/v2')
  const { paths } = JSON.parse((await api.get('/openapi/v3')).text) as OpenApiIndex
  for (const { definition } of KINDS) {
    const { group, version, kind, plural } = definition
    if (!version2.includes(`"group":"${group}","kind":"${kind}"`)) return false
    const entry = paths[`apis/${group}/${version}`]
    if (entry === undefined) return false
    const { text: version3 } = await api.get(entry.serverRelativeURL)
    if (!version3.includes(`/${plural}/{name}"`)) return false
  }
  return true
}

/** Without the words for what every object has: each server has its own. */
function withoutServerWords(printed: string): string {
  const lines = printed.split('\n')
  let leaving = false
  return lines
    .filter((line) => {
      if (/^ {2,3}\S/.test(line)) leaving = /^ {2,3}(apiVersion|kind|metadata)\t/.test(line)
      else if (leaving) return line.includes('\t<')
      return true
    })
    .join('\n')
}
