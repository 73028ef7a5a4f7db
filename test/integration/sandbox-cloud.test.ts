import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { toCustomResourceDefinition } from '../../src/api/crd.ts'
import { KINDS } from '../../src/api/kinds.ts'
import type { KubeObject } from '../../src/api/object.ts'
import { AppError, describeError } from '../../src/errors.ts'
import type { ServiceShape } from '../../src/sandbox/cloud/shapes.ts'
import { NAMESPACES, SERVICES } from '../../src/sandbox/resources.ts'
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts'
import { defaultWorld } from '../../src/sandbox/world/demo-world.ts'
import { readWorldFile } from '../../src/sandbox/world/world-file.ts'
import { type FakeApiServer, startFakeApiServer } from '../support/fake-object-access.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { world } from '../support/world-builder.ts'

let folder = ''
let servers: FakeApiServer[] = []
const sandboxes: Sandbox[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'waypost-sandbox-'))
  servers = []
})
afterEach(async () => {
  await Promise.all(sandboxes.splice(0).map((sandbox) => sandbox.close()))
  rmSync(folder, { recursive: true })
})

const crds = KINDS.map(({ definition }) => toCustomResourceDefinition(definition))
const stateDir = () => join(folder, 'state')

function optionsOf(over: Partial<SandboxOptions> = {}): SandboxOptions {
  return {
    world: defaultWorld(),
    stateDir: stateDir(),
    clock: new ManualClock(),
    crds,
    startApiServer: (options) => {
      const server = startFakeApiServer(options)
      servers.push(server)
      return Promise.resolve(server)
    },
    ...over,
  }
}

async function start(over: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await createSandbox(optionsOf(over))
  sandboxes.push(sandbox)
  return sandbox
}

async function failure(over: Partial<SandboxOptions>): Promise<AppError> {
  try {
    await start(over)
  } catch (error) {
    if (error instanceof AppError) return error
    throw error
  }
  throw new Error('the sandbox started')
}

function loadBalancerOf(sandbox: Sandbox, cluster: string, namespace = 'mynamespace', name = 'nginx') {
  const service: ServiceShape | undefined = sandbox.servers
    .get(cluster)
    ?.objects.get(SERVICES, namespace, name)
  return service?.status?.loadBalancer?.ingress
}

