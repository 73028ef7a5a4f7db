import { describe, expect, it } from 'vitest'
import type { ServiceDNSStatus } from '../../../../src/api/dns-status.ts'
import type { ServiceDNSRecord } from '../../../../src/api/service-dns-record.ts'
import type { KubeFedCluster, KubeFedClusterStatus } from '../../../../src/api/kubefed-cluster.ts'
import type { ObjectKey } from '../../../../src/api/keys.ts'
import { HOST, type KindStore } from '../../../../src/app/control-plane/host-cluster.ts'
import { createMemberRegistry } from '../../../../src/app/control-plane/member-registry.ts'
import { createMemberStores } from '../../../../src/app/control-plane/member-stores.ts'
import { FactStore } from '../../../../src/kube/fact-store.ts'
import type { TokenFacts } from '../../../../src/kube/projections/token-secret.ts'
import { silentReport } from '../../../../src/runtime/worker.ts'
import { silentLogger } from '../../../../src/telemetry/logger.ts'
import { ManualClock } from '../../../support/manual-clock.ts'
import { at, here, node } from '../../controllers/fakes.ts'
import { turns } from './wired-discovery.ts'

/** Two KubeFedClusters with a Secret each, over a fleet that writes down what it is told. */
function setUp() {
  const clusters: KindStore<KubeFedCluster, KubeFedClusterStatus> = new FactStore()
  const secrets = new FactStore<TokenFacts>()
  const serviceRecords: KindStore<ServiceDNSRecord, ServiceDNSStatus> = new FactStore()
  const delta = { state: 'synced', atMs: 0, deletes: [], upserts: [] } as const
  serviceRecords.apply({ ...delta, kind: 'ServiceDNSRecord', cluster: HOST })
  const stores = createMemberStores()
  const calls: string[] = []
  const warnings: string[] = []
  const names: string[] = []
  const registry = createMemberRegistry({
    ...{ host: { clusters, secrets, serviceRecords }, stores, clock: new ManualClock(), random: () => 0.5 },
    logger: { ...silentLogger, warn: (_, message) => warnings.push(message) },
    workReport: silentReport,
    fleet: {
      add(name) {
        expect(registry.idle).toBe(false) // it is in neither the queue nor `members`
        calls.push(`add ${name}`)
        return at(names.push(name) - 1)
      },
      replace: (name) => calls.push(`replace ${name}`),
      remove(name) {
        calls.push(`remove ${name}`)
        return Promise.reject(new Error('will not close'))
      },
      nameOf: (cluster) => names[cluster],
    },
    moved: () => calls.push('moved'),
    report: (name) => calls.push(`report ${name}`),
  })
  const cluster = (name: string): void => {
    const spec = { apiEndpoint: `https://${name}:6443`, secretRef: { name: `${name}-token` } }
    const asked = { metadata: { name, namespace: 'n' }, spec }
    const facts = { kind: 'ok', metadata: asked.metadata, value: { asked, status: undefined } } as const
    clusters.apply({ ...delta, kind: 'KubeFedCluster', cluster: HOST, upserts: [[here(name), facts]] })
  }
  const secret = (name: string, token: string): void =>
    secrets.apply({ ...delta, kind: 'Secret', cluster: HOST, upserts: [[here(`${name}-token`), { token }]] })
  const secretsListing = (): void =>
    secrets.apply({ ...delta, state: 'listing', kind: 'Secret', cluster: HOST })
  const nodeIn = (index: number, region: string): void =>
    stores.nodes.apply({
      ...delta,
      kind: 'Node',
      cluster: at(index),
      upserts: [['/n1' as ObjectKey, node(region, 'z')]],
    })
  const nodesListed = (index: number): void =>
    stores.nodes.apply({ ...delta, kind: 'Node', cluster: at(index) })
  const leave = (name: string): void =>
    clusters.apply({ ...delta, kind: 'KubeFedCluster', cluster: HOST, deletes: [here(name)] })
  /** What was called by what is done. */
  const by = async (act: () => void): Promise<readonly string[]> => {
    calls.splice(0)
    act()
    await turns()
    return [...calls]
  }
  return { registry, cluster, secret, secretsListing, nodeIn, nodesListed, leave, by, warnings }
}

describe('members', () => {
  it('are connected from start() on, each once', async () => {
    const { registry, cluster, secret, by } = setUp()
    expect(
      await by(() => {
        cluster('east')
        secret('east', 't1')
      }),
    ).toEqual([])
    expect(registry.idle).toBe(false)

    expect(await by(() => registry.start())).toEqual(['add east', 'moved', 'report east'])

    expect([registry.idle, [...registry.members.keys()]]).toEqual([true, ['east']])
  })

  it('wait until the Secrets are listed: one that has not come is not missing', async () => {
    const { registry, cluster, secret, secretsListing, by } = setUp()
    secretsListing()
    cluster('east')

    expect(await by(() => registry.start())).toEqual([])
    expect(registry.idle).toBe(false)

    expect(await by(() => secret('east', 't1'))).toEqual(['add east', 'moved', 'report east'])
  })

  it('follow their KubeFedCluster, any Secret, and their Nodes', async () => {
    const { registry, cluster, secret, nodeIn, by } = setUp()
    for (const name of ['east', 'west']) {
      secret(name, 't1')
      cluster(name)
    }
    registry.start()
    await turns()

    expect(await by(() => secret('east', 't2'))).toEqual(['replace east', 'report east', 'report west'])
    expect(await by(() => nodeIn(1, 'r1'))).toEqual(['moved', 'report west'])
    expect(await by(() => cluster('west'))).toEqual(['report west'])
    expect(registry.members.get('west')?.locality).toMatchObject({ region: 'r1', zones: ['z'] })
  })

  it('are looked at once more when their Nodes have been listed, also when there are none', async () => {
    const { registry, cluster, secret, nodesListed, by } = setUp()
    secret('east', 't1')
    cluster('east')
    registry.start()
    await turns()
    expect(registry.members.get('east')).toHaveProperty('awaitsNodes', true)

    expect(await by(() => nodesListed(0))).toEqual(['report east'])
    expect(registry.members.get('east')).not.toHaveProperty('awaitsNodes')

    expect(await by(() => nodesListed(0))).toEqual([])
  })

  it('leave with their KubeFedCluster; a connection that will not close is a line in the log', async () => {
    const { registry, cluster, secret, leave, by, warnings } = setUp()
    secret('east', 't1')
    cluster('east')
    registry.start()
    await turns()

    expect(await by(() => leave('east'))).toEqual(['remove east', 'moved', 'report east'])
    expect(warnings).toEqual(['connections of a removed cluster did not close'])
  })

  it('are left alone after stop()', async () => {
    const { registry, cluster, secret, by } = setUp()
    registry.start()
    registry.stop()

    expect(
      await by(() => {
        secret('east', 't1')
        cluster('east')
      }),
    ).toEqual([])
  })
})
