import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../../src/api/object.ts'
import { parseWorld } from '../../src/sandbox/world/world.ts'
import { ALL, CENTRAL, DEMO, EAST, EUROPE, PATH, serviceRecord } from '../support/demo.ts'
import { demoClusters, startApp, type App } from '../support/sandbox-harness.ts'

const world = parseWorld({
  clusters: demoClusters(),
  services: [
    { namespace: 'mynamespace', name: 'nginx' },
    { namespace: 'mynamespace', name: 'tomcat', clusters: ['us-east1-b'] },
  ],
  records: [{ namespace: 'mynamespace', name: 'nginx', recordTTL: 30 }],
})
const RECORD = `${PATH.records}/nginx`
const ENDPOINT = `${PATH.endpoints}/service-nginx`
const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

let app: App
beforeAll(async () => {
  app = await startApp({ world })
})
afterAll(() => app.close())

const condition = (type: string, status: string, reason: string) =>
  expect.objectContaining({
    type,
    status,
    reason,
    observedGeneration: 1,
    lastTransitionTime: TIME,
    message: expect.any(String),
  })
const endpoint = (dnsName: string, targets: readonly string[]) => ({
  dnsName,
  recordTTL: 30,
  recordType: 'A',
  targets,
})

/** What the demo's DNSEndpoint holds while all is well. */
const ENDPOINTS = [
  endpoint(DEMO.europe.zone, [EUROPE]),
  endpoint(DEMO.europe.region, [EUROPE]),
  endpoint(DEMO.global, ALL),
  endpoint(DEMO.central.zone, [CENTRAL]),
  endpoint(DEMO.central.region, [CENTRAL]),
  endpoint(DEMO.east.zone, [EAST]),
  endpoint(DEMO.east.region, [EAST]),
].sort((left, right) => (left.dnsName < right.dnsName ? -1 : 1))

function untilEndpointsAre(path: string, endpoints: unknown): Promise<KubeObject> {
  return app.untilTime(async () => {
    const object = await app.host.get(path)
    expect(object['spec']).toEqual({ endpoints })
    return object
  })
}

/** `kubectl events`: those of one object, as `<type> <reason>`, oldest first. */
async function eventsOf(kind: string, name: string, path: string = PATH.events): Promise<readonly string[]> {
  const events = (await app.host.list(path)) as readonly (KubeObject & {
    readonly involvedObject: { readonly kind: string; readonly name: string; readonly uid?: string }
    readonly firstTimestamp: string
    readonly type: string
    readonly reason: string
  })[]
  return events
    .filter(({ involvedObject: about }) => about.kind === kind && about.name === name)
    .map(({ type, reason }) => `${type} ${reason}`)
}

