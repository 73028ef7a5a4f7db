import { afterEach, describe, expect, it } from 'vitest'
import type { OutputFacts } from '../../../../src/api/facts.ts'
import { objectKey, ownerKey, type ObjectKey } from '../../../../src/api/keys.ts'
import type { KubeFedConfigSpec } from '../../../../src/api/kubefed-config.ts'
import { HOST } from '../../../../src/app/control-plane/host-cluster.ts'
import type { ReportedFleet } from '../../../../src/app/reporting/cluster-status.ts'
import { createReporting, type Reporting } from '../../../../src/app/reporting/reporting.ts'
import { createZones } from '../../../../src/app/control-plane/zones.ts'
import { NO_KEY_STANDING } from '../../../../src/app/zone-facts/key-standing.ts'
import type { ZoneFacts, ZoneFactsSource } from '../../../../src/app/zone-facts/zone-facts.ts'
import { parseDomainName } from '../../../../src/dns/names.ts'
import { WRITE_INTERVAL_MS } from '../../../../src/controllers/report-record.ts'
import { KubeError, type KubeErrorCode } from '../../../../src/kube/kube-error.ts'
import { silentLogger, type LogFields } from '../../../../src/telemetry/logger.ts'
import { createEmbeddedWriter } from '../../../../src/writers/embedded/embedded-writer.ts'
import { NAMESPACE, service } from '../../controllers/fakes.ts'
import { RecordingZones } from '../../writers/embedded/recording-zones.ts'
import { turns, WiredDiscovery } from '../control-plane/wired-discovery.ts'
import { fakeMember, FakeHostTransport } from './fake-host.ts'

const web = objectKey('shop', 'web')
const endpointOfWeb = objectKey('shop', 'service-web')

const running: Reporting[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((reporting) => reporting.stop()))
})

function kubeError(code: KubeErrorCode, reason = ''): KubeError {
  return new KubeError(code, { cluster: 'host', method: 'POST', path: '/x', reason })
}

/** The list of DNSEndpoints, which is somebody else's kind, has come; with these in it. */
function endpointsListed(
  wired: WiredDiscovery,
  upserts: readonly (readonly [ObjectKey, OutputFacts])[] = [],
): void {
  const delta = {
    kind: 'DNSEndpoint',
    cluster: HOST,
    state: 'synced',
    atMs: 0,
    deletes: [],
    upserts,
  } as const
  wired.host.endpoints.apply(delta)
}

/** Discovery over two members, with one record in a Domain, and reporting on it; the embedded writer gives the serials. */
async function setUp(options: { readonly listed?: boolean; readonly zoneFacts?: ZoneFactsSource } = {}) {
  const wired = new WiredDiscovery()
  if (options.listed !== false) endpointsListed(wired)
  const transport = new FakeHostTransport()
  const warnings: LogFields[] = []
  const logger = { ...silentLogger, warn: (fields: LogFields) => warnings.push(fields) }
  const fleet = new Map<string, NonNullable<ReturnType<ReportedFleet['get']>>>()
  const { ledger } = wired.discovery
  const zones = new RecordingZones()
  const embedded = createEmbeddedWriter({ ledger, zones, clock: wired.clock, logger })
  const ourZones = createZones({ embedded, ledger, addresses: [] })
  wired.onFederation = (name, now) => ourZones.set(name, now)
  const reporting = createReporting({
    ...{ namespace: NAMESPACE, stores: wired.stores, members: wired.members, discovery: wired.discovery },
    ...{ clock: wired.clock, random: () => 0.5, logger, fleet },
    host: { stores: wired.host, connection: { transport } },
    zoneRecords: { state: () => undefined },
    serial: (domain) => embedded.serial(domain),
    ...(options.zoneFacts === undefined ? {} : { zoneFacts: options.zoneFacts }),
  })
  running.push(reporting)
  wired.onDecided = (owner) => reporting.decided(owner)
  wired.domain('fed', { domain: 'example.com' })
  for (const index of [0, 1]) {
    wired.member(index)
    wired.service(web, index, service(`192.0.2.${index + 1}`))
    wired.slice(web, index, 1)
  }
  wired.serviceRecord(web)
  wired.discovery.start()
  await turns()
  /** One second later: everything that is due is written. */
  const second = async (): Promise<void> => {
    wired.clock.advance(WRITE_INTERVAL_MS)
    await turns(6)
  }
  return { wired, transport, reporting, warnings, fleet, embedded, second }
}

