import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inTurn, planSelection } from '../../src/core/discovery/selection/plan-selection.ts'
import type { AnswerShard, SelectionPolicy } from '../../src/core/discovery/selection/types.ts'
import { parseDomainName } from '../../src/dns/names.ts'
import type { Selection } from '../../src/dns/records.ts'
import { address } from '../support/dns-lines.ts'
import { startTestServer, type TestServer } from '../support/dns-server.ts'
import { rotationProblems } from '../support/rotation-oracle.ts'
import { option } from '../support/edns-claims.ts'

/** Policies planned for real, in a real store, asked through real sockets. */

const CLUSTERS = ['central', 'east', 'europe', 'asia'] as const

function shardOf(key: (typeof CLUSTERS)[number], weight: number, perFamily = 1): AnswerShard {
  const number = CLUSTERS.indexOf(key)
  return {
    key,
    weight,
    region: key,
    zones: [],
    a: Array.from({ length: perFamily }, (_, i) => address(`10.0.${number}.${i}`)),
    aaaa: Array.from({ length: perFamily }, (_, i) => address(`2001:db8:${number + 1}::${i + 1}`)),
  }
}

describe('answers of a server', () => {
  let server: TestServer
  beforeAll(async () => {
    server = await startTestServer(['example'], ['example 60 SOA ns.example host.example 1 2 3 4 15'])
  })
  afterAll(() => server.nameserver.close())

  function publish(name: string, shards: readonly AnswerShard[], policy: SelectionPolicy): Selection {
    const a = shards.flatMap((shard) => shard.a)
    const aaaa = shards.flatMap((shard) => shard.aaaa)
    const select = planSelection(policy, { a, aaaa }, shards)
    const answer = { kind: 'addresses', ttlSeconds: 30, a, aaaa, select } as const
    server.nameserver.writer.publish([{ name: parseDomainName(name), answer, urgent: false }])
    return select
  }

  /** The addresses in an answer, in their order. */
  async function given(
    ask: string,
    over: 'udp' | 'tcp' = 'udp',
    network?: number,
  ): Promise<readonly string[]> {
    const subnet = network === undefined ? [] : [option(8, 0, 1, 24, 0, 20, network >> 8, network & 255)]
    const { answer = [] } = await server.ask(over, { ask, edns: { options: subnet } })
    return answer.map((line) => line.split(' ').at(-1) ?? '')
  }

  async function many(
    count: number,
    ask: string,
    over: 'udp' | 'tcp' = 'udp',
  ): Promise<readonly (readonly string[])[]> {
    const answers: (readonly string[])[] = []
    for (let i = 0; i < count; i += 1) answers.push(await given(ask, over))
    return answers
  }

  /** By cluster, how many of so many networks are led to it; and where each is. */
  async function spread(name: string, networks: number): Promise<readonly string[]> {
    const led: string[] = []
    for (let network = 0; network < networks; network += 1) {
      const [first = ''] = await given(`${name} A`, 'udp', network)
      led.push(CLUSTERS[Number(first.split('.')[2])] ?? 'nowhere')
    }
    return led
  }

  it.each(['udp', 'tcp'] as const)(
    'give at most so many addresses, each first equally often, over %s',
    async (over) => {
      const shards = CLUSTERS.map((key) => shardOf(key, 1, 4))
      publish('all.example', shards, { kind: 'all', maxAnswers: 8 })

      const a = await many(64, 'all.example A', over)
      const aaaa = await many(48, 'all.example AAAA', over)

      expect(rotationProblems(a, { addresses: shards.flatMap((shard) => shard.a), most: 8 })).toEqual([])
      expect(rotationProblems(aaaa, { addresses: shards.flatMap((shard) => shard.aaaa), most: 8 })).toEqual(
        [],
      )
    },
  )

  it('give one address, in turn as often as the weights say', async () => {
    publish('weighted.example', [shardOf('central', 3), shardOf('east', 1), shardOf('asia', 0)], {
      kind: 'weighted',
      affinity: false,
    })

    const answers = (await many(64 * 3, 'weighted.example A')).map(String) // three rounds, wherever they begin

    const counts = ['10.0.0.0', '10.0.1.0', '10.0.3.0'].map(
      (one) => answers.filter((answer) => answer === one).length,
    )
    expect(counts[2]).toBe(0)
    expect(Math.abs((counts[0] ?? 0) - 144)).toBeLessThanOrEqual(16)
    expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(192)
  })

  it('keep a network at one address by weight, over UDP and TCP', async () => {
    publish('kept.example', [shardOf('central', 3), shardOf('east', 1)], { kind: 'weighted', affinity: true })

    const led = await spread('kept.example', 2_000)
    const again = await Promise.all(
      [0, 1, 2, 3, 4, 5, 6, 7].map((network) => given('kept.example A', 'tcp', network)),
    )

    expect(again.map(([one = '']) => CLUSTERS[Number(one.split('.')[2])])).toEqual(led.slice(0, 8))
    expect(Math.abs(led.filter((key) => key === 'central').length / led.length - 0.75)).toBeLessThan(0.05)
  })

  it('move the networks of a cluster that leaves, and no others; A and AAAA lead to one cluster', async () => {
    const shards = CLUSTERS.map((key) => shardOf(key, 1))
    const policy = { kind: 'affinity', maxAnswers: 8 } as const
    publish('affine.example', shards, policy)
    const before = await spread('affine.example', 500)
    const [, second = ''] = await given('affine.example A', 'udp', before.indexOf('europe'))
    const [v6 = ''] = await given('affine.example AAAA', 'udp', before.indexOf('europe'))

    publish(
      'affine.example',
      shards.filter(({ key }) => key !== 'europe'),
      policy,
    )
    const after = await spread('affine.example', 500)

    expect(v6).toBe('2001:db8:3::1')
    expect(after.filter((key, i) => key !== before[i] && before[i] !== 'europe')).toEqual([])
    expect(after[before.indexOf('europe')]).toBe(CLUSTERS[Number(second.split('.')[2])])
    expect(new Set(before)).toEqual(new Set(CLUSTERS))
  })

  it('of names beyond 255 addresses are as fair', async () => {
    const shards = [shardOf('central', 1, 200), shardOf('east', 1, 200)]
    publish('large.example', shards, { kind: 'all', maxAnswers: 8 })
    const a = shards.flatMap((shard) => shard.a)

    expect(rotationProblems(await many(800, 'large.example A'), { addresses: a, most: 8 })).toEqual([])
  })

  it('may be all addresses: then one message has to hold them', async () => {
    const a = Array.from({ length: 300 }, (_, i) => address(`10.9.${i >> 8}.${i & 255}`))
    const answer = { kind: 'addresses', ttlSeconds: 30, a, aaaa: [], select: inTurn(0) } as const
    server.nameserver.writer.publish([{ name: parseDomainName('whole.example'), answer, urgent: false }])

    const over = await server.ask('udp', { ask: 'whole.example A', edns: {} })
    const answers = await many(3, 'whole.example A', 'tcp')

    expect([over.flags, over.answer]).toEqual(['qr aa tc', undefined])
    expect(answers.map((answer) => answer.toSorted())).toEqual([a.toSorted(), a.toSorted(), a.toSorted()])
    expect(new Set(answers.map(([first]) => first)).size).toBe(3)
  })
})
