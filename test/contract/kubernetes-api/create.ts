import { expect } from 'vitest'
import { metaOf, namesOf, plain, statusOf } from './context.ts'
import type { ContractTest } from './context.ts'

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

/** Creating objects, and refusing to. */
export function createContract(test: ContractTest): void {
  test('a created object has uid, resourceVersion and creationTimestamp', async ({
    api,
    core,
    unique,
    namespace,
  }) => {
    const name = unique('cm')
    const reply = await api.post(core('configmaps'), { metadata: { name }, data: { a: 'b' } })

    expect(reply.code).toBe(201)
    expect(plain(reply.body)).toEqual({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: {
        name,
        namespace,
        uid: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
        resourceVersion: expect.stringMatching(/^[1-9]\d*$/),
        creationTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      },
      data: { a: 'b' },
    })
    expect((await api.get(core('configmaps', name))).body).toEqual(reply.body)
  })

  test('resourceVersions grow', async ({ api, core, unique }) => {
    const first = await api.post(core('configmaps'), { metadata: { name: unique('cm') } })
    const second = await api.post(core('configmaps'), { metadata: { name: unique('cm') } })

    expect(Number(metaOf(second.body)['resourceVersion'])).toBeGreaterThan(
      Number(metaOf(first.body)['resourceVersion']),
    )
  })

  test('generateName gives a name of the prefix and five signs', async ({ api, core }) => {
    const { body } = await api.post(core('configmaps'), { metadata: { generateName: 'gen-' } })

    expect(metaOf(body)).toMatchObject({
      name: expect.stringMatching(/^gen-[a-z0-9]{5}$/),
      generateName: 'gen-',
    })
  })

  test('a name that is taken is 409 AlreadyExists', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })

    expect(statusOf(await api.post(core('configmaps'), { metadata: { name } }))).toEqual({
      http: 409,
      message: `configmaps "${name}" already exists`,
      reason: 'AlreadyExists',
      details: { name, kind: 'configmaps' },
      code: 409,
    })
  })

  test('a namespace that is not there is 404', async ({ api }) => {
    const reply = await api.post('/api/v1/namespaces/nowhere-at-all/configmaps', { metadata: { name: 'x' } })

    expect(statusOf(reply)).toEqual({
      http: 404,
      message: 'namespaces "nowhere-at-all" not found',
      reason: 'NotFound',
      details: { name: 'nowhere-at-all', kind: 'namespaces' },
      code: 404,
    })
  })

  test('a namespace in the object must be that of the path', async ({ api, core }) => {
    const reply = await api.post(core('configmaps'), { metadata: { name: 'x', namespace: 'other' } })

    expect(statusOf(reply)).toMatchObject({
      http: 400,
      reason: 'BadRequest',
      message: 'the namespace of the provided object does not match the namespace sent on the request',
    })
  })

  test('an object to be created has no resourceVersion', async ({ api, core, unique }) => {
    const reply = await api.post(core('configmaps'), {
      metadata: { name: unique('cm'), resourceVersion: '1' },
    })

    expect(reply.code).toBe(500)
    expect(reply.body['message']).toBe('resourceVersion should not be set on objects to be created')
  })

  test('what the server sets cannot be set by a client', async ({ api, core, unique }) => {
    const given = {
      uid: 'abc',
      creationTimestamp: '2020-01-01T00:00:00Z',
      deletionTimestamp: '2020-01-01T00:00:00Z',
      deletionGracePeriodSeconds: 5,
    }
    const meta = metaOf(
      (await api.post(core('configmaps'), { metadata: { name: unique('cm'), ...given } })).body,
    )

    expect(meta['uid']).not.toBe('abc')
    expect(meta['creationTimestamp']).not.toBe(given.creationTimestamp)
    expect(meta).not.toHaveProperty('deletionTimestamp')
    expect(meta).not.toHaveProperty('deletionGracePeriodSeconds')
  })

  test('a bad name is 422 Invalid with its cause', async ({ api, core }) => {
    const message = `Invalid value: "Bad_Name": ${SUBDOMAIN}`

    expect(statusOf(await api.post(core('configmaps'), { metadata: { name: 'Bad_Name' } }))).toEqual({
      http: 422,
      message: `ConfigMap "Bad_Name" is invalid: metadata.name: ${message}`,
      reason: 'Invalid',
      details: {
        name: 'Bad_Name',
        kind: 'ConfigMap',
        causes: [{ reason: 'FieldValueInvalid', message, field: 'metadata.name' }],
      },
      code: 422,
    })
  })

  test('a missing name is 422 Required', async ({ api, core }) => {
    expect(statusOf(await api.post(core('configmaps'), { metadata: {} }))).toEqual({
      http: 422,
      message: 'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
      reason: 'Invalid',
      details: {
        kind: 'ConfigMap',
        causes: [
          {
            reason: 'FieldValueRequired',
            message: 'Required value: name or generateName is required',
            field: 'metadata.name',
          },
        ],
      },
      code: 422,
    })
  })

  test('labels, annotations, finalizers and owners are checked', async ({ api, core, unique }) => {
    const metadata = {
      name: unique('cm'),
      labels: { 'a b': 'x', ok: 'no good' },
      annotations: { '/x': 'y' },
      finalizers: ['short'],
      ownerReferences: [{ kind: 'Pod' }],
    }
    const { body } = await api.post(core('configmaps'), { metadata })
    const causes = (body['details'] as { causes: { field: string }[] }).causes

    expect(body['code']).toBe(422)
    expect(new Set(causes.map((cause) => cause.field))).toEqual(
      new Set([
        'metadata.labels',
        'metadata.annotations',
        'metadata.finalizers[0]',
        'metadata.ownerReferences.apiVersion',
        'metadata.ownerReferences.name',
        'metadata.ownerReferences.uid',
      ]),
    )
  })

  test('dryRun=All answers as if, and stores nothing', async ({ api, core, unique }) => {
    const name = unique('cm')
    const reply = await api.post(`${core('configmaps')}?dryRun=All`, { metadata: { name } })

    expect(reply.code).toBe(201)
    expect(metaOf(reply.body)).not.toHaveProperty('resourceVersion')
    expect((await api.get(core('configmaps', name))).code).toBe(404)
  })

  test('dryRun takes no other value', async ({ api, core }) => {
    const message = 'Unsupported value: ["Maybe"]: supported values: "All"'

    expect(
      statusOf(await api.post(`${core('configmaps')}?dryRun=Maybe`, { metadata: { name: 'x' } })),
    ).toEqual({
      http: 422,
      message: `CreateOptions.meta.k8s.io "" is invalid: dryRun: ${message}`,
      reason: 'Invalid',
      details: {
        group: 'meta.k8s.io',
        kind: 'CreateOptions',
        causes: [{ reason: 'FieldValueNotSupported', message, field: 'dryRun' }],
      },
      code: 422,
    })
  })

  test('a body that is no JSON is 400', async ({ api, core }) => {
    for (const body of ['{"metadata":', '', 'nonsense', '[]', '"text"', '7']) {
      const reply = await api.call('POST', core('configmaps'), { body })
      expect(statusOf(reply)).toMatchObject({
        http: 400,
        reason: 'BadRequest',
        message: expect.stringContaining('the object provided is unrecognized (must be of type ConfigMap)'),
      })
    }
  })

  test('a body of an unknown type is 415', async ({ api, core }) => {
    const reply = await api.call('POST', core('configmaps'), { body: 'a', contentType: 'text/plain' })

    expect(statusOf(reply)).toMatchObject({ http: 415, reason: 'UnsupportedMediaType' })
  })

  test('a body may be YAML', async ({ api, core, unique }) => {
    const name = unique('cm')
    const body = `metadata:\n  name: ${name}\ndata:\n  a: b\n`
    const reply = await api.call('POST', core('configmaps'), { body, contentType: 'application/yaml' })

    expect(reply).toMatchObject({ code: 201, body: { data: { a: 'b' } } })
  })

  test('a value of another type is 400 and names the field', async ({ api, core }) => {
    const body = { metadata: { name: 'x' }, spec: { ports: [{ port: 'eighty' }] } }

    expect(statusOf(await api.post(core('services'), body))).toMatchObject({
      http: 400,
      reason: 'BadRequest',
      message:
        'Service in version "v1" cannot be handled as a Service: json: cannot unmarshal string into Go struct field ServicePort.spec.ports.port of type int32',
    })
    expect(
      statusOf(await api.post(core('services'), { metadata: { name: 'x' }, spec: { ports: 'x' } })),
    ).toMatchObject({
      message:
        'Service in version "v1" cannot be handled as a Service: json: cannot unmarshal string into Go struct field ServiceSpec.spec.ports of type []v1.ServicePort',
    })
  })

  test('an object of another kind is 400', async ({ api, core }) => {
    const reply = await api.post(core('services'), { kind: 'Pod', apiVersion: 'v1', metadata: { name: 'x' } })

    expect(statusOf(reply)).toMatchObject({
      http: 400,
      message: expect.stringContaining('Pod in version "v1" cannot be handled as a Service'),
    })
  })

  test('unknown fields are dropped with a warning', async ({ api, core, unique }) => {
    const body = { metadata: { name: unique('cm'), extra: 1 }, data: { a: 'b' }, more: {} }
    const reply = await api.post(core('configmaps'), body)

    expect(reply.code).toBe(201)
    expect(reply.warnings.toSorted()).toEqual(['unknown field "metadata.extra"', 'unknown field "more"'])
    expect(reply.body).not.toHaveProperty('more')
  })

  test('fieldValidation=Strict refuses unknown fields', async ({ api, core, unique }) => {
    const body = { metadata: { name: unique('cm') }, more: {} }

    expect(statusOf(await api.post(`${core('configmaps')}?fieldValidation=Strict`, body))).toEqual({
      http: 400,
      message:
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "more"',
      reason: 'BadRequest',
      code: 400,
    })
  })

  test('fieldValidation=Strict refuses fields given twice', async ({ api, core }) => {
    const body = '{"metadata":{"name":"x"},"data":{"a":"1","a":"2"}}'
    const reply = await api.call('POST', `${core('configmaps')}?fieldValidation=Strict`, { body })

    expect(statusOf(reply)).toMatchObject({
      http: 400,
      message:
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.a"',
    })
  })

  test('fieldValidation=Ignore drops them silently', async ({ api, core, unique }) => {
    const body = { metadata: { name: unique('cm') }, more: {} }
    const reply = await api.post(`${core('configmaps')}?fieldValidation=Ignore`, body)

    expect(reply).toMatchObject({ code: 201, warnings: [] })
  })

  test('fieldValidation takes no other value', async ({ api, core }) => {
    const reply = await api.post(`${core('configmaps')}?fieldValidation=Maybe`, { metadata: { name: 'x' } })

    expect(statusOf(reply)).toMatchObject({
      http: 422,
      message:
        'CreateOptions.meta.k8s.io "" is invalid: fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore", "Strict", "Warn"',
    })
  })

  test('a created object is in the list at once', async ({ api, core, unique }) => {
    const name = unique('cm')
    await api.post(core('configmaps'), { metadata: { name } })

    expect(namesOf(await api.get(core('configmaps')))).toContain(name)
  })
}