describe('what is written of records', () => {
  it('is nothing before members had their time, and then status, DNSEndpoint and events', async () => {
    const { transport, reporting } = await setUp()
    expect(transport.asked).toEqual([])

    reporting.settle()
    await turns(6)

    expect(transport.taken('PATCH servicednsrecords web')).toMatchObject([
      { body: { status: { healthy: '2/2', dnsName: 'web.shop.fed.svc.example.com' } } },
    ])
    expect(transport.taken('POST dnsendpoints')).toMatchObject([
      { body: { metadata: { namespace: 'shop', name: 'service-web' } } },
    ])
    expect(transport.taken('PATCH domains fed')).toMatchObject([{ body: { status: { names: 5 } } }])
    const events = transport.taken('POST events').map(({ body }) => body as { readonly reason: string })
    expect(events.map(({ reason }) => reason).sort()).toEqual(['Serving', 'ShardsFit'])
  })

  it('is written once, and again when it changes', async () => {
    const { wired, transport, reporting, second } = await setUp()
    reporting.settle()
    await turns(6)
    await second()
    await second()
    expect(transport.taken('PATCH servicednsrecords')).toHaveLength(2) // and what came of the DNSEndpoint

    wired.slice(web, 0, 0)
    await turns(6)
    await second()

    expect(transport.taken('PATCH servicednsrecords')).toMatchObject([
      { body: { status: { healthy: '1/2', addresses: ['192.0.2.2'] } } },
    ])
  })

  it('is put right when somebody changes the object', async () => {
    const { wired, transport, reporting, second } = await setUp()
    reporting.settle()
    await second()
    transport.taken('')

    wired.serviceRecord(web, {}, { status: { healthy: '9/9' } })
    await second()

    expect(transport.taken('PATCH servicednsrecords')).toMatchObject([
      { body: { status: { healthy: '2/2' } } },
    ])
  })

  it('tells the serial that the zone has now, not the one before', async () => {
    const { wired, transport, reporting, embedded, second } = await setUp()
    reporting.settle()
    for (let quiet = 0; quiet < 3; quiet += 1) await second()
    transport.taken('')

    wired.slice(web, 0, 0)
    await turns(6)
    await second()
    await second()

    const [last] = transport.taken('PATCH domains fed').slice(-1)
    const serial = embedded.serial(wired.discovery.federations.get('fed')!.domain)
    expect(last?.body).toMatchObject({ status: { serial } })
  })
})

describe('what is known of zones', () => {
  /** Facts that a test changes, and refusals that it brings. */
  class TestFacts implements ZoneFactsSource {
    facts: ZoneFacts = { signing: NO_KEY_STANDING }
    readonly watchers: Parameters<ZoneFactsSource['watch']>[0][] = []

    of(): ZoneFacts {
      return this.facts
    }

    watch(watcher: Parameters<ZoneFactsSource['watch']>[0]): void {
      this.watchers.push(watcher)
    }
  }

  it('is told of Domains when it changes, though nothing of them does', async () => {
    const zoneFacts = new TestFacts()
    const { transport, reporting, second } = await setUp({ zoneFacts })
    reporting.settle()
    for (let quiet = 0; quiet < 3; quiet += 1) await second()
    const said = (): string => JSON.stringify(transport.taken('PATCH domains fed'))
    expect(said()).toContain('"NoKeys"')
    expect(said()).toBe('[]')

    zoneFacts.facts = {
      signing: { ...NO_KEY_STANDING, known: ['13/1'], keySigners: ['13/1'], zoneSigners: ['13/1'] },
    }
    for (const { changed } of zoneFacts.watchers) changed()
    await second()

    expect(said()).toContain('"Signing"')
  })

  it.each([
    { name: 'its zone', zone: 'example.com', want: ['fed'] },
    { name: 'the zone of its short names', zone: 'fed', want: ['fed'] },
    { name: 'a zone that is none of its', zone: 'example.net', want: [] },
  ])('a transfer of $name that is refused is an event of the Domain: $want', async ({ zone, want }) => {
    const zoneFacts = new TestFacts()
    const { transport, reporting } = await setUp({ zoneFacts })
    reporting.settle()
    await turns(6)
    transport.taken('POST events')

    for (const { refused } of zoneFacts.watchers)
      refused({ zone: parseDomainName(zone), address: '192.0.2.9' })
    await turns(6)

    const events = transport.taken('POST events').map(({ body }) => body)
    expect(events).toMatchObject(
      want.map((name) => ({
        type: 'Warning',
        reason: 'TransferRefused',
        involvedObject: { kind: 'Domain', name, namespace: NAMESPACE },
        message: expect.stringContaining(`transfer of ${zone} to 192.0.2.9, without a key,`),
      })),
    )
  })
})

