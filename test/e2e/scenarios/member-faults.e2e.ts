import { describe, expect, it } from 'vitest'
import { CENTRAL, DEMO, EAST, EUROPE, PATH } from '../../support/demo.ts'
import { quickHealthChecks, readiness } from '../support/conditions.ts'
import { FOREIGN } from '../support/dns/nsd.ts'
import { useScene } from '../support/scene.ts'

const MEMBER = 'europe-west1-b'
const { zone } = DEMO.europe

/** A member that cannot be seen keeps what it has published, and is believed again when it can be. */
describe('a member', () => {
  const scene = useScene({ prepare: quickHealthChecks })
  const member = () => scene.member(MEMBER)

  const scale = (replicas: number) =>
    member().api.patch(`${PATH.deployments}/nginx/scale`, { spec: { replicas } })

  /** Bends the member, waits until that is in its conditions, and mends it. @returns why it was not ready, and wrong answers */
  async function unseen(bend: () => Promise<void>, mend: () => Promise<void>) {
    const hold = scene.hold({ name: FOREIGN.name, allowed: [[EUROPE]] })
    await bend()
    const reason = await readiness(scene, MEMBER, false)
    await mend()
    await readiness(scene, MEMBER, true)
    return { reason, wrong: await hold.end() }
  }

  /** Its changes arrive: the shard goes and comes. */
  async function isBelieved(): Promise<void> {
    await scale(0)
    expect(await scene.settled(zone, [CENTRAL, EAST], 60_000)).toEqual([CENTRAL, EAST])
    await scale(2)
    expect(await scene.settled(zone, [EUROPE], 60_000)).toEqual([EUROPE])
  }

  it('whose API server is killed', async () => {
    expect(
      await unseen(
        () => member().stop('SIGKILL'),
        () => member().start(),
      ),
    ).toEqual({ reason: 'ClusterNotReachable', wrong: [] })
    await isBelieved()
  })

  it('whose API server hangs', async () => {
    expect(
      await unseen(
        () => Promise.resolve(member().apiServer.pause()),
        () => Promise.resolve(member().apiServer.resume()),
      ),
    ).toEqual({ reason: 'ClusterNotReachable', wrong: [] })
    await isBelieved()
  })

  it('whose past is compacted away, so that watches cannot be resumed (410)', async () => {
    const hold = scene.hold({ name: FOREIGN.name, allowed: [[EUROPE]] })

    await member().stop()
    await scene.fleet.etcdOf(MEMBER).compact()
    await member().start()
    await readiness(scene, MEMBER, true)

    expect(await hold.end()).toEqual([])
    await isBelieved()
  })

  it('that refuses our token (401)', async () => {
    const restart = async (accept: boolean): Promise<void> => {
      member().acceptJoinToken(accept)
      await member().stop()
      await member().start()
    }

    expect(
      await unseen(
        () => restart(false),
        () => restart(true),
      ),
    ).toEqual({ reason: expect.stringMatching(/^Cluster/), wrong: [] })
    await isBelieved()
  })
})
