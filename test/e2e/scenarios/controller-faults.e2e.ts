import { describe, expect, it } from 'vitest'
import { ALL, DEMO, EUROPE } from '../../support/demo.ts'
import { quickHealthChecks } from '../support/conditions.ts'
import { hold, type Hold } from '../support/dns/hold.ts'
import { FOREIGN } from '../support/dns/nsd.ts'
import { until } from '../support/process.ts'
import { useScene } from '../support/scene.ts'

const MEMBER = 'europe-west1-b'
const { zone } = DEMO.europe
/** While nothing runs, and while a process that has just started has not yet decided anything. */
const GAP = ['TIMEOUT', 'SERVFAIL']

/** From the first question that nobody answered well to the next that somebody did. */
function gapMs(asked: Hold): number {
  const changes = asked.seen()
  const from = changes.findIndex(([, told]) => GAP.includes(told))
  const to = changes.slice(from).find(([, told]) => !GAP.includes(told))
  return (to?.[0] ?? 0) - (changes[from]?.[0] ?? 0)
}

describe('without the controller', () => {
  const scene = useScene({ prepare: quickHealthChecks })

  it.each([
    { name: 'killed and started again', memberHangs: false },
    { name: 'killed and started again while a member hangs', memberHangs: true },
  ])('the controller $name: no other answer than before', async ({ memberHangs }) => {
    expect(await scene.settled(zone, [EUROPE])).toEqual([EUROPE])
    const server = scene.addresses.waypost
    const direct = { server, tolerated: GAP, timeoutMs: 200 }
    const regional = hold({ ...direct, name: FOREIGN.target, allowed: [[EUROPE]] })
    const global = hold({ ...direct, name: DEMO.global, allowed: [ALL] })
    const resolved = scene.hold({ name: FOREIGN.name, allowed: [[EUROPE]], tolerated: GAP })
    if (memberHangs) scene.member(MEMBER).apiServer.pause()
    await until(() => (regional.asked > 40 ? true : undefined)) // status, from which a start goes on, is written once a second

    await scene.controller.stop('SIGKILL')
    scene.controller.launch()
    expect(await scene.settled(zone, [EUROPE])).toEqual([EUROPE])
    await scene.controller.ready()
    const askedThen = regional.asked
    await until(() => (regional.asked > askedThen + 40 ? true : undefined))

    expect(await regional.end()).toEqual([])
    expect(await global.end()).toEqual([])
    expect(await resolved.end()).toEqual([])
    if (memberHangs) scene.member(MEMBER).apiServer.resume()
    process.stdout.write(
      `gap without a controller${memberHangs ? ', a member hanging' : ''}: ${gapMs(regional)} ms\n`,
    )
  })
})
