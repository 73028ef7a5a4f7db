import { spawn, spawnSync } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../support/process.ts'
import { lookForNamespaces, processesIn } from './namespace.ts'

describe('the suite runs alone', () => {
  it('with no other interface than loopback', () => {
    expect(Object.keys(networkInterfaces())).toEqual(['lo'])
  })

  it('where no packet can leave', async () => {
    const socket = connect({ host: '192.0.2.1', port: 53 })

    const [error] = await once(socket, 'error').catch((error: unknown) => [error])

    expect(error).toMatchObject({ code: 'ENETUNREACH' })
  })

  it('and port 53 of every loopback address is free', async () => {
    const socket = createSocket('udp4')
    socket.bind(53, '127.0.9.9')

    await once(socket, 'listening')

    expect(socket.address()).toMatchObject({ address: '127.0.9.9', port: 53 })
    socket.close()
  })
})

describe('a command run alone', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'alone-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** A program that does nothing but run this command alone. */
  const program = (command: readonly string[]) => {
    const [alone, namespace] = ['alone.ts', 'namespace.ts'].map((file) => join(import.meta.dirname, file))
    const lines = [
      `const { runAlone } = await import(${JSON.stringify(alone)})`,
      `const { lookForNamespaces } = await import(${JSON.stringify(namespace)})`,
      `const given = ${JSON.stringify({ folder, command })}`,
      'const { env } = process',
      'process.exitCode = await runAlone({ ...given, env, namespaces: lookForNamespaces(env) })',
    ]
    return ['--input-type=module', '-e', lines.join('\n')]
  }

  const rows = [
    { name: 'ends with its exit code', script: 'exit 7', code: 7, words: /^$/ },
    { name: 'ends with 128 and the number of the signal', script: 'kill -KILL $$', code: 137, words: /^$/ },
    {
      name: 'fails when it leaves a process, even one that left its group',
      script: 'setsid sleep 300 & exit 0',
      code: 1,
      words: /^e2e: sleep \(\d+\) was left running by a test; it is ended now\n$/,
    },
    {
      name: 'keeps its own code when it fails and leaves a process',
      script: 'sleep 300 & exit 9',
      code: 9,
      words: /^e2e: sleep \(\d+\) was left/,
    },
  ]
  it.each(rows)('$name', ({ script, code, words }) => {
    const ended = spawnSync(process.execPath, program(['sh', '-c', script]), { encoding: 'utf8' })

    expect(ended.status).toBe(code)
    expect(ended.stdout).toMatch(words)
  })

  it('ends with all that it started when we are told to end', async () => {
    const script = 'setsid sleep 300 & readlink /proc/self/ns/net; exec sleep 300'
    const child = spawn(process.execPath, program(['sh', '-c', script]), {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const namespace = line.toString().trim()
    await until(() => (processesIn(namespace).length === 2 ? true : undefined))

    child.kill('SIGTERM')
    await once(child, 'exit')

    expect(child.exitCode).toBe(143)
    await until(() => (processesIn(namespace).length === 0 ? true : undefined))
  })

  it('may make another inside, without a user namespace for it', () => {
    expect(lookForNamespaces(process.env)).toMatchObject({
      unshare: [expect.stringMatching(/\/unshare$/), '--net'],
    })
  })
})
