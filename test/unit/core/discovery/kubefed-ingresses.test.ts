import { describe, expect, it } from 'vitest'
import type { OracleIngress, OracleWorld } from '../../../support/oracle.ts'
import { cluster, decided, expected, record, web, world } from './world-lines.ts'

const HOSTS = ['www.example.com', 'shop.example.com']
const ask = record({ kind: 'IngressDNSRecord', hosts: HOSTS })
const BOTH = [cluster('us r1 z1'), cluster('eu r2 z2')]

function ingress(at: string, addresses: readonly string[], more: Partial<OracleIngress> = {}): OracleIngress {
  const targets = addresses.map((text) => (/[g-z]/.test(text) ? { hostname: text } : { ip: text }))
  return { namespace: 'ns', name: 'web', cluster: at, ingress: targets, backends: [], ...more }
}

function bothSay(line: string): readonly string[] {
  return [`shop.example.com. ${line}`, `www.example.com. ${line}`]
}

const UNREADY = { ready: 0, serving: 0 }

const ROWS: readonly {
  readonly name: string
  readonly in: readonly OracleWorld[]
  readonly want: readonly string[]
}[] = [
  {
    name: 'no clusters: the hosts exist and say nothing (KubeFed left them out)',
    in: [world({ records: [ask] })],
    want: bothSay('180 NODATA'),
  },
  {
    name: 'one load balancer in one cluster: its address on every host',
    in: [world({ clusters: BOTH, ingresses: [ingress('us', ['192.0.2.1'])], records: [ask] })],
    want: bothSay('180 A 192.0.2.1'),
  },
  {
    name: 'load balancers in both clusters: both on every host, and no names by region or zone',
    in: [
      world({
        clusters: BOTH,
        ingresses: [ingress('us', ['192.0.2.10']), ingress('eu', ['192.0.2.9'])],
        records: [ask],
      }),
    ],
    want: bothSay('180 A 192.0.2.9 192.0.2.10'),
  },
  {
    name: 'no load balancer in one cluster: those of the other',
    in: [
      world({
        clusters: BOTH,
        ingresses: [ingress('us', ['192.0.2.1']), ingress('eu', [])],
        records: [ask],
      }),
    ],
    want: bothSay('180 A 192.0.2.1'),
  },
  {
    name: 'a load balancer with a host name: its addresses, IPv6 as AAAA',
    in: [
      world({
        clusters: BOTH,
        ingresses: [ingress('us', ['lb.cloud.test'])],
        hostnames: { 'lb.cloud.test': ['2001:db8::1'] },
        records: [ask],
      }),
    ],
    want: bothSay('180 AAAA 2001:db8::1'),
  },
  {
    name: 'recordTTL is the TTL',
    in: [
      world({
        clusters: BOTH,
        ingresses: [ingress('us', ['192.0.2.1'])],
        records: [{ ...ask, recordTTL: 45 }],
      }),
    ],
    want: bothSay('45 A 192.0.2.1'),
  },
  {
    name: 'one ready backend Service is enough',
    in: [
      world({
        clusters: BOTH,
        ingresses: [ingress('us', ['192.0.2.1'], { backends: ['down', 'up'] })],
        services: [web('us', [], { name: 'down', ...UNREADY }), web('us', [], { name: 'up' })],
        records: [ask],
      }),
    ],
    want: bothSay('180 A 192.0.2.1'),
  },
  {
    name: 'without a ready backend Service the cluster is out',
    in: [
      world({
        clusters: BOTH,
        ingresses: [
          ingress('us', ['192.0.2.1'], { backends: ['down'] }),
          ingress('eu', ['192.0.2.2'], { backends: ['down'] }),
        ],
        services: [web('us', [], { name: 'down', ...UNREADY }), web('eu', [], { name: 'down' })],
        records: [ask],
      }),
    ],
    want: bothSay('180 A 192.0.2.2'),
  },
  {
    name: 'a backend Service that cannot be seen does not count: the address alone decides',
    in: [
      world({
        clusters: BOTH,
        ingresses: [ingress('us', ['192.0.2.1'], { backends: ['elsewhere'] })],
        records: [ask],
      }),
    ],
    want: bothSay('180 A 192.0.2.1'),
  },
  {
    name: 'an Ingress that is being deleted is absent',
    in: [
      world({
        clusters: BOTH,
        ingresses: [ingress('us', ['192.0.2.1'], { deleting: true })],
        records: [ask],
      }),
    ],
    want: bothSay('180 NODATA'),
  },
  {
    name: 'when the last backend is gone the address that was fit stands in',
    in: [
      world({
        clusters: BOTH,
        ingresses: [ingress('us', ['192.0.2.1'], { backends: ['web'] })],
        services: [web('us', [])],
        records: [ask],
      }),
      world({
        clusters: BOTH,
        ingresses: [ingress('us', ['192.0.2.1'], { backends: ['web'] })],
        services: [web('us', [], UNREADY)],
        records: [ask],
      }),
    ],
    want: bothSay('180 A 192.0.2.1'),
  },
  {
    name: 'a cluster that cannot be reached keeps what it has published',
    in: [
      world({ clusters: BOTH, ingresses: [ingress('us', ['192.0.2.1'])], records: [ask] }),
      world({ clusters: [cluster('!us r1 z1')], records: [ask] }),
    ],
    want: bothSay('180 A 192.0.2.1'),
  },
  {
    name: 'a cluster that left takes its addresses along',
    in: [
      world({ clusters: BOTH, ingresses: [ingress('us', ['192.0.2.1'])], records: [ask] }),
      world({ clusters: [cluster('eu r2 z2')], records: [ask] }),
    ],
    want: bothSay('180 NODATA'),
  },
  {
    name: 'a host that is no longer asked for is withdrawn, a new one is published',
    in: [
      world({ clusters: BOTH, ingresses: [ingress('us', ['192.0.2.1'])], records: [ask] }),
      world({
        clusters: BOTH,
        ingresses: [ingress('us', ['192.0.2.1'])],
        records: [{ ...ask, hosts: ['new.example.com', 'shop.example.com'] }],
      }),
    ],
    want: ['new.example.com. 180 A 192.0.2.1', 'shop.example.com. 180 A 192.0.2.1'],
  },
]

describe('ingresses', () => {
  it.each(ROWS)('$name', ({ in: worlds, want }) => {
    expect(decided(...worlds)).toEqual(want)
  })

  it.each(ROWS)('oracle: $name', ({ in: worlds, want }) => {
    expect(expected(...worlds)).toEqual(want)
  })
})
