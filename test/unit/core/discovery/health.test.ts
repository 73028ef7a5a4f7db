import { describe, expect, it } from 'vitest'
import type { EndpointFacts, IngressFacts, ServiceFacts } from '../../../../src/api/facts.ts'
import {
  describeReason,
  describeVerdict,
  judgeIngress,
  judgeService,
  REASON,
  REASONS,
  type ShardPast,
  sideOf,
  VERDICT,
} from '../../../../src/core/discovery/health.ts'
import type { IngressShard, Shard } from '../../../../src/core/discovery/types.ts'
import { type Address, tryAddress } from '../../../../src/dns/address.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'

function address(text: string): Address {
  return tryAddress(text)! // a literal of this file
}

const HERE = [address('192.0.2.1')]
const BEFORE = [address('192.0.2.9')]
const LB = [parseDomainName('lb.cloud.test')]

function service(parts: Partial<ServiceFacts> = {}): ServiceFacts {
  return { a: HERE, aaaa: [], hosts: [], clusterIps: [], deleting: false, ...parts }
}

function endpoints(ready: number, serving = ready): EndpointFacts {
  return { ready, serving, terminating: 0 }
}

function present(facts: ServiceFacts, seen: EndpointFacts): Shard {
  return { kind: 'present', service: facts, endpoints: seen }
}

const NEVER: ShardPast = { verdict: VERDICT.none, targets: undefined }
const WAS_FIT: ShardPast = { verdict: VERDICT.fit, targets: { a: BEFORE, aaaa: [] } }
const WAS_LB: ShardPast = { verdict: VERDICT.fit, targets: { a: BEFORE, aaaa: [], hosts: LB } }
const WAS_OTHER_LB: ShardPast = { verdict: VERDICT.fit, targets: { a: BEFORE, aaaa: [], hosts: [] } }
const WAS_UNFIT: ShardPast = { verdict: VERDICT.unfit, targets: { a: BEFORE, aaaa: [] } }
const WAS_ABSENT: ShardPast = { verdict: VERDICT.absent, targets: undefined }
const LOST: Shard = { kind: 'unknown', sinceMs: 5_000, probe: 'none' }

const SERVICES: readonly {
  readonly name: string
  readonly in: { readonly shard: Shard; readonly past?: ShardPast; readonly allow?: boolean }
  readonly want: readonly [verdict: keyof typeof VERDICT, reason: keyof typeof REASON, a: readonly Address[]]
}[] = [
  {
    name: 'not in the complete list: absent',
    in: { shard: { kind: 'absent' }, past: WAS_FIT },
    want: ['absent', 'notFound', []],
  },
  {
    name: 'being deleted: absent, however ready',
    in: { shard: present(service({ deleting: true }), endpoints(2)), past: WAS_FIT },
    want: ['absent', 'deleting', []],
  },
  {
    name: 'without address: absent, however ready',
    in: { shard: present(service({ a: [] }), endpoints(2)), past: WAS_FIT },
    want: ['absent', 'noAddress', []],
  },
  {
    name: 'one ready endpoint is enough',
    in: { shard: present(service(), endpoints(1)) },
    want: ['fit', 'endpointsReady', HERE],
  },
  {
    name: 'when none is ready, serving ones count',
    in: { shard: present(service(), endpoints(0, 1)) },
    want: ['fit', 'endpointsServing', HERE],
  },
  {
    name: 'no endpoint: unfit, with its address',
    in: { shard: present(service(), endpoints(0)) },
    want: ['unfit', 'noReadyEndpoints', HERE],
  },
  {
    name: 'allowServiceWithoutEndpoints makes endpoints irrelevant',
    in: { shard: present(service(), endpoints(0)), allow: true },
    want: ['fit', 'endpointsNotRequired', HERE],
  },
  {
    name: 'allowServiceWithoutEndpoints does not invent an address',
    in: { shard: present(service({ a: [] }), endpoints(0)), allow: true },
    want: ['absent', 'noAddress', []],
  },
  {
    name: 'a host name without address, never resolved: absent',
    in: { shard: present(service({ a: [], hosts: LB }), endpoints(1)) },
    want: ['absent', 'hostUnresolved', []],
  },
  {
    name: 'a host name without address now: fit with the addresses it had',
    in: { shard: present(service({ a: [], hosts: LB }), endpoints(1)), past: WAS_LB },
    want: ['fit', 'hostUnresolved', BEFORE],
  },
  {
    name: 'a host name without address now and no endpoint: unfit with the addresses it had',
    in: { shard: present(service({ a: [], hosts: LB }), endpoints(0)), past: WAS_LB },
    want: ['unfit', 'noReadyEndpoints', BEFORE],
  },
  {
    name: 'a host name without address now, after a restart: the addresses that were told',
    in: { shard: present(service({ a: [], hosts: LB }), endpoints(1)), past: WAS_FIT },
    want: ['fit', 'hostUnresolved', BEFORE],
  },
  {
    name: 'a host name without address in the place of another load balancer: absent, that one is gone',
    in: { shard: present(service({ a: [], hosts: LB }), endpoints(1)), past: WAS_OTHER_LB },
    want: ['absent', 'hostUnresolved', []],
  },
  {
    name: 'lost while fit: fit',
    in: { shard: LOST, past: WAS_FIT },
    want: ['unknownFit', 'sessionLost', BEFORE],
  },
  {
    name: 'lost while unfit: unfit',
    in: { shard: LOST, past: WAS_UNFIT },
    want: ['unknownUnfit', 'sessionLost', BEFORE],
  },
  {
    name: 'lost while absent: absent',
    in: { shard: LOST, past: WAS_ABSENT },
    want: ['unknownAbsent', 'sessionLost', []],
  },
  {
    name: 'lost before it was ever judged: nothing is known',
    in: { shard: { ...LOST, last: service() } },
    want: ['unknownNever', 'neverListed', []],
  },
  {
    name: 'lost after newer addresses were seen: those',
    in: { shard: { ...LOST, last: service() }, past: WAS_FIT },
    want: ['unknownFit', 'sessionLost', HERE],
  },
  {
    name: 'lost, and the newest facts have no address: the last known ones',
    in: { shard: { ...LOST, last: service({ a: [] }) }, past: WAS_FIT },
    want: ['unknownFit', 'sessionLost', BEFORE],
  },
]

