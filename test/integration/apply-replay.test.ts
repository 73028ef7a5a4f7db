import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { startApiServer } from '../../src/sandbox/apiserver/start.ts'
import type { ApiServer } from '../../src/sandbox/apiserver/types.ts'
import { WALK_KINDS, prepareWalks, walked } from '../support/apply-walks.ts'
import type { RecordedWalk } from '../support/apply-walks.ts'
import { KubernetesClient } from '../support/kubernetes-client.ts'

const FOLDER = new URL('../golden/apply/', import.meta.url)

describe('writes of several managers are answered as a real API server answered them', () => {
  let server: ApiServer
  let api: KubernetesClient

  beforeAll(async () => {
    server = await startApiServer({ name: 'walks', clock: systemClock })
    api = new KubernetesClient(server)
    await prepareWalks(api)
  })

  afterAll(async () => {
    await api.close()
    await server.close()
  })

  it.each(WALK_KINDS)('%s', async (kind) => {
    const walks = JSON.parse(readFileSync(new URL(`${kind}.json`, FOLDER), 'utf8')) as RecordedWalk[] // our own recorder's
    for (const [index, { steps }] of walks.entries()) {
      for (const [at, { step, answer }] of steps.entries()) {
        const place = `walk ${index}, step ${at}: ${step.method} ${step.path}`

        expect({ place, ...(await walked(api, step, `walk-${kind}-${index}`)) }).toEqual({ place, ...answer })
      }
    }
    expect(walks.length).toBeGreaterThan(0)
  })
})
