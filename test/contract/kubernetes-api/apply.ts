import { expect } from 'vitest'
import type { Json } from '../../support/kubernetes-client.ts'
import { metaOf, statusOf, versionOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { deployment } from './objects.ts'
import { apply, causesOf, configMap, fieldsOf, namesOfOwners, ownersOf } from './owners.ts'

/** What an apply does to an object. */
export function applyContract(test: ContractTest): void {
  test('an apply creates what is not there, and changes it after that', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const first = await apply(api, path, { config: configMap(name, { a: '1' }), by: 'a' })
    const second = await apply(api, path, { config: configMap(name, { a: '2' }), by: 'a' })

    expect([first.code, second.code]).toEqual([201, 200])
    expect(second.body['data']).toEqual({ a: '2' })
  })

  test('an apply reads YAML', async ({ api, core, unique }) => {
    const name = unique('cm')
    const config = `# a comment\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\ndata:\n  a: "yes"\n  b: |\n    two\n    lines\n`
    const reply = await apply(api, core('configmaps', name), { config, by: 'a' })

    expect(reply).toMatchObject({ code: 201, body: { data: { a: 'yes', b: 'two\nlines\n' } } })
  })

  test('applying twice is applying once', async ({ api, core, unique, gadgets, gadget }) => {
    const name = unique('cm')
    const config = configMap(name, { a: '1' }, { labels: { x: 'y' } })
    const first = await apply(api, core('configmaps', name), { config, by: 'a' })
    const second = await apply(api, core('configmaps', name), { config, by: 'a' })
    const custom = gadget(name, { color: 'red', parts: [{ id: 'p' }], tags: ['t'] })
    const one = await apply(api, gadgets(name), { config: custom, by: 'a' })
    const two = await apply(api, gadgets(name), { config: custom, by: 'a' })

    expect(second.body).toEqual(first.body)
    expect(two.body).toEqual(one.body)
  })

  test('an apply with dryRun=All changes nothing', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const created = await apply(api, path, { config: configMap(name, { a: '1' }), by: 'a', dryRun: 'All' })
    const absent = await api.get(path)
    await apply(api, path, { config: configMap(name, { a: '1' }), by: 'a' })
    const changed = await apply(api, path, { config: configMap(name, { a: '2' }), by: 'a', dryRun: 'All' })

    expect(created).toMatchObject({ code: 201, body: { data: { a: '1' } } })
    expect(namesOfOwners(created)).toEqual(['a Apply'])
    expect(absent.code).toBe(404)
    expect(changed).toMatchObject({ code: 200, body: { data: { a: '2' } } })
    expect((await api.get(path)).body['data']).toEqual({ a: '1' })
  })

  test('a resourceVersion in an apply that creates is passed over', async ({ api, core, unique }) => {
    const name = unique('cm')
    const config = configMap(name, { a: '1' }, { resourceVersion: '1' })

    expect((await apply(api, core('configmaps', name), { config, by: 'a' })).code).toBe(201)
  })

  test('an applier owns what its configuration names, without what the server adds', async (context) => {
    const { api, core, unique } = context
    const name = unique('svc')
    const spec = { type: 'LoadBalancer', ports: [{ port: 80 }], selector: { app: 'x' } }
    const config = { apiVersion: 'v1', kind: 'Service', metadata: { name, labels: { a: '1' } }, spec }
    const reply = await apply(api, core('services', name), { config, by: 'a' })

    expect(ownersOf(reply)).toEqual([
      {
        by: 'a Apply',
        apiVersion: 'v1',
        timed: true,
        fields: {
          'f:metadata': { 'f:labels': { 'f:a': {} } },
          'f:spec': {
            'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
            'f:selector': {},
            'f:type': {},
          },
        },
      },
    ])
  })

  test('an empty configuration owns nothing', async ({ api, core, unique }) => {
    const name = unique('cm')
    const reply = await apply(api, core('configmaps', name), { config: configMap(name), by: 'a' })

    expect(metaOf(reply.body)).not.toHaveProperty('managedFields')
  })

  test('changing what another applier owns is a conflict', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const created = await apply(api, path, { config: configMap(name, { a: '1' }), by: 'one' })
    const reply = await apply(api, path, { config: configMap(name, { a: '2', b: '1' }), by: 'two' })

    expect(statusOf(reply)).toEqual({
      http: 409,
      message: 'Apply failed with 1 conflict: conflict with "one": .data.a',
      reason: 'Conflict',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' }],
      },
      code: 409,
    })
    expect((await api.get(path)).body).toEqual(created.body)
  })

  test('conflicts name every field and how its owner wrote it', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    const path = inGroup('apps/v1', 'deployments', name)
    await api.post(
      `${inGroup('apps/v1', 'deployments')}?fieldManager=maker`,
      deployment(name, { paused: true, replicas: 1 }),
    )
    const template = (image: string) => ({
      metadata: { labels: { app: name } },
      spec: { containers: [{ name: 'web', image }] },
    })
    await apply(api, path, {
      config: deployment(name, { minReadySeconds: 5, template: template('nginx:1') }),
      by: 'one',
    })
    const reply = await apply(api, path, {
      config: deployment(name, { replicas: 2, minReadySeconds: 6, template: template('nginx:2') }),
      by: 'two',
    })

    const image = '.spec.template.spec.containers[name="web"].image'
    expect(causesOf(reply)).toEqual([
      {
        reason: 'FieldManagerConflict',
        message: 'conflict with "maker" using apps/v1',
        field: '.spec.replicas',
      },
      { reason: 'FieldManagerConflict', message: 'conflict with "maker" using apps/v1', field: image },
      { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.minReadySeconds' },
      { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: image },
    ])
    expect(String(reply.body['message']).split('\n').toSorted()).toEqual([
      '- .spec.minReadySeconds',
      '- .spec.replicas',
      `- ${image}`,
      `- ${image}`,
      'Apply failed with 4 conflicts: conflicts with "maker" using apps/v1:',
      'conflicts with "one":',
    ])
  })

  test('force takes fields from their owners', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    await apply(api, path, { config: configMap(name, { a: '1', b: '1' }), by: 'one' })
    const reply = await apply(api, path, { config: configMap(name, { a: '2' }), by: 'two', force: true })

    expect(reply.body['data']).toEqual({ a: '2', b: '1' })
    expect(fieldsOf(reply, 'one Apply')).toEqual({ 'f:data': { 'f:b': {} } })
    expect(fieldsOf(reply, 'two Apply')).toEqual({ 'f:data': { 'f:a': {} } })
  })

  test('equal values are owned together, without a time where nothing changed', async (context) => {
    const { api, core, unique } = context
    const name = unique('cm')
    const path = core('configmaps', name)
    await apply(api, path, { config: configMap(name, { a: '1' }), by: 'one' })
    const reply = await apply(api, path, { config: configMap(name, { a: '1' }), by: 'two' })

    expect(ownersOf(reply).map(({ by, timed, fields }) => [by, timed, fields])).toEqual([
      ['two Apply', false, { 'f:data': { 'f:a': {} } }],
      ['one Apply', true, { 'f:data': { 'f:a': {} } }],
    ])
  })

  test('what an applier names no more goes, unless somebody else owns it', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    await apply(api, path, { config: configMap(name, { a: '1', b: '1', c: '1' }), by: 'one' })
    await apply(api, path, { config: configMap(name, { b: '1' }), by: 'two' })
    await api.patch(`${path}?fieldManager=three`, { data: { c: '2', d: '1' } })
    const reply = await apply(api, path, { config: configMap(name, {}, { labels: { x: 'y' } }), by: 'one' })

    expect(reply.body['data']).toEqual({ b: '1', c: '2', d: '1' })
    expect(namesOfOwners(reply).toSorted()).toEqual(['one Apply', 'three Update', 'two Apply'])
    expect(fieldsOf(reply, 'one Apply')).toEqual({
      'f:data': {},
      'f:metadata': { 'f:labels': { 'f:x': {} } },
    })
  })

  test('an applier that names nothing any more is gone', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    await apply(api, path, { config: configMap(name, { a: '1' }, { labels: { l: '1' } }), by: 'one' })
    const reply = await apply(api, path, { config: configMap(name), by: 'one' })

    expect(reply.body).not.toHaveProperty('data')
    expect(metaOf(reply.body)).not.toHaveProperty('labels')
    expect(metaOf(reply.body)).not.toHaveProperty('managedFields')
  })

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
