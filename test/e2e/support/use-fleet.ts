import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, onTestFailed } from 'vitest'
import type { Cluster } from './cluster.ts'
import { startFleet, type Fleet } from './fleet.ts'

/** A host cluster alone, for the tests of one `describe`. */
export interface LoneHost {
  /** Readable inside tests and hooks. */
  readonly cluster: Cluster
  /** Forget, physically, all versions but the present ones: the API server is started anew, since its cache remembers. */
  forgetVersions(): Promise<void>
}

/** Start a host cluster without members before the tests and end it behind them; its folder is kept when one of them fails. */
export function useLoneHost(): LoneHost {
  const folder = mkdtempSync(join(tmpdir(), 'waypost-e2e-'))
  let fleet: Fleet | undefined
  let hasFailed = true
  beforeAll(async () => {
    fleet = await startFleet({ folder, members: [] })
    hasFailed = false
  })
  beforeEach(() => {
    onTestFailed(() => {
      hasFailed = true
    })
  })
  afterAll(async () => {
    await fleet?.close()
    if (hasFailed) process.stderr.write(`kept: ${folder}\n`)
    else rmSync(folder, { recursive: true, force: true })
  })
  const started = (): Fleet => {
    if (fleet === undefined) throw new Error('the host was not started')
    return fleet
  }
  return {
    get cluster() {
      return started().host
    },
    async forgetVersions() {
      const { etcd, host } = started()
      await etcd.compact()
      await host.stop()
      await host.start()
    },
  }
}
