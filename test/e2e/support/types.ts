import type { KubernetesClient } from '../../support/kubernetes-client.ts'
import type { Program } from './process.ts'

/** A real kube-apiserver with its controller manager, its key prefix in the common etcd, and its administrator. */
export interface RealCluster {
  readonly name: string
  /** https://127.0.0.1:port; the same over restarts. */
  readonly url: string
  /** Of an administrator (`system:masters`). */
  readonly token: string
  readonly caPem: string
  /** A kubeconfig with the one context `name`, of the administrator. */
  readonly kubeconfigPath: string
  /** As the administrator. */
  readonly api: KubernetesClient
  /** The one that runs now. */
  readonly apiServer: Program
  /** End the API server (default SIGKILL). Whatever else runs stays. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Start the API server again with the same flags; resolves when /readyz says 200. */
  start(): Promise<void>
}

/** One etcd, the host and the members; every process is ended by `close`, newest first, etcd last. */
export interface RealFleet {
  readonly folder: string
  readonly host: RealCluster
  readonly members: ReadonlyMap<string, RealCluster>
  readonly etcd: RealEtcd
  close(): Promise<void>
}

/** The store behind all clusters of a fleet. */
export interface RealEtcd {
  readonly url: string
  /** Compact all that is older than now, physically. A watch cache keeps old versions until its API server is started again. */
  compact(): Promise<void>
  /** A copy of the data as it is now; the process is stopped while it is copied. @returns the folder of the copy */
  snapshot(): Promise<string>
  /** Put a copy back: every API server is ended, etcd too, and all are started again over the copy. */
  restore(snapshot: string): Promise<void>
}

/** Loopback addresses of one scene: scenes of other workers of the suite have others. Port 53 is free on each. */
export interface SceneAddresses {
  /** NSD: root, foreign and parent zones. */
  readonly parents: string
  /** Our server. */
  readonly waypost: string
  /** Unbound. */
  readonly resolver: string
  /** Knot or BIND behind ExternalDNS. */
  readonly provider: string
  readonly coredns: string
}
