import { describe, expect, it } from 'vitest'
import { ALL, DEMO, PATH } from '../../support/demo.ts'
import type { Json } from '../../support/kubernetes-client.ts'
import { hold } from '../support/dns/hold.ts'
import { until } from '../support/process.ts'
import { useScene } from '../support/scene.ts'

const MEMBER = 'europe-west1-b'
const RECORD = `${PATH.records}/nginx`
const DOMAIN = `${PATH.domains}/myfederation`
const ENDPOINT = `${PATH.endpoints}/service-nginx`
/** While nothing runs, and while a process that has just started has not yet decided anything. */
const GAP = ['TIMEOUT', 'SERVFAIL']

/** A real server takes what our rules refuse, also while nobody is there to keep what was published. */
describe('a controller that starts over objects which have become unusable', () => {
  const scene = useScene({ resolvers: false })

  const stateOf = async (path: string): Promise<Json> => (await scene.host.api.get(path)).body
  const condition = (path: string, reason: string): Promise<true> =>
    until(async () => {
      const status = (await stateOf(path))['status'] as { conditions?: readonly Json[] } | undefined
      return status?.conditions?.some((each) => each['reason'] === reason) === true ? true : undefined
    })
  /** Counts the changes of what it says. */
  const generation = async (): Promise<number> =>
    Number(((await stateOf(ENDPOINT))['metadata'] as Json)['generation'])
  const scale = (replicas: number) =>
    scene.member(MEMBER).api.patch(`${PATH.deployments}/nginx/scale`, { spec: { replicas } })

  it.each([
    {
      name: 'a Domain without glue for its server',
      path: DOMAIN,
      spoil: { nameServers: [{ name: 'ns1.example.com' }] },
      reason: 'Invalid',
      mend: { nameServers: null },
    },
    {
      name: 'a record that names no Domain',
      path: RECORD,
      spoil: { spec: { domainRef: 'nowhere' } },
      reason: 'DomainNotFound',
      mend: { spec: { domainRef: 'myfederation' } },
    },
  ])('answers and writes as before, follows the clusters, and says so: $name', async (row) => {
    expect(await scene.settled(DEMO.global, ALL)).toEqual([...ALL])
    await condition(RECORD, 'Written')
    await condition(DOMAIN, 'Serving')
    const before = await generation()
    const server = scene.addresses.waypost
    const held = hold({ server, name: DEMO.global, allowed: [ALL], tolerated: GAP })

    await scene.controller.stop('SIGKILL')
    expect((await scene.host.api.patch(row.path, row.spoil)).code).toBe(200)
    await scene.controller.start()
    await condition(row.path, row.reason)
    expect(await scene.settled(DEMO.global, ALL)).toEqual([...ALL])
    const askedThen = held.asked
    await until(() => (held.asked > askedThen + 40 ? true : undefined))

    expect(await held.end()).toEqual([])
    expect(await generation()).toBe(before)
    await scale(0)
    expect(await scene.settled(DEMO.global, ALL.slice(0, 2))).toEqual(ALL.slice(0, 2))
    await scale(2)
    expect(await scene.settled(DEMO.global, ALL)).toEqual([...ALL])
    await scene.host.api.patch(row.path, row.mend)
    await condition(RECORD, 'ShardsFit')
  })

  it('keeps the type that a name has had outside: a region that is out over the restart is no CNAME', async () => {
    const entry = async (): Promise<unknown> => {
      const { endpoints } = (await stateOf(ENDPOINT))['spec'] as { endpoints: readonly Json[] }
      return endpoints.find((each) => each['dnsName'] === DEMO.europe.region)
    }
    await scale(0)
    const others = { recordType: 'A', targets: ALL.slice(0, 2) }
    await until(async () => {
      const { recordType, targets } = (await entry()) as Json
      return JSON.stringify({ recordType, targets }) === JSON.stringify(others) ? true : undefined
    })
    await until(
      async () => JSON.stringify((await stateOf(RECORD))['status']).includes('"carried":true') || undefined,
    )
    const before = await generation()

    await scene.controller.stop('SIGKILL')
    await scene.controller.start()
    expect(await scene.settled(DEMO.europe.region, ALL.slice(0, 2))).toEqual(ALL.slice(0, 2))
    await scale(2)
    await until(
      async () => ((await entry()) as { targets: readonly string[] }).targets.includes(ALL[2]) || undefined,
    )

    expect(await generation()).toBe(before + 1)
    expect(await entry()).toMatchObject({ recordType: 'A', targets: [ALL[2]] })
  })
})
