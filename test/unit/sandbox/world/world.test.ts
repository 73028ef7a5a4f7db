import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { defaultWorld, emptyWorld, generateWorld } from '../../../../src/sandbox/world/demo-world.ts'
import { parseWorldText, readWorldFile } from '../../../../src/sandbox/world/world-file.ts'
import { parseWorld, WorldError } from '../../../../src/sandbox/world/world.ts'

const east = { name: 'east' }

describe('parseWorld', () => {
  it('fills in every default', () => {
    const world = parseWorld({
      clusters: [
        east,
        { name: 'west', region: 'r', zones: ['z'], nodes: 3, labels: { a: 'b' }, ipv6: false },
      ],
      services: [{ namespace: 'ns', name: 'web' }],
      ingresses: [{ namespace: 'ns', name: 'site', hosts: ['www.example.com'], clusters: ['west'] }],
    })

    expect(world).toEqual({
      federation: 'myfederation',
      domain: 'example.com',
      clusters: [
        { name: 'east', zones: [], nodes: 1, labels: {}, ipv6: true },
        { name: 'west', region: 'r', zones: ['z'], nodes: 3, labels: { a: 'b' }, ipv6: false },
      ],
      services: [
        {
          namespace: 'ns',
          name: 'web',
          clusters: ['east', 'west'],
          replicas: 2,
          ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
          type: 'LoadBalancer',
          ready: true,
          loadBalancer: 'address',
        },
      ],
      ingresses: [
        { namespace: 'ns', name: 'site', hosts: ['www.example.com'], clusters: ['west'], service: 'site' },
      ],
      records: [
        { namespace: 'ns', name: 'web' },
        { namespace: 'ns', name: 'site', hosts: ['www.example.com'] },
      ],
    })
  })

  it('makes records for LoadBalancer Services only, and none when records are given', () => {
    const services = [
      { namespace: 'ns', name: 'inside', type: 'ClusterIP' as const },
      { namespace: 'ns', name: 'outside' },
    ]

    expect(parseWorld({ clusters: [east], services }).records).toEqual([{ namespace: 'ns', name: 'outside' }])
    expect(parseWorld({ clusters: [east], services, records: [] }).records).toEqual([])
  })

  it('keeps the clusters of a service in the order of the world', () => {
    const world = parseWorld({
      clusters: [{ name: 'c' }, { name: 'a' }, { name: 'b' }],
      services: [{ namespace: 'ns', name: 'web', clusters: ['b', 'c'] }],
    })

    expect(world.services[0]?.clusters).toEqual(['c', 'b'])
  })

  it('stores the domain in lower case, without the trailing dot', () => {
    expect(parseWorld({ domain: 'Example.COM.', clusters: [east] }).domain).toBe('example.com')
  })

  const bad: readonly { name: string; in: unknown; path: string; reason: RegExp }[] = [
    { name: 'no object', in: 'text', path: '', reason: /expected object/ },
    { name: 'no clusters', in: {}, path: 'clusters', reason: /expected array/ },
    { name: 'an empty list of clusters', in: { clusters: [] }, path: 'clusters', reason: /Too small/ },
    {
      name: 'a cluster name that is no DNS label',
      in: { clusters: [east, { name: 'Us_East' }] },
      path: 'clusters[1].name',
      reason: /must be a DNS label/,
    },
    {
      name: 'a cluster called as the host',
      in: { clusters: [{ name: 'host' }] },
      path: 'clusters[0].name',
      reason: /"host" is the host cluster's own name/,
    },
    {
      name: 'a cluster listed twice',
      in: { clusters: [east, east] },
      path: 'clusters[1].name',
      reason: /cluster "east" is listed twice/,
    },
    {
      name: 'an unknown field',
      in: { clusters: [{ name: 'east', zone: 'z1' }] },
      path: 'clusters[0]',
      reason: /Unrecognized key: "zone"/,
    },
    {
      name: 'a service in a cluster that is not there',
      in: { clusters: [east], services: [{ namespace: 'ns', name: 'web', clusters: ['east', 'wets'] }] },
      path: 'services[0].clusters[1]',
      reason: /there is no cluster "wets"/,
    },
    {
      name: 'a service listed twice',
      in: {
        clusters: [east],
        services: [
          { namespace: 'ns', name: 'web' },
          { namespace: 'ns', name: 'web' },
        ],
      },
      path: 'services[1]',
      reason: /ns\/web is listed twice/,
    },
    {
      name: 'a negative number of replicas',
      in: { clusters: [east], services: [{ namespace: 'ns', name: 'web', replicas: -1 }] },
      path: 'services[0].replicas',
      reason: /Too small/,
    },
    {
      name: 'a port out of range',
      in: { clusters: [east], services: [{ namespace: 'ns', name: 'web', ports: [{ port: 65_536 }] }] },
      path: 'services[0].ports[0].port',
      reason: /Too big/,
    },
    {
      name: 'a domain that is no name',
      in: { domain: 'exa mple', clusters: [east] },
      path: 'domain',
      reason: /must be a domain name/,
    },
    {
      name: 'a negative TTL',
      in: { clusters: [east], records: [{ namespace: 'ns', name: 'web', recordTTL: -1 }] },
      path: 'records[0].recordTTL',
      reason: /Too small/,
    },
    {
      name: 'an ingress without hosts',
      in: { clusters: [east], ingresses: [{ namespace: 'ns', name: 'web', hosts: [] }] },
      path: 'ingresses[0].hosts',
      reason: /Too small/,
    },
  ]
  it.each(bad)('refuses $name and says where', ({ in: input, path, reason }) => {
    const error = errorOf(() => parseWorld(input, 'topology.yaml'))

    expect(error.code).toBe('WORLD_INVALID')
    expect(error.fields).toMatchObject({ file: 'topology.yaml', path })
    expect(error.fields['reason']).toMatch(reason)
    expect(error.fields['action']).not.toBe('')
  })
})