describe('the DNSEndpoint of a record', () => {
  it('is not touched before it is known what is there, and nobody waits for that', async () => {
    const { wired, transport, reporting, second } = await setUp({ listed: false })
    reporting.settle()
    await turns(6)
    await second()
    expect(transport.taken('PATCH servicednsrecords')).toHaveLength(1)
    expect(transport.taken('POST dnsendpoints')).toEqual([])

    endpointsListed(wired)
    await turns(6)

    expect(transport.taken('POST dnsendpoints')).toHaveLength(1)
  })

  it('goes when its record went while nobody looked', async () => {
    const { wired, transport, reporting } = await setUp({ listed: false })
    reporting.settle()
    await turns(6)

    endpointsListed(wired, [[objectKey('shop', 'service-old'), { resourceVersion: '3', digest: 'ours' }]])
    await turns(6)

    expect(transport.taken('DELETE dnsendpoints service-old')).toHaveLength(1)
  })

  it('is repaired when it drifts, left when it stands, and deleted with the record', async () => {
    const { wired, transport, reporting, second } = await setUp()
    reporting.settle()
    await second()
    transport.taken('')

    endpointsListed(wired, [[endpointOfWeb, { resourceVersion: '7', digest: 'drifted' }]])
    await turns(6)
    expect(transport.taken('PATCH dnsendpoints service-web')).toMatchObject([
      { body: { metadata: { resourceVersion: '7' }, spec: { endpoints: [{}, {}, {}, {}, {}] } } },
    ])
    wired.removeFrom(wired.host.serviceRecords, web)
    await second()

    expect(transport.taken('DELETE dnsendpoints service-web')).toMatchObject([
      { body: { preconditions: { resourceVersion: '7' } } },
    ])
  })

  const failures: readonly { readonly name: string; readonly error: Error; readonly want: string }[] = [
    { name: 'rights are missing', error: kubeError('KUBE_FORBIDDEN'), want: 'Forbidden' },
    { name: 'the kind is not installed', error: kubeError('KUBE_NOT_FOUND'), want: 'KindMissing' },
    { name: 'the server finds it invalid', error: kubeError('KUBE_INVALID'), want: 'Refused' },
    { name: 'the server fails', error: kubeError('KUBE_SERVER_ERROR'), want: 'WriteFailed' },
  ]
  for (const row of failures) {
    it(`says in the status of its record when ${row.name}, and when that is mended`, async () => {
      const { transport, reporting, warnings, second } = await setUp()
      transport.refuse('POST dnsendpoints', row.error)
      reporting.settle()
      await turns(6)
      await second()
      const conditionOf = (): unknown => {
        const patches = transport.taken('PATCH servicednsrecords').map(({ body }) => body)
        const [last] = patches.slice(-1) as {
          readonly status: { readonly conditions?: readonly { readonly type: string }[] }
        }[]
        return last?.status.conditions?.find(({ type }) => type === 'DNSEndpointWritten')
      }

      expect(conditionOf()).toMatchObject({ status: 'False', reason: row.want })
      expect(warnings).toContainEqual(expect.objectContaining({ queue: 'DNSEndpoint' }))
      transport.refuse('POST dnsendpoints', undefined)
      for (let i = 0; i < 60; i += 1) await second()

      expect(conditionOf()).toMatchObject({ status: 'True', reason: 'Written' })
    })
  }

  for (const code of ['KUBE_CONFLICT', 'KUBE_ALREADY_EXISTS'] as const) {
    it(`is tried again without a word when our picture was old: ${code}`, async () => {
      const { transport, reporting, warnings, second } = await setUp()
      transport.refuse('POST dnsendpoints', kubeError(code))
      reporting.settle()
      await turns(6)
      transport.refuse('POST dnsendpoints', undefined)
      await second()

      expect(transport.taken('POST dnsendpoints').length).toBeGreaterThan(1)
      expect(warnings).toEqual([])
    })
  }
})

describe('a write that fails', () => {
  it('is nothing when the object is gone meanwhile', async () => {
    const { transport, reporting, warnings, second } = await setUp()
    transport.refuse('PATCH servicednsrecords', kubeError('KUBE_NOT_FOUND', 'NotFound'))

    reporting.settle()
    await second()

    expect(warnings).toEqual([])
  })

  it('is logged and tried again when its API is gone', async () => {
    const { transport, reporting, warnings, second } = await setUp()
    transport.refuse('PATCH servicednsrecords', kubeError('KUBE_NOT_FOUND'))
    reporting.settle()
    await second()
    expect(warnings[0]).toMatchObject({
      component: 'reporting',
      queue: 'status',
      key: ownerKey('ServiceDNSRecord', web),
    })
    transport.taken('')
    transport.refuse('PATCH servicednsrecords', undefined)

    await second()

    expect(transport.taken('PATCH servicednsrecords')).not.toEqual([])
  })
})

