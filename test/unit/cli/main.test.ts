import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'

const MAIN = new URL('../../../src/main.ts', import.meta.url).pathname

interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

async function started(argv: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, stdout, stderr }
}

describe('the program', () => {
  it('prints its version and ends with 0', async () => {
    expect(await started(['version'])).toEqual({
      code: 0,
      signal: null,
      stdout: expect.stringMatching(/^waypost {3}\S+\nnode {6}\S+\n$/) as string,
      stderr: '',
    })
  })

  it('says wrong usage in one line and ends with 2', async () => {
    expect(await started(['fly'])).toEqual({
      code: 2,
      signal: null,
      stdout: '',
      stderr: "waypost: unknown command 'fly': use one of sandbox, controller, dns, version\n",
    })
  })
})
