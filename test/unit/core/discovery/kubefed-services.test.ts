import { describe, expect, it } from 'vitest'
import type { OracleWorld } from '../../../support/oracle.ts'
import { cluster, decided, expected, record, web, world } from './world-lines.ts'

const US = cluster('us c-us us1')
const EU = cluster('eu c-eu eu1')
const BOTH = [US, EU]

interface Row {
  readonly name: string
  /** Worlds, one after the other. */
  readonly in: readonly OracleWorld[]
  readonly want: readonly string[]
}

/** The cases of KubeFed's own table (kubefed.md 7), with what DESIGN changes. */
const KUBEFED_CASES: readonly Row[] = [
  {
    name: 'no clusters: the global name exists and says nothing',
    in: [world({})],
    want: ['web.ns.fed.svc.example.com. 180 NODATA'],
  },
  {
    name: 'one load balancer in one cluster: the address on all three levels',
    in: [world({ clusters: [US], services: [web('us', ['192.0.2.1'])] })],
    want: [
      'web.ns.fed.svc.c-us.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.us1.c-us.example.com. 180 A 192.0.2.1',
    ],
  },
  {
    name: 'load balancers in both clusters: both on the global name, each on its own region and zone',
    in: [world({ clusters: BOTH, services: [web('us', ['192.0.2.1']), web('eu', ['192.0.2.2'])] })],
    want: [
      'web.ns.fed.svc.c-eu.example.com. 180 A 192.0.2.2',
      'web.ns.fed.svc.c-us.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.eu1.c-eu.example.com. 180 A 192.0.2.2',
      'web.ns.fed.svc.example.com. 180 A 192.0.2.1 192.0.2.2',
      'web.ns.fed.svc.us1.c-us.example.com. 180 A 192.0.2.1',
    ],
  },
  {
    name: 'no load balancer in one cluster: its zone points to its region, its region to the global name',
    in: [world({ clusters: BOTH, services: [web('us', ['192.0.2.1']), web('eu', [])] })],
    want: [
      'web.ns.fed.svc.c-eu.example.com. 180 CNAME web.ns.fed.svc.example.com.',
      'web.ns.fed.svc.c-us.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.eu1.c-eu.example.com. 180 CNAME web.ns.fed.svc.c-eu.example.com.',
      'web.ns.fed.svc.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.us1.c-us.example.com. 180 A 192.0.2.1',
    ],
  },
  {
    name: 'no load balancer anywhere: all point up to a global name that exists (KubeFed left it NXDOMAIN)',
    in: [world({ clusters: BOTH, services: [web('us', []), web('eu', [])] })],
    want: [
      'web.ns.fed.svc.c-eu.example.com. 180 CNAME web.ns.fed.svc.example.com.',
      'web.ns.fed.svc.c-us.example.com. 180 CNAME web.ns.fed.svc.example.com.',
      'web.ns.fed.svc.eu1.c-eu.example.com. 180 CNAME web.ns.fed.svc.c-eu.example.com.',
      'web.ns.fed.svc.example.com. 180 NODATA',
      'web.ns.fed.svc.us1.c-us.example.com. 180 CNAME web.ns.fed.svc.c-us.example.com.',
    ],
  },
  {
    name: 'a load balancer with a host name: the addresses of that',
    in: [
      world({
        clusters: [US],
        services: [web('us', ['lb.cloud.test'])],
        hostnames: { 'lb.cloud.test': ['192.0.2.3', '192.0.2.4'] },
      }),
    ],
    want: [
      'web.ns.fed.svc.c-us.example.com. 180 A 192.0.2.3 192.0.2.4',
      'web.ns.fed.svc.example.com. 180 A 192.0.2.3 192.0.2.4',
      'web.ns.fed.svc.us1.c-us.example.com. 180 A 192.0.2.3 192.0.2.4',
    ],
  },
  {
    name: 'recordTTL is the TTL of addresses and aliases',
    in: [
      world({ clusters: BOTH, services: [web('us', ['192.0.2.1'])], records: [record({ recordTTL: 30 })] }),
    ],
    want: [
      'web.ns.fed.svc.c-eu.example.com. 30 CNAME web.ns.fed.svc.example.com.',
      'web.ns.fed.svc.c-us.example.com. 30 A 192.0.2.1',
      'web.ns.fed.svc.eu1.c-eu.example.com. 30 CNAME web.ns.fed.svc.c-eu.example.com.',
      'web.ns.fed.svc.example.com. 30 A 192.0.2.1',
      'web.ns.fed.svc.us1.c-us.example.com. 30 A 192.0.2.1',
    ],
  },
  {
    name: 'recordTTL 0 is 180, or the default of the Domain',
    in: [world({ records: [record({ recordTTL: 0 })], defaultTTL: 60 })],
    want: ['web.ns.fed.svc.example.com. 60 NODATA'],
  },
  {
    name: 'externalName takes the place of the first label in every name',
    in: [
      world({
        clusters: [US],
        services: [web('us', ['192.0.2.1'])],
        records: [record({ externalName: 'shop', dnsPrefix: 'go' })],
      }),
    ],
    want: [
      'go.example.com. 180 CNAME shop.ns.fed.svc.example.com.',
      'shop.ns.fed.svc.c-us.example.com. 180 A 192.0.2.1',
      'shop.ns.fed.svc.example.com. 180 A 192.0.2.1',
      'shop.ns.fed.svc.us1.c-us.example.com. 180 A 192.0.2.1',
    ],
  },
  {
    name: 'dnsPrefix points to the global name, even when that says nothing',
    in: [world({ records: [record({ dnsPrefix: 'go' })] })],
    want: ['go.example.com. 180 CNAME web.ns.fed.svc.example.com.', 'web.ns.fed.svc.example.com. 180 NODATA'],
  },
  {
    name: 'a cluster in two zones: its addresses on both',
    in: [world({ clusters: [cluster('us r z1 z2')], services: [web('us', ['192.0.2.1'])] })],
    want: [
      'web.ns.fed.svc.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.r.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.z1.r.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.z2.r.example.com. 180 A 192.0.2.1',
    ],
  },
]

