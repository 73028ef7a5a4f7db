import { expect } from 'vitest'
import type { Json } from '../../support/kubernetes-client.ts'
import { eventually, metaOf, namesOf, plain, statusOf, versionOf } from './context.ts'
import type { ContractTest } from './context.ts'
import { gadgetCrd } from './objects.ts'

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'

/** Message behind `Gadget.group "name" is invalid: `, by the spec that breaks a rule. */
const BROKEN: readonly { readonly name: string; readonly spec: unknown; readonly want: string }[] = [
  { name: 'a required field is missing', spec: {}, want: 'spec.color: Required value' },
  {
    name: 'text is too short',
    spec: { color: 'r' },
    want: 'spec.color: Invalid value: "r": spec.color in body should be at least 2 chars long',
  },
  {
    name: 'text is too long',
    spec: { color: 'abcdefghijk' },
    want: 'spec.color: Too long: may not be more than 10 bytes',
  },
  {
    name: 'text does not match its pattern',
    spec: { color: 'RED' },
    want: `spec.color: Invalid value: "RED": spec.color in body should match '^[a-z]+$'`,
  },
  {
    name: 'a number is no text',
    spec: { color: 7 },
    want: 'spec.color: Invalid value: "integer": spec.color in body must be of type string: "integer"',
  },
  {
    name: 'a number is too large',
    spec: { color: 'red', size: 10 },
    want: 'spec.size: Invalid value: 10: spec.size in body should be less than or equal to 9',
  },
  {
    name: 'a number is too small',
    spec: { color: 'red', size: 0 },
    want: 'spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1',
  },
  {
    name: 'text is no number',
    spec: { color: 'red', size: 'big' },
    want: 'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
  },
  {
    name: 'a value is not among those listed',
    spec: { color: 'red', shape: 'flat' },
    want: 'spec.shape: Unsupported value: "flat": supported values: "round", "square"',
  },
  {
    name: 'a list is too long',
    spec: { color: 'red', tags: ['a', 'b', 'c'] },
    want: 'spec.tags: Too many: 3: must have at most 2 items',
  },
  {
    name: 'a set holds a value twice',
    spec: { color: 'red', tags: ['a', 'a'] },
    want: 'spec.tags[1]: Duplicate value: "a"',
  },
  {
    name: 'an item has another type',
    spec: { color: 'red', tags: [1] },
    want: 'spec.tags[0]: Invalid value: "integer": spec.tags[0] in body must be of type string: "integer"',
  },
  {
    name: 'a value of a map has another type',
    spec: { color: 'red', weights: { a: 'heavy' } },
    want: 'spec.weights.a: Invalid value: "string": spec.weights.a in body must be of type integer: "string"',
  },
  {
    name: 'int-or-string is neither',
    spec: { color: 'red', port: true },
    want: 'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
  },
  {
    name: 'a date is none',
    spec: { color: 'red', since: 'yesterday' },
    want: 'spec.since: Invalid value: "yesterday": spec.since in body must be of type date-time: "yesterday"',
  },
  {
    name: 'a keyed list holds a key twice',
    spec: { color: 'red', parts: [{ id: 'a' }, { id: 'a' }] },
    want: 'spec.parts[1]: Duplicate value: {"id":"a"}',
  },
  {
    name: 'an item lacks a field',
    spec: { color: 'red', parts: [{ id: 'a' }, {}] },
    want: 'spec.parts[1].id: Required value',
  },
  {
    name: 'both of two alternatives are given',
    spec: { color: 'red', either: { left: 'a', right: 'b' } },
    want: '<nil>: Invalid value: "": "spec.either" must validate one and only one schema (oneOf). Found 2 valid alternatives',
  },
]