describe('createSandbox', () => {
  it('starts the default world: host first, an address for nginx in each member', async () => {
    const lines: string[] = []

    const sandbox = await start({ story: (line) => lines.push(line) })

    expect([...sandbox.servers.keys()]).toEqual(['host', 'us-central1-a', 'us-east1-b', 'europe-west1-b'])
    expect(loadBalancerOf(sandbox, 'us-central1-a')).toEqual([{ ip: '192.0.2.1', ipMode: 'VIP' }])
    expect(loadBalancerOf(sandbox, 'us-east1-b')).toEqual([{ ip: '198.51.100.1', ipMode: 'VIP' }])
    expect(loadBalancerOf(sandbox, 'europe-west1-b')).toEqual([{ ip: '203.0.113.1', ipMode: 'VIP' }])
    expect(lines).toContain('cluster host listens on https://127.0.0.1/host')
    expect(lines).toContain('cloud   us-east1-b: Service mynamespace/nginx has load balancer 198.51.100.1')
  })

  it('puts the federation into the host and KubeFedClusters with the members access', async () => {
    const sandbox = await start()

    const { objects } = sandbox.servers.get('host')!
    const cluster = objects.get(
      { group: 'core.kubefed.io', version: 'v1beta1', plural: 'kubefedclusters' },
      'kube-federation-system',
      'us-east1-b',
    )
    expect(cluster?.['spec']).toMatchObject({
      apiEndpoint: 'https://127.0.0.1/us-east1-b',
      secretRef: { name: 'us-east1-b-token' },
    })
    expect(objects.list(NAMESPACES).map(({ metadata }) => metadata.name)).toEqual([
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
      'kube-federation-system',
      'mynamespace',
    ])
    expect(servers[0]?.options.crds).toBe(crds)
  })

  it('gives every member ClusterIPs of its own', async () => {
    await start()

    expect(servers.slice(1).map(({ options }) => options.serviceRanges?.ipv4)).toEqual([
      '10.96.0.0/16',
      '10.97.0.0/16',
      '10.98.0.0/16',
    ])
  })

  it('writes a kubeconfig with a context for each cluster, host current', async () => {
    const sandbox = await start()

    const config = parse(readFileSync(sandbox.kubeconfigPath, 'utf8')) as {
      contexts: readonly { name: string }[]
      'current-context': string
    }
    expect(config['current-context']).toBe('host')
    expect(config.contexts.map(({ name }) => name)).toEqual([...sandbox.servers.keys()])
  })

  it('has a listener that answers behind each load balancer', async () => {
    const sandbox = await start()

    const endpoint = sandbox.balancers.listenerOf('203.0.113.1', 80)
    const body = await new Promise<string>((resolve, reject) => {
      get({ host: endpoint?.host, port: endpoint?.port, agent: false }, (response) => {
        let text = ''
        response.on('data', (chunk: Buffer) => (text += chunk.toString()))
        response.on('end', () => resolve(text))
      }).on('error', reject)
    })

    expect(body).toBe('europe-west1-b/mynamespace/nginx\n')
    expect(Object.keys(sandbox.balancers.listeners())).toEqual([
      '192.0.2.1:80',
      '198.51.100.1:80',
      '203.0.113.1:80',
    ])
  })

  it('applies manifests where they say, in the order of need, and the cloud acts on them', async () => {
    writeFileSync(
      join(folder, 'mine.yaml'),
      `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, annotations: {sandbox.waypost.dev/cluster: us-east1-b}}
spec: {type: LoadBalancer, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {sandbox.waypost.dev/cluster: us-east1-b}}
---
apiVersion: example.org/v1
kind: Thing
metadata: {name: mine}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: things.example.org}
spec:
  group: example.org
  names: {kind: Thing, plural: things}
  scope: Cluster
  versions: [{name: v1, served: true, storage: true}]
`,
    )

    const sandbox = await start({ manifests: [join(folder, 'mine.yaml')] })

    expect(loadBalancerOf(sandbox, 'us-east1-b', 'shop', 'web')).toEqual([
      { ip: '198.51.100.2', ipMode: 'VIP' },
    ])
    const thing = { group: 'example.org', version: 'v1', plural: 'things' }
    expect(sandbox.servers.get('host')?.objects.get(thing, '', 'mine')?.metadata.name).toBe('mine')
    expect(servers[0]?.objects.writes.filter((write) => /things|customres/.test(write))).toEqual([
      'create customresourcedefinitions /things.example.org',
      'create things /mine',
    ])
  })

  it('a manifest changes what the world has put there', async () => {
    writeFileSync(
      join(folder, 'domain.json'),
      JSON.stringify({
        apiVersion: 'multiclusterdns.kubefed.io/v1alpha1',
        kind: 'Domain',
        metadata: { name: 'myfederation', namespace: 'kube-federation-system', labels: { mine: 'yes' } },
        domain: 'example.org',
      }),
    )

    const sandbox = await start({ manifests: [folder] })

    const domains = { group: 'multiclusterdns.kubefed.io', version: 'v1alpha1', plural: 'domains' }
    const domain = sandbox.servers.get('host')?.objects.get(domains, 'kube-federation-system', 'myfederation')
    expect(domain).toMatchObject({ domain: 'example.org', metadata: { labels: { mine: 'yes' } } })
  })
})

