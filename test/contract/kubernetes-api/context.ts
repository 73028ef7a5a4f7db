import type { ApiReply, ApiTarget, Json, KubernetesClient } from '../../support/kubernetes-client.ts'

/** What a behaviour is tested in: a namespace and a CRD group of its own, so that suites may share a server. */
export interface ContractContext {
  readonly api: KubernetesClient
  readonly target: ApiTarget
  /** A client with connections of its own, closed at the end. */
  connect(options?: { readonly http2?: boolean }): KubernetesClient
  /** Make the server forget every version before now. */
  compact(): Promise<void>
  /** End every client. */
  close(): Promise<void>
  readonly namespace: string
  /** Group of the custom resources `gadgets` (namespaced, `v1`, `v1beta1`) of this run. */
  readonly group: string
  /** A name nobody else uses. */
  unique(prefix: string): string
  /** Path of a collection in the namespace, or of an object or subresource in it. */
  core(plural: string, ...rest: readonly string[]): string
  inGroup(groupVersion: string, plural: string, ...rest: readonly string[]): string
  /** Path of gadgets, version v1. */
  gadgets(...rest: readonly string[]): string
  gadget(name: string, spec: Json, more?: Json): Json
}

/** Registers one named behaviour. */
export type ContractTest = (name: string, run: (context: ContractContext) => Promise<void>) => void

/** A body as both kinds of server write it: without the bookkeeping of server-side apply. */
export function plain<T>(value: T): T {
  return JSON.parse(
    JSON.stringify(value, (name, inner: unknown) => (name === 'managedFields' ? undefined : inner)),
  ) as T // the same JSON, less one field
}

/** Metadata of an object in an answer. */
export function metaOf(value: unknown): Json {
  return (value as { metadata?: Json }).metadata ?? {} // answers of Kubernetes APIs
}

/** The resourceVersion of an answer. */
export function versionOf(reply: ApiReply): string {
  return String(metaOf(reply.body)['resourceVersion'])
}

/** Names of the objects in a list. */
export function namesOf(reply: ApiReply): readonly string[] {
  return itemsOf(reply).map((item) => String(metaOf(item)['name']))
}

/** Objects of a list. */
export function itemsOf(reply: ApiReply): readonly Json[] {
  return (reply.body['items'] as Json[] | undefined) ?? [] // lists of Kubernetes APIs
}

/** The one answer of a failed request: its HTTP code and its Status without what all have in common. */
export function statusOf(reply: ApiReply): Json {
  const { kind, apiVersion, metadata, status, ...rest } = reply.body
  return kind === 'Status' && apiVersion === 'v1' && status === 'Failure' && metadata !== undefined
    ? { http: reply.code, ...rest }
    : { http: reply.code, noStatus: reply.text.slice(0, 500) }
}

/** Ask again until it holds: real servers do some things a moment later. Fails after ten seconds. */
export async function eventually<T>(ask: () => Promise<T>, holds: (value: T) => boolean): Promise<T> {
  for (let left = 200; ; left -= 1) {
    const value = await ask()
    if (holds(value)) return value
    if (left === 0) throw new Error(`did not come true: ${JSON.stringify(value).slice(0, 1_000)}`)
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
}
