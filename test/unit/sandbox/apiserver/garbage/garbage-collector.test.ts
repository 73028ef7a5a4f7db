import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import type { KubeObject, OwnerReference } from '../../../../../src/api/object.ts'
import { GarbageCollector } from '../../../../../src/sandbox/apiserver/garbage/garbage-collector.ts'
import type { Cluster } from '../../../../../src/sandbox/apiserver/resource/cluster.ts'
import type { Logger } from '../../../../../src/telemetry/logger.ts'
import { silentLogger } from '../../../../../src/telemetry/logger.ts'
import { THING_CRD, apiRequest, ask, bodyOf, codeOf, testCluster } from '../test-cluster.ts'

const MAPS = '/api/v1/namespaces/default/configmaps'
const THINGS = '/apis/unit.example.com/v1/namespaces/default/things'
const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const KEYS_PER_TURN = 200

const started: GarbageCollector[] = []

afterEach(() => {
  for (const collector of started.splice(0)) collector.close()
})

function collecting(cluster: Cluster, logger: Logger = silentLogger): GarbageCollector {
  const collector = new GarbageCollector(cluster, logger)
  started.push(collector)
  return collector
}

function make(cluster: Cluster, path: string, object: Readonly<Record<string, unknown>>): KubeObject {
  const answer = ask(cluster, apiRequest('POST', path, { body: object }))
  if (codeOf(answer) !== 201) throw new Error(JSON.stringify(bodyOf(answer)))
  return bodyOf(answer) as unknown as KubeObject // an object that was stored
}

function map(
  cluster: Cluster,
  name: string,
  owners: readonly OwnerReference[] = [],
  more: object = {},
): KubeObject {
  return make(cluster, MAPS, { metadata: { name, ownerReferences: owners, ...more } })
}

function thing(cluster: Cluster, name: string, owners: readonly OwnerReference[] = []): KubeObject {
  const { apiVersion, kind } = { apiVersion: 'unit.example.com/v1', kind: 'Thing' }
  return make(cluster, THINGS, { apiVersion, kind, metadata: { name, ownerReferences: owners }, spec: {} })
}

function by({ apiVersion, kind, metadata }: KubeObject, blocks = false): OwnerReference {
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', blockOwnerDeletion: blocks }
}

function remove(cluster: Cluster, path: string, propagationPolicy?: string): void {
  expect(codeOf(ask(cluster, apiRequest('DELETE', path, { body: { propagationPolicy } })))).toBe(200)
}

function names(cluster: Cluster, path = MAPS): readonly string[] {
  const { items } = bodyOf(ask(cluster, apiRequest('GET', path))) as unknown as {
    items: readonly KubeObject[]
  } // a list
  return items.map(({ metadata }) => metadata.name)
}

/** Turns of the event loop: each works what the one before has marked. */
async function turns(count = 5): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => setImmediate(resolve))
}

