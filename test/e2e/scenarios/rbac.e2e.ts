import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeRight, rights, type Right } from '../../support/deploy-manifests.ts'
import { openDnsClient, type DnsClient } from '../../support/dns-client.ts'
import type { Cluster } from '../support/cluster.ts'
import { startFleet } from '../support/fleet.ts'
import {
  change,
  joinMember,
  make,
  prepareHost,
  serveNginx,
  setAddress,
  startGrantedController,
  type GrantedController,
} from '../support/granted.ts'
import { freePort } from '../support/ports.ts'
import { until } from '../support/process.ts'
import { NAMESPACE, auditFlags, readAudit, without } from '../support/rights.ts'

const MEMBER = 'europe-west1-b'
const NAME = 'nginx.web.myfederation.svc.example.com'
const SHOP = 'shop.example.com'
const FIRST = '192.0.2.1'
const SECOND = '192.0.2.2'

const MCDNS = '/apis/multiclusterdns.kubefed.io/v1alpha1'
const RECORDS = `${MCDNS}/namespaces/web/servicednsrecords`
const INGRESS_RECORDS = `${MCDNS}/namespaces/web/ingressdnsrecords`
const DOMAIN = `${MCDNS}/namespaces/${NAMESPACE}/domains/myfederation`
const CLUSTER = `/apis/core.kubefed.io/v1beta1/namespaces/${NAMESPACE}/kubefedclusters/${MEMBER}`
const ENDPOINTS = '/apis/externaldns.k8s.io/v1alpha1/namespaces/web/dnsendpoints'
const EVENTS = '/api/v1/namespaces/web/events'
const SERVICE = '/api/v1/namespaces/web/services/nginx'
const SLICE = '/apis/discovery.k8s.io/v1/namespaces/web/endpointslices/nginx-1'
const INGRESSES = '/apis/networking.k8s.io/v1/namespaces/web/ingresses'
const NODE = '/api/v1/nodes/node-1'

/** Old enough not to stream lists, and with the admission plugin that asks for rights on owners. */
const STRICTER = [
  '--feature-gates=WatchList=false',
  '--enable-admission-plugins=OwnerReferencesPermissionEnforcement',
]
/** Taken away in hardened clusters; they would hide that the member's own role grants it. */
const PUBLIC = ['system:public-info-viewer', 'system:discovery']

let host: Cluster
let member: Cluster
let kubeconfig = ''
let controller: GrantedController
let dns: DnsClient
const ends: (() => unknown)[] = []

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'waypost-rbac-'))
  const fleet = await startFleet({
    folder,
    members: [MEMBER],
    apiServerFlags: (_, at) => [...auditFlags(at), ...STRICTER],
  })
  ends.push(() => fleet.close())
  member = fleet.members.get(MEMBER)! // it was asked for
  host = fleet.host
  ;({ path: kubeconfig } = await prepareHost(host, folder))
  await serveNginx(member.api, FIRST)
  await serveShop()
  for (const name of PUBLIC)
    await member.api.delete(`/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/${name}`)
  await joinMember(host.api, member)
  controller = startGrantedController({ name: 'controller', folder, kubeconfig })
  ends.push(() => controller.end())
  dns = await openDnsClient((await controller.ready()).dns)
  ends.push(() => dns.close())
})
afterAll(async () => {
  for (const end of ends.toReversed()) await end()
})

async function serveShop(): Promise<void> {
  await make(member.api, '/api/v1/nodes', {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/region': 'europe-west1' } },
  })
  const service = { name: 'nginx', port: { number: 80 } }
  await make(member.api, INGRESSES, {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'shop', namespace: 'web' },
    spec: {
      rules: [{ host: SHOP, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service } }] } }],
    },
  })
  await setAddress(member.api, `${INGRESSES}/shop`, FIRST)
  await make(host.api, '/api/v1/namespaces', {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: 'web' },
  })
  await makeRecord('nginx')
  await makeIngressRecord('shop')
}

async function makeRecord(name: string, domainRef = 'myfederation'): Promise<void> {
  await make(host.api, RECORDS, {
    apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
    kind: 'ServiceDNSRecord',
    metadata: { name, namespace: 'web' },
    spec: { domainRef },
  })
}

