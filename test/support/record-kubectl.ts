/**
 * Rewrites test/golden/kubectl/MAJOR.MINOR/ with the requests of a real kubectl against the API server double:
 * `node test/support/record-kubectl.ts [CASE…]`; `KUBECTL` names the kubectl, else the one on PATH.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { KUBECTL_CASES, startKubectlWorld } from './kubectl-cases.ts'
import { RecordingProxy } from './kubectl-recording.ts'
import type { KubectlRecording } from './kubectl-recording.ts'
import { findKubectl, kubectlVersion, missingOf, runKubectl } from './kubectl-run.ts'

const kubectl = findKubectl()
if (kubectl === undefined) throw new Error('no kubectl on PATH; KUBECTL may name one')
const version = kubectlVersion(kubectl)
const wanted = process.argv.slice(2)
const [, minor = version] = /^v(\d+\.\d+)/.exec(version) ?? []
const folder = new URL(`../golden/kubectl/${minor}/`, import.meta.url)
mkdirSync(folder, { recursive: true })
for (const use of KUBECTL_CASES.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  const server = await startKubectlWorld()
  const proxy = new RecordingProxy(server)
  try {
    const access = { server: await proxy.listen(), token: 'unused' }
    const { stdout, stderr } = await runKubectl(kubectl, server, { access, use })
    const missing = missingOf(use, { stdout, stderr })
    if (missing.length > 0)
      throw new Error(`${use.name} did not print ${String(missing)}:\n${stdout}${stderr}`)
    const recording: KubectlRecording = { kubectl: version, args: use.args, exchanges: proxy.exchanges }
    writeFileSync(new URL(`${use.name}.json`, folder), `${JSON.stringify(recording, null, 2)}\n`)
    process.stdout.write(`${use.name}: ${proxy.exchanges.length} requests\n`)
  } finally {
    await proxy.close()
    await server.close()
  }
}