describe('the files of deploy/sandbox', () => {
  const deploy = new URL('../../deploy/sandbox/', import.meta.url).pathname

  it('regions.yaml starts and shows what it says', async () => {
    const sandbox = await start({ world: readWorldFile(join(deploy, 'regions.yaml')) })

    expect([...sandbox.servers.keys()]).toEqual([
      'host',
      'us-central1-a',
      'us-central1-b',
      'europe-west1',
      'basement',
    ])
    expect(loadBalancerOf(sandbox, 'europe-west1', 'shop', 'cart')).toEqual([
      { ip: expect.stringMatching(/^\d/) as string, ipMode: 'VIP' },
      { ip: expect.stringMatching(/^2001:db8:3::/) as string, ipMode: 'VIP' },
    ])
    const hostname = 'images.shop.basement.lb.example.net'
    expect(loadBalancerOf(sandbox, 'basement', 'shop', 'images')).toEqual([{ hostname }])
    expect(sandbox.balancers.lookup(hostname)).toHaveLength(1)
    expect([...sandbox.balancers.all()].filter(({ ready }) => !ready).map(({ name }) => name)).toEqual([
      'broken',
    ])
    expect([...sandbox.balancers.all()].filter(({ kind }) => kind === 'Ingress')).toHaveLength(4)
  })

  it('my-service.yaml adds a service to every member and its record to the host', async () => {
    const sandbox = await start({ manifests: [join(deploy, 'my-service.yaml')] })

    const members = defaultWorld().clusters.map(({ name }) => name)
    expect(members.map((member) => loadBalancerOf(sandbox, member, 'hello', 'web')?.length)).toEqual([
      1, 1, 1,
    ])
    const records = {
      group: 'multiclusterdns.kubefed.io',
      version: 'v1alpha1',
      plural: 'servicednsrecords',
    }
    expect(sandbox.servers.get('host')?.objects.get(records, 'hello', 'web')).toBeDefined()
  })
})

describe('bad input', () => {
  it('a manifest of an unknown kind: one line, and no server was started', async () => {
    const file = join(folder, 'bad.yaml')
    writeFileSync(file, 'apiVersion: v1\nkind: Nonsense\nmetadata: {name: a}\n')

    const error = await failure({ manifests: [file] })

    expect(describeError(error)).toBe(
      `manifest is not usable; correct it and start again (file=${file} document=1 reason=no such kind: Nonsense of v1; add its CustomResourceDefinition)`,
    )
    expect(servers).toEqual([])
    expect(existsSync(stateDir())).toBe(false)
  })

  it('a manifest that its cluster refuses: one line, and all that was started is ended', async () => {
    const file = join(folder, 'bad.yaml')
    writeFileSync(file, 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: nowhere}\n')
    const refusing = (options: Parameters<typeof startFakeApiServer>[0]) => {
      const server = startFakeApiServer(options)
      const create = server.objects.create.bind(server.objects)
      server.objects.create = (resource, object: KubeObject) => {
        if (object.metadata.namespace === 'nowhere') throw new Error('namespaces "nowhere" not found')
        return create(resource, object)
      }
      servers.push(server)
      return Promise.resolve(server)
    }

    const error = await failure({ manifests: [file], startApiServer: refusing })

    expect(error.fields).toEqual({
      file,
      document: 1,
      reason: 'host refused ConfigMap a: namespaces "nowhere" not found',
    })
    expect(servers.map(({ closed }) => closed)).toEqual([true, true, true, true])
    expect(readdirSync(stateDir())).toEqual([])
  })

  it('a cluster that does not start ends the others and names itself', async () => {
    const error = await failure({
      startApiServer: (options) => {
        if (options.name === 'us-east1-b') return Promise.reject(new Error('no port is free'))
        const server = startFakeApiServer(options)
        servers.push(server)
        return Promise.resolve(server)
      },
    })

    expect(describeError(error)).toBe('cluster did not start (cluster=us-east1-b): no port is free')
    expect(servers.map(({ closed }) => closed)).toEqual([true, true, true])
  })

  it('a second sandbox on one state folder names the process of the first, and does not disturb it', async () => {
    const sandbox = await start()
    const lock = join(stateDir(), 'sandbox.pid')
    writeFileSync(lock, `${process.ppid}\n`) // as if the first one were another process
    const before = readdirSync(stateDir())

    const error = await failure({})

    expect(error.fields).toEqual({ stateDir: sandbox.stateDir, pid: process.ppid })
    expect(readdirSync(stateDir())).toEqual(before)
    expect(servers).toHaveLength(4)
  })
})

describe('close', () => {
  it('ends every server and listener, once, and frees the state folder', async () => {
    const sandbox = await start({ world: world({ services: [{ namespace: 'ns', name: 'web' }] }) })

    await Promise.all([sandbox.close(), sandbox.close()])

    expect(servers.map(({ closed }) => closed)).toEqual([true, true])
    expect(sandbox.balancers.listeners()).toEqual({})
    expect(readdirSync(sandbox.stateDir)).toEqual(['kubeconfig'])
    await start({ world: world() })
  })
})
