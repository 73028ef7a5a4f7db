import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { KubeFedClusterStatus } from '../../src/api/kubefed-cluster.ts'
import { allows, askedFor, describeRight, rights, type Right } from '../support/deploy-manifests.ts'
import { startApp, type App } from '../support/sandbox-harness.ts'
import { updateOctets } from '../support/update-message.ts'

const RECORD = '/apis/multiclusterdns.kubefed.io/v1alpha1/namespaces/mynamespace/servicednsrecords/nginx'
const INGRESS_RECORDS = '/apis/multiclusterdns.kubefed.io/v1alpha1/namespaces/mynamespace/ingressdnsrecords'
const ENDPOINT = '/apis/externaldns.k8s.io/v1alpha1/namespaces/mynamespace/dnsendpoints/service-nginx'

const CLUSTER = '/apis/core.kubefed.io/v1beta1/namespaces/kube-federation-system/kubefedclusters/us-east1-b'
const REPAIRED = 'MODIFIED DNSEndpoint mynamespace/service-nginx'

/** A request of the controller's own client. */
interface Seen {
  readonly origin: string
  readonly method: string
  readonly path: string
}

let app: App
const seen: Seen[] = []

function watchRequests(message: unknown): void {
  const { request } = message as { readonly request: Seen & { readonly headers: readonly string[] } }
  const { origin, method, path, headers } = request
  if (headers[headers.indexOf('user-agent') + 1] === 'waypost') seen.push({ origin, method, path })
}

beforeAll(async () => {
  subscribe('undici:request:create', watchRequests)
  app = await startApp()
})
afterAll(async () => {
  unsubscribe('undici:request:create', watchRequests)
  await app.close()
})

test('all that the controller asks for is granted by deploy/manifests, and what is granted is asked for', async () => {
  await app.host.create(INGRESS_RECORDS, {
    apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
    kind: 'IngressDNSRecord',
    metadata: { name: 'shop', namespace: 'mynamespace' },
    spec: { hosts: ['shop.example.com'] },
  })
  await app.until(() => app.host.get(ENDPOINT))
  await app.host.merge(ENDPOINT, { spec: { endpoints: [] } })
  await app.until(() => expect(app.writes.filter((write) => write === REPAIRED).length).toBeGreaterThan(1))
  for (const turn of [1, 2]) {
    app.fault('us-east1-b', { kind: 'down' })
    await app.untilTime(async () => expect(await watching()).toBe('False'))
    app.fault('us-east1-b')
    await app.untilTime(async () => expect(await watching(), `after outage ${turn}`).toBe('True'))
  }
  await app.untilTime(() => expect(app.writes.join()).toContain('MODIFIED Event'))
  await updateZone()
  await app.host.remove(RECORD)
  await app.until(async () => expect(await app.host.find(ENDPOINT)).toBeUndefined())

  const host = app.sandbox.servers.get('host')?.url
  const granted = [...rights('host'), ...rights('member')]
  const asked = seen.map(({ origin, method, path }) => ({
    side: origin === host ? 'host' : 'member',
    ...askedFor(method, path),
  }))
  const isGranted = (what: (typeof asked)[number]) =>
    granted.some((right) => right.side === what.side && allows(right, what))
  const isAskedFor = (right: Right) => asked.some((what) => what.side === right.side && allows(right, what))
  expect(asked.filter((what) => !isGranted(what))).toEqual([])
  expect(
    granted
      .filter((right) => !isAskedFor(right) && !isForOthers(right))
      .map((right) => `${right.side}: ${describeRight(right)}`),
  ).toEqual([])
})

/** What RFC 2136 UPDATE brings is stored: in an object that is made, then changed. */
async function updateZone(): Promise<void> {
  let turn = 0
  const update = async (): Promise<void> => {
    turn += 1
    const message = updateOctets({
      zone: ['example.com. IN SOA'],
      updates: [`host-${turn}.example.com. 60 IN A 192.0.2.1`],
    })
    const request = { kind: 'update', message, transport: 'tcp', reservedBytes: 0 } as const
    const address = Uint8Array.of(127, 0, 0, 1)
    for await (const reply of app.instance.controlPlane.updates.handle({ ...request, address }))
      expect(reply[3]! & 15, 'response code').toBe(0) // a reply has a header
  }
  await update()
  await app.until(() => expect(app.writes.join()).toContain('MODIFIED ZoneRecords'))
  await update()
}

async function watching(): Promise<string | undefined> {
  const { status } = (await app.host.get(CLUSTER)) as { readonly status?: KubeFedClusterStatus }
  return status?.conditions?.find(({ type }) => type === 'Watching')?.status
}

/** What these servers do not need: they stream lists, and let anyone set owners. The end-to-end suite has servers that do. */
function isForOthers({ verb, resource }: Right): boolean {
  return verb === 'list' || resource.endsWith('/finalizers')
}
