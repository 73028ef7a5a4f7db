import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { toCustomResourceDefinition } from '../../src/api/crd.ts'
import { KINDS } from '../../src/api/kinds.ts'
import { startApiServer } from '../../src/sandbox/apiserver/start.ts'
import { sandboxFaultRoutes } from '../../src/sandbox/fault-routes.ts'
import { createSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts'
import { defaultWorld } from '../../src/sandbox/world/demo-world.ts'
import { ManualClock } from '../support/manual-clock.ts'

interface Kubeconfig {
  readonly clusters: readonly {
    readonly name: string
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string }
  }[]
  readonly users: readonly { readonly name: string; readonly user: { readonly token: string } }[]
}

let folder = ''
let sandbox: Sandbox

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-sandbox-'))
  sandbox = await createSandbox({
    world: defaultWorld(),
    stateDir: folder,
    clock: new ManualClock(Date.now()), // certificates are checked against the client's own time
    crds: KINDS.map(({ definition }) => toCustomResourceDefinition(definition)),
    startApiServer,
  })
})
afterEach(async () => {
  await sandbox.close()
  rmSync(folder, { recursive: true })
})

/** Status and body of one request, made with nothing but the kubeconfig. */
function ask(
  cluster: string,
  path: string,
  send?: { readonly method: string; readonly type: string; readonly body?: unknown },
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const config = parse(readFileSync(sandbox.kubeconfigPath, 'utf8')) as Kubeconfig
  const access = config.clusters.find(({ name }) => name === cluster)!.cluster // a cluster of the world
  const { token } = config.users.find(({ name }) => name === cluster)!.user
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${access.server}${path}`,
      {
        method: send?.method ?? 'GET',
        agent: false,
        ca: Buffer.from(access['certificate-authority-data'], 'base64').toString(),
        headers: {
          authorization: `Bearer ${token}`,
          ...(send === undefined ? {} : { 'content-type': send.type }),
        },
      },
      (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) as Record<string, unknown> }),
        )
      },
    )
    outgoing.on('error', reject)
    outgoing.end(send?.body === undefined ? undefined : JSON.stringify(send.body))
  })
}

const nginx = '/apis/apps/v1/namespaces/mynamespace/deployments/nginx'
const merge = (body: unknown) => ({ method: 'PATCH', type: 'application/merge-patch+json', body })

function remove(policy: string): ReturnType<typeof ask> {
  const how = { method: 'DELETE', type: 'application/json' }
  return ask('europe-west1-b', `${nginx}?propagationPolicy=${policy}`, how)
}

async function podUids(): Promise<readonly unknown[]> {
  const { body } = await ask('europe-west1-b', '/api/v1/namespaces/mynamespace/pods')
  return (body['items'] as { metadata: { uid: unknown } }[]).map(({ metadata }) => metadata.uid) // a list
}

/** Each question is a few turns of the event loop; the end of a deletion needs as many as it has steps. */
async function gone(): Promise<void> {
  for (let left = 100; left > 0; left -= 1) if ((await ask('europe-west1-b', nginx)).status === 404) return
  throw new Error('the Deployment is still there')
}

describe('a sandbox over real API servers', () => {
  it('shows a client with the kubeconfig what the cloud has made', async () => {
    const service = await ask('us-east1-b', '/api/v1/namespaces/mynamespace/services/nginx')
    const deployment = await ask('us-east1-b', nginx)
    const slices = await ask(
      'us-east1-b',
      '/apis/discovery.k8s.io/v1/namespaces/mynamespace/endpointslices?labelSelector=kubernetes.io/service-name%3Dnginx',
    )

    expect(service.body).toMatchObject({
      spec: { type: 'LoadBalancer', clusterIP: expect.stringMatching(/^10\.97\.0\./) as string },
      status: { loadBalancer: { ingress: [{ ip: '198.51.100.1' }] } },
    })
    expect(deployment.body['status']).toMatchObject({ replicas: 2, readyReplicas: 2, availableReplicas: 2 })
    expect(slices.body['items']).toMatchObject([
      {
        addressType: 'IPv4',
        endpoints: [
          { conditions: { ready: true }, zone: 'us-east1-b' },
          { conditions: { ready: true }, zone: 'us-east1-b' },
        ],
        ports: [{ name: 'http', port: 80, protocol: 'TCP' }],
      },
    ])
  })

  it('acts on what a client writes: scaled to nothing, no endpoint and no listener', async () => {
    await ask('us-east1-b', `${nginx}/scale`, merge({ spec: { replicas: 0 } }))
    await sandbox.settled()

    const deployment = await ask('us-east1-b', nginx)
    const pods = await ask('us-east1-b', '/api/v1/namespaces/mynamespace/pods')
    expect(deployment.body['status']).not.toHaveProperty('readyReplicas')
    expect(pods.body['items']).toEqual([])
    expect([...sandbox.balancers.all()].filter(({ ready }) => !ready).map(({ cluster }) => cluster)).toEqual([
      'us-east1-b',
    ])
  })

  it('holds a federation that its own schemas and rules accept', async () => {
    const clusters = await ask('host', '/apis/core.kubefed.io/v1beta1/kubefedclusters')
    const records = await ask('host', '/apis/multiclusterdns.kubefed.io/v1alpha1/servicednsrecords')

    expect(clusters.body['items']).toHaveLength(3)
    expect(records.body['items']).toMatchObject([{ spec: { domainRef: 'myfederation', recordTTL: 30 } }])
  })

  it('a Deployment that leaves its dependents behind and is made again keeps its Pods', async () => {
    const { metadata, spec } = (await ask('europe-west1-b', nginx)).body as { metadata: object; spec: object } // a Deployment
    const before = await podUids()
    await remove('Orphan')
    await gone()
    const between = await podUids()
    const again = { ...metadata, uid: undefined, resourceVersion: undefined }
    await ask('europe-west1-b', nginx.replace(/\/nginx$/, ''), {
      method: 'POST',
      type: 'application/json',
      body: { apiVersion: 'apps/v1', kind: 'Deployment', metadata: again, spec },
    })
    await sandbox.settled()

    expect(before).toHaveLength(2)
    expect([between, await podUids()]).toEqual([before, before])
    expect((await ask('europe-west1-b', nginx)).body['status']).toMatchObject({ readyReplicas: 2 })
  })

  it('a Deployment deleted in the foreground goes after its ReplicaSet and its Pods', async () => {
    const answer = await remove('Foreground')
    await gone()

    expect(answer.body).toMatchObject({ metadata: { finalizers: ['foregroundDeletion'] } })
    expect(await podUids()).toEqual([])
    const sets = await ask('europe-west1-b', '/apis/apps/v1/namespaces/mynamespace/replicasets')
    expect(sets.body['items']).toEqual([])
  })

  it('a namespace that is deleted takes everything along, its load balancers too', async () => {
    await ask('us-east1-b', '/api/v1/namespaces/mynamespace', {
      method: 'DELETE',
      type: 'application/json',
    })
    await sandbox.settled()

    const pods = await ask('us-east1-b', '/api/v1/pods')
    expect(pods.body['items']).toEqual([])
    expect((await ask('us-east1-b', '/api/v1/namespaces/mynamespace')).status).toBe(404)
    expect([...sandbox.balancers.all()].map(({ cluster }) => cluster)).toEqual([
      'us-central1-a',
      'europe-west1-b',
    ])
  })

  it('breaks and mends a cluster by the fault routes', async () => {
    const route = sandboxFaultRoutes(sandbox.servers)
    const path = '/sandbox/clusters/us-east1-b/fault'

    route({ method: 'PUT', path, body: '{"kind":"status","code":503}' })
    const broken = await ask('us-east1-b', nginx)
    const other = await ask('host', '/api/v1/namespaces')
    route({ method: 'DELETE', path, body: '' })
    const mended = await ask('us-east1-b', nginx)

    expect([broken.status, other.status, mended.status]).toEqual([503, 200, 200])
  })
})
