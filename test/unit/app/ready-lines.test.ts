import { describe, expect, it } from 'vitest'
import { readyLines } from '../../../src/app/ready-lines.ts'
import { defaultWorld, emptyWorld } from '../../../src/sandbox/world/demo-world.ts'
import { parseWorld, type World } from '../../../src/sandbox/world/world.ts'

function linesOf(world: World): readonly string[] {
  return readyLines({
    world,
    dns: { host: '127.0.0.1', port: 5300 },
    httpUrl: 'http://127.0.0.1:8053',
    kubeconfigPath: '.waypost/kubeconfig',
  })
}

const READY = (clusters: number): string =>
  `ready   DNS on 127.0.0.1:5300, HTTP on http://127.0.0.1:8053, ${clusters} member clusters`
const KUBECTL = [
  '  export KUBECONFIG=.waypost/kubeconfig',
  '  kubectl --context host get servicednsrecords,domains,kubefedclusters,dnsendpoints -A',
]

describe('readyLines', () => {
  it('begin with the promised word, and show what to try in the demo', () => {
    expect(linesOf(defaultWorld())).toEqual([
      READY(3),
      'try:',
      '  dig @127.0.0.1 -p 5300 nginx.mynamespace.myfederation.svc.example.com',
      '  dig @127.0.0.1 -p 5300 nginx.mynamespace.myfederation.svc.us-central1-a.us-central1.example.com',
      '  dig @127.0.0.1 -p 5300 nginx.mynamespace.myfederation',
      ...KUBECTL,
      '  kubectl --context europe-west1-b -n mynamespace scale deployment nginx --replicas=0',
      `  curl -X PUT -d '{"kind":"hang"}' http://127.0.0.1:8053/sandbox/clusters/europe-west1-b/fault   # and -X DELETE to mend it`,
    ])
  })

  it('show nothing of an empty world that it does not have', () => {
    expect(linesOf(emptyWorld())).toEqual([READY(3), 'try:', ...KUBECTL])
  })

  it('ask for names that the world has: its external name, no zone where there is none', () => {
    const world = parseWorld(
      {
        federation: 'fed',
        domain: 'example.org',
        clusters: [{ name: 'c0' }],
        services: [{ namespace: 'shop', name: 'web' }],
        records: [
          { namespace: 'shop', name: 'edge', hosts: ['www.example.org'] },
          { namespace: 'shop', name: 'web', externalName: 'front' },
        ],
      },
      'test',
    )

    expect(linesOf(world).filter((line) => line.includes('dig'))).toEqual([
      '  dig @127.0.0.1 -p 5300 front.shop.fed.svc.example.org',
      '  dig @127.0.0.1 -p 5300 front.shop.fed',
    ])
  })

  it('ask for a host where there are Ingress records only, and for nothing without a Domain', () => {
    const world = parseWorld(
      {
        federation: 'fed',
        domain: 'example.org',
        clusters: [{ name: 'c0' }],
        records: [{ namespace: 'shop', name: 'edge', hosts: ['www.example.org'] }],
      },
      'test',
    )
    const { federation: _, domain: __, ...bare } = world

    expect(linesOf(world)).toContain('  dig @127.0.0.1 -p 5300 www.example.org')
    expect(linesOf(bare)).toEqual([READY(1), 'try:', ...KUBECTL])
  })
})
