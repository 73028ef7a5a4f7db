import { readFileSync } from 'node:fs'
import { Agent, request, type Dispatcher } from 'undici'
import { parse } from 'yaml'
import type { KubeObject } from '../../src/api/object.ts'

/** An answer of an API server. */
export interface ApiAnswer {
  readonly status: number
  readonly body: KubeObject
}

/** One cluster's API over HTTPS, with nothing but what its kubeconfig gives. Paths are absolute. */
export interface ApiClient {
  readonly server: string
  ask(method: Dispatcher.HttpMethod, path: string, body?: unknown, contentType?: string): Promise<ApiAnswer>
  /** @throws Error with what the server said, for anything but success */
  get(path: string): Promise<KubeObject>
  /** Undefined: 404. */
  find(path: string): Promise<KubeObject | undefined>
  list(path: string): Promise<readonly KubeObject[]>
  create(path: string, object: KubeObject): Promise<KubeObject>
  merge(path: string, patch: unknown): Promise<KubeObject>
  /** As `kubectl apply` does with custom resources: create, or else merge what was applied. */
  apply(path: string, object: KubeObject): Promise<ApiAnswer>
  remove(path: string): Promise<void>
  close(): Promise<void>
}

interface Kubeconfig {
  readonly contexts: readonly {
    readonly name: string
    readonly context: { readonly cluster: string; readonly user: string }
  }[]
  readonly clusters: readonly {
    readonly name: string
    readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string }
  }[]
  readonly users: readonly { readonly name: string; readonly user: { readonly token: string } }[]
}

const MERGE = 'application/merge-patch+json'

/** A client for each context of a kubeconfig. */
export function openApiClients(kubeconfigPath: string): ReadonlyMap<string, ApiClient> {
  const config = parse(readFileSync(kubeconfigPath, 'utf8')) as Kubeconfig
  return new Map(
    config.contexts.map(({ name, context }) => {
      const cluster = named(config.clusters, context.cluster).cluster
      const { token } = named(config.users, context.user).user
      const caPem = Buffer.from(cluster['certificate-authority-data'], 'base64').toString()
      return [name, openApiClient({ server: cluster.server, caPem, token })]
    }),
  )
}

/** A client of one API server. */
export function openApiClient(access: {
  readonly server: string
  readonly caPem: string
  readonly token: string
}): ApiClient {
  const { server, caPem, token } = access
  const dispatcher = new Agent({ connect: { ca: caPem } })

  const ask: ApiClient['ask'] = async (method, path, body, contentType = 'application/json') => {
    const answer = await request(`${server}${path}`, {
      method,
      dispatcher,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { 'content-type': contentType }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    return { status: answer.statusCode, body: readBody(await answer.body.text()) }
  }
  const must: ApiClient['ask'] = async (method, path, body, contentType) => {
    const answer = await ask(method, path, body, contentType)
    if (answer.status < 300) return answer
    throw new Error(`${method} ${path}: ${answer.status} ${String(answer.body['message'])}`)
  }

  return {
    server,
    ask,
    get: async (path) => (await must('GET', path)).body,
    async find(path) {
      const answer = await ask('GET', path)
      if (answer.status === 404) return undefined
      if (answer.status < 300) return answer.body
      throw new Error(`GET ${path}: ${answer.status} ${String(answer.body['message'])}`)
    },
    list: async (path) => (await must('GET', path)).body['items'] as readonly KubeObject[],
    create: async (path, object) => (await must('POST', path, object)).body,
    merge: async (path, patch) => (await must('PATCH', path, patch, MERGE)).body,
    async apply(path, object) {
      const there = await ask('GET', `${path}/${object.metadata.name}`)
      const asked = 'fieldManager=kubectl-client-side-apply&fieldValidation=Strict'
      return there.status === 404
        ? ask('POST', `${path}?${asked}`, object)
        : ask('PATCH', `${path}/${object.metadata.name}?${asked}`, object, MERGE)
    },
    async remove(path) {
      await must('DELETE', path)
    },
    close: () => dispatcher.destroy(),
  }
}

function readBody(text: string): KubeObject {
  try {
    return JSON.parse(text) as KubeObject
  } catch {
    return { apiVersion: '', kind: 'Text', metadata: { name: '' }, message: text } // health endpoints answer in words
  }
}

function named<T extends { readonly name: string }>(list: readonly T[], name: string): T {
  const found = list.find((each) => each.name === name)
  if (found === undefined) throw new Error(`the kubeconfig has no entry "${name}"`)
  return found
}