async function makeIngressRecord(name: string): Promise<void> {
  await make(host.api, INGRESS_RECORDS, {
    apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
    kind: 'IngressDNSRecord',
    metadata: { name, namespace: 'web' },
    spec: { hosts: [`${name}.example.com`] },
  })
}

interface Stored {
  readonly metadata: { readonly generation?: number }
  readonly spec?: { readonly endpoints?: readonly unknown[] }
  readonly status?: {
    readonly observedGeneration?: number
    readonly region?: string
    readonly zones?: readonly string[]
    readonly conditions?: readonly {
      readonly type: string
      readonly status: string
      readonly reason: string
      readonly message: string
    }[]
  }
}

async function read(path: string): Promise<Stored | undefined> {
  const { code, body } = await host.api.get(path)
  return code === 200 ? (body as unknown as Stored) : undefined // a type that the server knows
}

async function condition(path: string, type: string): Promise<string> {
  const found = (await read(path))?.status?.conditions?.find((one) => one.type === type)
  return found === undefined ? '' : `${found.status} ${found.reason}: ${found.message}`
}

async function endpointsOf(record: string): Promise<number> {
  return (await read(`${ENDPOINTS}/${record}`))?.spec?.endpoints?.length ?? 0
}

async function eventsAbout(reason: string, name: string): Promise<readonly { readonly count?: number }[]> {
  const query = `fieldSelector=${encodeURIComponent(`reason=${reason},involvedObject.name=${name}`)}`
  const { body } = await host.api.get(`${EVENTS}?${query}`)
  return body['items'] as readonly { readonly count?: number }[]
}

/** True once the status says that it is about the object as it is now. */
async function isObserved(path: string): Promise<boolean> {
  const object = await read(path)
  return object?.metadata.generation === object?.status?.observedGeneration
}

const says = async (name: string): Promise<string> => (await dns.short(name)).join()

/** What both servers were asked. */
function audited(): ReturnType<typeof readAudit> {
  return [host, member].flatMap((cluster) => readAudit(cluster.folder))
}

/** Something that the controller does with a right, told apart from not doing it. */
interface Use {
  /** The behaviour that stops without the right. */
  readonly behaviour: string
  /** What makes the controller ask. */
  cause(): Promise<unknown>
  /** Whether it was done. */
  isDone(): Promise<boolean>
}

let turn = 0
/** Another value each time. */
const next = (): number => (turn += 1)

const setZone = (): Promise<void> =>
  change(member.api, NODE, { metadata: { labels: { 'topology.kubernetes.io/zone': `zone-${next()}` } } })
const hasZone = async (): Promise<boolean> =>
  (await read(CLUSTER))?.status?.zones?.includes(`zone-${turn}`) === true

/** A change of the object is told in its status. */
function statusOf(path: string, patch: (value: number) => object): Omit<Use, 'behaviour'> {
  return { cause: () => change(host.api, path, patch(next())), isDone: () => isObserved(path) }
}

