import type { KubeObject, ResourceId } from '../../api/object.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Logger } from '../../telemetry/logger.ts'

/** One broken rule of an object, as a Status lists it under `details.causes`. */
export interface FieldProblem {
  /** Path in the object: `spec.ports[0].port`; empty for the object as a whole. */
  readonly field: string
  readonly kind:
    | 'invalid'
    | 'required'
    | 'forbidden'
    | 'duplicate'
    | 'unsupported'
    | 'type'
    | 'tooLong'
    | 'tooMany'
  /** Words behind `Invalid value: …: `. */
  readonly detail: string
  /** The value found, shown in the message where the kind has one. */
  readonly value?: unknown
}

/** A rule beyond the schema, as a validating webhook would hold it. `old` is undefined on create. */
export type Admission = (object: KubeObject, old: KubeObject | undefined) => readonly FieldProblem[]

/** What an API server double is started with. */
export interface ApiServerOptions {
  /** Name of the cluster; shown in errors and logs only. */
  readonly name: string
  readonly host?: string
  /** 0, the default, picks a free port. */
  readonly port?: number
  /** Bearer token with all rights; made at random when absent. */
  readonly token?: string
  /** CustomResourceDefinitions present from the start. */
  readonly crds?: readonly KubeObject[]
  readonly clock: Clock
  readonly logger?: Logger
  /** Changes kept per resource; a watch or exact list from before them gets 410. Default 2,000. */
  readonly history?: number
  /** By `<Kind>.<group>` (`Service.` for the core group). */
  readonly admission?: Readonly<Record<string, Admission>>
  /** Where Services get their ClusterIPs from. Default 10.96.0.0/16 and fd00:10:96::/112. */
  readonly serviceRanges?: { readonly ipv4: string; readonly ipv6: string }
  /** Makes the uid of each new object. Default: at random. */
  readonly newUid?: () => string
  /** Largest request body. Default 3 MiB, as the real server. */
  readonly maxBodyBytes?: number
}

/** One change of a stored object, as a watch would show it. `object` is frozen. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: KubeObject
  /** The object before; undefined for ADDED. */
  readonly old?: KubeObject
}

/**
 * In-process access to one cluster's objects, for the simulated cloud and for tests; the HTTP side goes through the same
 * functions, so admission, defaulting, generation and finalizers are the same for both.
 * All throw StatusError (a Kubernetes Status as an error) as the HTTP side would answer.
 */
export interface ObjectAccess {
  get(resource: ResourceId, namespace: string, name: string): KubeObject | undefined
  list(resource: ResourceId, namespace?: string): readonly KubeObject[]
  create(resource: ResourceId, object: KubeObject): KubeObject
  /** Replaces spec and metadata; equal content is a no-op. resourceVersion, when given, is a precondition. */
  update(resource: ResourceId, object: KubeObject): KubeObject
  /** Replaces `status` only; equal content is a no-op. */
  updateStatus(resource: ResourceId, object: KubeObject): KubeObject
  delete(resource: ResourceId, namespace: string, name: string): void
  /** Existing objects arrive first, synchronously, as ADDED. Returns the stop function. */
  watch(resource: ResourceId, listener: (event: StoreEvent) => void): () => void
}

/** What a fault does to the requests it matches. Faults stay until cleared. */
export type Fault =
  /** Accept, and never answer; open watches fall silent. */
  | { readonly kind: 'hang' }
  /** Cut every connection at once and each new one after its request. */
  | { readonly kind: 'reset' }
  /** Close the listening port, cut every connection. */
  | { readonly kind: 'down' }
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Answer every request with this HTTP status and a Kubernetes Status body. */
  | {
      readonly kind: 'status'
      readonly code: 401 | 403 | 410 | 429 | 500 | 503
      readonly retryAfterSeconds?: number
    }
  /** Open watches end with an ERROR event of code 410; resuming from a version before now is refused likewise. */
  | { readonly kind: 'compact' }
  /** Lists and watches carry one object that is no object. */
  | { readonly kind: 'malformed' }

export interface Faults {
  set(fault: Fault): void
  clear(): void
  readonly current: Fault | undefined
}

/** One running API server double. */
export interface ApiServer {
  readonly name: string
  /** https://127.0.0.1:PORT */
  readonly url: string
  /** Bearer token with all rights. */
  readonly token: string
  /** PEM of the certificate that signs this server's. */
  readonly caPem: string
  readonly objects: ObjectAccess
  readonly faults: Faults
  close(): Promise<void>
}
