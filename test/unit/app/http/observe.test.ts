import { expect, it } from 'vitest'
import { observeControlPlane, type Observed } from '../../../../src/app/http/observe.ts'
import { createMetrics } from '../../../../src/telemetry/metrics.ts'

function setUp() {
  const counted = { queries: 7, udpTruncated: 2 }
  const sessions = [true, true, false]
  const observed: Observed = {
    controlPlane: {
      fleet: { connections: () => sessions.map((up) => ({ session: { up } })) },
      discovery: { ledger: { size: 12 } },
    },
    nameserver: { writer: { usage: () => ({ usedBytes: 4_096 }) }, counters: () => counted },
  }
  const metrics = createMetrics({ process: false })
  observeControlPlane(metrics, observed)
  const lines = async (): Promise<readonly string[]> =>
    (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return { lines, counted, sessions }
}

it('tells names, members, memory and the counters of the DNS server', async () => {
  const { lines } = setUp()

  expect([...(await lines())].sort()).toEqual([
    'waypost_discovery_published_names 12',
    'waypost_kube_member_clusters{state="down"} 1',
    'waypost_kube_member_clusters{state="up"} 2',
    'waypost_nameserver_queries_total 7',
    'waypost_nameserver_udp_truncated_total 2',
    'waypost_nameserver_zone_store_used_bytes 4096',
  ])
})

it('reads anew each time it is asked', async () => {
  const { lines, counted, sessions } = setUp()
  await lines()
  counted.queries = 8
  sessions.pop()

  const now = await lines()

  expect(now).toContain('waypost_nameserver_queries_total 8')
  expect(now).toContain('waypost_kube_member_clusters{state="down"} 0')
})