/** What is written into the host while it runs. */
const WRITES: Readonly<Record<string, Use>> = {
  'patch domains/status of multiclusterdns.kubefed.io': {
    behaviour: 'a Domain tells that it is in force',
    ...statusOf(DOMAIN, (defaultTTL) => ({ defaultTTL })),
  },
  'patch servicednsrecords/status of multiclusterdns.kubefed.io': {
    behaviour: 'a ServiceDNSRecord tells what is published',
    ...statusOf(`${RECORDS}/nginx`, (recordTTL) => ({ spec: { recordTTL } })),
  },
  'patch ingressdnsrecords/status of multiclusterdns.kubefed.io': {
    behaviour: 'an IngressDNSRecord tells what is published',
    ...statusOf(`${INGRESS_RECORDS}/shop`, (recordTTL) => ({ spec: { recordTTL } })),
  },
  'patch kubefedclusters/status of core.kubefed.io': {
    behaviour: 'a KubeFedCluster tells how it is',
    cause: setZone,
    isDone: hasZone,
  },
  'create dnsendpoints of externaldns.k8s.io': {
    behaviour: 'a DNSEndpoint that somebody deletes is made again',
    cause: () => host.api.delete(`${ENDPOINTS}/service-nginx`),
    isDone: async () => (await endpointsOf('service-nginx')) > 0,
  },
  'patch dnsendpoints of externaldns.k8s.io': {
    behaviour: 'a DNSEndpoint that somebody changes is repaired',
    cause: () => change(host.api, `${ENDPOINTS}/service-nginx`, { spec: { endpoints: [] } }),
    isDone: async () => (await endpointsOf('service-nginx')) > 0,
  },
  'delete dnsendpoints of externaldns.k8s.io': {
    behaviour: 'a DNSEndpoint of ours whose record is gone is removed',
    cause: () =>
      make(host.api, ENDPOINTS, {
        apiVersion: 'externaldns.k8s.io/v1alpha1',
        kind: 'DNSEndpoint',
        metadata: {
          name: 'service-gone',
          namespace: 'web',
          labels: { 'app.kubernetes.io/managed-by': 'waypost' },
        },
        spec: { endpoints: [] },
      }),
    isDone: async () => (await read(`${ENDPOINTS}/service-gone`)) === undefined,
  },
  'create events': {
    behaviour: 'what turns is told in an event',
    cause: () => makeRecord(`lost-${next()}`, 'nowhere'),
    isDone: async () => (await eventsAbout('DomainNotFound', `lost-${turn}`)).length > 0,
  },
}

/** An event that is said again is counted in the one that is there, at most once a minute: the first of it comes first. */
const TWICE: Use = {
  behaviour: 'an event that is said again is counted',
  cause: async () => {
    await change(host.api, `${RECORDS}/twice`, { spec: { domainRef: 'myfederation' } })
    await until(async () =>
      (await condition(`${RECORDS}/twice`, 'Ready')).includes('DomainNotFound') ? undefined : true,
    )
    await change(host.api, `${RECORDS}/twice`, { spec: { domainRef: 'nowhere' } })
  },
  isDone: async () => ((await eventsAbout('DomainNotFound', 'twice'))[0]?.count ?? 0) > 1,
}

/** What is checked by an admission plugin, and refused as if the DNSEndpoint itself might not be made. */
const OWNED: Readonly<Record<string, Use>> = {
  'update servicednsrecords/finalizers of multiclusterdns.kubefed.io': {
    behaviour: 'a DNSEndpoint is owned by its ServiceDNSRecord',
    cause: () => makeRecord(`owner-${next()}`),
    isDone: async () => (await read(`${ENDPOINTS}/service-owner-${turn}`)) !== undefined,
  },
  'update ingressdnsrecords/finalizers of multiclusterdns.kubefed.io': {
    behaviour: 'a DNSEndpoint is owned by its IngressDNSRecord',
    cause: () => makeIngressRecord(`owner-${next()}`),
    isDone: async () => (await read(`${ENDPOINTS}/ingress-owner-${turn}`)) !== undefined,
  },
}

/** What is read of a member: what changes there arrives. */
const READ_OF_MEMBER: Readonly<Record<string, Use>> = {
  services: {
    behaviour: 'the address of a Service',
    cause: async () => setAddress(member.api, SERVICE, await other(NAME)),
    isDone: async () => (await says(NAME)) === wanted,
  },
  endpointslices: {
    behaviour: 'that a Service has no ready endpoint',
    cause: async () => {
      wanted = (await isDegraded()) ? 'False' : 'True'
      await setReady(wanted === 'False')
    },
    isDone: async () => (await isDegraded()) === (wanted === 'True'),
  },
  ingresses: {
    behaviour: 'the address of an Ingress',
    cause: async () => setAddress(member.api, `${INGRESSES}/shop`, await other(SHOP)),
    isDone: async () => (await says(SHOP)) === wanted,
  },
  nodes: {
    behaviour: 'the zone of a Node',
    cause: setZone,
    isDone: hasZone,
  },
}

/** What the last cause is to lead to. */
let wanted = ''

async function isDegraded(): Promise<boolean> {
  return (await condition(`${RECORDS}/nginx`, 'Degraded')).startsWith('True LastKnownGood')
}

async function other(name: string): Promise<string> {
  wanted = (await says(name)) === FIRST ? SECOND : FIRST
  return wanted
}