describe('judgeService', () => {
  it.each(SERVICES)('$name', ({ in: { shard, past = NEVER, allow = false }, want }) => {
    const judged = judgeService(shard, past, { allowWithoutEndpoints: allow })

    const [verdict, reason, a] = want
    expect([judged.verdict, judged.reason]).toEqual([VERDICT[verdict], REASON[reason]])
    expect(judged.targets?.a ?? []).toEqual(a)
  })

  it.each(SERVICES)(
    'judging again gives the same: $name',
    ({ in: { shard, past = NEVER, allow = false } }) => {
      const spec = { allowWithoutEndpoints: allow }
      const once = judgeService(shard, past, spec)

      expect(judgeService(shard, once, spec)).toEqual(once)
    },
  )

  it('an unknown shard is unknown since its session was lost', () => {
    expect(judgeService(LOST, WAS_FIT, { allowWithoutEndpoints: false }).sinceMs).toBe(5_000)
  })
})

function ingress(backends: readonly EndpointFacts[], parts: Partial<IngressFacts> = {}): IngressShard {
  const facts = { a: HERE, aaaa: [], hosts: [], backends: [], deleting: false, ...parts }
  return { kind: 'present', ingress: facts, backends }
}

describe('judgeIngress', () => {
  it.each([
    { name: 'any ready backend', in: ingress([endpoints(0), endpoints(1)]), want: 'endpointsReady' },
    { name: 'any serving backend', in: ingress([endpoints(0), endpoints(0, 1)]), want: 'endpointsServing' },
    { name: 'no backend in sight: its address alone', in: ingress([]), want: 'addressOnly' },
  ] as const)('fit: $name', ({ in: shard, want }) => {
    expect(judgeIngress(shard, NEVER)).toMatchObject({ verdict: VERDICT.fit, reason: REASON[want] })
  })

  it.each([
    { name: 'no backend is ready', in: ingress([endpoints(0)]), want: ['unfit', 'noReadyEndpoints'] },
    { name: 'being deleted', in: ingress([], { deleting: true }), want: ['absent', 'deleting'] },
    { name: 'without address', in: ingress([], { a: [] }), want: ['absent', 'noAddress'] },
    { name: 'not there', in: { kind: 'absent' }, want: ['absent', 'notFound'] },
  ] as const)('not fit: $name', ({ in: shard, want: [verdict, reason] }) => {
    expect(judgeIngress(shard, NEVER)).toMatchObject({ verdict: VERDICT[verdict], reason: REASON[reason] })
  })

  it('unknown stays what it was', () => {
    const judged = judgeIngress({ kind: 'unknown', sinceMs: 0, probe: 'none' }, WAS_FIT)

    expect(judged).toMatchObject({ verdict: VERDICT.unknownFit, targets: WAS_FIT.targets })
  })
})

describe('the tables of verdicts and reasons', () => {
  it('every reason has a CamelCase word of its own and a sentence', () => {
    const words = REASONS.map(({ word }) => word)

    expect(REASONS).toHaveLength(Object.keys(REASON).length)
    expect(new Set(words).size).toBe(words.length)
    for (const { word, message } of REASONS) {
      expect(word).toMatch(/^([A-Z][a-z]+)+$/)
      expect(message).toMatch(/^.{40,}$/)
    }
  })

  it('the stored bytes never change', () => {
    expect(VERDICT).toEqual({
      none: 0,
      fit: 1,
      unfit: 2,
      absent: 3,
      unknownFit: 4,
      unknownUnfit: 5,
      unknownAbsent: 6,
      unknownNever: 7,
    })
    expect(REASONS.map(({ word }) => word)).toEqual([
      'NotJudged',
      'EndpointsReady',
      'EndpointsServing',
      'EndpointsNotRequired',
      'AddressOnly',
      'NoReadyEndpoints',
      'NotFound',
      'Deleting',
      'NoAddress',
      'HostUnresolved',
      'SessionLost',
      'NeverListed',
    ])
  })

  it('only fit and last fit shards are on the fit side', () => {
    const sides = Object.entries(VERDICT).map(([name, code]) => [name, sideOf(code)])

    expect(Object.fromEntries(sides)).toEqual({
      none: 'out',
      fit: 'fit',
      unfit: 'unfit',
      absent: 'out',
      unknownFit: 'fit',
      unknownUnfit: 'unfit',
      unknownAbsent: 'out',
      unknownNever: 'out',
    })
  })

  it('a byte out of range reads as not judged', () => {
    expect(describeVerdict(200).state).toBe('Unknown')
    expect(describeReason(200).word).toBe('NotJudged')
  })
})
