import { setTimeout as sleep } from 'node:timers/promises'
import { addressPlan } from '../../../src/sandbox/cloud/network/address-plan.ts'
import type { Json, KubernetesClient } from '../../support/kubernetes-client.ts'
import { STRATEGIC_PATCH } from '../../support/kubernetes-client.ts'

/** What a cloud does in one cluster: scheduler, kubelet and load balancers. */
export interface Cloud {
  /** Stop the kubelets' part: Pods stay as they are. */
  close(): Promise<void>
}

interface Item {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly uid: string
    readonly annotations?: Readonly<Record<string, string>>
    readonly deletionTimestamp?: string
  }
  readonly spec: { readonly nodeName?: string; readonly type?: string; readonly loadBalancerClass?: string }
  readonly status?: {
    readonly phase?: string
    readonly loadBalancer?: { readonly ingress?: readonly unknown[] }
  }
}

/** How long until it is tried again after an API server was away. */
const AGAIN_MS = 200
/** Watches end by themselves; a list follows. */
const WATCH_SECONDS = 600

/**
 * Play the cloud of one cluster until closed, over HTTP alone, by lists and watches. Every step looks at what is there, so that
 * one that was lost while the API server was away is made up for.
 * @param share - which of so many clusters this is: its load balancers have addresses of the same plan as in the sandbox
 */
export function playCloud(
  api: KubernetesClient,
  share: { readonly index: number; readonly of: number },
): Cloud {
  const stop = new AbortController()
  const pools = addressPlan(share.index, share.of)
  const player = new Player(api, pools)
  const loops = [
    follow(api, '/api/v1/pods', (pod) => player.pod(pod), stop.signal),
    follow(api, '/api/v1/services', (service) => player.service(service), stop.signal),
    follow(api, '/apis/networking.k8s.io/v1/ingresses', (ingress) => player.ingress(ingress), stop.signal),
  ]
  return {
    async close() {
      stop.abort()
      await Promise.all(loops)
    },
  }
}

class Player {
  readonly #api: KubernetesClient
  readonly #pools: ReturnType<typeof addressPlan>

  constructor(api: KubernetesClient, pools: ReturnType<typeof addressPlan>) {
    this.#api = api
    this.#pools = pools
  }

  async pod({ metadata, spec, status }: Item): Promise<void> {
    const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`
    if (metadata.deletionTimestamp !== undefined) {
      await this.#api.delete(`${path}?gracePeriodSeconds=0`)
    } else if (spec.nodeName === undefined) {
      await this.#bind(path, metadata)
    } else if (status?.phase !== 'Running') {
      await this.#run(path, metadata)
    }
  }

  async #bind(path: string, { name, namespace }: Item['metadata']): Promise<void> {
    const nodes = (await this.#api.get('/api/v1/nodes')).body['items'] as readonly Item[] | undefined
    const node = nodes?.[0]?.metadata.name
    if (node === undefined) return
    await this.#api.post(`${path}/binding`, {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name, namespace },
      target: { apiVersion: 'v1', kind: 'Node', name: node },
    })
  }

  async #run(path: string, { uid, annotations }: Item['metadata']): Promise<void> {
    const ip = this.#pools.pods.IPv4.take(uid) ?? '10.244.0.9'
    const ready = annotations?.['sandbox.waypost.dev/ready'] === 'false' ? 'False' : 'True'
    const since = new Date().toISOString().replace(/\.\d+Z/, 'Z')
    const condition = (type: string, is: string): Json => ({ type, status: is, lastTransitionTime: since })
    await this.#api.patch(
      `${path}/status`,
      {
        status: {
          ...{ phase: 'Running', podIP: ip, podIPs: [{ ip }], startTime: since },
          conditions: [
            condition('Initialized', 'True'),
            condition('ContainersReady', ready),
            condition('Ready', ready),
          ],
        },
      },
      STRATEGIC_PATCH,
    )
  }

  async service(service: Item): Promise<void> {
    const { metadata, spec, status } = service
    if (spec.type !== 'LoadBalancer' || (status?.loadBalancer?.ingress ?? []).length > 0) return
    await this.#balance(
      `/api/v1/namespaces/${metadata.namespace}/services/${metadata.name}`,
      `Service/${metadata.namespace}/${metadata.name}`,
    )
  }

  async ingress({ metadata, status }: Item): Promise<void> {
    if ((status?.loadBalancer?.ingress ?? []).length > 0) return
    const path = `/apis/networking.k8s.io/v1/namespaces/${metadata.namespace}/ingresses/${metadata.name}`
    await this.#balance(path, `Ingress/${metadata.namespace}/${metadata.name}`)
  }

  async #balance(path: string, owner: string): Promise<void> {
    const ip = this.#pools.loadBalancers.IPv4.take(owner)
    await this.#api.patch(`${path}/status`, { status: { loadBalancer: { ingress: [{ ip }] } } })
  }
}

/** Hand on every object that is there, and every one that comes or changes, until the signal. */
async function follow(
  api: KubernetesClient,
  path: string,
  see: (item: Item) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await followOnce(api, path, see, signal)
    } catch {
      if (!signal.aborted) await sleep(AGAIN_MS) // the API server is away, or hangs
    }
  }
}

async function followOnce(
  api: KubernetesClient,
  path: string,
  see: (item: Item) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const list = (await api.get(path)).body as unknown as {
    readonly items?: readonly Item[]
    readonly metadata?: { readonly resourceVersion: string }
  }
  if (list.items === undefined || list.metadata === undefined) throw new Error(`no list at ${path}`)
  await Promise.all(list.items.map(see))
  const watch = await api.watch(
    `${path}?watch=1&resourceVersion=${list.metadata.resourceVersion}&timeoutSeconds=${WATCH_SECONDS}`,
  )
  const end = (): void => watch.close()
  signal.addEventListener('abort', end, { once: true })
  try {
    for (let line = await watch.following(); line !== undefined; line = await watch.following()) {
      if (line.type === 'ERROR') return
      if (line.type !== 'DELETED') await see(line.object as unknown as Item)
    }
  } finally {
    signal.removeEventListener('abort', end)
    watch.close()
  }
}
