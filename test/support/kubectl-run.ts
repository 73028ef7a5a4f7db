import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiServer } from '../../src/sandbox/apiserver/types.ts'
import type { KubectlCase } from './kubectl-cases.ts'

const LIMIT_MS = 25_000

/** How kubectl reaches the server. */
export interface KubectlAccess {
  readonly server: string
  readonly token: string
  readonly caPem?: string
}

/** The kubectl to run: `KUBECTL`, else the one on PATH. Undefined: none is there. */
export function findKubectl(): string | undefined {
  const kubectl = process.env['KUBECTL'] ?? 'kubectl'
  const found = spawnSync(kubectl, ['version', '--client', '-o', 'json'], {
    encoding: 'utf8',
    timeout: 10_000,
  })
  return found.status === 0 ? kubectl : undefined
}

/** Its version, as `v1.36.3`. */
export function kubectlVersion(kubectl: string): string {
  const { stdout } = spawnSync(kubectl, ['version', '--client', '-o', 'json'], { encoding: 'utf8' })
  const { clientVersion } = JSON.parse(stdout) as { clientVersion: { gitVersion: string } }
  return clientVersion.gitVersion
}

/** Run one case; resolves with what kubectl printed. Its settings and caches live in a folder of this run. */
export async function runKubectl(
  kubectl: string,
  server: ApiServer,
  how: { readonly access: KubectlAccess; readonly use: KubectlCase },
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-'))
  try {
    const kubeconfig = join(folder, 'config')
    writeFileSync(kubeconfig, kubeconfigText(how.access))
    for (const { args, stdin } of how.use.before ?? []) {
      const use = { name: how.use.name, args, prints: [], ...(stdin === undefined ? {} : { stdin }) }
      const { code, stderr } = await run(kubectl, server, use, { folder, kubeconfig })
      if (code !== 0) throw new Error(`${how.use.name}: ${args.join(' ')} failed: ${stderr}`)
    }
    return await run(kubectl, server, how.use, { folder, kubeconfig })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What a case should have printed and has not; errors count where it is to fail. */
export function missingOf(
  use: KubectlCase,
  { stdout, stderr }: { readonly stdout: string; readonly stderr: string },
): readonly RegExp[] {
  const printed = use.fails === true ? stdout + stderr : stdout
  return use.prints.filter((pattern) => !pattern.test(printed))
}

function run(
  kubectl: string,
  server: ApiServer,
  use: KubectlCase,
  where: { readonly folder: string; readonly kubeconfig: string },
): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(kubectl, ['--cache-dir', join(where.folder, 'cache'), ...use.args], {
      env: {
        PATH: process.env['PATH'],
        HOME: where.folder,
        TMPDIR: where.folder,
        KUBECONFIG: where.kubeconfig,
        KUBE_EDITOR: use.editor,
      },
    })
    const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
    let stdout = ''
    let stderr = ''
    let acts = 0
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
      if (use.during === undefined) return
      // The header and one line are there before anything happens; each change adds a line.
      const lines = stdout.split('\n').length - 1
      if (lines < acts + 2) return
      const act = use.during[acts]
      acts += 1
      if (act === undefined) child.kill('SIGTERM')
      else act(server.objects)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve({ code, stdout, stderr })
    })
    child.stdin.on('error', () => {})
    child.stdin.end(use.stdin ?? '')
  })
}

function kubeconfigText({ server, token, caPem }: KubectlAccess): string {
  const ca =
    caPem === undefined ? {} : { 'certificate-authority-data': Buffer.from(caPem).toString('base64') }
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'golden', cluster: { server, ...ca } }],
    users: [{ name: 'golden', user: { token } }],
    contexts: [{ name: 'golden', context: { cluster: 'golden', user: 'golden' } }],
    'current-context': 'golden',
  })
}
