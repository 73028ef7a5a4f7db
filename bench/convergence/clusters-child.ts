import { toCustomResourceDefinition } from '../../src/api/crd.ts'
import { KINDS } from '../../src/api/kinds.ts'
import { systemClock } from '../../src/runtime/clock.ts'
import { startApiServer } from '../../src/sandbox/apiserver/start.ts'
import type { ApiServer } from '../../src/sandbox/apiserver/types.ts'
import { applyObject } from '../../src/sandbox/apply.ts'
import { ENDPOINT_SLICES, SERVICES } from '../../src/sandbox/resources.ts'
import { HOST_CLUSTER } from '../../src/sandbox/world/world.ts'
import { nowMicros } from '../support/now-micros.ts'
import {
  benchWorld,
  hostObjects,
  memberObjects,
  sliceName,
  withAddress,
  withReadiness,
} from './bench-world.ts'
import { changeAt, type Change } from './changes.ts'

/** How one API server is reached. */
export interface ServerAccess {
  readonly url: string
  readonly token: string
  readonly caPem: string
}

export interface ClustersReady {
  readonly host: ServerAccess
  readonly members: readonly ServerAccess[]
}

/** Make the changes from `from` on, so many, at this rate. */
export interface MakeChanges {
  readonly from: number
  readonly count: number
  readonly perSecond: number
}

export type ClustersTold =
  /** The change with this number is about to be made. */
  | { readonly kind: 'change'; readonly index: number }
  /** All are made; when each was, in microseconds of the machine's clock, in their order. */
  | { readonly kind: 'made'; readonly madeAtMicros: readonly number[] }

// The API servers of one host and so many members, and what changes them: `clusters-child.ts MEMBERS SERVICES`.
const world = benchWorld({ members: Number(process.argv[2]), services: Number(process.argv[3]) })
const definitions = KINDS.map((kind) => toCustomResourceDefinition(kind.definition))
const members = await Promise.all(world.members.map((name) => startApiServer({ name, clock: systemClock })))
const host = await startApiServer({ name: HOST_CLUSTER, clock: systemClock, crds: definitions })
for (const [index, { objects }] of members.entries()) {
  for (const object of memberObjects(world, index)) applyObject({ objects, definitions }, object)
}
const access = new Map(
  members.map(({ name, url, token, caPem }) => [name, { apiEndpoint: url, token, caPem }]),
)
for (const object of hostObjects(world, access)) applyObject({ objects: host.objects, definitions }, object)

process.on('message', (asked) => void makeChanges(asked as MakeChanges)) // the bench sends nothing else
process.once('SIGTERM', () => process.exit(0))
tell({ host: accessOf(host), members: members.map(accessOf) })

async function makeChanges({ from, count, perSecond }: MakeChanges): Promise<void> {
  const madeAtMicros: number[] = []
  const begin = performance.now()
  for (let i = 0; i < count; i += 1) {
    await until(begin + (i * 1000) / perSecond)
    const change = changeAt(from + i, world.size)
    const make = prepared(change)
    tell({ kind: 'change', index: change.index })
    madeAtMicros.push(nowMicros())
    make()
  }
  tell({ kind: 'made', madeAtMicros })
}

function until(atMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, atMs - performance.now())))
}

/** The change, ready but for the call that makes it. */
function prepared({ index, service, member, kind, address }: Change): () => void {
  const { objects } = members[member]! // a member of the size that was asked for
  const { namespace, name } = world.services[service]! // a service of it
  if (kind === 'address') {
    const object = withAddress(objects.get(SERVICES, namespace, name)!, address) // applied above
    return () => void objects.updateStatus(SERVICES, object)
  }
  const slice = objects.get(ENDPOINT_SLICES, namespace, sliceName(name))! // applied above
  const object = withReadiness(slice, kind === 'up', index)
  return () => void objects.update(ENDPOINT_SLICES, object)
}

function accessOf({ url, token, caPem }: ApiServer): ServerAccess {
  return { url, token, caPem }
}

function tell(message: ClustersReady | ClustersTold): void {
  process.send?.(message)
}
