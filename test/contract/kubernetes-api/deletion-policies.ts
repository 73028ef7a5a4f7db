import { expect } from 'vitest'
import type { ApiReply, Json } from '../../support/kubernetes-client.ts'
import { metaOf, statusOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { blocks, family, nameOf, ownersOf, soon } from './ownership.ts'
import type { Family } from './ownership.ts'

const FOREGROUND = { propagationPolicy: 'Foreground' }
const ORPHAN = { propagationPolicy: 'Orphan' }
const BACKGROUND = { propagationPolicy: 'Background' }
const HELD = { finalizers: ['a.example.com/x'] }

/** What a DELETE does to the dependents of its object: propagationPolicy. */
export function deletionPolicyContract(test: ContractTest): void {
  test('Orphan leaves the dependents, without the reference', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.owned('child', [owner])
    const deleted = await maps.delete(owner, ORPHAN)
    await maps.gone(owner)
    const left = await maps.get(child)

    expect(deleted.body).toMatchObject({ kind: 'ConfigMap', metadata: { finalizers: ['orphan'] } })
    expect(metaOf(deleted.body)).toHaveProperty('deletionTimestamp')
    expect(left.code).toBe(200)
    expect(metaOf(left.body)).not.toHaveProperty('ownerReferences')
    expect(metaOf(left.body)).not.toHaveProperty('deletionTimestamp')
  })

  test('a policy may be said in the query', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.owned('child', [owner])
    await maps.delete(owner, undefined, '?propagationPolicy=Orphan')
    await maps.gone(owner)

    expect((await maps.get(child)).code).toBe(200)
  })

  test('a DELETE with a body takes nothing from its query', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.owned('child', [owner])
    const deleted = await maps.delete(owner, {}, '?propagationPolicy=Orphan&dryRun=All')

    expect(deleted.body).toMatchObject({ kind: 'Status', status: 'Success' })
    await maps.gone(child)
  })

  test('orphanDependents is the old way to say Orphan', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.owned('child', [owner])
    const deleted = await maps.delete(owner, { orphanDependents: true })
    await maps.gone(owner)
    const both = await maps.delete(child, { orphanDependents: true, ...ORPHAN })

    expect(metaOf(deleted.body)).toMatchObject({ finalizers: ['orphan'] })
    expect((await maps.get(child)).code).toBe(200)
    expect(statusOf(both)).toMatchObject({
      http: 422,
      message:
        'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
    })
  })

  test('Foreground: the owner goes after the dependents that block it', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.make('child', { ...HELD, ownerReferences: [blocks(owner)] })
    const other = await maps.make('other', { ownerReferences: [blocks(owner)] })
    const deleted = await maps.delete(owner, FOREGROUND)
    await marked(maps, child)
    await maps.gone(other)
    const waiting = await maps.get(owner)
    await maps.patch(child, { metadata: { finalizers: null } })

    expect(deleted).toMatchObject({
      code: 200,
      body: { kind: 'ConfigMap', metadata: { finalizers: ['foregroundDeletion'] } },
    })
    expect(waiting.code).toBe(200)
    expect(metaOf(waiting.body)).toMatchObject({ finalizers: ['foregroundDeletion'] })
    await maps.gone(owner)
    await maps.gone(child)
  })

  test('Foreground does not wait for dependents that do not block', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.owned('child', [owner], HELD)
    await maps.delete(owner, FOREGROUND)
    await maps.gone(owner)
    await marked(maps, child)
    await maps.patch(child, { metadata: { finalizers: null } })

    await maps.gone(child)
  })

  test('Foreground without dependents: gone a moment later', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')

    expect(metaOf((await maps.delete(owner, FOREGROUND)).body)).toMatchObject({
      finalizers: ['foregroundDeletion'],
    })
    await maps.gone(owner)
  })

  test('Foreground is passed on to dependents that have dependents', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.make('child', { ownerReferences: [blocks(owner)] })
    const grandchild = await maps.make('grandchild', { ...HELD, ownerReferences: [blocks(child)] })
    await maps.delete(owner, FOREGROUND)
    await marked(maps, grandchild)
    const passedOn = await maps.get(child)
    await maps.patch(grandchild, { metadata: { finalizers: null } })

    expect(metaOf(passedOn.body)).toMatchObject({ finalizers: ['foregroundDeletion'] })
    await maps.gone(owner)
    await maps.gone(child)
  })

  test('a dependent with another owner survives a Foreground deletion', async (context) => {
    const maps = family(context)
    const [owner, other] = [await maps.make('owner'), await maps.make('owner')]
    const child = await maps.make('child', { ownerReferences: [blocks(owner), blocks(other)] })
    await maps.delete(owner, FOREGROUND)
    await maps.gone(owner)

    expect(ownersOf(await maps.get(child))).toEqual([metaOf(other)['uid']])
  })

  test('a dependent that stops to block lets its owner go', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.make('child', { ...HELD, ownerReferences: [blocks(owner)] })
    await maps.delete(owner, FOREGROUND)
    await marked(maps, child)
    await maps.patch(child, { metadata: { ownerReferences: null } })
    await maps.gone(owner)
    await maps.patch(child, { metadata: { finalizers: null } })

    await maps.gone(child)
  })

  test('owners in a circle do not wait for each other', async (context) => {
    const maps = family(context)
    const first = await maps.make('first')
    const second = await maps.make('second', { ownerReferences: [blocks(first)] })
    await maps.patch(first, { metadata: { ownerReferences: [blocks(second)] } })
    await maps.delete(first, FOREGROUND)

    await maps.gone(first)
    await maps.gone(second)
  })

  test('finalizers set before say the policy of a DELETE that says none', async (context) => {
    const maps = family(context)
    const foreground = await maps.make('owner', { finalizers: ['foregroundDeletion'] })
    const blocking = await maps.make('child', { ...HELD, ownerReferences: [blocks(foreground)] })
    const orphan = await maps.make('owner', { finalizers: ['orphan'] })
    const orphaned = await maps.owned('child', [orphan])
    await maps.delete(foreground)
    await maps.delete(orphan)
    await maps.gone(orphan)
    await marked(maps, blocking)

    expect((await maps.get(foreground)).code).toBe(200)
    expect(metaOf((await maps.get(orphaned)).body)).not.toHaveProperty('ownerReferences')
    await maps.patch(blocking, { metadata: { finalizers: null } })
    await maps.gone(foreground)
  })

  test('an object has one of the two finalizers at most', async ({ api, core, unique }) => {
    const name = unique('cm')
    const metadata = { name, finalizers: ['orphan', 'foregroundDeletion'] }

    expect(statusOf(await api.post(core('configmaps'), { metadata }))).toMatchObject({
      http: 422,
      message: `ConfigMap "${name}" is invalid: metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set`,
    })
  })

  test('a policy takes the place of a finalizer that says another', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner', { finalizers: ['orphan', 'a.example.com/x'] })
    const first = await maps.delete(owner, FOREGROUND)
    const again = await maps.delete(owner, ORPHAN)
    const last = await maps.delete(owner, BACKGROUND)
    await maps.patch(owner, { metadata: { finalizers: null } })

    expect(metaOf(first.body)['finalizers']).toEqual(['a.example.com/x', 'foregroundDeletion'])
    expect(metaOf(again.body)['finalizers']).toEqual(['a.example.com/x', 'orphan'])
    expect(metaOf(last.body)['finalizers']).toEqual(['a.example.com/x'])
  })

  test('Background ends a Foreground deletion that waits', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.make('child', { ...HELD, ownerReferences: [blocks(owner)] })
    await maps.delete(owner, FOREGROUND)
    await marked(maps, child)
    const ended = await maps.delete(owner, BACKGROUND)
    await maps.patch(child, { metadata: { finalizers: null } })

    expect(ended).toMatchObject({ code: 200, body: { kind: 'Status', status: 'Success' } })
    await maps.gone(owner)
    await maps.gone(child)
  })

  test('dryRun shows what a policy would do, and does nothing', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const tried = await maps.delete(owner, { ...FOREGROUND, dryRun: ['All'] })

    expect(metaOf(tried.body)).toMatchObject({ finalizers: ['foregroundDeletion'] })
    expect(metaOf((await maps.get(owner)).body)).not.toHaveProperty('finalizers')
  })

  test('a collection is deleted by one policy', async (context) => {
    const { api, core, unique } = context
    const maps = family(context)
    const run = unique('run')
    const owner = await maps.make('owner', { labels: { run } })
    const child = await maps.owned('child', [owner])
    await api.delete(`${core('configmaps')}?labelSelector=run=${run}&propagationPolicy=Orphan`)
    await maps.gone(owner)

    expect(metaOf((await maps.get(child)).body)).not.toHaveProperty('ownerReferences')
  })

  test('Jobs leave their dependents unless a policy is said', async (context) => {
    const { api, inGroup, unique } = context
    const maps = family(context)
    const make = async (): Promise<Json> => {
      const spec = {
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] } },
      }
      const reply = await api.post(inGroup('batch/v1', 'jobs'), {
        metadata: { name: unique('job') },
        spec: { suspend: true, ...spec },
      })
      return { apiVersion: 'batch/v1', kind: 'Job', ...reply.body }
    }
    const [plain, background] = [await make(), await make()]
    const [left, lost] = [await maps.owned('left', [plain]), await maps.owned('lost', [background])]
    const deleted = await api.delete(inGroup('batch/v1', 'jobs', nameOf(plain)))
    await api.delete(inGroup('batch/v1', 'jobs', nameOf(background)), BACKGROUND)
    await maps.gone(lost)

    expect(metaOf(deleted.body)).toMatchObject({ finalizers: ['orphan'] })
    expect(deleted.warnings).toEqual([
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    ])
    expect((await maps.get(left)).code).toBe(200)
  })

  test('a namespace is deleted in the foreground, and orphaned, too', async ({ api, unique }) => {
    for (const [policy, finalizer] of [
      ['Foreground', 'foregroundDeletion'],
      ['Orphan', 'orphan'],
    ]) {
      const name = unique('ns')
      await api.post('/api/v1/namespaces', { metadata: { name } })
      await api.post(`/api/v1/namespaces/${name}/configmaps`, { metadata: { name: 'a' } })
      const deleted = await api.delete(`/api/v1/namespaces/${name}`, { propagationPolicy: policy })

      expect(metaOf(deleted.body)['finalizers']).toEqual([finalizer])
      await soon(
        () => api.get(`/api/v1/namespaces/${name}`),
        (reply) => reply.code === 404,
      )
    }
  })

  test('a finalizer holds a namespace that is empty, until it is taken away', async ({ api, unique }) => {
    const name = unique('ns')
    await api.post('/api/v1/namespaces', { metadata: { name, finalizers: ['a.example.com/x'] } })
    await api.delete(`/api/v1/namespaces/${name}`)
    await soon(
      () => api.get(`/api/v1/namespaces/${name}`),
      (reply) => (reply.body['spec'] as Json)['finalizers'] === undefined,
    )
    await api.patch(`/api/v1/namespaces/${name}`, { metadata: { finalizers: null } })

    await soon(
      () => api.get(`/api/v1/namespaces/${name}`),
      (reply) => reply.code === 404,
    )
  })
}

async function marked(maps: Family, object: Json): Promise<ApiReply> {
  return soon(
    () => maps.get(object),
    (reply) => metaOf(reply.body)['deletionTimestamp'] !== undefined,
  )
}
