import { expect } from 'vitest'
import type { Json } from '../../support/kubernetes-client.ts'
import { eventually, metaOf, versionOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { deployment, gadgetCrd } from './objects.ts'
import { apply, causesOf, configMap, fieldsOf, namesOfOwners, ownersOf } from './owners.ts'

/** Applies to parts of an object: items of lists, places without schema, other versions, status and scale. */
export function applyPartContract(test: ContractTest): void {
  test('items of a map list are owned and removed one by one', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    const parts = (...ids: readonly string[]) =>
      gadget(name, { color: 'red', parts: ids.map((id) => ({ id })) })
    await apply(api, gadgets(name), { config: parts('a', 'b'), by: 'one' })
    const both = await apply(api, gadgets(name), { config: parts('c', 'b'), by: 'two' })
    const left = await apply(api, gadgets(name), { config: parts(), by: 'one' })

    expect((both.body['spec'] as Json)['parts']).toEqual([
      { id: 'a', label: 'none' },
      { id: 'c', label: 'none' },
      { id: 'b', label: 'none' },
    ])
    expect((left.body['spec'] as Json)['parts']).toEqual([
      { id: 'c', label: 'none' },
      { id: 'b', label: 'none' },
    ])
    expect(fieldsOf(both, 'two Apply')).toEqual({
      'f:spec': {
        'f:color': {},
        'f:parts': {
          'k:{"id":"b"}': { '.': {}, 'f:id': {} },
          'k:{"id":"c"}': { '.': {}, 'f:id': {} },
        },
      },
    })
  })

  test('items of a set are owned and removed one by one', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    const tagged = (...tags: readonly string[]) => gadget(name, { color: 'red', tags })
    await apply(api, gadgets(name), { config: tagged('a'), by: 'one' })
    const both = await apply(api, gadgets(name), { config: tagged('b'), by: 'two' })
    const left = await apply(api, gadgets(name), { config: gadget(name, { color: 'red' }), by: 'one' })

    expect((both.body['spec'] as Json)['tags']).toEqual(['a', 'b'])
    expect(fieldsOf(both, 'two Apply')).toEqual({ 'f:spec': { 'f:color': {}, 'f:tags': { 'v:"b"': {} } } })
    expect((left.body['spec'] as Json)['tags']).toEqual(['b'])
  })

  test('finalizers are a set, owner references items by uid', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const owner = await api.post(core('configmaps'), configMap(unique('owner')))
    const reference = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      name: metaOf(owner.body)['name'],
      uid: metaOf(owner.body)['uid'],
    }
    await api.post(core('configmaps'), configMap(name, {}, { finalizers: ['example.com/a'] }))
    const metadata = { finalizers: ['example.com/b'], ownerReferences: [reference] }
    const reply = await apply(api, path, { config: configMap(name, undefined, metadata), by: 'a' })
    await api.patch(path, { metadata: { finalizers: null } })

    expect(metaOf(reply.body)['finalizers']).toEqual(['example.com/a', 'example.com/b'])
    expect(fieldsOf(reply, 'a Apply')).toEqual({
      'f:metadata': {
        'f:finalizers': { 'v:"example.com/b"': {} },
        'f:ownerReferences': { [`k:{"uid":"${String(reference.uid)}"}`]: {} },
      },
    })
  })

  test('atomic lists and maps are owned as one', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    const path = inGroup('apps/v1', 'deployments', name)
    const config = (tolerations: readonly Json[], nodeSelector: Json) =>
      deployment(name, {
        paused: true,
        template: {
          metadata: { labels: { app: name } },
          spec: { containers: [{ name: 'web', image: 'nginx:1' }], tolerations, nodeSelector },
        },
      })
    await apply(api, path, { config: config([{ key: 'a', operator: 'Exists' }], { x: '1' }), by: 'one' })
    const refused = await apply(api, path, {
      config: config([{ key: 'b', operator: 'Exists' }], { y: '1' }),
      by: 'two',
    })
    const forced = await apply(api, path, {
      config: config([{ key: 'b', operator: 'Exists' }], { y: '1' }),
      by: 'two',
      force: true,
    })

    expect(causesOf(refused).map((cause) => (cause as Json)['field'])).toEqual([
      '.spec.template.spec.nodeSelector',
      '.spec.template.spec.tolerations',
    ])
    expect(forced.body['spec']).toMatchObject({
      template: { spec: { tolerations: [{ key: 'b', operator: 'Exists' }], nodeSelector: { y: '1' } } },
    })
    expect(fieldsOf(forced, 'one Apply')).not.toMatchObject({
      'f:spec': { 'f:template': { 'f:spec': { 'f:tolerations': {} } } },
    })
  })

  test('what no schema knows is owned field by field, its lists as one', async (context) => {
    const { api, unique, gadgets, gadget } = context
    const name = unique('gd')
    const free = (value: Json) => gadget(name, { color: 'red', free: value })
    await apply(api, gadgets(name), { config: free({ a: { b: 1 }, list: [1, 2] }), by: 'one' })
    const both = await apply(api, gadgets(name), { config: free({ a: { c: 2 } }), by: 'two' })
    const refused = await apply(api, gadgets(name), { config: free({ list: [1] }), by: 'two' })

    expect((both.body['spec'] as Json)['free']).toEqual({ a: { b: 1, c: 2 }, list: [1, 2] })
    expect(fieldsOf(both, 'one Apply')).toEqual({
      'f:spec': { 'f:color': {}, 'f:free': { 'f:a': { '.': {}, 'f:b': {} }, 'f:list': {} } },
    })
    expect(causesOf(refused)).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.free.list' },
    ])
  })

  test('an object from which an apply takes everything must be one that may be null', async (context) => {
    const { api, unique, gadgets, gadget } = context
    const name = unique('gd')
    await apply(api, gadgets(name), { config: gadget(name, { color: 'red', free: { a: 1 } }), by: 'one' })
    const emptied = await apply(api, gadgets(name), {
      config: gadget(name, { color: 'red', free: {} }),
      by: 'one',
    })
    const removed = await apply(api, gadgets(name), { config: gadget(name, { color: 'red' }), by: 'one' })

    expect(emptied.body['message']).toBe(
      `Gadget.${context.group} "${name}" is invalid: spec.free: Invalid value: "null": spec.free in body must be of type object: "null"`,
    )
    expect((removed.body['spec'] as Json)['free']).toBeUndefined()
  })

  test('an apply in one version keeps what was applied in another', async (context) => {
    const { api, group, namespace, unique, gadgets, gadget } = context
    const name = unique('gd')
    const older = `/apis/${group}/v1beta1/namespaces/${namespace}/gadgets/${name}`
    const inOlder = (spec: Json) => ({ ...gadget(name, spec), apiVersion: `${group}/v1beta1` })
    await apply(api, gadgets(name), { config: gadget(name, { color: 'red', shape: 'round' }), by: 'one' })
    const moved = await apply(api, older, { config: inOlder({ color: 'red' }), by: 'one' })
    const other = await apply(api, older, { config: inOlder({ color: 'blue' }), by: 'two' })

    expect(moved.body['spec']).not.toHaveProperty('shape')
    expect(ownersOf(moved).map(({ by, apiVersion }) => [by, apiVersion])).toEqual([
      ['one Apply', `${group}/v1beta1`],
    ])
    expect(causesOf(other)).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.color' },
    ])
  })

  test('a list that becomes atomic is owned as one by all who owned items', async (context) => {
    const { api, namespace, unique, gadget } = context
    const group = `${unique('atomic')}.contract.example.com`
    const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
    const path = `/apis/${group}/v1/namespaces/${namespace}/gadgets`
    const parts = (...ids: readonly string[]) => ({
      ...gadget('a', { color: 'red', parts: ids.map((id) => ({ id })) }),
      apiVersion: `${group}/v1`,
    })
    const crd = gadgetCrd(group)
    await api.post(crds, crd)
    await eventually(
      () => apply(api, `${path}/a`, { config: parts('p'), by: 'one' }),
      (reply) => reply.code === 201 || reply.code === 200,
    )
    await apply(api, `${path}/a`, { config: parts('q'), by: 'two' })
    const atomic = JSON.stringify(crd['spec'])
      .replaceAll('"x-kubernetes-list-type":"map"', '"x-kubernetes-list-type":"atomic"')
      .replaceAll('"x-kubernetes-list-map-keys":["id"],', '')
    await api.patch(`${crds}/gadgets.${group}`, { spec: JSON.parse(atomic) as Json })
    let size = 0
    const seen = await eventually(
      () => api.patch(`${path}/a?fieldManager=three`, { spec: { size: (size = (size % 9) + 1) } }),
      (reply) => JSON.stringify(fieldsOf(reply, 'one Apply')).includes('"f:parts":{}'),
    )
    const refused = await apply(api, `${path}/a`, { config: parts('p', 'q', 'r'), by: 'four' })
    await api.delete(`${crds}/gadgets.${group}`)

    expect(fieldsOf(seen, 'two Apply')).toEqual({ 'f:spec': { 'f:color': {}, 'f:parts': {} } })
    expect(causesOf(refused)).toEqual(
      ['one', 'two'].map((owner) => ({
        reason: 'FieldManagerConflict',
        message: `conflict with "${owner}"`,
        field: '.spec.parts',
      })),
    )
  })

  test('an apply to status writes and owns status alone', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await apply(api, gadgets(name), { config: gadget(name, { color: 'red' }), by: 'main' })
    const config = gadget(name, { color: 'blue' }, { status: { ready: true } })
    const reply = await apply(api, gadgets(name, 'status'), { config, by: 'main' })

    expect(reply.body).toMatchObject({ spec: { color: 'red' }, status: { ready: true } })
    expect(namesOfOwners(reply).toSorted()).toEqual(['main Apply', 'main Apply status'])
    expect(fieldsOf(reply, 'main Apply status')).toEqual({ 'f:status': { 'f:ready': {} } })
  })

  test('an apply to the object leaves its status alone', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    const config = gadget(name, { color: 'red' }, { status: { ready: true } })
    const reply = await apply(api, gadgets(name), { config, by: 'a' })

    expect(reply.body).not.toHaveProperty('status')
    expect(fieldsOf(reply, 'a Apply')).toEqual({ 'f:spec': { 'f:color': {} } })
  })

  test('an apply to the status of what is not there is 404', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('absent')
    const config = gadget(name, { color: 'red' }, { status: { ready: true } })

    expect((await apply(api, gadgets(name, 'status'), { config, by: 'a' })).code).toBe(404)
  })

  test('conflicts in status name the subresource', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))
    await api.patch(`${gadgets(name, 'status')}?fieldManager=one`, { status: { ready: true } })
    const config = gadget(name, {}, { status: { ready: false } })
    const reply = await apply(api, gadgets(name, 'status'), { config, by: 'two' })

    expect(causesOf(reply)).toEqual([
      {
        reason: 'FieldManagerConflict',
        message: expect.stringMatching(/^conflict with "one" with subresource "status" using \S+\/v1$/),
        field: '.status.ready',
      },
    ])
  })

  test('an apply to scale takes the replicas from their owner', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    const path = inGroup('apps/v1', 'deployments', name)
    await api.post(
      `${inGroup('apps/v1', 'deployments')}?fieldManager=maker`,
      deployment(name, { paused: true, replicas: 1 }),
    )
    const config = {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name },
      spec: { replicas: 4 },
    }
    const refused = await apply(api, `${path}/scale`, { config, by: 'scaler' })
    const forced = await apply(api, `${path}/scale`, { config, by: 'scaler', force: true })
    const seen = await api.get(path)

    expect(causesOf(refused)).toEqual([
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "maker" using autoscaling/v1',
        field: '.spec.replicas',
      },
    ])
    expect(forced).toMatchObject({ code: 200, body: { kind: 'Scale', spec: { replicas: 4 } } })
    expect(seen.body['spec']).toMatchObject({ replicas: 4 })
    expect(ownersOf(seen).find(({ by }) => by === 'scaler Apply scale')).toEqual({
      by: 'scaler Apply scale',
      apiVersion: 'apps/v1',
      timed: false,
      fields: { 'f:spec': { 'f:replicas': {} } },
    })
    expect(fieldsOf(seen, 'maker Update')).not.toMatchObject({ 'f:spec': { 'f:replicas': {} } })
  })

  test('generation counts what an apply changes', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    const one = await apply(api, gadgets(name), { config: gadget(name, { color: 'red' }), by: 'a' })
    const two = await apply(api, gadgets(name), { config: gadget(name, { color: 'red' }), by: 'b' })
    const three = await apply(api, gadgets(name), {
      config: gadget(name, { color: 'blue' }),
      by: 'b',
      force: true,
    })

    expect([one, two, three].map((reply) => metaOf(reply.body)['generation'])).toEqual([1, 1, 2])
    expect(Number(versionOf(two))).toBeGreaterThan(Number(versionOf(one)))
  })
}
