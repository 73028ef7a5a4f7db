import { afterEach, describe, expect, it } from 'vitest'
import type { ApiServer } from '../../src/sandbox/apiserver/types.ts'
import { KUBECTL_CASES, startKubectlWorld } from '../support/kubectl-cases.ts'
import { findKubectl, kubectlVersion, missingOf, runKubectl } from '../support/kubectl-run.ts'

const kubectl = findKubectl()
const SKIPPED = 'skipped: no kubectl on PATH, and KUBECTL names none'
// A skipped file is a bare count in the reporter's output; the reason is to be seen.
if (kubectl === undefined) process.stderr.write(`test/integration/kubectl.test.ts ${SKIPPED}\n`)
const title = `a real kubectl (${kubectl === undefined ? SKIPPED : kubectlVersion(kubectl)})`

const servers: ApiServer[] = []

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

describe.skipIf(kubectl === undefined)(title, () => {
  it.each(KUBECTL_CASES.map((use) => [use.name, use] as const))('%s', async (_name, use) => {
    const server = await startKubectlWorld()
    servers.push(server)
    const access = { server: server.url, token: server.token, caPem: server.caPem }

    const { stdout, stderr, code } = await runKubectl(kubectl ?? '', server, { access, use })

    const missing = missingOf(use, { stdout, stderr }).map(String)
    // One that watches is ended by the test.
    const failed = use.during === undefined && (code !== 0) !== (use.fails === true)
    expect({ missing, failed, printed: missing.length > 0 || failed ? stdout + stderr : '' }).toEqual({
      missing: [],
      failed: false,
      printed: '',
    })
  })
})
