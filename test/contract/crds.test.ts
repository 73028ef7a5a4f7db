import { afterAll } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { startApiServer } from '../../src/sandbox/apiserver/start.ts'
import type { ApiServer } from '../../src/sandbox/apiserver/types.ts'
import { crdContract } from './crds.contract.ts'

const servers: ApiServer[] = []

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
})

crdContract({
  name: 'the double',
  target: async () => {
    const server = await startApiServer({ name: 'crds', clock: systemClock })
    servers.push(server)
    return server
  },
})
