import { expect } from 'vitest'
import { metaOf, statusOf } from './context.ts'
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
}
