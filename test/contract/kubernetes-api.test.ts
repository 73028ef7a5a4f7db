import { afterAll } from 'vitest'
import { systemClock } from '../../src/runtime/clock.ts'
import { startApiServer } from '../../src/sandbox/apiserver/start.ts'
import type { ApiServer } from '../../src/sandbox/apiserver/types.ts'
import { kubernetesApiContract } from './kubernetes-api.contract.ts'

const servers: ApiServer[] = []

afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()))
})

kubernetesApiContract({
  name: 'the double',
  target: async () => {
    const server = await startApiServer({ name: 'contract', clock: systemClock })
    servers.push(server)
    return server
  },
  compact: async () => {
    for (const { faults } of servers) {
      faults.set({ kind: 'compact' })
      faults.clear()
    }
    await Promise.resolve()
  },
})

const { WAYPOST_CONTRACT_URL: url, WAYPOST_CONTRACT_TOKEN: token } = process.env
if (url !== undefined && token !== undefined) {
  kubernetesApiContract({ name: url, target: () => Promise.resolve({ url, token }) })
}
