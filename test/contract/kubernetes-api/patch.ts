import { expect } from 'vitest'
import { JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH } from '../../support/kubernetes-client.ts'
import type { Json } from '../../support/kubernetes-client.ts'
import { metaOf, statusOf, versionOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { deployment } from './objects.ts'

const UNPROCESSABLE = {
  http: 422,
  message: 'the server rejected our request due to an error in our request',
  reason: 'Invalid',
  details: {},
  code: 422,
}

function containers(body: Json): readonly Json[] {
  const spec = body['spec'] as { template: { spec: { containers: Json[] } } } // a Deployment
  return spec.template.spec.containers
}

/** Patches of every kind. */
export function patchContract(test: ContractTest): void {
  test('a merge patch sets fields and removes those that are null', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), {
      metadata: { name, labels: { a: '1', b: '2' } },
      data: { x: '1', y: '2' },
    })
    const patch = { metadata: { labels: { a: null } }, data: { x: null, z: '3' } }
    const { code, body } = await api.patch(core('configmaps', name), patch)

    expect(code).toBe(200)
    expect(metaOf(body)['labels']).toEqual({ b: '2' })
    expect(body['data']).toEqual({ y: '2', z: '3' })
  })

  test('a patch that changes nothing moves nothing', async ({ api, core, unique }) => {
    const name = unique('cm')
    const created = await api.post(core('configmaps'), { metadata: { name }, data: { x: '1' } })
    const reply = await api.patch(core('configmaps', name), { data: { x: '1' } })

    expect(versionOf(reply)).toBe(versionOf(created))
  })

  test('a resourceVersion in a patch is a precondition', async ({ api, core, unique }) => {
    const name = unique('cm')
    const created = await api.post(core('configmaps'), { metadata: { name } })
    const metadata = { resourceVersion: versionOf(created) }
    const first = await api.patch(core('configmaps', name), { metadata, data: { x: '1' } })
    const second = await api.patch(core('configmaps', name), { metadata, data: { x: '2' } })

    expect(first.code).toBe(200)
    expect(statusOf(second)).toMatchObject({
      http: 409,
      reason: 'Conflict',
      details: { name, kind: 'configmaps' },
    })
  })

  test('a uid in a patch is immutable', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })
    const reply = await api.patch(core('configmaps', name), { metadata: { uid: 'other' }, data: { x: '1' } })

    expect(statusOf(reply)).toMatchObject({
      http: 422,
      message: `ConfigMap "${name}" is invalid: metadata.uid: Invalid value: "other": field is immutable`,
    })
  })

  test('a patch of what is not there is 404', async ({ api, core }) => {
    expect(statusOf(await api.patch(core('configmaps', 'absent'), {}))).toMatchObject({
      http: 404,
      message: 'configmaps "absent" not found',
    })
  })

  test('a patch may not rename', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })

    expect(
      statusOf(await api.patch(core('configmaps', name), { metadata: { name: 'other' } })),
    ).toMatchObject({
      http: 400,
      message: `the name of the object (other) does not match the name on the URL (${name})`,
    })
  })

  test('an object is validated after its patch', async ({ api, core, unique }) => {
    const name = unique('svc')
    await api.post(core('services'), { metadata: { name }, spec: { ports: [{ port: 80 }] } })

    expect(statusOf(await api.patch(core('services', name), { spec: { ports: [] } }))).toMatchObject({
      http: 422,
      message: `Service "${name}" is invalid: spec.ports: Required value`,
    })
  })

  test('a patch takes fieldValidation=Strict', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })
    const reply = await api.patch(`${core('configmaps', name)}?fieldValidation=Strict`, { more: 1 })

    expect(statusOf(reply)).toMatchObject({
      http: 422,
      reason: 'Invalid',
      message: expect.stringMatching(
        /^ "" is invalid: patch: Invalid value: .*strict decoding error: unknown field "more"$/,
      ),
    })
  })

  test('a content type that is no patch is 415', async ({ api, core, unique, gadgets, gadget }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })
    await api.post(gadgets(), gadget(name, { color: 'red' }))

    expect(statusOf(await api.patch(core('configmaps', name), {}, 'application/json'))).toMatchObject({
      http: 415,
      reason: 'UnsupportedMediaType',
    })
    expect(statusOf(await api.patch(gadgets(name), {}, 'application/json'))).toMatchObject({ http: 415 })
  })

  test('a merge patch that is no object is 400', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })

    expect(statusOf(await api.patch(core('configmaps', name), [], MERGE_PATCH))).toMatchObject({
      http: 400,
      reason: 'BadRequest',
    })
  })

  test('a JSON patch is applied in order', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name }, data: { a: '1' } })
    const patch = [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'add', path: '/data/b', value: '2' },
      { op: 'copy', from: '/data/b', path: '/data/c' },
      { op: 'move', from: '/data/a', path: '/data/d' },
      { op: 'replace', path: '/data/c', value: '3' },
      { op: 'remove', path: '/data/b' },
    ]
    const { body } = await api.patch(core('configmaps', name), patch, JSON_PATCH)

    expect(body['data']).toEqual({ c: '3', d: '1' })
  })

  test('a JSON patch that cannot be applied is 422 and changes nothing', async ({ api, core, unique }) => {
    const name = unique('cm')
    const created = await api.post(core('configmaps'), { metadata: { name }, data: { a: '1' } })
    const patches = [
      [
        { op: 'add', path: '/data/b', value: '2' },
        { op: 'test', path: '/data/a', value: '9' },
      ],
      [{ op: 'remove', path: '/data/absent' }],
      [{ op: 'twist', path: '/data/a' }],
    ]
    for (const patch of patches) {
      expect(statusOf(await api.patch(core('configmaps', name), patch, JSON_PATCH))).toEqual(UNPROCESSABLE)
    }

    expect(versionOf(await api.get(core('configmaps', name)))).toBe(versionOf(created))
  })

  test('a JSON patch may replace what is absent', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name }, data: { a: '1' } })
    const patch = [
      { op: 'replace', path: '/data/b', value: '2' },
      { op: 'test', path: '/data/c', value: null },
    ]
    const { code, body } = await api.patch(core('configmaps', name), patch, JSON_PATCH)

    expect({ code, data: body['data'] }).toEqual({ code: 200, data: { a: '1', b: '2' } })
  })

  test('a value of another type in a patch is 422', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })

    expect(statusOf(await api.patch(core('configmaps', name), { data: { a: 1 } }))).toMatchObject({
      http: 422,
      reason: 'Invalid',
      message: expect.stringMatching(
        /^ "" is invalid: patch: Invalid value: .*json: cannot unmarshal number into Go struct field ConfigMap.data of type string$/,
      ),
    })
  })

  test('a JSON patch that is no list is 400', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })

    expect(statusOf(await api.patch(core('configmaps', name), { a: 1 }, JSON_PATCH))).toMatchObject({
      http: 400,
      message: expect.stringContaining(
        'error decoding patch: json: cannot unmarshal object into Go value of type',
      ),
    })
  })

  test('a strategic merge patch merges containers by name', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    await api.post(inGroup('apps/v1', 'deployments'), deployment(name, { paused: true }))
    const patch = {
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'web', image: 'nginx:2' },
              { name: 'side', image: 'car:1' },
            ],
          },
        },
      },
    }
    const { code, body } = await api.patch(inGroup('apps/v1', 'deployments', name), patch, STRATEGIC_PATCH)
    const found = containers(body).map(({ name, image }) => [name, image].join(' '))

    expect(code).toBe(200)
    expect(found.toSorted()).toEqual(['side car:1', 'web nginx:2'])
  })

  test('a strategic merge patch deletes an item by directive', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    const path = inGroup('apps/v1', 'deployments', name)
    await api.post(inGroup('apps/v1', 'deployments'), deployment(name, { paused: true }))
    const container = (item: Json) => ({ spec: { template: { spec: { containers: [item] } } } })
    await api.patch(path, container({ name: 'side', image: 'car:1' }), STRATEGIC_PATCH)
    const { body } = await api.patch(path, container({ name: 'side', $patch: 'delete' }), STRATEGIC_PATCH)

    expect(containers(body).map((item) => item['name'])).toEqual(['web'])
  })

  test('a strategic merge patch replaces by directive', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    const path = inGroup('apps/v1', 'deployments', name)
    await api.post(inGroup('apps/v1', 'deployments'), deployment(name, { paused: true }))
    const env = (items: readonly Json[]) => ({
      spec: { template: { spec: { containers: [{ name: 'web', env: items }] } } },
    })
    await api.patch(
      path,
      env([
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ]),
      STRATEGIC_PATCH,
    )
    const { body } = await api.patch(
      path,
      env([{ name: 'C', value: '3' }, { $patch: 'replace' }]),
      STRATEGIC_PATCH,
    )

    expect(containers(body)[0]?.['env']).toEqual([{ name: 'C', value: '3' }])
  })

  test('a strategic merge patch orders by $setElementOrder', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    const path = inGroup('apps/v1', 'deployments', name)
    await api.post(inGroup('apps/v1', 'deployments'), deployment(name, { paused: true }))
    const spec = {
      containers: [{ name: 'first', image: 'a:1' }],
      '$setElementOrder/containers': [{ name: 'first' }, { name: 'web' }],
    }
    const { body } = await api.patch(path, { spec: { template: { spec } } }, STRATEGIC_PATCH)

    expect(containers(body).map((item) => item['name'])).toEqual(['first', 'web'])
  })

  test('a strategic merge patch lays new items and old ones into each other', async ({
    api,
    inGroup,
    unique,
  }) => {
    const name = unique('dep')
    const path = `${inGroup('apps/v1', 'deployments', name)}?dryRun=All`
    const named = (...names: readonly string[]) =>
      names.map((container) => ({ name: container, image: 'a:1' }))
    const template = (spec: Json) => ({ spec: { template: { metadata: { labels: { app: name } }, spec } } })
    await api.post(
      inGroup('apps/v1', 'deployments'),
      deployment(name, { paused: true, ...template({ containers: named('a', 'x', 'b') }).spec }),
    )
    const order = async (spec: Json) => {
      const { body } = await api.patch(path, template(spec), STRATEGIC_PATCH)
      return containers(body).map((item) => item['name'])
    }

    expect(await order({ containers: named('c', 'b') })).toEqual(['c', 'a', 'x', 'b'])
    expect(await order({ containers: named('b', 'a') })).toEqual(['x', 'b', 'a'])
    expect(await order({ '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] })).toEqual([
      'x',
      'b',
      'a',
    ])
  })

  test('a strategic merge patch keeps only $retainKeys', async ({ api, inGroup, unique }) => {
    const name = unique('dep')
    const path = inGroup('apps/v1', 'deployments', name)
    await api.post(inGroup('apps/v1', 'deployments'), deployment(name, { paused: true }))
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } }
    const { code, body } = await api.patch(path, patch, STRATEGIC_PATCH)

    expect(code).toBe(200)
    expect((body['spec'] as Json)['strategy']).toEqual({ type: 'Recreate' })
  })

  test('a strategic merge patch merges finalizers as a set', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name, finalizers: ['a.example.com/x'] } })
    const added = await api.patch(
      core('configmaps', name),
      { metadata: { finalizers: ['b.example.com/y'] } },
      STRATEGIC_PATCH,
    )
    const removed = await api.patch(
      core('configmaps', name),
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['a.example.com/x'] } },
      STRATEGIC_PATCH,
    )
    await api.patch(core('configmaps', name), { metadata: { finalizers: null } })

    expect(new Set(metaOf(added.body)['finalizers'] as string[])).toEqual(
      new Set(['a.example.com/x', 'b.example.com/y']),
    )
    expect(metaOf(removed.body)['finalizers']).toEqual(['b.example.com/y'])
  })

  test('a strategic merge patch keeps the node port of a service port it does not name', async ({
    api,
    core,
    unique,
  }) => {
    const name = unique('svc')
    const created = await api.post(core('services'), {
      metadata: { name },
      spec: { type: 'NodePort', ports: [{ name: 'web', port: 80 }] },
    })
    const reply = await api.patch(
      core('services', name),
      { spec: { ports: [{ name: 'tls', port: 443 }] } },
      STRATEGIC_PATCH,
    )
    const before = (created.body['spec'] as { ports: Json[] }).ports[0]
    const after = (reply.body['spec'] as { ports: Json[] }).ports

    expect(after).toContainEqual(before)
    expect(new Set(after.map((port) => port['port']))).toEqual(new Set([80, 443]))
  })

  test('custom resources take no strategic merge patches', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red' }))

    expect(statusOf(await api.patch(gadgets(name), {}, STRATEGIC_PATCH))).toMatchObject({
      http: 415,
      reason: 'UnsupportedMediaType',
      message: expect.stringContaining(
        'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json',
      ),
    })
  })

  test('a merge patch replaces lists', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red', tags: ['a', 'b'] }))
    const { body } = await api.patch(gadgets(name), { spec: { tags: ['c'] } })

    expect(body['spec']).toMatchObject({ tags: ['c'] })
  })
}
