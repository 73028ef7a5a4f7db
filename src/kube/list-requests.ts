import { KubeError } from './kube-error.ts'
import type { KubeErrorCode } from './kube-error.ts'
import type { Failure, Mode } from './list-watch-machine.ts'
import { resourcePath } from './paths.ts'
import type { KubeRequest } from './transport.ts'
import type { WatchSpec } from './types.ts'

/** Objects of one page. */
const PAGE_SIZE = 500
/** A watch ends by itself after 5 to 10 minutes, so that watches do not end all at once. */
const WATCH_SECONDS = 300

const METADATA = 'g=meta.k8s.io;v=v1'

/** The request for one mode of a list-watch. @param random - from 0 to 1: jitter of the watch's length */
export function requestOf(spec: WatchSpec<unknown>, mode: Mode, random: number): KubeRequest {
  const { resource, namespace, labelSelector, fieldSelector, metadataOnly = false } = spec
  return {
    path: resourcePath(resource, namespace === undefined ? {} : { namespace }),
    query: { labelSelector, fieldSelector, ...queryOf(mode, random) },
    accept: acceptOf(metadataOnly, mode),
  }
}

/**
 * Asks whether the server has reached a version: it answers with next to nothing, or 504 after three seconds. One whose state was set
 * back accepts a watch from a version of its lost future, and is then silent for ever.
 */
export function reachedRequestOf(spec: WatchSpec<unknown>, version: string): KubeRequest {
  const { resource, namespace, metadataOnly = false } = spec
  return {
    path: resourcePath(resource, namespace === undefined ? {} : { namespace }),
    query: { limit: 1, resourceVersion: version, resourceVersionMatch: 'NotOlderThan' },
    accept: acceptOf(metadataOnly, { kind: 'page' }),
  }
}

function queryOf(mode: Mode, random: number): NonNullable<KubeRequest['query']> {
  const watch = {
    watch: true,
    allowWatchBookmarks: true,
    timeoutSeconds: Math.round(WATCH_SECONDS * (1 + random)),
  }
  switch (mode.kind) {
    case 'stream-list':
      // Without a version this is a consistent read: never older than what was written before it.
      return { ...watch, sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan' }
    case 'watch':
      return { ...watch, resourceVersion: mode.version }
    case 'page':
      return { limit: PAGE_SIZE, continue: mode.from }
  }
}

/** A server that knows no PartialObjectMetadata sends whole objects: metadata is in both. */
function acceptOf(metadataOnly: boolean, mode: Mode): string {
  if (!metadataOnly) return 'application/json'
  const kind = mode.kind === 'page' ? 'PartialObjectMetadataList' : 'PartialObjectMetadata'
  return `application/json;as=${kind};${METADATA},application/json`
}

const BEGIN_ANEW: ReadonlySet<KubeErrorCode> = new Set(['KUBE_EXPIRED', 'KUBE_VERSION_TOO_LARGE'])
const SESSION_OVER: ReadonlySet<KubeErrorCode> = new Set([
  'KUBE_UNAUTHORIZED',
  'KUBE_FORBIDDEN',
  'KUBE_NOT_FOUND',
  'KUBE_METHOD_REFUSED',
  'KUBE_IDENTITY_CHANGED',
])
const NOT_UNDERSTOOD: ReadonlySet<KubeErrorCode> = new Set(['KUBE_INVALID', 'KUBE_REFUSED'])

/** What a failed request of a list-watch means for what comes next. */
export function failureOf(error: unknown, mode: Mode): Failure {
  if (!(error instanceof KubeError)) return 'transient'
  if (BEGIN_ANEW.has(error.code)) return 'expired'
  if (SESSION_OVER.has(error.code)) return 'denied'
  // Servers without streamed lists forbid its parameters; else it is the version or continuation that is not understood.
  if (NOT_UNDERSTOOD.has(error.code)) return mode.kind === 'stream-list' ? 'unsupported' : 'expired'
  return 'transient'
}

/** How long the server asks us to wait, if it does. */
export function retryAfterOf(error: unknown): number | undefined {
  return error instanceof KubeError && typeof error.retry === 'object' ? error.retry.afterMs : undefined
}
