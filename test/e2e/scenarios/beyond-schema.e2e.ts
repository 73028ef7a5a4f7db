import { describe, expect, it } from 'vitest'
import type { Json } from '../../support/kubernetes-client.ts'
import { until } from '../support/process.ts'
import { useScene } from '../support/scene.ts'
import { CONTROL_PLANE_NAMESPACE } from '../../../src/sandbox/world/manifests.ts'

const DNS = '/apis/multiclusterdns.kubefed.io/v1alpha1/namespaces'
const CLUSTERS = `/apis/core.kubefed.io/v1beta1/namespaces/${CONTROL_PLANE_NAMESPACE}/kubefedclusters`

/** What no structural schema can say: the sandbox refuses it, a real server takes it, and then the controller says so. */
describe('objects that a schema cannot refuse', () => {
  const scene = useScene({ members: ['europe-west1-b'], resolvers: false })

  const condition = (path: string, type: string): Promise<Json> =>
    until(async () => {
      const status = (await scene.host.api.get(path)).body['status'] as { conditions?: Json[] } | undefined
      return status?.conditions?.find((each) => each['type'] === type)
    })

  it('a record whose name no Service can have is not Ready, and says what to do', async () => {
    const path = `${DNS}/default/servicednsrecords`
    const object = {
      apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
      kind: 'ServiceDNSRecord',
      metadata: { name: 'two.labels' },
      spec: { domainRef: 'myfederation' },
    }

    expect((await scene.host.api.post(path, object)).code).toBe(201)
    expect(await condition(`${path}/two.labels`, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'Invalid',
      message: expect.stringContaining('is not one DNS label'),
    })
  })

  it('a federation of a reserved name is not followed: its records say why', async () => {
    const domains = `${DNS}/${CONTROL_PLANE_NAMESPACE}/domains`
    const records = `${DNS}/default/servicednsrecords`
    const apiVersion = 'multiclusterdns.kubefed.io/v1alpha1'
    const domain = { apiVersion, kind: 'Domain', metadata: { name: 'svc' }, domain: 'example.org' }
    const record = {
      apiVersion,
      kind: 'ServiceDNSRecord',
      metadata: { name: 'web' },
      spec: { domainRef: 'svc' },
    }

    expect((await scene.host.api.post(domains, domain)).code).toBe(201)
    expect((await scene.host.api.post(records, record)).code).toBe(201)
    expect(await condition(`${records}/web`, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'DomainInvalid',
      message: expect.stringContaining('has its own meaning in cluster DNS'),
    })
  })

  it('static data of a Domain that cannot be read leaves the old in force, over a restart too', async () => {
    const path = `${DNS}/${CONTROL_PLANE_NAMESPACE}/domains/myfederation`
    const good = 'mail A 192.0.2.25\n'
    const broken = `${good}more A 192.0.2.26\nbad NOTYPE 1\n`

    expect((await scene.host.api.patch(path, { zoneFile: good })).code).toBe(200)
    expect(await scene.settled('mail.example.com', ['192.0.2.25'])).toEqual(['192.0.2.25'])
    await until(async () => {
      const status = (await scene.host.api.get(path)).body['status'] as { inForce?: Json } | undefined
      return status?.inForce?.['zoneFile'] === good ? true : undefined
    })
    expect((await scene.host.api.patch(path, { zoneFile: broken })).code).toBe(200)
    const told = await until(async () => {
      const said = await condition(path, 'ZoneFile')
      return said['status'] === 'False' ? said : undefined
    })
    await scene.controller.stop('SIGKILL')
    await scene.controller.start()

    expect(told).toMatchObject({
      reason: 'RecordsInvalid',
      message: expect.stringContaining('zoneFile line 3: no such type'),
    })
    expect(await scene.settled('mail.example.com', ['192.0.2.25'])).toEqual(['192.0.2.25'])
    expect(await scene.settled('more.example.com', [])).toEqual([])
    expect((await scene.host.api.patch(path, { zoneFile: null })).code).toBe(200)
    expect(await scene.settled('mail.example.com', [])).toEqual([])
  })

  it('a cluster at an impossible port is ConfigMalformed, and harms no other', async () => {
    const object = {
      apiVersion: 'core.kubefed.io/v1beta1',
      kind: 'KubeFedCluster',
      metadata: { name: 'nowhere' },
      spec: { apiEndpoint: 'https://127.0.0.1:99999', secretRef: { name: 'nowhere' } },
    }

    expect((await scene.host.api.post(CLUSTERS, object)).code).toBe(201)
    expect(await condition(`${CLUSTERS}/nowhere`, 'ConfigMalformed')).toMatchObject({
      status: 'True',
      message: expect.stringContaining('has a port outside of 1 to 65535'),
    })
    expect(await condition(`${CLUSTERS}/europe-west1-b`, 'Ready')).toMatchObject({ status: 'True' })
  })
})