describe('the collector', () => {
  it('works after a request, not within it', async () => {
    const { cluster } = testCluster()
    collecting(cluster)
    const owner = map(cluster, 'owner')
    map(cluster, 'child', [by(owner)])

    remove(cluster, `${MAPS}/owner`)
    const before = names(cluster)
    await turns()

    expect([before, names(cluster)]).toEqual([['child'], []])
  })

  it('collects what was there before it', async () => {
    const { cluster } = testCluster()
    const owner = map(cluster, 'owner')
    map(cluster, 'child', [by(owner)])
    remove(cluster, `${MAPS}/owner`)
    collecting(cluster)
    await turns()

    expect(names(cluster)).toEqual([])
  })

  it('stops when it is closed, with work undone', async () => {
    const { cluster } = testCluster()
    const collector = collecting(cluster)
    const owner = map(cluster, 'owner')
    map(cluster, 'child', [by(owner)])
    remove(cluster, `${MAPS}/owner`)
    collector.close()
    await turns()

    expect(names(cluster)).toEqual(['child'])
  })

  it('lets other work in between in a large cascade', async () => {
    const { cluster } = testCluster()
    collecting(cluster)
    const owner = map(cluster, 'owner')
    for (let count = 0; count <= KEYS_PER_TURN; count += 1) map(cluster, `child-${count}`, [by(owner)])
    await turns()
    remove(cluster, `${MAPS}/owner`)
    const counts: number[] = []
    for (let turn = 0; turn < 3; turn += 1) {
      await turns(1)
      counts.push(names(cluster).length)
    }

    expect(counts).toEqual([1, 0, 0])
  })

  it('writes nothing, and asks for no turn, while nothing concerns owners', async () => {
    const { cluster } = testCluster()
    collecting(cluster)
    await turns()
    const before = cluster.store.revision
    map(cluster, 'alone')
    remove(cluster, `${MAPS}/alone`)
    await turns()

    expect(cluster.store.revision).toBe(before + 2)
  })

  it('reaches dependents that do not block though their owner stays for another finalizer', async () => {
    const { cluster } = testCluster()
    collecting(cluster)
    const owner = map(cluster, 'owner', [], { finalizers: ['a.example.com/x'] })
    map(cluster, 'child', [by(owner)])
    remove(cluster, `${MAPS}/owner`, 'Foreground')
    await turns()

    expect(names(cluster)).toEqual(['owner'])
  })

  it('deletes what a custom resource owned even when the kind went with it', async () => {
    const { cluster } = testCluster({ crds: [THING_CRD] })
    collecting(cluster)
    const owner = thing(cluster, 'owner')
    map(cluster, 'child', [by(owner)])
    remove(cluster, `${CRDS}/things.unit.example.com`)
    await turns()

    expect(names(cluster)).toEqual([])
  })

  it('looks again at owners of an unknown kind when the kind is there', async () => {
    const { cluster } = testCluster()
    collecting(cluster)
    map(cluster, 'child', [{ apiVersion: 'unit.example.com/v1', kind: 'Thing', name: 'a', uid: 'b' }])
    await turns()
    const before = names(cluster)
    make(cluster, CRDS, { ...THING_CRD })
    await turns()

    expect([before, names(cluster)]).toEqual([['child'], []])
  })

  it('follows kinds that come later', async () => {
    const { cluster } = testCluster()
    collecting(cluster)
    make(cluster, CRDS, { ...THING_CRD })
    const owner = map(cluster, 'owner')
    thing(cluster, 'child', [by(owner)])
    remove(cluster, `${MAPS}/owner`)
    await turns()

    expect(names(cluster, THINGS)).toEqual([])
  })

  it('says once that an owner lives elsewhere', async () => {
    const { cluster } = testCluster()
    collecting(cluster)
    const owner = map(cluster, 'owner')
    const roles = '/apis/rbac.authorization.k8s.io/v1/clusterroles'
    make(cluster, roles, { metadata: { name: 'role', ownerReferences: [by(owner)] } })
    await turns()
    make(cluster, CRDS, { ...THING_CRD })
    await turns()

    expect(names(cluster, roles)).toEqual(['role'])
    expect(names(cluster, '/api/v1/namespaces/default/events')).toEqual([
      expect.stringMatching(/^role\.[0-9a-f]{16}$/),
    ])
  })

  it('goes on when one object refuses to go, and says so', async () => {
    const { cluster } = testCluster({
      admission: {
        'ConfigMap.': (object, old) =>
          old !== undefined && object.metadata.name === 'stubborn'
            ? [{ field: 'data', kind: 'forbidden', detail: 'never' }]
            : [],
      },
    })
    const said: unknown[] = []
    collecting(cluster, {
      ...silentLogger,
      warn: (fields, message) => said.push([message, { ...fields, err: undefined }]),
    })
    const [owner, other] = [map(cluster, 'owner'), map(cluster, 'other')]
    map(cluster, 'stubborn', [by(owner), by(other)])
    map(cluster, 'willing', [by(owner), by(other)])
    remove(cluster, `${MAPS}/owner`)
    await turns()
    const owners = (name: string) =>
      (bodyOf(ask(cluster, apiRequest('GET', `${MAPS}/${name}`))) as unknown as KubeObject).metadata
        .ownerReferences?.length // an object

    expect([owners('stubborn'), owners('willing')]).toEqual([2, 1])
    expect(said).toEqual([
      [
        'garbage was not collected',
        {
          component: 'garbage-collector',
          cluster: 'unit',
          kind: 'ConfigMap',
          namespace: 'default',
          name: 'stubborn',
        },
      ],
    ])
  })
})

describe('the collector, properties', () => {
  /** Object n is owned by some of those made before it. */
  const forest = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 8 })
  const deletions = fc.array(fc.tuple(fc.nat(), fc.constantFrom('Background', 'Foreground', 'Orphan')), {
    maxLength: 4,
  })

  it('in the end every object has an owner that is there, or never had one', async () => {
    await fc.assert(
      fc.asyncProperty(forest, deletions, async (shape, deleted) => {
        const { cluster } = testCluster()
        const collector = collecting(cluster)
        const objects: KubeObject[] = []
        for (const [index, [first, second, blocks]] of shape.entries()) {
          const owners = [...new Set([first % (index + 1), second % (index + 1)])].flatMap(
            (at) => objects[at] ?? [],
          )
          objects.push(
            map(
              cluster,
              `o-${index}`,
              owners.map((owner) => by(owner, blocks)),
            ),
          )
        }
        for (const [at, policy] of deleted) {
          ask(
            cluster,
            apiRequest('DELETE', `${MAPS}/o-${at % shape.length}`, { body: { propagationPolicy: policy } }),
          )
        }
        await turns(40)

        const { items } = bodyOf(ask(cluster, apiRequest('GET', MAPS))) as unknown as {
          items: readonly KubeObject[]
        } // a list
        const uids = new Set(items.map(({ metadata }) => metadata.uid))
        for (const { metadata } of items) {
          expect(metadata.deletionTimestamp).toBeUndefined()
          expect((metadata.ownerReferences ?? []).filter(({ uid }) => !uids.has(uid))).toEqual([])
        }
        collector.close()
      }),
      { numRuns: 60 },
    )
  })
})
