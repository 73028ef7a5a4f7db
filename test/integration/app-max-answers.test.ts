import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { ALL, DEMO, PATH } from '../support/demo.ts'
import { askTcp, askUdp } from '../support/dns-exchange.ts'
import { queryBytes } from '../support/dns-query.ts'
import { replyOf } from '../support/dns-reply.ts'
import { rotationProblems } from '../support/rotation-oracle.ts'
import { demoClusters, startApp, type App } from '../support/sandbox-harness.ts'

/** Which addresses one answer holds, and in which order: `maxAnswers` (DESIGN 5.13). */

const DOMAIN = `${PATH.domains}/myfederation`
const world = parseWorld({
  clusters: demoClusters(),
  services: [{ namespace: 'mynamespace', name: 'nginx' }],
  records: [{ namespace: 'mynamespace', name: 'nginx', recordTTL: 30 }],
})

let app: App
beforeAll(async () => {
  app = await startApp({ world })
  await app.untilSays(DEMO.global, ALL)
})
afterAll(() => app.close())

/** Addresses in the order in which they come, of answers one after the other. */
async function answers(
  count: number,
  over: 'udp' | 'tcp',
  name: string = DEMO.global,
): Promise<readonly (readonly string[])[]> {
  const { port = 0 } = app.instance.nameserver.listening[0] ?? {}
  const query = queryBytes({ ask: `${name} A` })
  const found: (readonly string[])[] = []
  for (let i = 0; i < count; i += 1) {
    const response = await (over === 'udp' ? askUdp(port, query) : askTcp(port, query))
    const records = (replyOf(response).answer ?? []).map((line) => line.split(' '))
    found.push(records.filter(([, , type]) => type === 'A').map((record) => record.at(-1) ?? ''))
  }
  return found
}

/** What the DNSEndpoint says of the global name. */
async function outside(): Promise<readonly string[] | undefined> {
  const { spec } = (await app.host.get(`${PATH.endpoints}/service-nginx`)) as unknown as {
    spec: { endpoints: readonly { dnsName: string; targets: readonly string[] }[] }
  }
  return spec.endpoints.find(({ dnsName }) => dnsName === DEMO.global)?.targets
}

describe('the addresses of a name', () => {
  it.each(['udp', 'tcp'] as const)('come in turn, each first equally often, over %s', async (over) => {
    expect(rotationProblems(await answers(12, over), { addresses: ALL, most: 8 })).toEqual([])
    expect(new Set((await answers(12, over, DEMO.short)).map(([first]) => first))).toEqual(new Set(ALL))
  })

  it('are no more than the Domain says, from when it says so; other outputs have all of them', async () => {
    await app.untilTime(async () => expect(await outside()).toEqual(ALL))

    await app.host.merge(DOMAIN, { maxAnswers: 2 })
    await app.untilTime(async () => expect((await answers(1, 'udp'))[0]).toHaveLength(2))

    expect(rotationProblems(await answers(12, 'udp'), { addresses: ALL, most: 2 })).toEqual([])
    expect(await outside()).toEqual(ALL)
  })

  it('are so over a restart', async () => {
    await app.untilTime(async () =>
      expect((await app.host.get(DOMAIN))['status']).toMatchObject({ inForce: { maxAnswers: 2 } }),
    )
    await app.stopController()
    await app.startController()
    await app.instance.controlPlane.serving

    expect(rotationProblems(await answers(6, 'udp'), { addresses: ALL, most: 2 })).toEqual([])
  })

  it('are all of them again when it says no more', async () => {
    await app.host.merge(DOMAIN, { maxAnswers: null })

    await app.untilTime(async () => expect((await answers(1, 'udp'))[0]).toHaveLength(3))
    expect(rotationProblems(await answers(12, 'tcp'), { addresses: ALL, most: 8 })).toEqual([])
  })
})