describe('world files', () => {
  it('reads YAML and JSON alike', () => {
    const yaml = 'clusters:\n  - name: east\n    zones: [z1]\n'
    const json = '{"clusters": [{"name": "east", "zones": ["z1"]}]}'

    expect(parseWorldText(yaml, 'a.yaml')).toEqual(parseWorldText(json, 'a.json'))
  })

  it('names the line of a syntax error', () => {
    const error = errorOf(() => parseWorldText('clusters:\n  - name: "east\n', 'a.yaml'))

    expect(error.fields).toMatchObject({
      file: 'a.yaml',
      path: 'line 3',
      action: 'write one YAML or JSON document',
    })
    expect(error.fields['reason']).toContain('quote')
  })

  it('refuses more than one document', () => {
    const error = errorOf(() =>
      parseWorldText('clusters: [{name: a}]\n---\nclusters: [{name: b}]\n', 'a.yaml'),
    )

    expect(error.fields['reason']).toBe('2 documents')
  })

  it('names a file that cannot be read', () => {
    const error = errorOf(() => readWorldFile('/nowhere/world.yaml'))

    expect(error.fields).toMatchObject({ file: '/nowhere/world.yaml', path: '' })
    expect(error.fields['reason']).toContain('ENOENT')
  })
})

describe('ready-made worlds', () => {
  it('the default world is the promised demo', () => {
    const world = defaultWorld()

    expect(world.federation).toBe('myfederation')
    expect(world.domain).toBe('example.com')
    expect(world.clusters.map(({ name, region, zones }) => ({ name, region, zones }))).toEqual([
      { name: 'us-central1-a', region: 'us-central1', zones: ['us-central1-a'] },
      { name: 'us-east1-b', region: 'us-east1', zones: ['us-east1-b'] },
      { name: 'europe-west1-b', region: 'europe-west1', zones: ['europe-west1-b'] },
    ])
    expect(world.services.map(({ namespace, name }) => `${namespace}/${name}`)).toEqual(['mynamespace/nginx'])
    expect(world.records).toEqual([{ namespace: 'mynamespace', name: 'nginx', recordTTL: 30 }])
  })

  it('the empty world has the same clusters and nothing else', () => {
    expect(emptyWorld()).toEqual({
      clusters: defaultWorld().clusters,
      services: [],
      ingresses: [],
      records: [],
    })
  })

  it('a generated world has the size asked for, ten clusters to a region, and is the same each time', () => {
    const world = generateWorld({ clusters: 11, services: 101 })

    expect(world.clusters).toHaveLength(11)
    expect(world.clusters[10]).toMatchObject({
      name: 'cluster-0011',
      region: 'region-002',
      zones: ['zone-0011'],
    })
    expect(world.services).toHaveLength(101)
    expect(world.services[100]).toMatchObject({
      namespace: 'namespace-002',
      name: 'service-00101',
      replicas: 1,
    })
    expect(world).toEqual(generateWorld({ clusters: 11, services: 101 }))
  })
})

describe('properties', () => {
  it('any text is a world or a WorldError', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(worldOrError(text)).toBe(true)
      }),
    )
  })
})

function worldOrError(text: string): boolean {
  try {
    return parseWorldText(text, 'any').clusters.length > 0
  } catch (error) {
    return error instanceof WorldError
  }
}

function errorOf(act: () => unknown): WorldError {
  try {
    act()
  } catch (error) {
    if (error instanceof WorldError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