describe('what is written of members', () => {
  const up = { up: true, sinceMs: 0, missing: [] }

  it('is their health and place, by a probe of their API server, with an event for each condition', async () => {
    const { wired, transport, reporting, fleet } = await setUp()
    wired.host.clusters.apply({
      ...{ kind: 'KubeFedCluster', cluster: HOST, state: 'synced', atMs: 0, deletes: [] },
      upserts: [
        [
          objectKey(NAMESPACE, 'c0'),
          {
            kind: 'rejected',
            metadata: { name: 'c0', namespace: NAMESPACE, uid: 'u7', resourceVersion: '1' },
            problems: [],
          },
        ],
      ],
    })
    fleet.set('c0', { session: up, transport: fakeMember({ httpStatus: 200, body: 'ok' }) })
    reporting.start()

    reporting.member('c0')
    await turns(6)

    const [patch] = transport.taken('PATCH kubefedclusters c0')
    expect(patch?.body).toMatchObject({
      status: { region: 'r0', zones: ['z0'], kubernetesVersion: 'v1.36.3' },
    })
    const events = transport
      .taken('POST events')
      .map(({ body }) => body as { readonly involvedObject: unknown })
    expect(events).toHaveLength(4)
    expect(events[0]?.involvedObject).toMatchObject({ kind: 'KubeFedCluster', name: 'c0', uid: 'u7' })
  })

  const rows: readonly {
    readonly name: string
    readonly in: { readonly httpStatus: number; readonly body: string } | undefined
    readonly want: string
  }[] = [
    {
      name: 'refuses the token',
      in: { httpStatus: 401, body: 'no' },
      want: 'the API server answered 401: check the token in the Secret of the cluster, and its rights',
    },
    {
      name: 'is not well',
      in: { httpStatus: 500, body: 'etcd failed' },
      want: '/healthz answered 500: etcd failed',
    },
    { name: 'is not connected', in: undefined, want: 'the cluster is not connected' },
  ]
  for (const row of rows) {
    it(`tells when a member ${row.name}`, async () => {
      const { transport, reporting, fleet } = await setUp()
      if (row.in !== undefined) fleet.set('c0', { session: up, transport: fakeMember(row.in) })
      reporting.start()

      reporting.member('c0')
      await turns(6)

      const [patch] = transport.taken('PATCH kubefedclusters c0')
      expect(JSON.stringify(patch?.body)).toContain(row.want)
    })
  }

  it('follows thresholds and period of the KubeFedConfig', async () => {
    const { wired, transport, reporting, fleet } = await setUp()
    const spec = { clusterHealthCheck: { period: '1m', failureThreshold: 1 } } as unknown as KubeFedConfigSpec
    wired.host.configs.apply({
      ...{ kind: 'KubeFedConfig', cluster: HOST, state: 'synced', atMs: 0, deletes: [] },
      upserts: [
        [
          objectKey(NAMESPACE, 'kubefed'),
          {
            kind: 'ok',
            metadata: { name: 'kubefed' },
            value: { asked: { metadata: { name: 'kubefed' }, spec }, status: undefined },
          },
        ],
      ],
    })
    fleet.set('c0', { session: up, transport: fakeMember({ httpStatus: 200, body: 'ok' }) })
    reporting.start()
    reporting.member('c0')
    await turns(6)
    transport.taken('')
    fleet.set('c0', { session: up, transport: fakeMember({ httpStatus: 500, body: 'ill' }) })

    wired.clock.advance(59_999)
    await turns(6)
    expect(transport.taken('PATCH kubefedclusters')).toEqual([])
    wired.clock.advance(1)
    await turns(6)

    expect(JSON.stringify(transport.taken('PATCH kubefedclusters c0'))).toContain('ClusterNotReady')
  })
})

describe('the end', () => {
  it('writes nothing more', async () => {
    const { wired, transport, reporting, second } = await setUp()
    reporting.settle()
    reporting.start()
    await second()
    transport.taken('')

    await reporting.stop()
    wired.slice(web, 0, 0)
    reporting.member('c0')
    await second()

    expect(transport.asked).toEqual([])
  })
})
