import { expect } from 'vitest'
import type { Json } from '../../support/kubernetes-client.ts'
import { itemsOf, metaOf, statusOf } from './context.ts'
import type { ContractContext, ContractTest } from './context.ts'
import { family, nameOf, ownedBy, ownersOf, soon } from './ownership.ts'

const CLUSTER_ROLES = '/apis/rbac.authorization.k8s.io/v1/clusterroles'

/** Objects go when the last of their owners is gone. */
export function garbageCollectionContract(test: ContractTest): void {
  test('the dependents of a deleted object are deleted, and theirs', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.owned('child', [owner])
    const grandchild = await maps.owned('grandchild', [child])

    expect((await maps.delete(owner)).code).toBe(200)
    await maps.gone(child)
    await maps.gone(grandchild)
  })

  test('an object stays while one of its owners is there, and forgets the other', async (context) => {
    const maps = family(context)
    const [gone, left] = [await maps.make('owner'), await maps.make('owner')]
    const child = await maps.owned('child', [gone, left])
    await maps.delete(gone)
    const reply = await soon(
      () => maps.get(child),
      (answer) => ownersOf(answer).length === 1,
    )

    expect(ownersOf(reply)).toEqual([metaOf(left)['uid']])
    expect(metaOf(reply.body)['managedFields']).toMatchObject([
      {
        operation: 'Update',
        fieldsV1: {
          'f:metadata': {
            'f:ownerReferences': { '.': {}, [`k:{"uid":"${String(metaOf(left)['uid'])}"}`]: {} },
          },
        },
      },
    ])
    await maps.delete(left)
    await maps.gone(child)
  })

  test('an object made for an owner that is not there is deleted', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    await maps.delete(owner)

    await maps.gone(await maps.owned('late', [owner]))
  })

  test('an owner of the same name and another uid is another one', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const stranger = { ...owner, metadata: { ...metaOf(owner), uid: 'another' } }
    const child = await maps.owned('child', [stranger])
    const own = await maps.owned('own', [owner])
    await maps.gone(child)

    expect((await maps.get(own)).code).toBe(200)
  })

  test('an owner that is made again does not own what the old one did', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.owned('child', [owner])
    await maps.delete(owner)
    await context.api.post(context.core('configmaps'), { metadata: { name: nameOf(owner) } })

    await maps.gone(child)
  })

  test('an owner in another namespace counts as absent, and an event says so', async (context) => {
    const { api, core, unique } = context
    const elsewhere = unique('ns')
    await api.post('/api/v1/namespaces', { metadata: { name: elsewhere } })
    const made = await api.post(`/api/v1/namespaces/${elsewhere}/configmaps`, { metadata: { name: 'owner' } })
    const owner: Json = { apiVersion: 'v1', kind: 'ConfigMap', ...made.body }
    const maps = family(context)
    const child = await maps.owned('child', [owner])
    await maps.gone(child)
    const [event] = itemsOf(
      await soon(
        () => api.get(`${core('events')}?fieldSelector=involvedObject.name=${nameOf(child)}`),
        (reply) => itemsOf(reply).length > 0,
      ),
    )
    await api.delete(`/api/v1/namespaces/${elsewhere}`)

    expect(event).toMatchObject({
      type: 'Warning',
      reason: 'OwnerRefInvalidNamespace',
      message: `ownerRef [v1/ConfigMap, namespace: ${context.namespace}, name: owner, uid: ${String(metaOf(owner)['uid'])}] does not exist in namespace "${context.namespace}"`,
      involvedObject: {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace: context.namespace,
        name: nameOf(child),
        uid: metaOf(child)['uid'],
      },
      source: { component: 'garbage-collector-controller' },
      count: 1,
    })
  })

  test('a cluster-scoped owner has dependents in namespaces', async (context) => {
    const maps = family(context)
    const owner = await clusterRole(context, [])
    const child = await maps.owned('child', [owner])
    await context.api.delete(`${CLUSTER_ROLES}/${nameOf(owner)}`)

    await maps.gone(child)
  })

  test('a namespaced owner of a cluster-scoped object is no owner, and no reason to delete it', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const role = await clusterRole(context, [owner])
    const witness = await maps.owned('witness', [owner])
    await maps.delete(owner)
    await maps.gone(witness)
    const [event] = itemsOf(
      await soon(
        () =>
          context.api.get(
            `/api/v1/namespaces/default/events?fieldSelector=involvedObject.name=${nameOf(role)}`,
          ),
        (reply) => itemsOf(reply).length > 0,
      ),
    )

    expect(event).toMatchObject({
      reason: 'OwnerRefInvalidNamespace',
      message: `ownerRef [v1/ConfigMap, namespace: , name: ${nameOf(owner)}, uid: ${String(metaOf(owner)['uid'])}] does not exist in namespace ""`,
    })
    expect((await context.api.delete(`${CLUSTER_ROLES}/${nameOf(role)}`)).code).toBe(200)
  })

  test('an owner of a kind that nobody serves is waited for', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const unknown = { ...owner, apiVersion: 'nobody.example.com/v1', kind: 'Thing' }
    const child = await maps.owned('child', [unknown])
    const witness = await maps.owned('witness', [
      { ...owner, metadata: { ...metaOf(owner), uid: 'another' } },
    ])
    await maps.gone(witness)

    expect((await maps.get(child)).code).toBe(200)
  })

  test('an object whose owner reference was taken away stays', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const [freed, child] = [await maps.owned('freed', [owner]), await maps.owned('child', [owner])]
    await maps.patch(freed, { metadata: { ownerReferences: null } })
    await maps.delete(owner)
    await maps.gone(child)

    expect((await maps.get(freed)).code).toBe(200)
  })

  test('an owner reference that is added later counts', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.make('child')
    await maps.delete(owner)
    await maps.patch(child, { metadata: { ownerReferences: [ownedBy(owner)] } })

    await maps.gone(child)
  })

  test('a dependent with finalizers is marked, and stays until they are gone', async (context) => {
    const maps = family(context)
    const owner = await maps.make('owner')
    const child = await maps.owned('child', [owner], { finalizers: ['a.example.com/x'] })
    await maps.delete(owner)
    const marked = await soon(
      () => maps.get(child),
      (reply) => metaOf(reply.body)['deletionTimestamp'] !== undefined,
    )
    await maps.patch(child, { metadata: { finalizers: null } })

    expect(metaOf(marked.body)).toMatchObject({ finalizers: ['a.example.com/x'] })
    expect(ownersOf(marked)).toEqual([metaOf(owner)['uid']])
    await maps.gone(child)
  })

  test('Events are not collected', async (context) => {
    const { api, core, namespace, unique } = context
    const maps = family(context)
    const owner = await maps.make('owner')
    const name = unique('event')
    const witness = await maps.owned('witness', [owner])
    await api.post(core('events'), {
      metadata: { name, ownerReferences: [ownedBy(owner)] },
      involvedObject: { kind: 'ConfigMap', name: nameOf(owner), namespace },
      reason: 'Tested',
    })
    await maps.delete(owner)
    await maps.gone(witness)

    expect((await api.get(core('events', name))).code).toBe(200)
  })

  test('an Event owns nothing', async ({ api, core, unique }) => {
    const name = unique('cm')
    const owner = { apiVersion: 'v1', kind: 'Event', name: 'a', uid: 'b' }

    expect(
      statusOf(await api.post(core('configmaps'), { metadata: { name, ownerReferences: [owner] } })),
    ).toMatchObject({
      http: 422,
      message: `ConfigMap "${name}" is invalid: metadata.ownerReferences: Invalid value: {"apiVersion":"v1","kind":"Event","name":"a","uid":"b"}: /v1, Kind=Event is disallowed from being an owner`,
    })
  })

  test('custom resources are owners and dependents', async (context) => {
    const { api, gadget, gadgets, unique } = context
    const maps = family(context)
    const post = async (prefix: string, owners: readonly Json[]): Promise<Json> => {
      const name = unique(prefix)
      const metadata = { name, ownerReferences: owners.map((owner) => ownedBy(owner)) }
      return (await api.post(gadgets(), gadget(name, { color: 'red' }, { metadata }))).body
    }
    const owner = await post('owner', [])
    const child = await post('child', [owner])
    const map = await maps.owned('map', [child])
    await api.delete(gadgets(nameOf(owner)))

    await soon(
      () => api.get(gadgets(nameOf(child))),
      (reply) => reply.code === 404,
    )
    await maps.gone(map)
  })
}

async function clusterRole({ api, unique }: ContractContext, owners: readonly Json[]): Promise<Json> {
  const metadata = { name: unique('role'), ownerReferences: owners.map((owner) => ownedBy(owner)) }
  const { body } = await api.post(CLUSTER_ROLES, { metadata })
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', ...body }
}