/** Merging (kubefed.md 2.7). */
const MERGING: readonly Row[] = [
  {
    name: 'two clusters of one region share its name; the order is numeric, not that of text or input',
    in: [
      world({
        clusters: [cluster('x r z1'), cluster('y r z2')],
        services: [web('x', ['192.0.2.10']), web('y', ['192.0.2.9'])],
      }),
    ],
    want: [
      'web.ns.fed.svc.example.com. 180 A 192.0.2.9 192.0.2.10',
      'web.ns.fed.svc.r.example.com. 180 A 192.0.2.9 192.0.2.10',
      'web.ns.fed.svc.z1.r.example.com. 180 A 192.0.2.10',
      'web.ns.fed.svc.z2.r.example.com. 180 A 192.0.2.9',
    ],
  },
  {
    name: 'a cluster without endpoints does not hurt the name that it shares: addresses beat the alias',
    in: [
      world({
        clusters: [cluster('x r z'), cluster('y r z')],
        services: [web('x', ['192.0.2.1']), web('y', ['192.0.2.2'], { ready: 0, serving: 0 })],
      }),
    ],
    want: [
      'web.ns.fed.svc.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.r.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.z.r.example.com. 180 A 192.0.2.1',
    ],
  },
  {
    name: 'one address from two clusters is said once, and stays while one of them has it',
    in: [
      world({
        clusters: [cluster('x'), cluster('y')],
        services: [web('x', ['192.0.2.1']), web('y', ['192.0.2.1'])],
      }),
      world({ clusters: [cluster('x'), cluster('y')], services: [web('y', ['192.0.2.1'])] }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 A 192.0.2.1'],
  },
  {
    name: 'zones of one name in two regions are two names',
    in: [
      world({
        clusters: [cluster('x r1 z'), cluster('y r2 z')],
        services: [web('x', ['192.0.2.1']), web('y', ['192.0.2.2'])],
      }),
    ],
    want: [
      'web.ns.fed.svc.example.com. 180 A 192.0.2.1 192.0.2.2',
      'web.ns.fed.svc.r1.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.r2.example.com. 180 A 192.0.2.2',
      'web.ns.fed.svc.z.r1.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.z.r2.example.com. 180 A 192.0.2.2',
    ],
  },
  {
    name: 'an ingress entry with both an address and a host name gives both',
    in: [
      world({
        clusters: [cluster('x')],
        services: [{ ...web('x', []), ingress: [{ ip: '192.0.2.9', hostname: 'lb.cloud.test' }] }],
        hostnames: { 'lb.cloud.test': ['192.0.2.1'] },
      }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 A 192.0.2.1 192.0.2.9'],
  },
]

/** Readiness (kubefed.md 2.6, DESIGN 5.2). */
const READINESS: readonly Row[] = [
  {
    name: 'no ready endpoint and never any: not published',
    in: [world({ clusters: [cluster('x')], services: [web('x', ['192.0.2.1'], { ready: 0, serving: 0 })] })],
    want: ['web.ns.fed.svc.example.com. 180 NODATA'],
  },
  {
    name: 'when none is ready, serving ones count',
    in: [world({ clusters: [cluster('x')], services: [web('x', ['192.0.2.1'], { ready: 0, serving: 2 })] })],
    want: ['web.ns.fed.svc.example.com. 180 A 192.0.2.1'],
  },
  {
    name: 'allowServiceWithoutEndpoints publishes without any',
    in: [
      world({
        clusters: [cluster('x')],
        services: [web('x', ['192.0.2.1'], { ready: 0, serving: 0 })],
        records: [record({ allowServiceWithoutEndpoints: true })],
      }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 A 192.0.2.1'],
  },
  {
    name: 'a Service that is being deleted is absent',
    in: [world({ clusters: [cluster('x')], services: [web('x', ['192.0.2.1'], { deleting: true })] })],
    want: ['web.ns.fed.svc.example.com. 180 NODATA'],
  },
]

/** What is marked DEFECT in kubefed.md 2.6 to 2.8 and 8, and the rule in its place. */
const DEFECTS_FIXED: readonly Row[] = [
  {
    name: 'IPv6 addresses are AAAA records, decided together with A',
    in: [
      world({
        clusters: BOTH,
        services: [web('us', ['2001:db8::a']), web('eu', ['192.0.2.2', '2001:db8::9'])],
      }),
    ],
    want: [
      'web.ns.fed.svc.c-eu.example.com. 180 A 192.0.2.2',
      'web.ns.fed.svc.c-eu.example.com. 180 AAAA 2001:db8::9',
      'web.ns.fed.svc.c-us.example.com. 180 AAAA 2001:db8::a',
      'web.ns.fed.svc.eu1.c-eu.example.com. 180 A 192.0.2.2',
      'web.ns.fed.svc.eu1.c-eu.example.com. 180 AAAA 2001:db8::9',
      'web.ns.fed.svc.example.com. 180 A 192.0.2.2',
      'web.ns.fed.svc.example.com. 180 AAAA 2001:db8::9 2001:db8::a',
      'web.ns.fed.svc.us1.c-us.example.com. 180 AAAA 2001:db8::a',
    ],
  },
  {
    name: 'a cluster without region or zone has no names of its own and blocks nobody',
    in: [
      world({
        clusters: [US, cluster('bare'), cluster('half c-us')],
        services: [web('us', ['192.0.2.1']), web('bare', ['192.0.2.2']), web('half', ['192.0.2.3'])],
      }),
    ],
    want: [
      'web.ns.fed.svc.c-us.example.com. 180 A 192.0.2.1 192.0.2.3',
      'web.ns.fed.svc.example.com. 180 A 192.0.2.1 192.0.2.2 192.0.2.3',
      'web.ns.fed.svc.us1.c-us.example.com. 180 A 192.0.2.1',
    ],
  },
  {
    name: 'a cluster that cannot be reached keeps what it has published',
    in: [
      world({ clusters: BOTH, services: [web('us', ['192.0.2.1']), web('eu', ['192.0.2.2'])] }),
      world({ clusters: [US, cluster('!eu c-eu eu1')], services: [web('us', ['192.0.2.1'])] }),
    ],
    want: [
      'web.ns.fed.svc.c-eu.example.com. 180 A 192.0.2.2',
      'web.ns.fed.svc.c-us.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.eu1.c-eu.example.com. 180 A 192.0.2.2',
      'web.ns.fed.svc.example.com. 180 A 192.0.2.1 192.0.2.2',
      'web.ns.fed.svc.us1.c-us.example.com. 180 A 192.0.2.1',
    ],
  },
  {
    name: 'a cluster that cannot be reached and never was still has its names, pointing up',
    in: [world({ clusters: [US, cluster('!eu c-eu eu1')], services: [web('us', ['192.0.2.1'])] })],
    want: [
      'web.ns.fed.svc.c-eu.example.com. 180 CNAME web.ns.fed.svc.example.com.',
      'web.ns.fed.svc.c-us.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.eu1.c-eu.example.com. 180 CNAME web.ns.fed.svc.c-eu.example.com.',
      'web.ns.fed.svc.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.us1.c-us.example.com. 180 A 192.0.2.1',
    ],
  },
  {
    name: 'a cluster that left takes its addresses along; its region and zone stay as names, pointing up',
    in: [
      world({ clusters: BOTH, services: [web('us', ['192.0.2.1']), web('eu', ['192.0.2.2'])] }),
      world({ clusters: [US], services: [web('us', ['192.0.2.1'])] }),
    ],
    want: [
      'web.ns.fed.svc.c-eu.example.com. 180 CNAME web.ns.fed.svc.example.com.',
      'web.ns.fed.svc.c-us.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.eu1.c-eu.example.com. 180 CNAME web.ns.fed.svc.c-eu.example.com.',
      'web.ns.fed.svc.example.com. 180 A 192.0.2.1',
      'web.ns.fed.svc.us1.c-us.example.com. 180 A 192.0.2.1',
    ],
  },
  {
    name: 'a host name that resolves to other addresses changes the answer',
    in: [
      world({
        clusters: [cluster('x')],
        services: [web('x', ['lb.cloud.test'])],
        hostnames: { 'lb.cloud.test': ['192.0.2.3'] },
      }),
      world({
        clusters: [cluster('x')],
        services: [web('x', ['lb.cloud.test'])],
        hostnames: { 'lb.cloud.test': ['192.0.2.4'] },
      }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 A 192.0.2.4'],
  },
  {
    name: 'a host name that resolves to nothing keeps its last addresses and fails no other cluster',
    in: [
      world({
        clusters: [cluster('x'), cluster('y')],
        services: [web('x', ['lb.cloud.test']), web('y', ['192.0.2.1'])],
        hostnames: { 'lb.cloud.test': ['192.0.2.3'] },
      }),
      world({
        clusters: [cluster('x'), cluster('y')],
        services: [web('x', ['lb.cloud.test']), web('y', ['192.0.2.2'])],
        hostnames: {},
      }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 A 192.0.2.2 192.0.2.3'],
  },
  {
    name: 'two records with one dnsPrefix: the older has it',
    in: [
      world({
        records: [
          record({ name: 'young', created: '2026-02-01T00:00:00Z', dnsPrefix: 'go' }),
          record({ name: 'old', dnsPrefix: 'go' }),
        ],
      }),
    ],
    want: [
      'go.example.com. 180 CNAME old.ns.fed.svc.example.com.',
      'old.ns.fed.svc.example.com. 180 NODATA',
      'young.ns.fed.svc.example.com. 180 NODATA',
    ],
  },
  {
    name: "one record's externalName does not take another one's own name, however old it is",
    in: [
      world({
        clusters: [cluster('x')],
        services: [web('x', ['192.0.2.1']), web('x', ['192.0.2.2'], { name: 'old' })],
        records: [record({ name: 'old', created: '2025-01-01T00:00:00Z', externalName: 'web' }), record()],
      }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 A 192.0.2.1'],
  },
]

/** DESIGN 5.3. */
const LAST_KNOWN_GOOD: readonly Row[] = [
  {
    name: 'when the last fit shard turns unfit, all unfit ones stand in on the global name, and zones point up',
    in: [
      world({
        clusters: BOTH,
        services: [web('us', ['192.0.2.1']), web('eu', ['192.0.2.2'], { ready: 0, serving: 0 })],
      }),
      world({
        clusters: BOTH,
        services: [
          web('us', ['192.0.2.1'], { ready: 0, serving: 0 }),
          web('eu', ['192.0.2.2'], { ready: 0, serving: 0 }),
        ],
      }),
    ],
    want: [
      'web.ns.fed.svc.c-eu.example.com. 180 CNAME web.ns.fed.svc.example.com.',
      'web.ns.fed.svc.c-us.example.com. 180 CNAME web.ns.fed.svc.example.com.',
      'web.ns.fed.svc.eu1.c-eu.example.com. 180 CNAME web.ns.fed.svc.c-eu.example.com.',
      'web.ns.fed.svc.example.com. 180 A 192.0.2.1 192.0.2.2',
      'web.ns.fed.svc.us1.c-us.example.com. 180 CNAME web.ns.fed.svc.c-us.example.com.',
    ],
  },
  {
    name: 'an unfit shard is out at once while another is fit',
    in: [
      world({
        clusters: [cluster('x'), cluster('y')],
        services: [web('x', ['192.0.2.1']), web('y', ['192.0.2.2'])],
      }),
      world({
        clusters: [cluster('x'), cluster('y')],
        services: [web('x', ['192.0.2.1'], { ready: 0, serving: 0 }), web('y', ['192.0.2.2'])],
      }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 A 192.0.2.2'],
  },
  {
    name: 'whenAllUnhealthy Empty publishes nothing, as KubeFed did',
    in: [
      world({
        clusters: [cluster('x')],
        services: [web('x', ['192.0.2.1'])],
        records: [record({ whenAllUnhealthy: 'Empty' })],
      }),
      world({
        clusters: [cluster('x')],
        services: [web('x', ['192.0.2.1'], { ready: 0, serving: 0 })],
        records: [record({ whenAllUnhealthy: 'Empty' })],
      }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 NODATA'],
  },
  {
    name: 'whenAllUnhealthy changed while all are unhealthy takes effect at once',
    in: [
      world({ clusters: [cluster('x')], services: [web('x', ['192.0.2.1'])] }),
      world({ clusters: [cluster('x')], services: [web('x', ['192.0.2.1'], { ready: 0, serving: 0 })] }),
      world({
        clusters: [cluster('x')],
        services: [web('x', ['192.0.2.1'], { ready: 0, serving: 0 })],
        records: [record({ whenAllUnhealthy: 'Empty' })],
      }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 NODATA'],
  },
  {
    name: 'a shard that is absent is out of the stand-ins at once',
    in: [
      world({
        clusters: [cluster('x'), cluster('y')],
        services: [web('x', ['192.0.2.1']), web('y', ['192.0.2.2'])],
      }),
      world({
        clusters: [cluster('x'), cluster('y')],
        services: [web('x', ['192.0.2.1'], { ready: 0, serving: 0 })],
      }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 A 192.0.2.1'],
  },
  {
    name: 'a stand-in whose address changes stands in with the new one',
    in: [
      world({ clusters: [cluster('x')], services: [web('x', ['192.0.2.1'])] }),
      world({ clusters: [cluster('x')], services: [web('x', ['192.0.2.1'], { ready: 0, serving: 0 })] }),
      world({ clusters: [cluster('x')], services: [web('x', ['192.0.2.2'], { ready: 0, serving: 0 })] }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 A 192.0.2.2'],
  },
  {
    name: 'a Service that was deleted everywhere starts anew: not published before it is fit',
    in: [
      world({ clusters: [cluster('x')], services: [web('x', ['192.0.2.1'])] }),
      world({ clusters: [cluster('x')], services: [] }),
      world({ clusters: [cluster('x')], services: [web('x', ['192.0.2.1'], { ready: 0, serving: 0 })] }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 NODATA'],
  },
  {
    name: 'an unreachable shard that was last fit is in the first tier: unfit ones do not stand in',
    in: [
      world({
        clusters: [cluster('x'), cluster('y')],
        services: [web('x', ['192.0.2.1']), web('y', ['192.0.2.2'])],
      }),
      world({
        clusters: [cluster('!x'), cluster('y')],
        services: [web('y', ['192.0.2.2'], { ready: 0, serving: 0 })],
      }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 A 192.0.2.1'],
  },
  {
    name: 'an unreachable shard that was last unfit stands in with the others',
    in: [
      world({ clusters: [cluster('x')], services: [web('x', ['192.0.2.1'])] }),
      world({ clusters: [cluster('x')], services: [web('x', ['192.0.2.1'], { ready: 0, serving: 0 })] }),
      world({ clusters: [cluster('!x')] }),
    ],
    want: ['web.ns.fed.svc.example.com. 180 A 192.0.2.1'],
  },
]

describe.each([
  { title: "KubeFed's own cases", rows: KUBEFED_CASES },
  { title: 'merging', rows: MERGING },
  { title: 'readiness', rows: READINESS },
  { title: 'defects of KubeFed, fixed', rows: DEFECTS_FIXED },
  { title: 'last known good', rows: LAST_KNOWN_GOOD },
])('services: $title', ({ rows }) => {
  it.each(rows)('$name', ({ in: worlds, want }) => {
    expect(decided(...worlds)).toEqual(want)
  })

  it.each(rows)('oracle: $name', ({ in: worlds, want }) => {
    expect(expected(...worlds)).toEqual(want)
  })
})
