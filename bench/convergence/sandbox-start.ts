import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { endsWithUs } from '../support/ends-with-us.ts'

/** Start the sandbox as `npm start` does, wait for its line `ready`, end it. @returns milliseconds from start to that line */
export async function timeSandboxStart(): Promise<number> {
  const stateDir = mkdtempSync(join(tmpdir(), 'waypost-bench-'))
  const main = new URL('../../src/main.ts', import.meta.url).pathname
  const ports = ['--dns-port', '0', '--http-port', '0']
  const begin = performance.now()
  const child = spawn(process.execPath, [main, 'sandbox', ...ports, '--state-dir', stateDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  const letGo = endsWithUs(child)
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.startsWith('ready')) return performance.now() - begin
    }
    throw new Error('the sandbox ended before it was ready')
  } finally {
    child.kill('SIGTERM')
    await ended
    letGo()
    rmSync(stateDir, { recursive: true, force: true })
  }
}
