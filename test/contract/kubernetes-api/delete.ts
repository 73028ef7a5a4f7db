import { expect } from 'vitest'
import { eventually, metaOf, namesOf, statusOf, versionOf } from './context.ts'
import type { ContractTest } from './context.ts'

/** Deleting objects, finalizers, namespaces. */
export function deleteContract(test: ContractTest): void {
  test('a DELETE answers with the uid of what went', async ({ api, core, unique }) => {
    const name = unique('cm')
    const created = await api.post(core('configmaps'), { metadata: { name } })

    expect(await api.delete(core('configmaps', name))).toMatchObject({
      code: 200,
      body: {
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Success',
        details: { name, kind: 'configmaps', uid: metaOf(created.body)['uid'] },
      },
    })
    expect((await api.get(core('configmaps', name))).code).toBe(404)
  })

  test('a DELETE of what is not there is 404', async ({ api, core }) => {
    expect(statusOf(await api.delete(core('configmaps', 'absent')))).toMatchObject({
      http: 404,
      reason: 'NotFound',
      details: { name: 'absent', kind: 'configmaps' },
    })
  })

  test('some kinds answer a DELETE with the object', async ({ api, core, unique }) => {
    const name = unique('svc')
    await api.post(core('services'), { metadata: { name }, spec: { ports: [{ port: 80 }] } })

    expect(await api.delete(core('services', name))).toMatchObject({
      code: 200,
      body: { kind: 'Service', metadata: { name } },
    })
  })

  test('a DELETE of a custom resource names its group', async ({ api, unique, group, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))

    expect((await api.delete(gadgets(name))).body['details']).toMatchObject({ name, group, kind: 'gadgets' })
  })

  test('a uid precondition that does not hold is 409', async ({ api, core, unique }) => {
    const name = unique('cm')
    const created = await api.post(core('configmaps'), { metadata: { name } })
    const uid = String(metaOf(created.body)['uid'])
    const refused = await api.delete(core('configmaps', name), { preconditions: { uid: 'other' } })

    expect(statusOf(refused)).toEqual({
      http: 409,
      message: `Operation cannot be fulfilled on ConfigMap "${name}": the UID in the precondition (other) does not match the UID in record (${uid}). The object might have been deleted and then recreated`,
      reason: 'Conflict',
      details: { name, kind: 'ConfigMap' },
      code: 409,
    })
    expect((await api.delete(core('configmaps', name), { preconditions: { uid } })).code).toBe(200)
  })

  test('a resourceVersion precondition that does not hold is 409', async ({ api, core, unique }) => {
    const name = unique('cm')
    const created = await api.post(core('configmaps'), { metadata: { name } })
    const refused = await api.delete(core('configmaps', name), { preconditions: { resourceVersion: '1' } })

    expect(statusOf(refused)).toMatchObject({
      http: 409,
      message: `Operation cannot be fulfilled on ConfigMap "${name}": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${versionOf(created)}). The object might have been modified`,
    })
  })

  test('dryRun=All deletes nothing', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })

    expect((await api.delete(`${core('configmaps', name)}?dryRun=All`)).code).toBe(200)
    expect((await api.get(core('configmaps', name))).code).toBe(200)
  })

  test('propagationPolicy takes three values', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })

    expect(
      statusOf(await api.delete(core('configmaps', name), { propagationPolicy: 'Sideways' })),
    ).toMatchObject({
      http: 422,
      message:
        'DeleteOptions.meta.k8s.io "" is invalid: propagationPolicy: Unsupported value: "Sideways": supported values: "Foreground", "Background", "Orphan", "nil"',
    })
    expect((await api.delete(core('configmaps', name), { propagationPolicy: 'Background' })).code).toBe(200)
  })

  test('an object with finalizers stays, marked, until the last is gone', async ({
    api,
    unique,
    gadgets,
    gadget,
  }) => {
    const name = unique('gd')
    await api.post(
      gadgets(),
      gadget(name, { color: 'red' }, { metadata: { name, finalizers: ['a.example.com/x'] } }),
    )
    const deleted = await api.delete(gadgets(name))
    const again = await api.delete(gadgets(name))
    const meta = metaOf(deleted.body)

    expect(deleted).toMatchObject({ code: 200, body: { kind: 'Gadget' } })
    expect(meta).toMatchObject({
      deletionTimestamp: expect.stringMatching(/Z$/),
      deletionGracePeriodSeconds: 0,
      finalizers: ['a.example.com/x'],
      generation: 2,
    })
    expect(versionOf(again)).toBe(versionOf(deleted))

    const last = await api.patch(gadgets(name), { metadata: { finalizers: null } })

    expect(last.code).toBe(200)
    expect(metaOf(last.body)).not.toHaveProperty('finalizers')
    expect((await api.get(gadgets(name))).code).toBe(404)
  })

  test('an object under deletion takes no new finalizers, and may still change', async ({
    api,
    core,
    unique,
  }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name, finalizers: ['a.example.com/x'] } })
    await api.delete(core('configmaps', name))
    const refused = await api.patch(core('configmaps', name), {
      metadata: { finalizers: ['a.example.com/x', 'b.example.com/y'] },
    })
    const changed = await api.patch(core('configmaps', name), { data: { a: 'b' } })
    await api.patch(core('configmaps', name), { metadata: { finalizers: null } })

    expect(statusOf(refused)).toMatchObject({
      http: 422,
      message: `ConfigMap "${name}" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"b.example.com/y"}`,
    })
    expect(changed).toMatchObject({ code: 200, body: { data: { a: 'b' } } })
  })

  test('a deletionTimestamp cannot be taken back', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name, finalizers: ['a.example.com/x'] } })
    await api.delete(core('configmaps', name))
    const reply = await api.patch(core('configmaps', name), { metadata: { deletionTimestamp: null } })
    await api.patch(core('configmaps', name), { metadata: { finalizers: null } })

    expect(metaOf(reply.body)).toHaveProperty('deletionTimestamp')
  })

  test('a collection is deleted by selector', async ({ api, core, unique }) => {
    const run = unique('run')
    const names = [unique('cm'), unique('cm'), unique('cm')]
    for (const [index, name] of names.entries()) {
      await api.post(core('configmaps'), {
        metadata: { name, labels: { run, part: index === 0 ? 'keep' : 'drop' } },
      })
    }
    const reply = await api.delete(`${core('configmaps')}?labelSelector=run=${run},part=drop`)

    expect(reply).toMatchObject({ code: 200, body: { kind: 'ConfigMapList' } })
    expect(namesOf(await api.get(`${core('configmaps')}?labelSelector=run=${run}`))).toEqual([names[0]])
  })

  test('a namespace is labelled with its name and active', async ({ api, unique }) => {
    const name = unique('ns')
    const { code, body } = await api.post('/api/v1/namespaces', { metadata: { name } })
    await api.delete(`/api/v1/namespaces/${name}`)

    expect(code).toBe(201)
    expect(body).toMatchObject({
      metadata: { labels: { 'kubernetes.io/metadata.name': name } },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    })
  })

  test('a namespace under deletion is Terminating and takes nothing new', async ({ api, unique }) => {
    const name = unique('ns')
    const inside = `/api/v1/namespaces/${name}/configmaps`
    await api.post('/api/v1/namespaces', { metadata: { name } })
    await api.post(inside, { metadata: { name: 'stay', finalizers: ['a.example.com/x'] } })
    const deleted = await api.delete(`/api/v1/namespaces/${name}`)
    const refused = await api.post(inside, { metadata: { name: 'late' } })
    await eventually(
      () => api.get(`${inside}/stay`),
      (reply) => metaOf(reply.body)['deletionTimestamp'] !== undefined,
    )
    await api.patch(`${inside}/stay`, { metadata: { finalizers: null } })

    expect(deleted).toMatchObject({
      code: 200,
      body: { kind: 'Namespace', status: { phase: 'Terminating' } },
    })
    expect(statusOf(refused)).toEqual({
      http: 403,
      message: `configmaps "late" is forbidden: unable to create new content in namespace ${name} because it is being terminated`,
      reason: 'Forbidden',
      details: {
        name: 'late',
        kind: 'configmaps',
        causes: [
          {
            reason: 'NamespaceTerminating',
            message: `namespace ${name} is being terminated`,
            field: 'metadata.namespace',
          },
        ],
      },
      code: 403,
    })
  })

  test('a deleted namespace takes its content with it', async ({ api, unique, group }) => {
    const name = unique('ns')
    await api.post('/api/v1/namespaces', { metadata: { name } })
    await api.post(`/api/v1/namespaces/${name}/configmaps`, { metadata: { name: 'a' } })
    await api.post(`/apis/${group}/v1/namespaces/${name}/gadgets`, {
      apiVersion: `${group}/v1`,
      kind: 'Gadget',
      metadata: { name: 'b' },
      spec: { color: 'red' },
    })
    await api.delete(`/api/v1/namespaces/${name}`)

    const gone = await eventually(
      () => api.get(`/api/v1/namespaces/${name}`),
      (reply) => reply.code === 404,
    )
    expect(statusOf(gone)).toMatchObject({ message: `namespaces "${name}" not found` })
    expect(namesOf(await api.get(`/apis/${group}/v1/namespaces/${name}/gadgets`))).toEqual([])
  })

  test('the default namespace may not be deleted', async ({ api }) => {
    expect(statusOf(await api.delete('/api/v1/namespaces/default'))).toEqual({
      http: 403,
      message: 'namespaces "default" is forbidden: this namespace may not be deleted',
      reason: 'Forbidden',
      details: { name: 'default', kind: 'namespaces' },
      code: 403,
    })
  })
}
