/**
 * Rewrites test/golden/apply/ with random writes of several managers and what a real kube-apiserver answers:
 * `node test/support/record-apply-walks.ts URL TOKEN`.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { WALK_KINDS, prepareWalks, walked, walksOf } from './apply-walks.ts'
import type { RecordedWalk } from './apply-walks.ts'
import { KubernetesClient } from './kubernetes-client.ts'

const SEED = 20_261_121
const WALKS_PER_KIND = 6

const [url, token] = process.argv.slice(2)
if (url === undefined || token === undefined) throw new Error('usage: record-apply-walks.ts URL TOKEN')
const api = new KubernetesClient({ url, token })
const folder = new URL('../golden/apply/', import.meta.url)
mkdirSync(folder, { recursive: true })
await prepareWalks(api)
for (const kind of WALK_KINDS) {
  const walks: RecordedWalk[] = []
  for (const [index, steps] of walksOf(kind, { seed: SEED, count: WALKS_PER_KIND }).entries()) {
    const name = `walk-${process.pid}-${kind}-${index}`
    const recorded: RecordedWalk['steps'][number][] = []
    for (const step of steps) recorded.push({ step, answer: await walked(api, step, name) })
    walks.push({ kind, steps: recorded })
    const [path = ''] = steps.at(-1)?.path.replace('NAME', name).split('?') ?? []
    await api.patch(path, { metadata: { finalizers: null } })
    await api.delete(path)
  }
  const lines = walks.map(
    (walk) =>
      `{"kind":${JSON.stringify(walk.kind)},"steps":[\n${walk.steps.map((step) => JSON.stringify(step)).join(',\n')}\n]}`,
  )
  writeFileSync(new URL(`${kind}.json`, folder), `[\n${lines.join(',\n')}\n]\n`)
  process.stdout.write(`${kind}: ${walks.length} walks\n`)
}
await api.close()