describe('the status of a ServiceDNSRecord', () => {
  it('has the shape of KubeFed, and beside it what was decided and why', async () => {
    const shard = (cluster: string, region: string, ip: string) => ({
      cluster,
      region,
      zones: [cluster],
      loadBalancer: { ingress: [{ ip }] },
      state: 'Fit',
      reason: 'EndpointsReady',
      message: 'at least one endpoint is ready; nothing to do',
      since: TIME,
      published: true,
      endpoints: 2,
    })
    const answer = (name: string, targets: readonly string[]) => ({ name, type: 'A', targets })

    await app.untilTime(async () => {
      const { status } = await app.host.get(RECORD)
      expect(status).toEqual({
        domain: 'example.com',
        dnsName: DEMO.global,
        inForce: {
          ...{ domainRef: 'myfederation', recordTTL: 30 },
          ...{ allowServiceWithoutEndpoints: false, whenAllUnhealthy: 'LastKnownGood' },
        },
        dns: [
          shard('europe-west1-b', 'europe-west1', EUROPE),
          shard('us-central1-a', 'us-central1', CENTRAL),
          shard('us-east1-b', 'us-east1', EAST),
        ],
        observedGeneration: 1,
        conditions: [
          condition('Conflict', 'False', 'NoConflict'),
          condition('DNSEndpointWritten', 'True', 'Written'),
          condition('Degraded', 'False', 'AllKnown'),
          condition('Ready', 'True', 'ShardsFit'),
        ],
        endpoints: 6,
        healthy: '3/3',
        addresses: ALL,
        lastGood: ALL,
        answers: expect.any(Array),
      })
      const { answers } = status as { answers: unknown[] }
      expect(answers[0]).toEqual(answer(DEMO.global, ALL))
      expect(answers).toHaveLength(8)
      expect(answers).toEqual(
        expect.arrayContaining([
          answer(DEMO.central.region, [CENTRAL]),
          answer(DEMO.europe.zone, [EUROPE]),
          { name: DEMO.short, type: 'CNAME', targets: [DEMO.global] },
        ]),
      )
    })
    expect(await eventsOf('ServiceDNSRecord', 'nginx')).toEqual(['Normal ShardsFit'])
  })

  it('tells of a shard without endpoints, and counts it no more', async () => {
    const scale = (replicas: number) =>
      app.member('us-east1-b').merge(`${PATH.deployments}/nginx/scale`, { spec: { replicas } })

    await scale(0)
    await app.untilTime(async () => {
      expect((await app.host.get(RECORD))['status']).toMatchObject({
        healthy: '2/3',
        endpoints: 4,
        addresses: [CENTRAL, EUROPE],
        dns: expect.arrayContaining([
          expect.objectContaining({
            cluster: 'us-east1-b',
            state: 'Unfit',
            reason: 'NoReadyEndpoints',
            loadBalancer: {},
            published: false,
            endpoints: 0,
          }),
        ]),
      })
    })
    await scale(2)
    await app.untilTime(async () =>
      expect((await app.host.get(RECORD))['status']).toMatchObject({ healthy: '3/3' }),
    )
    await untilEndpointsAre(ENDPOINT, ENDPOINTS)
  })
})

describe('the status of the other kinds', () => {
  it('a KubeFedCluster tells region, zones, version and conditions', async () => {
    await app.untilTime(async () => {
      const { status } = await app.host.get(`${PATH.clusters}/us-central1-a`)
      expect(status).toEqual({
        region: 'us-central1',
        zones: ['us-central1-a'],
        kubernetesVersion: expect.stringMatching(/^v1\./),
        conditions: [
          ['Ready', 'True', 'ClusterReady'],
          ['Offline', 'False', 'ClusterReachable'],
          ['TopologyKnown', 'True', 'TopologyKnown'],
          ['Watching', 'True', 'Synced'],
        ].map(([type, status, reason]) => ({
          ...{ type, status, reason },
          message: expect.any(String),
          lastProbeTime: TIME,
          lastTransitionTime: TIME,
        })),
      })
    })
    expect(await eventsOf('KubeFedCluster', 'us-central1-a', PATH.clusterEvents)).toContain(
      'Normal ClusterReady',
    )
  })

  it('a Domain tells that it is served, with its names and serial', async () => {
    const { status } = await app.untilTime(async () => {
      const found = await app.host.get(`${PATH.domains}/myfederation`)
      expect(found['status']).toMatchObject({
        observedGeneration: 1,
        names: 7,
        conditions: [condition('Ready', 'True', 'Serving')],
      })
      return found
    })
    const { serial } = status as { serial: number }
    expect(serial).toBeLessThanOrEqual((await app.dns.resolve('example.com', 'SOA')).serial ?? 0)
  })
})

