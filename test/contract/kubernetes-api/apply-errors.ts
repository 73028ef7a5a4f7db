import { expect } from 'vitest'
import { APPLY_PATCH, JSON_PATCH, MERGE_PATCH } from '../../support/kubernetes-client.ts'
import { statusOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { apply, configMap } from './owners.ts'

/** Applies that are refused, in the words of the real server. */
export function applyErrorContract(test: ContractTest): void {
  test('an apply without fieldManager is 422', async ({ api, core, unique }) => {
    const name = unique('cm')
    const reply = await api.patch(core('configmaps', name), configMap(name), APPLY_PATCH)

    expect(statusOf(reply)).toEqual({
      http: 422,
      message:
        'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      reason: 'Invalid',
      details: {
        group: 'meta.k8s.io',
        kind: 'PatchOptions',
        causes: [
          {
            reason: 'FieldValueRequired',
            message: 'Required value: is required for apply patch',
            field: 'fieldManager',
          },
        ],
      },
      code: 422,
    })
  })

  test('a fieldManager of more than 128 bytes is 422, whatever the write', async ({ api, core, unique }) => {
    const name = unique('cm')
    const by = 'x'.repeat(129)
    const created = await api.post(`${core('configmaps')}?fieldManager=${by}`, configMap(name))
    await api.post(core('configmaps'), configMap(name))
    const put = await api.put(`${core('configmaps', name)}?fieldManager=${by}`, configMap(name))
    const patched = await api.patch(`${core('configmaps', name)}?fieldManager=${by}`, {})
    const applied = await apply(api, core('configmaps', name), { config: configMap(name), by })

    const words = (kind: string) =>
      `${kind}.meta.k8s.io "" is invalid: fieldManager: Too long: may not be more than 128 bytes`
    expect([created, put, patched, applied].map((reply) => [reply.code, reply.body['message']])).toEqual(
      ['CreateOptions', 'UpdateOptions', 'PatchOptions', 'PatchOptions'].map((kind) => [422, words(kind)]),
    )
  })

  test('force is for applies alone', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), configMap(name))
    const merge = await api.patch(`${core('configmaps', name)}?force=true`, {}, MERGE_PATCH)
    const json = await api.patch(`${core('configmaps', name)}?force=false`, [], JSON_PATCH)

    expect([merge, json].map((reply) => [reply.code, reply.body['message']])).toEqual(
      Array.from({ length: 2 }, () => [
        422,
        'PatchOptions.meta.k8s.io "" is invalid: force: Forbidden: may not be specified for non-apply patch',
      ]),
    )
  })

  test('an apply in CBOR is 415', async ({ api, core, unique, gadgets, gadget }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), configMap(name))
    await api.post(gadgets(), gadget(name, { color: 'red' }))
    const cbor = 'application/apply-patch+cbor'
    const builtin = await api.patch(`${core('configmaps', name)}?fieldManager=a`, {}, cbor)
    const custom = await api.patch(`${gadgets(name)}?fieldManager=a`, {}, cbor)

    expect([builtin.body['message'], custom.body['message']]).toEqual([
      '415: Unsupported Media Type',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    ])
  })

  test('an apply names kind and version as the path has them', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const configs = [
      { ...configMap(name), kind: 'Secret' },
      { ...configMap(name), apiVersion: 'v2' },
      { ...configMap(name), apiVersion: 'apps/v1' },
      { kind: 'ConfigMap', metadata: { name } },
      { apiVersion: 'v1', metadata: { name } },
      '',
    ]
    const replies = await Promise.all(configs.map((config) => apply(api, path, { config, by: 'a' })))

    expect(replies.map((reply) => [reply.code, reply.body['message']])).toEqual(
      [
        '/v1, Kind=Secret',
        '/v2, Kind=ConfigMap',
        'apps/v1, Kind=ConfigMap',
        '/, Kind=ConfigMap',
        '/v1, Kind=',
        '/, Kind=',
      ].map((shown) => [400, `invalid object type: ${shown}`]),
    )
  })

  test('an apply names the object of its path', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const other = await apply(api, path, { config: configMap('other'), by: 'a' })
    const unnamed = await apply(api, path, { config: { ...configMap(name), metadata: {} }, by: 'a' })
    const elsewhere = await apply(api, path, { config: configMap(name, {}, { namespace: 'other' }), by: 'a' })

    expect([other, unnamed, elsewhere].map((reply) => [reply.code, reply.body['message']])).toEqual([
      [400, `the name of the object (other) does not match the name on the URL (${name})`],
      [400, `the name of the object (${name} based on URL) was undeterminable: name must be provided`],
      [400, 'the namespace of the provided object does not match the namespace sent on the request'],
    ])
  })

  test('the name may be left out once the object is there', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), configMap(name))
    const config = { ...configMap(name, { a: '1' }), metadata: {} }

    expect((await apply(api, core('configmaps', name), { config, by: 'a' })).code).toBe(200)
  })

  test('managedFields in a configuration must be absent or null', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const withEntries = (managedFields: unknown) => configMap(name, { a: '1' }, { managedFields })
    const replies = [
      await apply(api, path, { config: withEntries([]), by: 'a' }),
      await apply(api, path, { config: withEntries([{}]), by: 'a' }),
      await apply(api, path, { config: withEntries(null), by: 'a' }),
    ]

    expect(replies.map((reply) => [reply.code, reply.body['message']])).toEqual([
      [400, 'metadata.managedFields must be nil'],
      [400, 'metadata.managedFields must be nil'],
      [201, undefined],
    ])
  })

  test('fields that the schema lacks and values of another type are 500', async (context) => {
    const { api, core, unique, gadgets, gadget, group } = context
    const name = unique('cm')
    const wrong = async (path: string, config: unknown) => (await apply(api, path, { config, by: 'a' })).body
    const cm = core('configmaps', name)
    const bodies = [
      await wrong(cm, { ...configMap(name), dat: {} }),
      await wrong(cm, configMap(name, { a: 1 })),
      await wrong(cm, configMap(name, { a: true, b: {} })),
      await wrong(gadgets(name), gadget(name, { color: 'red', nope: 1 })),
      await wrong(gadgets(name), gadget(name, { color: 'red', tags: ['a', 'a'] })),
      await wrong(gadgets(name), gadget(name, { color: 'red', parts: [{ label: 'x' }] })),
      await wrong(gadgets(name), gadget(name, { color: 7 })),
    ]

    const object = `/${name}; /v1, Kind=ConfigMap`
    const custom = `/${name}; ${group}/v1, Kind=Gadget`
    const text = (words: string) => `expected string, got &value.valueUnstructured{Value:${words}}`
    // The problems of one object come in any order.
    const inOrder = (message: unknown) => String(message).split('\n').toSorted().join('\n')
    expect(bodies.map(({ code, reason, message }) => [code, reason, inOrder(message)])).toEqual(
      [
        `${object}): .dat: field not declared in schema`,
        `${object}): .data.a: ${text('1')}`,
        `${object}): errors:\n  .data.a: ${text('true')}\n  .data.b: ${text('map[string]interface {}{}')}`,
        `${custom}): .spec.nope: field not declared in schema`,
        `${custom}): .spec.tags: duplicate entries for key [="a"]`,
        `${custom}): .spec.parts: element 0: associative list with keys has an element that omits all key fields ["id"] (and doesn't have default values for any key fields)`,
        `${custom}): .spec.color: ${text('7')}`,
      ].map((words) => [500, undefined, inOrder(`failed to create typed patch object (${words}`)]),
    )
  })

  test('a body that is no YAML, or no object, is 400', async ({ api, core, unique }) => {
    const path = core('configmaps', unique('cm'))
    const list = await apply(api, path, { config: '[1]', by: 'a' })
    const broken = await apply(api, path, { config: 'a: b: c', by: 'a' })

    expect(statusOf(list)).toMatchObject({
      http: 400,
      reason: 'BadRequest',
      message:
        'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
    })
    expect(statusOf(broken)).toMatchObject({
      http: 400,
      message: expect.stringMatching(/^error decoding YAML: error converting YAML to JSON: yaml: /),
    })
  })

  test('a key that is given twice is a warning, and 400 under Strict', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const text = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\ndata:\n  a: "1"\n  a: "2"\n`
    const warned = await apply(api, path, { config: text, by: 'a' })
    const ignored = await apply(api, path, { config: text, by: 'a', fieldValidation: 'Ignore' })
    const strict = await apply(api, path, { config: text, by: 'a', fieldValidation: 'Strict' })

    expect(warned).toMatchObject({
      code: 201,
      warnings: ['line 7: key "a" already set in map'],
      body: { data: { a: '2' } },
    })
    expect(ignored).toMatchObject({ code: 200, warnings: [] })
    expect(statusOf(strict)).toMatchObject({
      http: 400,
      message:
        'error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  line 7: key "a" already set in map',
    })
  })

  test('uid and resourceVersion in a configuration are preconditions', async ({ api, core, unique }) => {
    const name = unique('cm')
    const path = core('configmaps', name)
    const absent = await apply(api, path, { config: configMap(name, {}, { uid: 'other' }), by: 'a' })
    await api.post(core('configmaps'), configMap(name))
    const uid = await apply(api, path, { config: configMap(name, {}, { uid: 'other' }), by: 'a' })
    const version = await apply(api, path, { config: configMap(name, {}, { resourceVersion: '1' }), by: 'a' })

    expect(absent.body['message']).toBe(
      `Operation cannot be fulfilled on configmaps "${name}": uid mismatch: the provided object specified uid other, and no existing object was found`,
    )
    expect(statusOf(uid)).toMatchObject({
      http: 422,
      message: `ConfigMap "${name}" is invalid: metadata.uid: Invalid value: "other": field is immutable`,
    })
    expect(statusOf(version)).toMatchObject({ http: 409, reason: 'Conflict', details: { name } })
  })

  test('an apply in a namespace that is not there is 404', async ({ api, unique }) => {
    const name = unique('cm')
    const path = `/api/v1/namespaces/${unique('absent')}/configmaps/${name}`

    expect(statusOf(await apply(api, path, { config: configMap(name), by: 'a' }))).toMatchObject({
      http: 404,
      details: { kind: 'namespaces' },
    })
  })

  test('what results from an apply is validated', async ({ api, core, unique, gadgets, gadget }) => {
    const name = unique('svc')
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [] } }
    const empty = await apply(api, core('services', name), { config: service, by: 'a' })
    const shape = await apply(api, gadgets(name), { config: gadget(name, { color: 'x' }), by: 'a' })

    expect(statusOf(empty)).toMatchObject({
      http: 422,
      message: `Service "${name}" is invalid: spec.ports: Required value`,
    })
    expect(shape.code).toBe(422)
  })
}
