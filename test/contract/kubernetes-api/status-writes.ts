import { expect } from 'vitest'
import { JSON_PATCH } from '../../support/kubernetes-client.ts'
import { metaOf, statusOf, versionOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { defineGizmos } from './gizmos.ts'
import { deployment } from './objects.ts'

/** What controllers write: status, conditionally, and deletions under conditions. */
export function statusWriteContract(test: ContractTest): void {
  test('a resourceVersion in a patch of status is a precondition', async (context) => {
    const { api, unique, group, gadgets, gadget } = context
    const name = unique('gd')
    const created = await api.post(gadgets(), gadget(name, { color: 'red' }))
    await api.patch(gadgets(name), { spec: { color: 'blue' } })
    const patch = { metadata: { resourceVersion: versionOf(created) }, status: { ready: true } }

    expect(statusOf(await api.patch(gadgets(name, 'status'), patch))).toEqual({
      http: 409,
      message: `Operation cannot be fulfilled on gadgets.${group} "${name}": the object has been modified; please apply your changes to the latest version and try again`,
      reason: 'Conflict',
      details: { name, group, kind: 'gadgets' },
      code: 409,
    })
  })

  test('the status of what is not there is 404', async ({ api, group, gadgets }) => {
    expect(statusOf(await api.patch(gadgets('absent', 'status'), { status: { ready: true } }))).toEqual({
      http: 404,
      message: `gadgets.${group} "absent" not found`,
      reason: 'NotFound',
      details: { name: 'absent', group, kind: 'gadgets' },
      code: 404,
    })
  })

  test('a status is checked as a value of its own', async ({ api, unique, group, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))

    expect(statusOf(await api.patch(gadgets(name, 'status'), { status: { ready: 'yes' } }))).toMatchObject({
      http: 422,
      message: `Gadget.${group} "${name}" is invalid: status.ready: Invalid value: "string": ready in body must be of type boolean: "string"`,
    })
  })

  test('unknown fields of a status are pruned with a warning', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))
    const reply = await api.patch(gadgets(name, 'status'), { status: { ready: true, odd: 1 } })

    expect(reply.warnings).toEqual(['unknown field "status.odd"'])
    expect(reply.body['status']).toEqual({ ready: true })
  })

  test('null takes away a field of a status, or all of it', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))
    await api.patch(gadgets(name, 'status'), { status: { ready: true, replicas: 2 } })
    const less = await api.patch(gadgets(name, 'status'), { status: { ready: null } })
    const none = await api.patch(gadgets(name, 'status'), { status: null })

    expect(less.body['status']).toEqual({ replicas: 2 })
    expect(none.body).not.toHaveProperty('status')
  })

  test('a JSON patch may bring the first status', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))
    const patch = [{ op: 'add', path: '/status', value: { ready: true } }]

    expect((await api.patch(gadgets(name, 'status'), patch, JSON_PATCH)).body['status']).toEqual({
      ready: true,
    })
  })

  test('a status that is an outcome of the main path stays', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))
    const { body } = await api.patch(gadgets(name, 'status'), { status: { ready: true } })
    const replaced = await api.put(gadgets(name), { ...body, status: { ready: false } })
    const dropped = await api.patch(gadgets(name), { status: null })

    expect([replaced, dropped].map((reply) => reply.body['status'])).toEqual([
      { ready: true },
      { ready: true },
    ])
  })

  test('no metadata of a custom resource is written with its status', async ({
    api,
    unique,
    gadgets,
    gadget,
  }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))
    const metadata = {
      labels: { a: 'b' },
      annotations: { a: 'b' },
      finalizers: ['a.example.com/x'],
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'u' }],
    }
    const { body } = await api.patch(gadgets(name, 'status'), { metadata, status: { ready: true } })

    for (const field of Object.keys(metadata)) expect(metaOf(body)).not.toHaveProperty(field)
  })

  test('metadata of built-in kinds is written with their status, but labels of deployments', async (context) => {
    const { api, core, inGroup, unique } = context
    const name = unique('x')
    await api.post(core('services'), { metadata: { name }, spec: { ports: [{ port: 80 }] } })
    await api.post(inGroup('apps/v1', 'deployments'), deployment(name, { paused: true }))
    const patch = {
      metadata: { labels: { a: 'b' }, annotations: { c: 'd' } },
      spec: { paused: false, selector: { e: 'f' } },
    }
    const service = await api.patch(core('services', name, 'status'), patch)
    const { body } = await api.patch(inGroup('apps/v1', 'deployments', name, 'status'), {
      metadata: patch.metadata,
    })

    expect(metaOf(service.body)).toMatchObject(patch.metadata)
    expect(service.body['spec']).not.toHaveProperty('selector')
    expect(metaOf(body)).toMatchObject({ annotations: { c: 'd' } })
    expect(metaOf(body)).not.toHaveProperty('labels')
  })

  test('a deletion holds to a uid and a version together', async ({ api, core, unique }) => {
    const name = unique('cm')
    const { uid, resourceVersion } = metaOf((await api.post(core('configmaps'), { metadata: { name } })).body)
    const options = (preconditions: unknown) => ({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      propagationPolicy: 'Background',
      preconditions,
    })
    const path = core('configmaps', name)
    const refused = await api.delete(path, options({ uid, resourceVersion: '1' }))
    const done = await api.delete(path, options({ uid, resourceVersion }))
    const again = await api.delete(path, options({ uid }))

    expect(statusOf(refused)).toMatchObject({
      http: 409,
      message: `Operation cannot be fulfilled on ConfigMap "${name}": the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${String(resourceVersion)}). The object might have been modified`,
    })
    expect([done.code, again.code]).toEqual([200, 404])
  })

  test('an update that changes nothing of a broken object is let through', async (context) => {
    const { api, group, unique } = context
    const name = unique('gz')
    const object = { kind: 'Gizmo', apiVersion: `${group}/v1`, metadata: { name } }
    const path = await defineGizmos(context, {
      a: { type: 'string' },
      b: { type: 'string' },
      list: LOOSE_LIST,
    })
    const spec = { a: 'UPPER', b: 'x', list: [{ id: 'one', word: 'UPPER' }] }
    expect((await api.post(path, { ...object, spec })).code).toBe(201)
    await defineGizmos(context, TIGHT, { required: ['c'] })

    const merge = (patch: unknown) => api.patch(`${path}/${name}`, patch)
    const refusal = async (patch: unknown) => (await merge(patch)).body['message']
    const prefix = `Gizmo.${group} "${name}" is invalid: `
    expect((await api.patch(`${path}/${name}/status`, { status: { ok: true } })).code).toBe(200)
    expect((await merge({ metadata: { labels: { a: 'b' } } })).code).toBe(200)
    expect(await refusal({ spec: { b: 'y' } })).toBe(`${prefix}spec.c: Required value`)
    expect((await merge({ spec: { b: 'y', c: 'z' } })).code).toBe(200)
    expect(await refusal({ spec: { b: 'toolong' } })).toBe(
      `${prefix}spec.b: Too long: may not be more than 5 bytes`,
    )
    expect(await refusal({ spec: { a: 'ALSO' } })).toBe(
      `${prefix}spec.a: Invalid value: "ALSO": spec.a in body should match '^[a-z]+$'`,
    )
    const more = { id: 'two', word: 'lower' }
    expect((await merge({ spec: { list: [more, ...spec.list] } })).code).toBe(200)
    expect(await refusal({ spec: { list: [{ ...more, word: 'LOUD' }, ...spec.list] } })).toBe(
      `${prefix}spec.list[0].word: Invalid value: "LOUD": spec.list[0].word in body should match '^[a-z]+$'`,
    )
  })
}

const items = (word: object) => ({
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string' }, word: { type: 'string', ...word } },
})
const LIST = { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['id'] }
const LOOSE_LIST = { ...LIST, items: items({}) }
const TIGHT = {
  a: { type: 'string', pattern: '^[a-z]+$' },
  b: { type: 'string', maxLength: 5 },
  c: { type: 'string' },
  list: { ...LIST, items: items({ pattern: '^[a-z]+$' }) },
}