async function setReady(ready: boolean): Promise<void> {
  await change(member.api, SLICE, { endpoints: [{ addresses: ['10.0.0.1'], conditions: { ready } }] })
}

/** Rows of `it.each`: those rights of one side that are of a kind. */
function rows(
  side: Right['side'],
  isOne: (right: Right) => boolean,
): readonly { readonly what: string; readonly right: Right }[] {
  return rights(side)
    .filter(isOne)
    .map((right) => ({ what: describeRight({ ...right, objectName: undefined }), right }))
}

const isRead = ({ verb }: Right): boolean => verb === 'list' || verb === 'watch'
const isOfName = ({ verb }: Right): boolean => verb === 'get'

describe('with all that deploy/manifests grants', () => {
  it('answers, tells, and writes DNSEndpoints', async () => {
    await until(async () => ((await says(NAME)) === FIRST && (await says(SHOP)) === FIRST ? true : undefined))
    await makeRecord('twice', 'nowhere')
    await until(async () => ((await eventsAbout('DomainNotFound', 'twice')).length > 0 ? true : undefined))
    for (const { cause, isDone } of [...Object.values(WRITES), ...Object.values(OWNED)]) {
      await cause()
      await until(async () => ((await isDone()) ? true : undefined))
    }
    expect(await condition(CLUSTER, 'Watching')).toContain('True Synced')
    expect(await condition(CLUSTER, 'RightsMissing')).toBe('')
  })

  it('is refused nothing, by the servers and by its own count', async () => {
    const { http } = await controller.ready()

    const refused = audited().filter(({ code }) => code === 401 || code === 403)
    const metrics = await (await fetch(`${http}/metrics`)).text()

    expect(refused).toEqual([])
    expect(metrics).toMatch(/waypost_kube_answers_total\{cluster="host",verb="watch",code="200"\} \d/)
    expect(metrics.split('\n').filter((line) => /code="40[13]"/.test(line))).toEqual([])
  })
})

/** It is not done without the right, the log says which one is missing, and it is done once the right is back. */
async function proves(use: Use, lost: { readonly right: Right; readonly asked: string }): Promise<string> {
  const missed = controller.willMiss('host', lost.asked)
  const err = await without(host.api, lost.right, async () => {
    await use.cause()
    const line = await missed()
    expect({ [use.behaviour]: await use.isDone() }).toEqual({ [use.behaviour]: false })
    return line.err
  })
  await untilDone(use)
  return err
}

async function untilDone({ isDone, behaviour }: Use): Promise<void> {
  await until(async () => {
    if (!(await isDone())) throw new Error(`not done: ${behaviour}`)
    return true
  })
}

describe('without a right to write into the host', () => {
  it.each(rows('host', (right) => describeRight(right) in WRITES))('$what', async ({ what, right }) => {
    expect(await proves(WRITES[what]!, { right, asked: what })).toContain('forbidden')
  })

  it.each(rows('host', (right) => describeRight(right) in OWNED))('$what', async ({ what, right }) => {
    const asked = 'create dnsendpoints of externaldns.k8s.io'
    expect(await proves(OWNED[what]!, { right, asked })).toContain('finalizers')
  })
})

