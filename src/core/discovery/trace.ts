import type { ClusterIndex } from '../../api/keys.ts'
import { describeShard } from './memory.ts'
import type { IngressShard, Shard, ShardMemory, Trace } from './types.ts'

export interface TraceRequest {
  /** After the decision. */
  readonly memory: ShardMemory
  readonly clusters: Iterable<ClusterIndex>
  readonly nowMs: number
  readonly shard: (cluster: ClusterIndex) => Shard | IngressShard
}

/** Tell of each shard which rule it fell under, what was seen, and whether its addresses are in the global answer. */
export function traceShards({ memory, clusters, nowMs, shard }: TraceRequest, trace: Trace): void {
  for (const cluster of clusters) {
    const held = describeShard(memory, cluster)
    trace({
      cluster,
      rule: held.reason,
      fact: factOf(shard(cluster)),
      ageMs: Math.max(0, nowMs - held.sinceSeconds * 1000),
      kept: held.published,
    })
  }
}

function factOf(shard: Shard | IngressShard): string {
  switch (shard.kind) {
    case 'absent':
      return 'not in the complete list of the cluster'
    case 'unknown':
      return `out of sight, ${shard.last === undefined ? 'never seen' : addressesOf(shard.last)}`
    case 'present':
      return 'service' in shard
        ? `${shard.endpoints.ready} ready, ${shard.endpoints.serving} serving, ${addressesOf(shard.service)}`
        : `${shard.backends.filter(({ ready }) => ready > 0).length} of ${shard.backends.length} backends ready, ${addressesOf(shard.ingress)}`
  }
}

function addressesOf({
  a,
  aaaa,
  hosts,
}: {
  a: readonly string[]
  aaaa: readonly string[]
  hosts: readonly string[]
}): string {
  const all = [...a, ...aaaa, ...hosts]
  return all.length === 0 ? 'no address' : all.join(' ')
}
