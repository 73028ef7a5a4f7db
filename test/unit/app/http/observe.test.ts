import { expect, it } from 'vitest'
import { observeControlPlane, type Observed } from '../../../../src/app/http/observe.ts'
import type { AnswerCount } from '../../../../src/kube/answer-book.ts'
import { createMetrics } from '../../../../src/telemetry/metrics.ts'

function setUp() {
  const sessions = [true, true, false]
  const answers: AnswerCount[] = [
    { verb: 'watch', httpStatus: 200, count: 3 },
    { verb: 'patch', httpStatus: 403, count: 1 },
    { verb: 'get', httpStatus: 418, count: 2 },
    { verb: 'get', httpStatus: 502, count: 5 },
  ]
  const observed: Observed = {
    controlPlane: {
      host: { name: 'host', transport: { answers } },
      fleet: {
        connections: () =>
          sessions.map((up, index) => ({ session: { up }, name: `m${index}`, transport: { answers: [] } })),
      },
      discovery: { ledger: { size: 12 } },
    },
  }
  const metrics = createMetrics({ process: false })
  observeControlPlane(metrics, observed)
  const lines = async (): Promise<readonly string[]> =>
    (await metrics.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return { lines, sessions, answers }
}

it('tells names, members and what API servers answer', async () => {
  const { lines } = setUp()

  expect([...(await lines())].sort()).toEqual([
    'waypost_discovery_published_names 12',
    'waypost_kube_answers_total{cluster="host",verb="get",code="other"} 7',
    'waypost_kube_answers_total{cluster="host",verb="patch",code="403"} 1',
    'waypost_kube_answers_total{cluster="host",verb="watch",code="200"} 3',
    'waypost_kube_member_clusters{state="down"} 1',
    'waypost_kube_member_clusters{state="up"} 2',
  ])
})

it('reads anew each time it is asked', async () => {
  const { lines, sessions, answers } = setUp()
  await lines()
  answers.splice(0)
  sessions.pop()

  const now = await lines()

  expect(now).toContain('waypost_kube_member_clusters{state="down"} 0')
  expect(now.join()).not.toContain('waypost_kube_answers_total')
})
