import { expect } from 'vitest'
import { JSON_PATCH, METADATA, TABLE } from '../../support/kubernetes-client.ts'
import type { Json } from '../../support/kubernetes-client.ts'
import { itemsOf, metaOf, versionOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { apply, configMap, fieldsOf, namesOfOwners } from './owners.ts'

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** The entries of `metadata.managedFields` themselves: whose they are, who may write them, who sees them. */
export function managedFieldsContract(test: ContractTest): void {
  test('metadata that the server keeps is nobody’s', async ({ api, core, unique }) => {
    const reply = await api.post(`${core('configmaps')}?fieldManager=maker`, {
      metadata: { generateName: `${unique('cm')}-`, annotations: { a: 'b' } },
    })

    expect(fieldsOf(reply, 'maker Update')).toEqual({
      'f:metadata': { 'f:annotations': { '.': {}, 'f:a': {} }, 'f:generateName': {} },
    })
  })

  test('an empty entry, or no entries, make everybody forgotten', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const make = () => apply(api, path, { config: configMap(name, { a: '1' }), by: 'one' })
    await make()
    const reset = await api.patch(`${path}?fieldManager=two`, { metadata: { managedFields: [{}] } })
    const untracked = await api.patch(`${path}?fieldManager=two`, { data: { b: '1' } })
    const again = await make()
    const empty = await api.patch(`${path}?fieldManager=two`, { metadata: { managedFields: [] } })

    expect([reset, untracked, empty].map((reply) => metaOf(reply.body)['managedFields'])).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(fieldsOf(again, 'one Apply')).toEqual({ 'f:data': { 'f:a': {} } })
  })

  test('fields from before the first apply have an owner of that name', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    await api.post(core('configmaps'), configMap(name, { a: '1', b: '1' }))
    await api.patch(path, { metadata: { managedFields: [{}] } })
    const refused = await apply(api, path, { config: configMap(name, { a: '2' }), by: 'one' })
    const reply = await apply(api, path, { config: configMap(name, { a: '1', c: '1' }), by: 'one' })

    expect(refused.body['message']).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a',
    )
    expect(namesOfOwners(reply)).toEqual(['one Apply', 'before-first-apply Update'])
    expect(fieldsOf(reply, 'before-first-apply Update')).toEqual({
      'f:data': { '.': {}, 'f:a': {}, 'f:b': {} },
    })
  })

  test('an update that leaves the entries out keeps them', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    await api.post(`${core('configmaps')}?fieldManager=one`, configMap(name, { a: '1' }))
    const put = await api.put(`${path}?fieldManager=two`, configMap(name, { a: '1', b: '1' }))
    const nulled = await api.patch(`${path}?fieldManager=two`, { metadata: { managedFields: null } })

    expect([put, nulled].map(namesOfOwners)).toEqual([
      ['one Update', 'two Update'],
      ['one Update', 'two Update'],
    ])
  })

  test('a client may rewrite the entries', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const created = await api.post(`${core('configmaps')}?fieldManager=one`, configMap(name, { a: '1' }))
    const [entry] = metaOf(created.body)['managedFields'] as readonly Json[] // it has one
    const renamed = [{ ...entry, manager: 'other', operation: 'Apply' }]
    const good = await api.patch(
      path,
      [
        { op: 'test', path: '/metadata/resourceVersion', value: versionOf(created) },
        { op: 'replace', path: '/metadata/managedFields', value: renamed },
      ],
      JSON_PATCH,
    )
    const bad = await api.patch(path, { metadata: { managedFields: [{ ...entry, operation: 'Nothing' }] } })

    expect(namesOfOwners(good)).toEqual(['other Apply'])
    expect(namesOfOwners(bad)).toEqual(['other Apply'])
  })

  test('entries cannot be rewritten by way of status', async ({ api, core, unique }) => {
    const name = unique('svc')
    await api.post(`${core('services')}?fieldManager=one`, {
      metadata: { name },
      spec: { ports: [{ port: 80 }] },
    })
    const reply = await api.patch(core('services', name, 'status'), { metadata: { managedFields: [{}] } })

    expect(namesOfOwners(reply)).toEqual(['one Update'])
  })

  test('more than ten updaters are told together', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    await api.post(`${core('configmaps')}?fieldManager=first`, configMap(name, { a: '1' }))
    let reply = await api.get(path)
    for (let count = 0; count < 12; count += 1) {
      reply = await api.patch(`${path}?fieldManager=m${count}`, { data: { [`k${count}`]: '1' } })
    }

    expect(namesOfOwners(reply)).toHaveLength(10)
    expect(namesOfOwners(reply)).toContain('ancient-changes Update')
    expect(namesOfOwners(reply)).toContain('m11 Update')
  })

  test('kubectl takes over what it applied on the client’s side', async ({
    api,
    core,
    namespace,
    unique,
  }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const lastApplied = (data: Json) =>
      `${JSON.stringify({ apiVersion: 'v1', data, kind: 'ConfigMap', metadata: { annotations: {}, name, namespace } })}\n`
    await api.post(
      `${core('configmaps')}?fieldManager=kubectl-client-side-apply`,
      configMap(
        name,
        { a: '1', b: '1' },
        { annotations: { [LAST_APPLIED]: lastApplied({ a: '1', b: '1' }) } },
      ),
    )
    const config = configMap(name, { a: '2' }, { namespace })
    const other = await apply(api, path, { config, by: 'other' })
    const taken = await apply(api, path, { config, by: 'kubectl' })
    await api.patch(`${path}?fieldManager=someone`, { data: { b: '9' } })
    const refused = await apply(api, path, {
      config: configMap(name, { b: '2' }, { namespace }),
      by: 'kubectl',
    })

    expect(other.code).toBe(409)
    expect(taken).toMatchObject({ code: 200, body: { data: { a: '2', b: '1' } } })
    expect(metaOf(taken.body)['annotations']).toEqual({
      [LAST_APPLIED]: `${JSON.stringify({ apiVersion: 'v1', data: { a: '2' }, kind: 'ConfigMap', metadata: { name, namespace } })}\n`,
    })
    expect(refused.body['message']).toBe(
      'Apply failed with 1 conflict: conflict with "someone" using v1: .data.b',
    )
  })

  test('lists, metadata and tables show the entries', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), configMap(name, { a: '1' }, { labels: { one: name } }))
    const path = `${core('configmaps')}?labelSelector=one%3D${name}`
    const list = await api.get(path)
    const metadata = await api.get(core('configmaps', name), METADATA)
    const table = await api.get(path, TABLE)
    const rows = table.body['rows'] as readonly { readonly object: Json }[] // of a Table
    const shown = [itemsOf(list)[0], metadata.body, rows[0]?.object]

    expect(shown.map((object) => metaOf(object)['managedFields'])).toEqual(
      Array.from({ length: 3 }, () => [
        expect.objectContaining({ operation: 'Update', fieldsType: 'FieldsV1' }),
      ]),
    )
  })
}