/** CRDs and the resources they define. */
export function customResourceContract(test: ContractTest): void {
  for (const { name: title, spec, want } of BROKEN) {
    test(`schema: ${title}`, async ({ api, group, gadgets, gadget }) => {
      const reply = await api.post(`${gadgets()}?dryRun=All`, gadget('broken', spec as Json))

      expect(statusOf(reply)).toMatchObject({
        http: 422,
        reason: 'Invalid',
        message: `Gadget.${group} "broken" is invalid: ${want}`,
        details: { name: 'broken', group, kind: 'Gadget' },
      })
    })
  }

  test('schema: several broken rules are all named', async ({ api, gadgets, gadget }) => {
    const { body } = await api.post(
      `${gadgets()}?dryRun=All`,
      gadget('broken', { color: 'r', shape: 'flat', size: 0 }),
    )
    const { causes } = body['details'] as { causes: { field: string; reason: string }[] }

    expect(new Set(causes.map((cause) => `${cause.field} ${cause.reason}`))).toEqual(
      new Set([
        'spec.color FieldValueInvalid',
        'spec.shape FieldValueNotSupported',
        'spec.size FieldValueInvalid',
      ]),
    )
  })

  test('schema: an embedded object needs kind and apiVersion', async ({ api, gadgets, gadget }) => {
    const { body } = await api.post(
      `${gadgets()}?dryRun=All`,
      gadget('broken', { color: 'red', template: {} }),
    )

    expect(body['message']).toContain(
      '[spec.template.apiVersion: Required value, spec.template.kind: Required value]',
    )
  })

  test('defaults are filled in, also below defaults and in items', async ({
    api,
    unique,
    gadgets,
    gadget,
  }) => {
    const reply = await api.post(gadgets(), gadget(unique('gd'), { color: 'red', parts: [{ id: 'a' }] }))

    expect(reply.body['spec']).toEqual({
      color: 'red',
      size: 3,
      nested: { deep: 'down' },
      parts: [{ id: 'a', label: 'none' }],
    })
  })

  test('null is a value where the schema says so, else absent', async ({ api, unique, gadgets, gadget }) => {
    const { code, body } = await api.post(
      gadgets(),
      gadget(unique('gd'), { color: 'red', note: null, size: null, shape: null }),
    )

    expect(code).toBe(201)
    expect(body['spec']).toEqual({ color: 'red', note: null, size: 3, nested: { deep: 'down' } })
  })

  test('unknown fields are pruned with a warning', async ({ api, unique, gadgets, gadget }) => {
    const spec = { color: 'red', odd: 1, nested: { odder: 2 }, parts: [{ id: 'a', oddest: 3 }] }
    const reply = await api.post(gadgets(), gadget(unique('gd'), spec, { extra: true }))

    expect(reply.warnings.toSorted()).toEqual([
      'unknown field "extra"',
      'unknown field "spec.nested.odder"',
      'unknown field "spec.odd"',
      'unknown field "spec.parts[0].oddest"',
    ])
    expect(reply.body).not.toHaveProperty('extra')
    expect(reply.body['spec']).toEqual({
      color: 'red',
      size: 3,
      nested: { deep: 'down' },
      parts: [{ id: 'a', label: 'none' }],
    })
  })

  test('fieldValidation=Strict refuses unknown fields of custom resources', async ({
    api,
    gadgets,
    gadget,
  }) => {
    const reply = await api.post(`${gadgets()}?fieldValidation=Strict`, gadget('x', { color: 'red', odd: 1 }))

    expect(statusOf(reply)).toMatchObject({
      http: 400,
      message:
        'Gadget in version "v1" cannot be handled as a Gadget: strict decoding error: unknown field "spec.odd"',
    })
  })

  test('unknown fields stay where the schema preserves them', async ({ api, unique, gadgets, gadget }) => {
    const free = { any: { thing: [1, 'a', null, { b: true }] } }
    const template = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: 'b' } }
    const { body } = await api.post(gadgets(), gadget(unique('gd'), { color: 'red', free, template }))

    expect(body['spec']).toMatchObject({ free, template })
  })

  test('int-or-string keeps what it was given', async ({ api, unique, gadgets, gadget }) => {
    const text = await api.post(gadgets(), gadget(unique('gd'), { color: 'red', port: 'http' }))
    const number = await api.post(gadgets(), gadget(unique('gd'), { color: 'red', port: 80 }))

    expect([text, number].map((reply) => (reply.body['spec'] as Json)['port'])).toEqual(['http', 80])
  })

  test('metadata is typed, whatever the schema says', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    const bad = await api.post(
      gadgets(),
      gadget(name, { color: 'red' }, { metadata: { name, labels: { a: 1 } } }),
    )
    const odd = await api.post(gadgets(), gadget(name, { color: 'red' }, { metadata: { name, odd: 1 } }))

    expect(statusOf(bad)).toMatchObject({
      http: 400,
      message: expect.stringContaining('cannot unmarshal number into Go struct field'),
    })
    expect(odd).toMatchObject({ code: 201, warnings: ['unknown field "metadata.odd"'] })
  })

  test('another apiVersion than that of the path is 400', async ({ api, group, gadgets, gadget }) => {
    const reply = await api.post(gadgets(), gadget('x', { color: 'red' }, { apiVersion: `${group}/v1beta1` }))

    expect(statusOf(reply)).toMatchObject({
      http: 400,
      message: `the API version in the data (${group}/v1beta1) does not match the expected API version (${group}/v1)`,
    })
  })

  test('another kind than that of the path is 422', async ({ api, group, gadgets, gadget }) => {
    const reply = await api.post(gadgets(), gadget('x', { color: 'red' }, { kind: 'Widget' }))

    expect(statusOf(reply)).toMatchObject({
      http: 422,
      message: `Widget.${group} "x" is invalid: kind: Invalid value: "Widget": must be Gadget`,
    })
  })

  test('custom resources need a resourceVersion to be replaced', async ({
    api,
    group,
    unique,
    gadgets,
    gadget,
  }) => {
    const name = unique('gd')
    const created = await api.post(gadgets(), gadget(name, { color: 'red' }))
    const refused = await api.put(gadgets(name), gadget(name, { color: 'blue' }))
    const replaced = await api.put(gadgets(name), { ...created.body, spec: { color: 'blue' } })

    expect(statusOf(refused)).toMatchObject({
      http: 422,
      message: `gadgets.${group} "${name}" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update`,
    })
    expect(replaced).toMatchObject({ code: 200, body: { spec: { color: 'blue', size: 3 } } })
  })

  test('all served versions show the same object', async ({
    api,
    group,
    namespace,
    unique,
    gadgets,
    gadget,
  }) => {
    const name = unique('gd')
    const created = await api.post(gadgets(), gadget(name, { color: 'red' }))
    const beta = `/apis/${group}/v1beta1/namespaces/${namespace}/gadgets/${name}`
    const seen = await api.get(beta)
    const changed = await api.patch(beta, { spec: { color: 'blue' } })

    expect(plain({ ...seen.body, apiVersion: '' })).toEqual(plain({ ...created.body, apiVersion: '' }))
    expect(seen.body['apiVersion']).toBe(`${group}/v1beta1`)
    expect(changed.body['apiVersion']).toBe(`${group}/v1beta1`)
    expect((await api.get(gadgets(name))).body).toMatchObject({
      apiVersion: `${group}/v1`,
      spec: { color: 'blue' },
    })
  })

  test('a version that is not served is 404', async ({ api, group, namespace }) => {
    expect((await api.get(`/apis/${group}/v1alpha1/namespaces/${namespace}/gadgets`)).code).toBe(404)
  })

  test('scale reads and writes where the CRD says', async ({ api, unique, gadgets, gadget }) => {
    const name = unique('gd')
    await api.post(gadgets(), gadget(name, { color: 'red', replicas: 2 }))
    await api.patch(gadgets(name, 'status'), { status: { replicas: 1, selector: 'a=b' } })
    const read = await api.get(gadgets(name, 'scale'))
    const written = await api.patch(gadgets(name, 'scale'), { spec: { replicas: 4 } })

    expect(read.body).toMatchObject({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      metadata: { name },
      spec: { replicas: 2 },
      status: { replicas: 1, selector: 'a=b' },
    })
    expect(written.body['spec']).toEqual({ replicas: 4 })
    expect((await api.get(gadgets(name))).body).toMatchObject({
      spec: { replicas: 4 },
      metadata: { generation: 2 },
    })
  })

  test('a CRD is established, with the names it got', async ({ api, group }) => {
    const { body } = await api.get(`${CRDS}/gadgets.${group}`)
    const { conditions, acceptedNames, storedVersions } = body['status'] as {
      conditions: Json[]
      acceptedNames: Json
      storedVersions: string[]
    }

    expect(conditions.map(({ type, status, reason }) => [type, status, reason].join(' ')).toSorted()).toEqual(
      ['Established True InitialNamesAccepted', 'NamesAccepted True NoConflicts'],
    )
    expect(acceptedNames).toEqual({
      plural: 'gadgets',
      singular: 'gadget',
      shortNames: ['gd'],
      kind: 'Gadget',
      listKind: 'GadgetList',
      categories: ['all'],
    })
    expect(storedVersions).toEqual(['v1'])
    expect((body['spec'] as Json)['conversion']).toEqual({ strategy: 'None' })
  })

  test('a CRD that cannot work is 422', async ({ api, group }) => {
    const crd = gadgetCrd(group) as { metadata: Json; spec: { versions: Json[] } & Json }
    const broken = (change: Json, metadata: Json = crd.metadata) => ({
      ...crd,
      metadata,
      spec: { ...crd.spec, ...change },
    })
    const cases: readonly (readonly [unknown, string])[] = [
      [
        broken({}, { name: 'wrong' }),
        'metadata.name: Invalid value: "wrong": must be spec.names.plural+"."+spec.group',
      ],
      [broken({ scope: 'Galaxy' }), 'spec.scope: Unsupported value: "Galaxy"'],
      [
        broken({ versions: crd.spec.versions.map((version) => ({ ...version, storage: false })) }),
        'must have exactly one version marked as storage version',
      ],
      [
        broken({ versions: [{ name: 'v1', served: true, storage: true }] }),
        'spec.versions[0].schema.openAPIV3Schema: Required value',
      ],
      [
        broken({
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: {
                  type: 'object',
                  properties: { spec: { properties: { a: { type: 'string' } } } },
                },
              },
            },
          ],
        }),
        'spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields',
      ],
    ]
    for (const [body, want] of cases) {
      const reply = await api.post(`${CRDS}?dryRun=All`, body)
      expect(statusOf(reply)).toMatchObject({
        http: 422,
        reason: 'Invalid',
        message: expect.stringContaining(want),
      })
    }
  })

  test('a CRD is served, changed and taken away again', async ({ api, group, namespace }) => {
    const own = `life.${group}`
    const crd = gadgetCrd(own) as { metadata: { name: string }; spec: { versions: Json[] } & Json }
    const path = `/apis/${own}/v1/namespaces/${namespace}/gadgets`
    const object = {
      apiVersion: `${own}/v1`,
      kind: 'Gadget',
      metadata: { name: 'one' },
      spec: { color: 'red', extra: 'x' },
    }

    const created = await api.post(CRDS, crd)
    expect(created.code).toBe(201)
    await eventually(
      () => api.get(path),
      (reply) => reply.code === 200,
    )
    expect(
      (
        await eventually(
          () => api.post(path, object),
          (reply) => reply.code !== 404,
        )
      ).code,
    ).toBe(201)

    const [version] = crd.spec.versions.filter((candidate) => candidate['name'] === 'v1')
    const schema = structuredClone(version?.['schema']) as {
      openAPIV3Schema: { properties: { spec: { properties: Json } } }
    }
    schema.openAPIV3Schema.properties.spec.properties['extra'] = { type: 'string', default: 'new' }
    const changed = await api.patch(`${CRDS}/${crd.metadata.name}`, {
      spec: { versions: [{ ...version, schema }] },
    })
    expect(changed.code).toBe(200)
    const seen = await eventually(
      () => api.get(`${path}/one`),
      (reply) => (reply.body['spec'] as Json | undefined)?.['extra'] !== undefined,
    )
    expect(seen.body['spec']).toMatchObject({ extra: 'new' })

    const watch = await api.watch(`${path}?watch=1&resourceVersion=${versionOf(await api.get(path))}`)
    expect((await api.delete(`${CRDS}/${crd.metadata.name}`)).code).toBe(200)
    const lines = await watch.rest()
    expect(lines.map((line) => [line.type, metaOf(line.object)['name']])).toContainEqual(['DELETED', 'one'])
    const gone = await eventually(
      () => api.get(path),
      (reply) => reply.code === 404,
    )
    expect(gone.text).toBe('404 page not found\n')
    await eventually(
      () => api.get(CRDS),
      (reply) => !namesOf(reply).includes(crd.metadata.name),
    )
  })
}