describe('without a right to read of the host', () => {
  it.each(rows('host', (right) => isRead(right) && right.resource !== 'dnsendpoints'))(
    '$what: a controller that starts answers nothing until it is granted',
    async ({ what, right }) => {
      const { started, url } = await without(host.api, right, async () => {
        const port = await freePort()
        const one = startGrantedController({
          name: what.replaceAll(/[ /]/g, '-'),
          folder: host.folder,
          kubeconfig,
          http: `127.0.0.1:${port}`,
        })
        ends.push(() => one.end('SIGKILL'))
        expect((await one.willMiss('host', what)()).err).toContain('forbidden')
        expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(503)
        return { started: one, url: `http://127.0.0.1:${port}` }
      })
      await started.ready()
      expect((await fetch(`${url}/readyz`)).status).toBe(200)
      await started.end('SIGKILL')
    },
  )

  it.each(rows('host', (right) => isRead(right) && right.resource === 'dnsendpoints'))(
    '$what: a controller that starts repairs no DNSEndpoint until it is granted',
    async ({ what, right }) => {
      const use = WRITES['patch dnsendpoints of externaldns.k8s.io']!
      controller.pause()
      const started = await without(host.api, right, async () => {
        await use.cause()
        const one = startGrantedController({
          name: what.replaceAll(/[ /]/g, '-'),
          folder: host.folder,
          kubeconfig,
        })
        ends.push(() => one.end('SIGKILL'))
        expect((await one.willMiss('host', what)()).err).toContain('forbidden')
        await one.ready()
        expect(await use.isDone()).toBe(false)
        return one
      })
      await untilDone(use)
      await started.end('SIGKILL')
      controller.resume()
    },
  )

  it.each(rows('host', isOfName))('$what: a controller that starts says so', async ({ what, right }) => {
    const started = await without(host.api, right, async () => {
      const one = startGrantedController({
        name: what.replaceAll(/[ /]/g, '-'),
        folder: host.folder,
        kubeconfig,
      })
      ends.push(() => one.end('SIGKILL'))
      expect((await one.willMiss('host', what)()).err).toContain('"kube-system" is forbidden')
      return one
    })
    await started.end('SIGKILL')
  })
})

describe('without a right to read of a member', () => {
  /** The same API server at another address: all watches begin anew. */
  async function beginAnew(): Promise<void> {
    const { spec } = (await host.api.get(CLUSTER)).body as { readonly spec: { readonly apiEndpoint: string } }
    const { port, hostname } = new URL(spec.apiEndpoint)
    const apiEndpoint = `https://${hostname === 'localhost' ? '127.0.0.1' : 'localhost'}:${port}`
    await change(host.api, CLUSTER, { spec: { apiEndpoint, disabledTLSValidations: ['SubjectName'] } })
  }

  async function untilItSays(what: string): Promise<void> {
    await until(async () => {
      const said = await condition(CLUSTER, 'RightsMissing')
      if (what === '' ? said !== '' : !said.includes(what)) throw new Error(`RightsMissing says "${said}"`)
      return true
    })
  }

  async function untilWatching(wanted: string): Promise<void> {
    await until(async () => {
      const said = await condition(CLUSTER, 'Watching')
      if (!said.startsWith(wanted)) throw new Error(`Watching says "${said}"`)
      return true
    })
  }

  it.each(rows('member', isRead))(
    '$what: answers stay, changes wait, and its KubeFedCluster says why',
    async ({ what, right }) => {
      const use = READ_OF_MEMBER[right.resource]!
      const before = [await says(NAME), await says(SHOP)]
      await without(member.api, right, async () => {
        await beginAnew()
        await untilItSays(what)
        await use.cause()
        await untilWatching(right.resource === 'nodes' ? 'True Synced' : 'False NotSynced')
        expect([await says(NAME), await says(SHOP)]).toEqual(before)
        expect({ [use.behaviour]: await use.isDone() }).toEqual({ [use.behaviour]: false })
      })
      await untilDone(use)
      await untilItSays('')
      await untilWatching('True Synced')
    },
  )

  it.each(rows('member', isOfName))('$what: its KubeFedCluster says so', async ({ what, right }) => {
    await without(member.api, right, () => untilItSays(what))
    await untilItSays('')

    expect(await condition(CLUSTER, 'Watching')).toContain('True Synced')
  })
})

describe('at the end', () => {
  it('patch events: an event that is said again is not counted', async () => {
    const right = rights('host').find((one) => describeRight(one) === 'patch events')! // the roles grant it

    expect(await proves(TWICE, { right, asked: 'patch events' })).toContain('forbidden')
  })

  it('every right has been used, and each was refused while it was gone', () => {
    const seen = audited()
    const used = new Set(seen.filter(({ code }) => code < 400).map((one) => one.right))
    const refused = new Set(seen.filter(({ code }) => code === 403).map((one) => one.right))

    const granted = [...rows('host', () => true), ...rows('member', () => true)].map(({ what }) => what)
    const asked = granted.filter((what) => !what.includes('/finalizers'))
    expect(asked.filter((what) => !used.has(what))).toEqual([])
    expect(asked.filter((what) => !refused.has(what))).toEqual([])
    expect([...used, ...refused].filter((what) => !granted.includes(what))).toEqual([])
  })
})