describe('the DNSEndpoint of a record', () => {
  it('holds every public name, sorted, under the name of KubeFed, owned by the record', async () => {
    const { metadata } = await untilEndpointsAre(ENDPOINT, ENDPOINTS)
    const record = await app.host.get(RECORD)

    expect(metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'waypost' })
    expect(metadata.ownerReferences).toEqual([
      {
        apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
        kind: 'ServiceDNSRecord',
        name: 'nginx',
        uid: record.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ])
  })

  it('is repaired after an edit; what others added to it stays', async () => {
    await app.host.merge(ENDPOINT, {
      metadata: { labels: { team: 'a' }, annotations: { note: 'b' } },
      spec: {
        endpoints: [{ dnsName: 'evil.example.com', recordType: 'A', recordTTL: 1, targets: ['192.0.2.66'] }],
      },
    })

    const { metadata } = await untilEndpointsAre(ENDPOINT, ENDPOINTS)
    expect(metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'waypost', team: 'a' })
    expect(metadata.annotations).toEqual({ note: 'b' })
  })

  it('is made again after it was deleted', async () => {
    const { metadata } = await app.host.get(ENDPOINT)
    await app.host.remove(ENDPOINT)

    const again = await untilEndpointsAre(ENDPOINT, ENDPOINTS)
    expect(again.metadata.uid).not.toBe(metadata.uid)
  })

  it('of its name that is somebody else’s is left alone, and the record says so', async () => {
    const foreign = {
      apiVersion: 'externaldns.k8s.io/v1alpha1',
      kind: 'DNSEndpoint',
      metadata: { name: 'service-tomcat', namespace: 'mynamespace' },
      spec: {
        endpoints: [{ dnsName: 'mine.example.net', recordType: 'A', recordTTL: 1, targets: ['192.0.2.66'] }],
      },
    }
    const before = await app.host.create(PATH.endpoints, foreign)
    await app.host.apply(PATH.records, serviceRecord('tomcat'))

    await app.untilSays('tomcat.mynamespace.myfederation.svc.example.com', ['198.51.100.2'])
    await app.untilTime(async () => {
      expect((await app.host.get(`${PATH.records}/tomcat`))['status']).toMatchObject({
        conditions: expect.arrayContaining([
          condition('Ready', 'True', 'ShardsFit'),
          condition('DNSEndpointWritten', 'False', 'ForeignObject'),
        ]),
      })
      expect(await eventsOf('ServiceDNSRecord', 'tomcat')).toContain('Warning ForeignObject')
    })
    expect((await app.host.get(`${PATH.endpoints}/service-tomcat`)).metadata).toEqual(before.metadata)
  })

  it('takes the place of somebody else’s as soon as that is gone', async () => {
    await app.host.remove(`${PATH.endpoints}/service-tomcat`)

    await app.untilTime(async () => {
      const found = await app.host.get(`${PATH.endpoints}/service-tomcat`)
      expect(found.metadata.labels).toEqual({ 'app.kubernetes.io/managed-by': 'waypost' })
      expect((await app.host.get(`${PATH.records}/tomcat`))['status']).toMatchObject({
        conditions: expect.arrayContaining([condition('DNSEndpointWritten', 'True', 'Written')]),
      })
    })
  })

  it('of a deleted record that somebody else has taken over, owner and all, is left alone', async () => {
    await app.host.merge(`${PATH.endpoints}/service-tomcat`, {
      metadata: { labels: { 'app.kubernetes.io/managed-by': 'me' }, ownerReferences: null },
    })
    await app.host.remove(`${PATH.records}/tomcat`)
    await app.untilSays('tomcat.mynamespace.myfederation.svc.example.com', ['NXDOMAIN'])
    await app.pass(5)

    expect((await app.host.get(`${PATH.endpoints}/service-tomcat`)).metadata.labels).toEqual({
      'app.kubernetes.io/managed-by': 'me',
    })
  })
})

describe('the steady state', () => {
  it('writes nothing but the probe time of each cluster, once in five minutes', async () => {
    await app.pass(10)
    const before = app.writes.length

    await app.pass(310)

    expect(app.writes.slice(before).sort()).toEqual(
      ['europe-west1-b', 'us-central1-a', 'us-east1-b'].map(
        (name) => `MODIFIED KubeFedCluster kube-federation-system/${name}`,
      ),
    )
  })
})
