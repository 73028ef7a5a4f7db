import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { once } from 'node:events'
import { afterEach, describe, expect, it } from 'vitest'
import { startSandbox, type StartSandboxOptions } from '../../../src/app/sandbox.ts'
import { systemClock } from '../../../src/runtime/clock.ts'
import { emptyWorld } from '../../../src/sandbox/world/demo-world.ts'
import { silentLogger, type Logger } from '../../../src/telemetry/logger.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function optionsFor(stateDir: string): StartSandboxOptions {
  return {
    ...{ world: emptyWorld(), stateDir, manifests: [], dnsPort: 0, httpPort: 0 },
    ...{ clock: systemClock, logger: silentLogger, tell: () => {} },
  }
}

function stateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'waypost-start-'))
  folders.push(folder)
  return folder
}

/** A TCP port that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

describe('a start that fails', () => {
  it('late, when the state folder is gone: leaves no socket and no lock', async () => {
    const stateDir = stateFolder()
    const [dnsPort, httpPort] = [await freePort(), await freePort()]
    const logger: Logger = {
      ...silentLogger,
      child({ component }) {
        if (component === 'nameserver') rmSync(stateDir, { recursive: true, force: true })
        return logger
      },
    }

    await expect(startSandbox({ ...optionsFor(stateDir), dnsPort, httpPort, logger })).rejects.toMatchObject({
      code: 'SANDBOX_STATE_DIR_UNUSABLE',
    })

    const started = await startSandbox({ ...optionsFor(stateDir), dnsPort, httpPort })
    await started.stop()
    expect(started.instance.http.port).toBe(httpPort)
  })

  it('early, when the HTTP port is in use: leaves no socket and no lock', async () => {
    const stateDir = stateFolder()
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const address = taken.address()
    const httpPort = typeof address === 'object' && address !== null ? address.port : 0
    const dnsPort = await freePort()

    await expect(startSandbox({ ...optionsFor(stateDir), dnsPort, httpPort })).rejects.toMatchObject({
      code: 'HTTP_LISTEN_FAILED',
    })
    taken.close()
    await once(taken, 'close')

    const started = await startSandbox({ ...optionsFor(stateDir), dnsPort, httpPort })
    await started.stop()
    expect(started.instance.nameserver.listening[0]?.port).toBe(dnsPort)
  })
})
