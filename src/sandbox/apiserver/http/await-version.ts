import type { Cluster } from '../resource/cluster.ts'
import { flag } from '../resource/list-options.ts'
import type { ApiRequest } from './message.ts'
import { parseResourcePath } from './path.ts'

/** How long the real server waits for its cache to reach a version (apiserver storage/cacher, blockTimeout). */
const BLOCK_MS = 3_000

/**
 * A read not older than a version that is still to come waits for it, up to three seconds; whoever answers then finds it there,
 * or says that it is too large. A watch from such a version does not wait.
 */
export async function awaitVersion(cluster: Cluster, request: ApiRequest, gone: AbortSignal): Promise<void> {
  const wanted = request.query.get('resourceVersion') ?? ''
  if (request.method !== 'GET' || !/^\d+$/.test(wanted)) return
  if (Number(wanted) <= cluster.store.revision || parseResourcePath(request.path) === undefined) return
  const watches = flag(request.query, 'watch') === true && flag(request.query, 'sendInitialEvents') !== true
  if (watches || request.query.get('continue')) return
  await new Promise<void>((resolve) => {
    const timer = cluster.clock.after(BLOCK_MS, () => done())
    const stop = cluster.store.onceReached(Number(wanted), () => done())
    const done = (): void => {
      timer.cancel()
      stop()
      gone.removeEventListener('abort', done)
      resolve()
    }
    gone.addEventListener('abort', done)
  })
}
